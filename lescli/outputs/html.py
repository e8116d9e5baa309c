"""An answer as one self-contained web page: no script, no outside resource, fit for print and screen readers."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

from .answer import Answer, Column, Grid, Kind, Section
from .charts import svg
from .table import IDENTIFIABLE, for_person, one_line, right_aligned

_STYLE = """\
body { font: 1rem/1.5 system-ui, sans-serif; color: #212b32; background: #fff; margin: 2rem auto; max-width: 80rem; \
padding: 0 1rem; }
h1 { font-size: 1.6rem; }
.mark { border: 2px solid #b00020; color: #b00020; font-weight: bold; padding: .4rem .8rem; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; }
h2 { font-size: 1.25rem; margin: 1.5rem 0 .5rem; }
th, td { border-bottom: 1px solid #aeb7bd; padding: .35rem .7rem; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #4c6272; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
p, h1, h2, h3, .long { overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.date { white-space: nowrap; }
.wide { overflow-x: auto; margin: .5rem 0 1.5rem; position: relative; }
.wide table { margin: 0; }
.chart { width: 100%; max-width: 45rem; height: auto; display: block; margin: .5rem 0; break-inside: avoid; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem 1.5rem; }
figure { margin: 0; break-inside: avoid; }
figcaption { font-weight: bold; }
@page { size: A4; margin: 1cm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 9pt; } thead { display: table-header-group; } \
tr { break-inside: avoid; } .wide { overflow-x: visible; } \
.many { font-size: 7pt; } .many th, .many td { padding: .2rem .3rem; } }
"""
_COMMAND = re.compile("`([^`]+)`")
_LANDSCAPE = "@page { size: A4 landscape; }\n"
_MANY = 7
"""A page with a table of more columns than this is printed across, so that paper cuts none of them."""
_SHORT_CODE = re.compile(r"[0-9A-Z][0-9A-Za-z-]{0,11}")
"""A month or a code, which a browser would break at its hyphen."""
_LONG_WORD = 24
"""A longer word, such as the head of a chain, may be broken where a column is narrow."""


def html(answer: Answer) -> str:
    """The whole page. Every text of the answer is escaped."""
    title = _text(answer.title)
    mark = f'<p class="mark" role="note">{IDENTIFIABLE}</p>\n' if answer.identifiable else ""
    before = f"{IDENTIFIABLE} · " if answer.identifiable else ""
    sections = [_section(one) for one in answer.sections]
    tables = "\n".join(sections or [_table(grid, answer.title) for grid in answer.grids])
    grids = [one.grid for one in answer.sections if one.grid] or answer.grids
    across = any(len(grid.columns) > _MANY for grid in grids)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # A second defence: if an escape were ever missed, the browser would still run and fetch nothing.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{before}{title}</title>\n<style>\n{_STYLE}{_LANDSCAPE if across else ''}</style>\n"
        "</head>\n<body>\n<main>\n"
        f"{mark}<h1>{title}</h1>\n{tables}\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    text = "".join(f"<p>{_with_commands(_text(line))}</p>\n" for line in section.text)
    table = _table(section.grid, section.heading, under=True) if section.grid else ""
    chart = f"{svg(section.chart)}\n" if section.chart else ""
    small = "".join(
        f"<figure>\n<figcaption>{_text(one.title)}</figcaption>\n{svg(one)}\n</figure>\n" for one in section.charts
    )
    charts = f'<div class="charts">\n{small}</div>\n' if small else ""
    return f"<section>\n<h2>{_text(section.heading)}</h2>\n{text}{chart}{charts}{table}\n</section>"


def _table(grid: Grid, title: str, *, under: bool = False) -> str:
    """One table and its heading. `under` a section it is smaller, and words that stand above it are not repeated."""
    # A screen reader announces a table by its caption, so each table has one with words.
    caption = _text(grid.title or title)
    # The caption would scroll away with a wide table on a telephone, so the eye has a heading that does not.
    level = "h3" if under else "h2"
    heading = "" if grid.title in ("", title) else f"<{level}>{caption}</{level}>\n"
    if not grid.rows or not grid.columns:
        return heading + f"<p>{_with_commands(_text(grid.empty))}</p>"
    heads = "".join(f'<th scope="col"{_class(column)}>{_text(column.heading)}</th>' for column in grid.columns)
    rows = "\n".join(_row(row, grid.columns) for row in grid.rows)
    many = ' class="many"' if len(grid.columns) > _MANY else ""
    # Who cannot use a mouse must be able to reach the box to scroll it, and is told what it is.
    return (
        f'{heading}<div class="wide" role="region" tabindex="0" aria-label="{caption}">\n'
        f'<table{many}>\n<caption class="hidden">{caption}</caption>\n<thead>\n<tr>{heads}</tr>\n</thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _row(row: tuple[object, ...], columns: tuple[Column, ...]) -> str:
    shown = ((for_person(value, column.kind), column) for value, column in zip(row, columns, strict=True))
    cells = (f"<td{_class(column, text)}>{_cell(text, column)}</td>" for text, column in shown)
    return f"<tr>{''.join(cells)}</tr>"


def _cell(text: str, column: Column) -> str:
    if column.kind is Kind.LINK:
        # The page and the file lie in one folder, wherever that folder is moved to.
        return f'<a href="{quote(text)}">{escape(text)}</a>'
    return _with_commands(escape(text))


def _class(column: Column, text: str = "") -> str:
    if right_aligned(column):
        return ' class="number"'
    if column.kind is Kind.DATE or _SHORT_CODE.fullmatch(text):
        return ' class="date"'
    return ' class="long"' if max(map(len, text.split()), default=0) > _LONG_WORD else ""


def _text(text: str) -> str:
    return escape(one_line(text))


def _with_commands(escaped: str) -> str:
    """A command or a name stands between backticks, which are for a terminal."""
    return _COMMAND.sub(r"<code>\1</code>", escaped)
