"""The records of an answer, or its first grid, as CSV, for scripts on stdout and for spreadsheets in a file.

stdout is plain UTF-8 with `\\n`, as other command-line programs read it. A `.csv` file is for people who double-click
it: UTF-8 with a byte order mark (without one Excel reads Windows-1252 and breaks `£`) and the `\\r\\n` of RFC 4180.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

from .answer import Answer, Column, Grid, Kind
from .cells import IDENTIFIABLE, as_date, plain, visible

# What a spreadsheet takes for the beginning of a formula, and the wide and small forms that some editions take as well;
# blanks and invisible characters before it do not make it a text.
_FORMULA = re.compile("[\\s\u00ad\u200b-\u200d\u2060\ufeff]*[=+\\-@\u2212＝＋－＠﹢﹣﹦﹫]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NUMERIC = frozenset({Kind.PENCE, Kind.COUNT, Kind.NUMBER})


def csv_text(answer: Answer, line_end: str = "\n") -> str:
    """Header of column names, then one record a row; dates ISO, money integer pence, identifiers and codes as text."""
    grid = _grid(answer)
    return _text(grid, line_end) if grid else ""


def _grid(answer: Answer) -> Grid | None:
    return answer.records or (answer.grids[0] if answer.grids else None)


def _text(grid: Grid, line_end: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow([_inert(column.name) for column in grid.columns])
    for row in grid.rows:
        writer.writerow([_cell(value, column) for value, column in zip(row, grid.columns, strict=True)])
    return text.getvalue()


def csv_file(answer: Answer) -> bytes:
    """The same as the bytes of a `.csv` file: byte order mark and `\\r\\n`.

    One that names patients has a last column without values whose heading says so: a line above the header, or a
    comment, would be read as a record.
    """
    grid = _grid(answer)
    if grid is None:
        return b""
    if answer.identifiable:
        rows = tuple((*row, None) for row in grid.rows)
        grid = replace(grid, columns=(*grid.columns, Column(IDENTIFIABLE, IDENTIFIABLE)), rows=rows)
    return _text(grid, "\r\n").encode("utf-8-sig")


def _cell(value: object, column: Column) -> str:
    day = as_date(value, column.kind)
    if day:
        return day.isoformat()
    text = visible(plain(value))
    if column.kind in _NUMERIC and _NUMBER.fullmatch(text):
        return text
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text
    return _inert(text)


def _inert(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run as a formula.

    Codes pass through here too: no real code begins so, but a clinical system's own code may be any text.
    """
    safe = f"'{text}" if _FORMULA.match(text) else text
    # Python's writer leaves a carriage return unquoted when records end in \n, and a reader would cut the record there.
    return safe.replace("\r\n", "\n").replace("\r", "\n")
