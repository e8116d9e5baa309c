"""An answer as Markdown with pipe tables, for minutes and tickets."""

from __future__ import annotations

import re

from .answer import Answer, Column, Grid
from .table import IDENTIFIABLE, for_person, one_line, right_aligned

# Everything that could open a link, an image, markup or another cell. "&" and "<" become entities, because some
# renderers print a backslash before them.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#!|~$])")


def markdown(answer: Answer) -> str:
    """Title, identifiable mark and one table a grid. Every text is escaped."""
    blocks = [f"# {_escaped(one_line(answer.title))}"]
    if answer.identifiable:
        blocks.append(f"**{IDENTIFIABLE}**")
    for section in answer.sections:
        blocks.append(f"## {_escaped(one_line(section.heading))}")
        blocks += [_escaped(one_line(text)) for text in section.text]
        if section.grid:
            blocks.append(_block(section.grid))
    for grid in () if answer.sections else answer.grids:
        if grid.title not in ("", answer.title):
            blocks.append(f"## {_escaped(one_line(grid.title))}")
        blocks.append(_block(grid))
    return "\n\n".join(blocks) + "\n"


def _block(grid: Grid) -> str:
    return _table(grid) if grid.rows and grid.columns else _escaped(one_line(grid.empty))


def _table(grid: Grid) -> str:
    heads = _line([_escaped(one_line(column.heading)) for column in grid.columns])
    rule = _line(["---:" if right_aligned(column) else "---" for column in grid.columns])
    return "\n".join([heads, rule, *(_row(row, grid.columns) for row in grid.rows)])


def _row(row: tuple[object, ...], columns: tuple[Column, ...]) -> str:
    return _line([_escaped(for_person(value, column.kind)) for value, column in zip(row, columns, strict=True)])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
