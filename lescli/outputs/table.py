"""An answer as a person reads it on a screen: titles and plain ASCII-ruled tables."""

from __future__ import annotations

from .answer import Answer, Grid
from .cells import IDENTIFIABLE, for_person, one_line, right_aligned


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
    ruled: str = tabulate(
        cells,
        headers=[one_line(column.heading) for column in grid.columns],
        tablefmt="simple",
        # tabulate reads numbers out of text otherwise: an NHS number prints as 9.43e+09.
        disable_numparse=True,
        colalign=["right" if right_aligned(column) else "left" for column in grid.columns],
    )
    return "\n".join(line.rstrip() for line in ruled.split("\n"))
