"""The records of an answer, or its first grid, as CSV: on stdout for scripts, in a file for spreadsheets.

stdout is UTF-8 with `\\n`, as other command-line programs read it. A `.csv` file is for people who double-click it:
UTF-8 with a byte order mark (without one Excel reads Windows-1252 and breaks `£`) and the `\\r\\n` of RFC 4180.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

from .answer import Answer, Column, Grid, Kind
from .table import IDENTIFIABLE, as_date, plain, visible

# What a spreadsheet reads as the beginning of a formula, with the wide and small forms that some editions accept too.
# Spaces and invisible characters before it do not stop it.
_FORMULA = re.compile("[\\s\u00ad\u200b-\u200d\u2060\ufeff]*[=+\\-@\u2212＝＋－＠﹢﹣﹦﹫]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NUMERIC = frozenset({Kind.PENCE, Kind.COUNT, Kind.NUMBER})


def csv_text(answer: Answer, line_end: str = "\n") -> str:
    """A header of column names, then one record a row. Dates are ISO, money integer pence, codes and ids are text."""
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
    """The same as the bytes of a `.csv` file, with byte order mark and `\\r\\n`.

    A file that names patients has an empty last column whose heading says so. A line above the header, or a comment,
    would be read as a record.
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
    """The text, with an apostrophe before anything a spreadsheet would run as a formula.

    Codes are treated the same: no real code begins like a formula, but a clinical system's own code may be any text.
    """
    safe = f"'{text}" if _FORMULA.match(text) else text
    # Python's writer does not quote a carriage return when records end in \n, so a reader would split the record there.
    return safe.replace("\r\n", "\n").replace("\r", "\n")
