"""An answer for a person at a screen: titles, and plain tables folded to the width of the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill, wrap

from .answer import Answer, Column, Grid, Kind
from .cells import IDENTIFIABLE, for_person, one_line, right_aligned
from .to_stdout import terminal_width

GAP = 2
_NARROWEST = 12

_NUMBER = Column("number", "#", Kind.COUNT)


@dataclass(frozen=True, slots=True)
class Ruled:
    """Headings and cells of a table that fits, with its texts folded. `right` says which columns are aligned right."""

    headings: list[str]
    cells: list[list[str]]
    right: list[bool]


@dataclass(frozen=True, slots=True)
class Listed:
    """The same cells as lines, one record after the other, where a column is wider than the terminal."""

    text: str


def fitted(columns: Sequence[Column], headings: list[str], cells: list[list[str]], width: int) -> list[Ruled | Listed]:
    """One table, or several below each other, where those after the first have the columns that did not fit.

    Each repeats the first column. Where not everything fits, a column without a value is left out, and the rows are
    numbered if values of the first column repeat.
    """
    grid = _Folding(columns, headings, cells)
    inside = list(range(len(columns)))
    if grid.least(inside) <= width:
        return [grid.folded(inside, width)]
    inside = [place for place in inside if not place or any(row[place] for row in cells)]
    if len({row[0] for row in cells}) < len(cells):
        # Without a number nobody could tell to which row a value in a lower table belongs.
        grid = _Folding(
            [_NUMBER, *columns], [_NUMBER.heading, *headings], [[str(n), *row] for n, row in enumerate(cells, start=1)]
        )
        inside = [0, *(place + 1 for place in inside)]
    # The most important columns are on the left, and stay together.
    parts: list[list[int]] = [[]]
    for place in inside[1:]:
        if parts[-1] and grid.least([0, *parts[-1], place]) > width:
            parts.append([])
        parts[-1].append(place)
    return [grid.part([0, *part], width, whole=part is parts[0]) for part in parts]


class _Folding:
    """How narrow each column can be, and the cells folded to that. Dates, codes and numbers are never folded."""

    def __init__(self, columns: Sequence[Column], headings: list[str], cells: list[list[str]]) -> None:
        self.columns, self.headings, self.cells = columns, headings, cells
        # tabulate makes no column narrower than its heading and two spaces.
        self.natural = [
            max(len(heading) + GAP, *(len(row[place]) for row in cells)) for place, heading in enumerate(headings)
        ]
        self.floors = [self._floor(place) for place in range(len(columns))]

    def _floor(self, place: int) -> int:
        heading = max(len(word) for word in self.headings[place].split() or [""]) + GAP
        content = max(len(row[place]) for row in self.cells)
        if self.columns[place].kind is Kind.TEXT:
            content = min(content, _NARROWEST)
        return max(heading, content)

    def least(self, places: list[int]) -> int:
        return sum(self.floors[place] for place in places) + GAP * (len(places) - 1)

    def folded(self, places: list[int], width: int) -> Ruled:
        """The columns at those places, folded to that width."""
        widths = {place: self.natural[place] for place in places}
        excess = sum(widths.values()) + GAP * (len(places) - 1) - width
        while excess > 0:
            narrower = [place for place in places if widths[place] > self.floors[place]]
            if not narrower:
                break
            widths[max(narrower, key=lambda place: widths[place])] -= 1
            excess -= 1
        return Ruled(
            headings=[fill(self.headings[place], max(widths[place] - GAP, 1)) for place in places],
            cells=[[self._cell(row[place], place, widths[place]) for place in places] for row in self.cells],
            right=[right_aligned(self.columns[place]) for place in places],
        )

    def _cell(self, text: str, place: int, width: int) -> str:
        return fill(text, width) if self.columns[place].kind is Kind.TEXT else text

    def part(self, places: list[int], width: int, *, whole: bool) -> Ruled | Listed:
        """The columns at those places. Unless `whole`, rows that are blank except for the first column are left out."""
        rows = [row for row in self.cells if whole or any(row[place] for place in places[1:])]
        held = _Folding(self.columns, self.headings, rows)
        return held.folded(places, width) if held.least(places) <= width else held.listed(places, width)

    def listed(self, places: list[int], width: int) -> Listed:
        """One line for each value that is not blank, and a blank line between two records."""
        margin = max(len(self.headings[place]) for place in places) + GAP
        records: list[str] = []
        for row in self.cells:
            lines: list[str] = []
            for place in places:
                text = row[place]
                folds = self.columns[place].kind is Kind.TEXT
                parts = wrap(text, max(width - margin, _NARROWEST)) if folds else [text] if text else []
                for number, part in enumerate(parts):
                    lines.append(f"{'' if number else self.headings[place]:<{margin}}{part}")
            records.append("\n".join(lines))
        return Listed("\n\n".join(records))


def table(answer: Answer) -> str:
    """The whole answer for people: the identifiable mark, the title, then each grid. An empty grid says so."""
    blocks = [one_line(answer.title)]
    for grid in answer.grids:
        title = one_line(grid.title)
        # A verb with one grid often gives both the same title, which is then shown once.
        heading = f"{title}\n" if title and title != blocks[0] else ""
        blocks.append(heading + (_shown(grid) if grid.rows and grid.columns else one_line(grid.empty)))
    mark = f"{IDENTIFIABLE}\n" if answer.identifiable else ""
    return mark + "\n\n".join(block for block in blocks if block) + "\n"


def _shown(grid: Grid) -> str:
    cells = [
        [for_person(value, column.kind) for value, column in zip(row, grid.columns, strict=True)] for row in grid.rows
    ]
    headings = [one_line(column.heading) for column in grid.columns]
    width = terminal_width()
    if width is None:
        return _ruled(Ruled(headings, cells, [right_aligned(column) for column in grid.columns]))
    parts = fitted(grid.columns, headings, cells, width)
    return "\n\n".join(part.text if isinstance(part, Listed) else _ruled(part) for part in parts)


def _ruled(part: Ruled) -> str:
    # Imported here: tabulate takes twice as long to import as Python to start.
    from tabulate import tabulate

    ruled: str = tabulate(
        part.cells,
        headers=part.headings,
        tablefmt="simple",
        # Otherwise tabulate reads text as numbers and prints an NHS number as 9.43e+09.
        disable_numparse=True,
        colalign=["right" if right else "left" for right in part.right],
    )
    return "\n".join(line.rstrip() for line in ruled.split("\n"))
