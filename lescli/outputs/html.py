"""An answer as one self-contained web page: no script, no outside resource, fit for print and screen readers."""

from __future__ import annotations

from html import escape

from .answer import Answer, Column, Grid, Section
from .table import IDENTIFIABLE, for_person, one_line, right_aligned

_STYLE = """\
body { font: 1rem/1.5 system-ui, sans-serif; color: #212b32; background: #fff; margin: 2rem auto; max-width: 80rem; \
padding: 0 1rem; }
h1 { font-size: 1.6rem; }
.mark { border: 2px solid #b00020; color: #b00020; font-weight: bold; padding: .4rem .8rem; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; }
caption { font-size: 1.2rem; font-weight: bold; padding: .4rem 0; text-align: left; }
th, td { border-bottom: 1px solid #aeb7bd; padding: .35rem .7rem; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #4c6272; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { margin: 0; max-width: none; font-size: 9pt; } thead { display: table-header-group; } \
tr { break-inside: avoid; } }
"""


def html(answer: Answer) -> str:
    """The whole page. Every text of the answer is escaped."""
    title = _text(answer.title)
    mark = f'<p class="mark" role="note">{IDENTIFIABLE}</p>\n' if answer.identifiable else ""
    before = f"{IDENTIFIABLE} · " if answer.identifiable else ""
    sections = [_section(one) for one in answer.sections]
    tables = "\n".join(sections or [_table(grid, answer.title) for grid in answer.grids])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # A second defence: if an escape were ever missed, the browser would still run and fetch nothing.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{before}{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{mark}<h1>{title}</h1>\n{tables}\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    text = "".join(f"<p>{_text(line)}</p>\n" for line in section.text)
    table = _table(section.grid, section.heading) if section.grid else ""
    return f"<section>\n<h2>{_text(section.heading)}</h2>\n{text}{table}\n</section>"


def _table(grid: Grid, title: str) -> str:
    # A screen reader announces a table by its caption, so each table has one with words.
    caption = _text(grid.title or title)
    if not grid.rows or not grid.columns:
        return f"<h2>{caption}</h2>\n<p>{_text(grid.empty)}</p>"
    heads = "".join(f'<th scope="col"{_class(column)}>{_text(column.heading)}</th>' for column in grid.columns)
    rows = "\n".join(_row(row, grid.columns) for row in grid.rows)
    return (
        f"<table>\n<caption>{caption}</caption>\n<thead>\n<tr>{heads}</tr>\n</thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>"
    )


def _row(row: tuple[object, ...], columns: tuple[Column, ...]) -> str:
    cells = (
        f"<td{_class(column)}>{escape(for_person(value, column.kind))}</td>"
        for value, column in zip(row, columns, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _class(column: Column) -> str:
    return ' class="number"' if right_aligned(column) else ""


def _text(text: str) -> str:
    return escape(one_line(text))
