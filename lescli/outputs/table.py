"""An answer as a person reads it on a screen: titles and plain ASCII-ruled tables."""

from __future__ import annotations

from .answer import Answer, Grid
from .cells import IDENTIFIABLE, for_person, one_line, right_aligned
from .terminal_width import Listed, Ruled, fitted
from .to_stdout import terminal_width


def table(answer: Answer) -> str:
    """The whole answer for people: the identifiable mark, the title, then each grid; an empty grid says so."""
    blocks = [one_line(answer.title)]
    for grid in answer.grids:
        title = one_line(grid.title)
        # A verb with one grid often gives both the same title: once is enough.
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
    # Imported here: tabulate costs as much as starting Python twice.
    from tabulate import tabulate

    ruled: str = tabulate(
        part.cells,
        headers=part.headings,
        tablefmt="simple",
        # tabulate reads numbers out of text otherwise: an NHS number prints as 9.43e+09.
        disable_numparse=True,
        colalign=["right" if right else "left" for right in part.right],
    )
    return "\n".join(line.rstrip() for line in ruled.split("\n"))
