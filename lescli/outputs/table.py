"""An answer as a person reads it on a screen: titles and plain ASCII-ruled tables."""

from __future__ import annotations

from textwrap import fill

from .answer import Answer, Column, Grid, Kind
from .cells import IDENTIFIABLE, for_person, one_line, right_aligned
from .to_stdout import terminal_width

_GAP = 2
_NARROWEST = 12


def table(answer: Answer) -> str:
    """The whole answer for people: the identifiable mark, the title, then each grid; an empty grid says so."""
    blocks = [one_line(answer.title)]
    for grid in answer.grids:
        title = one_line(grid.title)
        # A verb with one grid often gives both the same title: once is enough.
        heading = f"{title}\n" if title and title != blocks[0] else ""
        blocks.append(heading + (_ruled(grid) if grid.rows and grid.columns else one_line(grid.empty)))
    mark = f"{IDENTIFIABLE}\n" if answer.identifiable else ""
    return mark + "\n\n".join(block for block in blocks if block) + "\n"


def _ruled(grid: Grid) -> str:
    # Imported here: tabulate costs as much as starting Python twice.
    from tabulate import tabulate

    cells = [
        [for_person(value, column.kind) for value, column in zip(row, grid.columns, strict=True)] for row in grid.rows
    ]
    headings = [one_line(column.heading) for column in grid.columns]
    width = terminal_width()
    if width is not None:
        cells = _folded(cells, headings, grid.columns, width)
    ruled: str = tabulate(
        cells,
        headers=headings,
        tablefmt="simple",
        # tabulate reads numbers out of text otherwise: an NHS number prints as 9.43e+09.
        disable_numparse=True,
        colalign=["right" if right_aligned(column) else "left" for column in grid.columns],
    )
    return "\n".join(line.rstrip() for line in ruled.split("\n"))


def _folded(cells: list[list[str]], headings: list[str], columns: tuple[Column, ...], width: int) -> list[list[str]]:
    """Text folded into its column so that the table fits the terminal; dates, codes and numbers stay whole."""
    # tabulate makes no column narrower than its heading and two spaces.
    floors = [len(heading) + _GAP for heading in headings]
    widths = [max(floor, *(len(row[place]) for row in cells)) for place, floor in enumerate(floors)]
    foldable = [place for place, column in enumerate(columns) if column.kind is Kind.TEXT]
    excess = sum(widths) + _GAP * (len(widths) - 1) - width
    while excess > 0 and foldable:
        widest = max(foldable, key=lambda place: widths[place])
        least = max(_NARROWEST, floors[widest])
        if widths[widest] <= least:
            break
        widths[widest] -= 1
        excess -= 1
    return [
        [fill(cell, widths[place]) if place in foldable else cell for place, cell in enumerate(row)] for row in cells
    ]
