"""A table in a web page becomes a CSV. Several clinical systems save reports as a web page under a workbook's name
(.xls).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from io import BytesIO, TextIOWrapper
from itertools import accumulate
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from ..errors import UnreadableFileError
from .cells import is_heading
from .encoding import encoding_of, glimpsed, shown
from .zip_file import Packed

MAX_BYTES = 32 << 20
"""HTML tags take more room than cells: this is some hundred thousand rows."""

_BEGINS = ("<html", "<!doctype html", "<table", "<head", "<body", "<meta", "<style", "<div", "<title")
_SAVE_AS = "open it in Excel, save it as .xlsx, and import that"
_PIECE = 1 << 13
_MAX_PENDING = 1 << 16
"""The most characters in one tag or comment. The parser goes over an unfinished one again with every piece."""
_MAX_CELLS = 1 << 24
_MAX_COLUMNS = 1_000
_MAX_DEPTH = 20
_TABLE = "table"


def is_html(path: Path) -> bool:
    """Whether a file begins as a web page does, whatever its name; False when it cannot be read as text."""
    try:
        for line in glimpsed(path):
            if text := line.strip().casefold():
                # XHTML has a line of XML first.
                if text.startswith(_BEGINS):
                    return True
                if not text.startswith(("<?xml", "<!--")):
                    return False
                if any(begin in text for begin in _BEGINS[:3]):
                    return True
    except UnreadableFileError:
        pass
    return False


@contextmanager
def table_as_text(path: Path) -> Iterator[Path]:
    """The path of a compressed UTF-8 CSV in memory, with the table of patients and all tables above it.

    Line 7 is the seventh row of the page's tables. A cell that spans several rows is repeated in each. Nothing that the
    page refers to is fetched. Raises UnreadableFileError for a page that is too large, damaged or without such a table.
    """
    rows = _rows(path)
    with ZipFile(BytesIO(), "w", ZIP_DEFLATED, compresslevel=1) as held:
        with held.open(_TABLE, "w", force_zip64=True) as raw, TextIOWrapper(raw, encoding="utf-8", newline="") as to:
            csv.writer(to).writerows(rows)
        yield Packed.of(held, held.getinfo(_TABLE), _TABLE, form="web page")


def _rows(path: Path) -> list[list[str]]:
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFileError(f"{shown(path)} is a web page of more than {MAX_BYTES >> 20} MB", _SAVE_AS)
    parser = _Tables(path)
    try:
        with path.open(encoding=encoding_of(path)) as file:
            while piece := file.read(_PIECE):
                parser.feed(piece)
                if len(parser.rawdata) > _MAX_PENDING:
                    raise _damaged(path)
        parser.close()
    except (UnicodeError, AssertionError, OSError):
        raise _damaged(path) from None
    tables = [table.rows for table in parser.tables]
    named = [place for place, rows in enumerate(tables) if any(map(is_heading, rows))]
    if not named:
        raise UnreadableFileError(
            f"{shown(path)} is a web page without a table that names the NHS number", "export the report as CSV"
        )
    if len(named) > 1:
        raise UnreadableFileError(
            f"{shown(path)} has patients in {len(named)} tables", "save each of those tables as a file of its own"
        )
    above = [row for rows in tables[: named[0]] for row in rows]
    # As in a workbook, a row is as wide as the widest row above it, so that a cell beyond the last heading is noticed.
    widths = accumulate(map(len, tables[named[0]]), max)
    table = ([*row, *[""] * (width - len(row))] for row, width in zip(tables[named[0]], widths, strict=True))
    return [*above, *table]


def _damaged(path: Path) -> UnreadableFileError:
    return UnreadableFileError(f"{shown(path)} is a damaged web page", "export the report again")


class _Table:
    """One table as it is read: its rows, and the cells that span down into the next rows."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.spans = (1, 1)
        self.down: dict[int, tuple[int, str]] = {}

    def begin_row(self) -> None:
        self.end_row()
        self.row = []

    def begin_cell(self, columns: int, rows: int) -> None:
        self.end_cell()
        if self.row is None:
            self.row = []
        self.cell, self.spans = [], (columns, rows)

    def end_cell(self) -> None:
        if self.row is None or self.cell is None:
            return
        self._reach_down()
        text, (columns, rows) = " ".join("".join(self.cell).split()), self.spans
        for place in range(len(self.row), len(self.row) + columns):
            if rows > 1:
                self.down[place] = rows - 1, text
            self.row.append(text)
            text = ""
        self.cell = None

    def end_row(self) -> None:
        self.end_cell()
        if self.row is not None:
            self._reach_down()
            self.rows.append(self.row)
            self.row = None

    def _reach_down(self) -> None:
        """Fill the next places with cells of rows above that span down into this one."""
        assert self.row is not None
        while (place := len(self.row)) in self.down:
            left, text = self.down.pop(place)
            if left > 1:
                self.down[place] = left - 1, text
            self.row.append(text)


class _Tables(HTMLParser):
    """Every table of a page, in the order in which they begin."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._path = path
        self._open: list[_Table] = []
        self._unseen = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._unseen += 1
        elif tag == "table":
            if len(self._open) == _MAX_DEPTH:
                raise UnreadableFileError(f"{shown(self._path)} has tables nested too deeply", _SAVE_AS)
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif self._open and tag == "tr":
            self._open[-1].begin_row()
        elif self._open and tag in ("td", "th"):
            told = dict(attrs)
            columns, rows = _span(told.get("colspan")), _span(told.get("rowspan"))
            self._cells += columns * rows
            if columns > _MAX_COLUMNS or self._cells > _MAX_CELLS:
                raise UnreadableFileError(f"{shown(self._path)} has a table of too many cells", _SAVE_AS)
            self._open[-1].begin_cell(columns, rows)
        else:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unseen = max(0, self._unseen - 1)
        elif self._open and tag in ("td", "th"):
            self._open[-1].end_cell()
        elif self._open and tag == "tr":
            self._open[-1].end_row()
        elif self._open and tag == "table":
            self._open.pop().end_row()
        else:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self._open and not self._unseen and self._open[-1].cell is not None:
            self._open[-1].cell.append(data)

    def close(self) -> None:
        super().close()
        if self._open:
            # The page was cut off, so its last row may lack cells.
            raise _damaged(self._path)


def _span(written: str | None) -> int:
    """How many columns or rows a cell spans. Anything that is not a number means one, as in browsers."""
    text = (written or "").strip()
    return min(max(int(text), 1), 1 << 20) if text.isascii() and text.isdigit() and len(text) < 8 else 1
