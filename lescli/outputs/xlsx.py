"""An answer as an Excel workbook, one sheet a grid, the same bytes for the same answer on any machine.

Identifiers and codes are text (Excel keeps 15 digits of a number), dates are dates, money is pounds.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from textwrap import wrap
from typing import Any

from ..errors import LesError
from .answer import Answer, Column, Grid, Kind, Sheet
from .table import IDENTIFIABLE, as_date, for_person, one_line, plain, right_aligned, visible

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31

_FIXED_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 (xlsxwriter writes it unchanged; the clock would change the bytes)
_WHOSE = "nhs_number"
_WIDEST_PAGE = 240  # More on one page, in the digits a width is counted in, could not be read.
_FIRST_TRUE_DATE = date(1900, 3, 1)  # Excel's calendar has a 29 February 1900, so earlier days would be off by one.
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767
_EXACT_INTEGERS = 10**15
_WIDTHS = (8, 60)
_WIDEST_OF_LISTS = 36
"""A list has many columns: a longer text goes over several lines, so that a printed page can be read."""
_MARKED_SHEET = " (identifiable)"
_FORMATS: dict[str, dict[str, object]] = {
    "head": {"bold": True, "bottom": 1, "valign": "top", "text_wrap": True},
    "head-indent": {"bold": True, "bottom": 1, "valign": "top", "text_wrap": True, "align": "left", "indent": 1},
    "head-right": {"bold": True, "bottom": 1, "valign": "top", "text_wrap": True, "align": "right"},
    "mark": {"bold": True},
    # "@" keeps a text a text when somebody edits the cell. Otherwise a typed `=` would make it a formula.
    "text": {"num_format": "@", "valign": "top"},
    "listed": {"num_format": "@", "valign": "top", "text_wrap": True},
    "date": {"num_format": "dd mmm yyyy", "align": "left", "valign": "top"},
    "date-indent": {"num_format": "dd mmm yyyy", "align": "left", "valign": "top", "indent": 1},
    "money": {"num_format": '"£"#,##0.00;-"£"#,##0.00', "valign": "top"},
    "count": {"num_format": "0", "valign": "top"},
    "number": {"num_format": "General", "valign": "top"},
    "label": {"bold": True, "valign": "top"},
    "plain": {"num_format": "@", "valign": "top"},
    "wrapped": {"num_format": "@", "valign": "top", "text_wrap": True, "align": "left", "indent": 1},
    "sign": {"bottom": 1},
    "total": {"bold": True, "top": 1, "num_format": "0"},
    "total-money": {"bold": True, "top": 1, "num_format": '"£"#,##0.00;-"£"#,##0.00'},
}
_FORM_WIDTHS = (24, 17)
_SIGN_HEIGHT = 26
_ROW_HEIGHT = 15
_HIGHEST_ROW = 405  # Excel allows 409 points.
_LINE_LENGTH = 64


def sheet_names(grids: Iterable[Grid], mark: str = "") -> tuple[str, ...]:
    """One legal name a grid, from its title: at most 31 characters, none twice (Excel ignores case).

    Each name ends in `mark`, where there is one, so that it stays when the name is cut.
    """
    names: list[str] = []
    for grid in grids:
        title = _legal(one_line(grid.title))
        name, number = _cut(title, _LONGEST_NAME - len(mark)).rstrip() + mark, 1
        taken = {other.casefold() for other in names}
        while name.casefold() in taken:
            number += 1
            ending = f" ({number}){mark}"
            name = _cut(title, _LONGEST_NAME - len(ending)) + ending
        names.append(name)
    return tuple(names)


def _legal(title: str) -> str:
    name = _cut(_NOT_IN_NAMES.sub(" ", title).strip("' "), _LONGEST_NAME).strip("' ")
    # Excel reserves the name "History".
    return name if name and name.casefold() != "history" else f"Sheet {name}".strip()


def _cut(name: str, units: int) -> str:
    """The name cut to at most `units` UTF-16 units, which is how Excel counts."""
    while len(name.encode("utf-16-le")) > 2 * units:
        name = name[:-1]
    return name


def xlsx(answer: Answer) -> bytes:
    """The workbook. LesError when a grid has more rows than fit on a sheet."""
    if answer.workbook:
        return answer.workbook
    # Imported here: only a verb that writes a workbook needs it.
    from xlsxwriter import Workbook

    from .xlsx_charts import add_charts

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(content, options)
    mark = {"category": IDENTIFIABLE} if answer.identifiable else {}
    book.set_properties({"title": one_line(answer.title), "created": _FIXED_DAY, **mark})
    formats = {name: book.add_format(properties) for name, properties in _FORMATS.items()}
    if answer.sheets:
        for sheet in answer.sheets:
            _fill_sheet(book.add_worksheet(_legal(sheet.name)), sheet, formats, answer)
        book.close()
        return content.getvalue()
    names = sheet_names(answer.grids, _MARKED_SHEET if answer.identifiable else "")
    for name, grid in zip(names, answer.grids, strict=True):
        _fill(book.add_worksheet(name), grid, formats, answer)
    add_charts(book, answer.sections, formats)
    book.close()
    return content.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How a column looks: its width, how much of that is an indent, and the formats of its heading and its cells."""

    width: int
    indent: int = 0
    heading: Any
    formats: dict[str, Any]
    is_wrapped: bool = True

    def lines_of(self, text: str) -> int:
        """How many lines a wrapped text takes in the column."""
        return _lines_of(text, self.width - self.indent)


def _table(sheet: Any, grid: Grid, top: int, looks: Sequence[_Look], empty: Any) -> int:
    """The headings and rows of a grid from a line on. The answer is the first line below them."""
    if top + 1 + len(grid.rows) > _MOST_ROWS:
        raise LesError("a sheet holds 1,048,576 rows and the answer has more", "use a .csv file")
    for place, (column, look) in enumerate(zip(grid.columns, looks, strict=True)):
        sheet.write_string(top, place, one_line(column.heading), look.heading)
        sheet.set_column(place, place, look.width)
    sheet.set_row(top, _height(look.lines_of(one.heading) for one, look in zip(grid.columns, looks, strict=True)))
    for line, row in enumerate(grid.rows, start=top + 1):
        lines = []
        for place, (value, column, look) in enumerate(zip(row, grid.columns, looks, strict=True)):
            _write(sheet, line, place, value, column.kind, look.formats)
            lines.append(look.lines_of(_text_of(value, column.kind)) if look.is_wrapped else 1)
        sheet.set_row(line, _height(lines))
    if not grid.rows:
        sheet.write_string(top + 1, 0, one_line(grid.empty), empty)
    return top + 1 + max(len(grid.rows), 1)


def _height(lines: Iterable[int]) -> int:
    """The height of a row whose cells have so many lines: not every program makes it as high as its wrapped text."""
    return min(_ROW_HEIGHT * max(lines, default=1), _HIGHEST_ROW)


def _fill(sheet: Any, grid: Grid, formats: dict[str, Any], answer: Answer) -> None:
    top = 1 if answer.identifiable else 0
    if answer.identifiable:
        sheet.write_string(0, 0, IDENTIFIABLE, formats["mark"])
    looks = []
    for place, column in enumerate(grid.columns):
        # Otherwise a text would touch the number on its left.
        indent = int(place > 0 and right_aligned(grid.columns[place - 1]) and not right_aligned(column))
        beside = {"text": formats["wrapped"], "date": formats["date-indent"]}
        looks.append(
            _Look(
                width=min(_width(grid, place, column), _WIDEST_OF_LISTS) + indent,
                indent=indent,
                heading=formats["head-right" if right_aligned(column) else "head-indent" if indent else "head"],
                formats={**formats, **(beside if indent else {"text": formats["listed"]})},
            )
        )
    _table(sheet, grid, top, looks, formats["text"])
    sheet.freeze_panes(top + 1, 0)
    _set_up_page(sheet, grid, top, answer, ceil(sum(one.width - one.indent for one in looks) / _WIDEST_PAGE) or 1)


def _fill_sheet(page: Any, sheet: Sheet, formats: dict[str, Any], answer: Answer) -> None:
    """A sheet made to be read: on a form, labels stand in the first column, and what has no value is a line to sign."""
    grid, line = sheet.grid, 0
    for label, value, kind in sheet.above:
        page.write_string(line, 0, one_line(label), formats["label"])
        _write(page, line, 1, value, kind, formats)
        line += 1
    top = line + 1 if sheet.above else 0
    looks = [_look(sheet, place, formats) for place in range(len(grid.columns))]
    line = _table(page, grid, top, looks, formats["text"])
    totals = {**formats, "text": formats["total"], "money": formats["total-money"], "count": formats["total"]}
    for place, (value, column) in enumerate(zip(sheet.total, grid.columns, strict=False)):
        _write(page, line, place, value, column.kind, totals)
        if value in (None, ""):
            page.write_blank(line, place, None, formats["total"])
    line += 2 if sheet.total else 0
    for label, value, kind in sheet.below:
        line = _below(page, line, (label, value, kind), formats)
    last = max(len(grid.columns) - 1, 1)
    page.print_area(0, 0, line, last)
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 1 if sheet.is_form else 0)
    if not sheet.is_form:
        page.set_landscape()
        page.freeze_panes(top + 1, 0)
        page.repeat_rows(top)
    page.set_footer(f"&L{one_line(answer.title)[:100].replace('&', '&&')}&RPage &P of &N")


def _look(sheet: Sheet, place: int, formats: dict[str, Any]) -> _Look:
    column = sheet.grid.columns[place]
    if sheet.is_form:
        heading = formats["head-right" if right_aligned(column) else "head"]
        return _Look(width=_FORM_WIDTHS[place > 0], heading=heading, formats=formats, is_wrapped=False)
    return _Look(
        width=_width(sheet.grid, place, column),
        indent=1,
        heading=formats["head-right" if right_aligned(column) else "head-indent"],
        formats={**formats, "text": formats["wrapped"]},
    )


def _below(page: Any, line: int, told: tuple[str, object, Kind], formats: dict[str, Any]) -> int:
    """One label under the table: a long text goes over several lines, and an empty value is a line to write on."""
    label, value, kind = told
    page.write_string(line, 0, one_line(label), formats["label"])
    if value in (None, ""):
        page.set_row(line, _SIGN_HEIGHT)
        for place in range(1, 3):
            page.write_blank(line, place, None, formats["sign"])
        return line + 1
    text = str(value)
    if kind is Kind.DATE or len(text) <= _LINE_LENGTH:
        _write(page, line, 1, value, kind, formats)
        return line + 1
    for piece in wrap(text, _LINE_LENGTH):
        page.write_string(line, 1, piece, formats["plain"])
        line += 1
    return line


def _write(sheet: Any, line: int, place: int, value: object, kind: Kind, formats: dict[str, Any]) -> None:
    day = as_date(value, kind)
    if value is None or value == "":
        return
    if day and day >= _FIRST_TRUE_DATE:
        sheet.write_datetime(line, place, day, formats["date"])
    elif kind is Kind.PENCE and _exact(value):
        sheet.write_number(line, place, value / 100, formats["money"])  # type: ignore[operator]
    elif kind in (Kind.COUNT, Kind.NUMBER) and _exact(value):
        sheet.write_number(line, place, value, formats["count" if kind is Kind.COUNT else "number"])
    else:
        sheet.write_string(line, place, _text_of(value, kind), formats["text"])


def _text_of(value: object, kind: Kind) -> str:
    """A cell as text, with its line ends, and not longer than Excel takes it."""
    if kind is Kind.MOMENT or as_date(value, kind):
        return for_person(value, kind)
    text = visible(plain(value)).replace("\r", "\n")
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def _exact(value: object) -> bool:
    """Whether Excel keeps the number to the last digit."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) < _EXACT_INTEGERS


def _width(grid: Grid, place: int, column: Column) -> int:
    longest = max((len(for_person(row[place], column.kind)) for row in grid.rows), default=0)
    narrowest, widest = _WIDTHS
    return min(max(longest, len(column.heading), narrowest), widest) + 2


def _lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a column. Most letters are narrower than the digits a width is counted in.

    A row that is too high is better than a line that is cut off: at 1.2, one sentence in seventy of our own was.
    """
    most = int(width * 1.1)
    if len(text) <= most and "\n" not in text:
        return 1
    return sum(max(1, len(wrap(piece, most))) for piece in text.split("\n"))


def _set_up_page(sheet: Any, grid: Grid, top: int, answer: Answer, pages: int) -> None:
    # "&" begins a code in a header or footer. Excel refuses more than 255 characters.
    title = one_line(answer.title if grid.title == answer.title else f"{answer.title}: {grid.title}")
    mark = f"&R{IDENTIFIABLE}" if answer.identifiable else ""
    sheet.set_header(f"&L{title[:100].replace('&', '&&')}{mark}")
    sheet.set_footer(f"&LPage &P of &N{mark}")
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        # So that each page says whose row it is.
        whose = next((place for place, one in enumerate(grid.columns) if one.name == _WHOSE), 0)
        sheet.repeat_columns(whose, whose)
    # From the first row, so that each page says that it names patients.
    sheet.repeat_rows(0, top)
    if grid.columns:
        # Otherwise every NHS number has a green triangle and "convert to number".
        sheet.ignore_errors({"number_stored_as_text": _range(top + 1, len(grid.rows), len(grid.columns))})


def _range(first: int, rows: int, columns: int) -> str:
    from xlsxwriter.utility import xl_range

    cells: str = xl_range(first, 0, first + max(rows, 1) - 1, columns - 1)
    return cells
