"""An OpenDocument spreadsheet (.ods): the values of its sheets, read piece by piece (ODF 1.3, part 3).

A cell has its value in an attribute, and beside it the text that a person sees. The value is used. Where a formula
failed the text is used, because `#DIV/0!` must never become a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import NoReturn
from xml.parsers.expat import ParserCreate
from zipfile import ZipFile

from ..errors import UnreadableFileError
from .encoding import shown

Row = list[object]

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_EXTENDED = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_CELLS = (_TABLE + "table-cell", _TABLE + "covered-table-cell")
# Comments on a cell, tracked changes and cached links: their text is not the cell's.
_NO_CELL = (_OFFICE + "annotation", _TABLE + "tracked-changes", _TABLE + "dde-links")
_FAILED = re.compile(r"#|Err:")
_TIME = re.compile(r"PT([01]?\d|2[0-3])H([0-5]?\d)M([0-5]?\d)(?:[.,]\d+)?S")
_PIECE = 1 << 16


def sheets_of(path: Path, package: ZipFile, *, rows: int, columns: int, text: int) -> tuple[bool, ...]:
    """Whether each sheet is visible, in their order. Raises as `rows_of` does."""
    reader = _Reader(path, None, rows=rows, columns=columns, text=text)
    for _ in reader.read(package):
        pass
    return tuple(reader.visible)


def rows_of(path: Path, package: ZipFile, sheet: int, *, rows: int, columns: int, text: int) -> Iterator[Row]:
    """The rows of one sheet, blank rows included, without the empty cells at the end of each.

    A row has at most `columns` + 1 cells, so that the caller can see that there are too many. Raises
    UnreadableFileError for more than `rows` rows or `text` characters, a formula that was never calculated, a password,
    and a file with a DTD. A damaged file raises whatever expat raises.
    """
    yield from _Reader(path, sheet, rows=rows, columns=columns, text=text).read(package)


class _Reader:
    """Reads content.xml once and gives the rows of one sheet."""

    def __init__(self, path: Path, wanted: int | None, *, rows: int, columns: int, text: int) -> None:
        self.path, self.wanted = path, wanted
        self.most_rows, self.most_columns, self.most_text = rows, columns, text
        self.visible: list[bool] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.depth = 0  # of nested tables: a cell may have a table in it
        self.aside = 0  # depth inside elements whose text is not the cell's
        self.row: Row | None = None
        self.blank = 0  # empty cells so far, until a cell with a value follows
        self.repeat = (1, 1)  # rows, columns
        self.cell: dict[str, str] | None = None
        self.words: list[str] = []
        self.done: list[tuple[Row, int]] = []
        self.count = self.size = 0

    def read(self, package: ZipFile) -> Iterator[Row]:
        if b"encryption-data" in package.open("META-INF/manifest.xml").read(1 << 20):
            raise UnreadableFileError(
                f"{shown(self.path)} is protected with a password", "save it without a password, then import it"
            )
        parser = ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_definitions
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        with package.open("content.xml") as part:
            while piece := part.read(_PIECE):
                parser.Parse(piece)
                yield from self._rows()
        parser.Parse(b"", True)
        yield from self._rows()

    def _rows(self) -> Iterator[Row]:
        for row, repeated in self.done:
            self.count += repeated
            if self.count > self.most_rows and row:
                self._refuse(f"has more than {self.most_rows:,} rows", "save it in smaller parts")
            # The blank rows to the end of a sheet are stored as one row, repeated a million times.
            for _ in range(min(repeated, self.most_rows)):
                yield row
        self.done.clear()

    def _refuse_definitions(self, *_: object) -> None:
        self._refuse("contains definitions (a DTD) that no workbook has", "ask for another copy")

    def _refuse(self, what: str, fix: str) -> NoReturn:
        raise UnreadableFileError(f"{shown(self.path)} {what}", fix)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _NO_CELL or self.aside:
            self.aside += 1
        elif name == _STYLE + "style":
            self.style = attributes.get(_STYLE + "name", "")
        elif name == _STYLE + "table-properties" and attributes.get(_TABLE + "display") == "false":
            self.hidden_styles.add(self.style)
        elif name == _TABLE + "table":
            self.depth += 1
            if self.depth == 1:
                self.visible.append(attributes.get(_TABLE + "style-name", "") not in self.hidden_styles)
        elif self.depth == 1 and len(self.visible) - 1 == self.wanted:
            self._start_within(name, attributes)

    def _start_within(self, name: str, attributes: dict[str, str]) -> None:
        if name == _TABLE + "table-row":
            self.row, self.blank = [], 0
            self.repeat = (_times(attributes.get(_TABLE + "number-rows-repeated")), 1)
        elif name in _CELLS and self.row is not None:
            self.cell, self.words = attributes, []
            self.repeat = (self.repeat[0], _times(attributes.get(_TABLE + "number-columns-repeated")))
        elif self.cell is not None:
            if name == _TEXT + "p" and self.words:
                self.words.append("\n")
            elif name == _TEXT + "s":
                self._characters(" " * min(_times(attributes.get(_TEXT + "c")), self.most_columns))
            elif name in (_TEXT + "tab", _TEXT + "line-break"):
                self.words.append("\t" if name.endswith("tab") else "\n")

    def _end(self, name: str) -> None:
        if self.aside:
            self.aside -= 1
        elif name == _TABLE + "table":
            self.depth -= 1
        elif self.depth == 1 and self.row is not None:
            if name in _CELLS and self.cell is not None:
                self._end_cell(self.cell)
            elif name == _TABLE + "table-row":
                self.done.append((self.row, self.repeat[0]))
                self.row = None

    def _end_cell(self, attributes: dict[str, str]) -> None:
        assert self.row is not None
        value = self._value(attributes, "".join(self.words))
        self.cell = None
        room = self.most_columns + 1 - len(self.row)
        if value is None or value == "":
            self.blank = min(self.blank + self.repeat[1], room)
            return
        self.row += [None] * min(self.blank, room)
        self.row += [value] * min(self.repeat[1], room)
        self.blank = 0

    def _characters(self, words: str) -> None:
        if self.cell is not None and not self.aside and self.depth == 1:
            self.size += len(words)
            if self.size > self.most_text:
                self._refuse(f"has more than {self.most_text >> 20} MB of text", "save the sheet as CSV UTF-8")
            self.words.append(words)

    def _value(self, cell: dict[str, str], words: str) -> object:
        kind = cell.get(_OFFICE + "value-type", "")
        formula = _TABLE + "formula" in cell
        if formula and (cell.get(_EXTENDED + "value-type") == "error" or _FAILED.match(words)):
            return words or "#VALUE!"
        if formula and not kind:
            self._refuse("has formulas whose results are not in the file", "open it, save it, then import it")
        if kind in ("float", "percentage", "currency"):
            return float(cell[_OFFICE + "value"])
        if kind == "boolean":
            return cell[_OFFICE + "boolean-value"] == "true"
        if kind == "date":
            return _moment(cell[_OFFICE + "date-value"])
        if kind == "time":
            return _clock(cell[_OFFICE + "time-value"])
        return cell.get(_OFFICE + "string-value", words)


def _times(stated: str | None) -> int:
    return max(1, int(stated)) if stated else 1


def _moment(stated: str) -> date | str:
    try:
        return datetime.fromisoformat(stated) if "T" in stated else date.fromisoformat(stated)
    except ValueError:
        # Before the year 1 or after 9999. It stays text, and a column of dates then reports it.
        return stated


def _clock(stated: str) -> time | str:
    found = _TIME.fullmatch(stated)
    if found is None:
        return stated
    return time.fromisoformat(":".join(part.zfill(2) for part in found.groups()))
