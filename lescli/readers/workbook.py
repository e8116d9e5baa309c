"""A workbook (.xlsx, .xlsm, .xls, .ods) becomes the CSV that Excel would save of its sheet, in full."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from ..errors import UnreadableFileError
from . import open_document
from .cells import cell_text, is_heading
from .encoding import shown
from .html_table import is_html, table_as_text
from .old_workbook import OldWorkbook, is_old_workbook
from .zip_file import DAMAGE, Packed, is_zip, open_zip, package_of, refusal

MAX_UNPACKED = 512 << 20
"""The most bytes of an unpacked workbook. A full sheet of ten columns has that many, and some 30 MB packed."""

MAX_STRINGS = 128 << 20
"""The most bytes of its table of shared texts, the only part that is read into memory."""

MAX_TEXT = 512 << 20
"""The most characters of the resulting CSV. A long text is stored once in a workbook but may be in every cell."""

_MAX_PARTS = 2_000
_MAX_ROWS = 1 << 20  # Excel's own limit. A file may claim any number.
_MAX_COLUMNS = 1_000
_HEAD = 60
_ROWS = 500
_PIECE = 1 << 20
_SHEET = "sheet"
_SAVE_AS_CSV = "in Excel, save the sheet as CSV UTF-8 and import that file"
_OTHER = {
    "binary workbook": ("a binary workbook (.xlsb)", "open it in Excel, save it as .xlsx, and import that"),
    "document": ("a Word, PowerPoint or OpenDocument document", "run the report again and export it as CSV or .xlsx"),
}
# A formula with no value after it. Excel writes a value even where the result is empty.
_NO_RESULT = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*</(?:\w+:)?c>")


@contextmanager
def as_text(path: Path) -> Iterator[Path]:
    """The path itself, or for a workbook or a table in a web page the path of a compressed CSV in memory.

    The CSV has a line for each row of the sheet, so that line 7 is row 7. It has the one sheet with a heading for NHS
    numbers, else the first visible sheet. A date with a time keeps its time. Raises UnreadableFileError for a workbook
    that is too large, damaged, was never calculated, has a password or has patients in several sheets. It is also
    raised for other Office files (.xlsb, .docx).
    """
    if is_html(path):
        with table_as_text(path) as text:
            yield text
        return
    if is_old_workbook(path):
        with _in_memory(path, _write_old) as text:
            yield text
        return
    if not is_zip(path) or (kind := package_of(path)) == "archive":
        yield path
        return
    if kind not in ("workbook", "opendocument"):
        what, fix = _OTHER[kind]
        raise UnreadableFileError(f"{shown(path)} is {what}, which cannot be read", fix)
    with open_zip(path, members=_MAX_PARTS, unpacked=MAX_UNPACKED) as package:
        if kind == "workbook":
            _check_parts(path, package)
    with _in_memory(path, _write if kind == "workbook" else _write_open_document) as text:
        yield text


@contextmanager
def _in_memory(path: Path, write: Callable[[Path, IO[str]], None]) -> Iterator[Path]:
    """The CSV that `write` makes of the file, compressed in memory."""
    with ZipFile(BytesIO(), "w", ZIP_DEFLATED, compresslevel=1) as held:
        try:
            with (
                held.open(_SHEET, "w", force_zip64=True) as raw,
                TextIOWrapper(raw, encoding="utf-8", newline="") as to,
            ):
                write(path, to)
        except UnreadableFileError:
            raise
        except OSError as fault:
            raise refusal(shown(path), fault) from None
        # openpyxl raises anything for a damaged part: an XML error, a bad number, a missing name.
        except Exception:
            raise UnreadableFileError(
                f"{shown(path)} is damaged: Excel would not open it either", "export or save it again"
            ) from None
        yield Packed.of(held, held.getinfo(_SHEET), _SHEET, form="workbook")


def _check_parts(path: Path, package: ZipFile) -> None:
    """Check what openpyxl does not: that formulas have results, shared texts are few, and no part has a DTD."""
    for info in package.infolist():
        name = info.filename.lower()
        if name.endswith("sharedstrings.xml") and info.file_size > MAX_STRINGS:
            raise UnreadableFileError(f"{shown(path)} has more than {MAX_STRINGS >> 20} MB of text", _SAVE_AS_CSV)
        if not name.endswith((".xml", ".rels")):
            continue
        tail = b""
        try:
            with package.open(info) as part:
                while piece := part.read(_PIECE):
                    text = tail + piece
                    if b"<!DOCTYPE" in text:
                        raise UnreadableFileError(
                            f"{shown(path)} contains definitions (a DTD) that no workbook has", "ask for another copy"
                        )
                    if name.startswith("xl/worksheets/") and _NO_RESULT.search(text):
                        raise UnreadableFileError(
                            f"{shown(path)} has formulas whose results are not in the file",
                            "open it in Excel, save it, then import it",
                        )
                    tail = text[-200:]
        except DAMAGE as fault:
            raise refusal(shown(path), fault) from None


class _Sheet(NamedTuple):
    """One sheet of any kind of workbook. Its rows can be read more than once."""

    visible: bool
    rows: Callable[[], Iterator[Sequence[object]]]


def _write(path: Path, to: IO[str]) -> None:
    # Imported here: importing it takes a quarter of a second.
    from openpyxl import load_workbook

    with path.open("rb") as file:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [_Sheet(one.sheet_state == "visible", partial(_rows, one)) for one in workbook.worksheets]
        _write_csv(path, sheets, to)


def _write_old(path: Path, to: IO[str]) -> None:
    book = OldWorkbook(path)
    sheets = [_Sheet(visible, partial(book.rows, place)) for place, visible in enumerate(book.visible)]
    _write_csv(path, sheets, to)


def _write_open_document(path: Path, to: IO[str]) -> None:
    bounds = {"rows": _MAX_ROWS, "columns": _MAX_COLUMNS, "text": MAX_TEXT}
    with ZipFile(path) as package:
        sheets = [
            _Sheet(visible, partial(open_document.rows_of, path, package, place, **bounds))
            for place, visible in enumerate(open_document.sheets_of(path, package, **bounds))
        ]
        _write_csv(path, sheets, to)


def _write_csv(path: Path, sheets: Sequence[_Sheet], to: IO[str]) -> None:
    """Write the rows of the sheet with the patients, a line for each."""
    writer = csv.writer(to)
    below_headings, width, blank, size = False, 0, 0, 0
    for number, row in enumerate(_sheet_with_patients(path, sheets).rows(), start=1):
        cells = ["" if value is None else cell_text(value, below_headings=below_headings) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            blank += 1
            continue
        if len(cells) > _MAX_COLUMNS:
            raise UnreadableFileError(f"{shown(path)}, row {number}: more than {_MAX_COLUMNS:,} columns", _SAVE_AS_CSV)
        size += sum(map(len, cells))
        if size > MAX_TEXT:
            raise UnreadableFileError(f"{shown(path)} has more than {MAX_TEXT >> 20} MB of text", _SAVE_AS_CSV)
        below_headings = below_headings or is_heading(cells)
        # Excel does not store empty cells at the end of a row, but a CSV has them.
        width = max(width, len(cells))
        to.write("\r\n" * blank)
        writer.writerow([*cells, *[""] * (width - len(cells))])
        blank = 0


def _sheet_with_patients(path: Path, sheets: Sequence[_Sheet]) -> _Sheet:
    """The one sheet with a heading for NHS numbers; the first visible sheet where none has one."""
    seen = [sheet for sheet in sheets if sheet.visible]
    if not seen:
        raise UnreadableFileError(f"{shown(path)} has no visible sheet", "in Excel, unhide the sheet with the patients")
    named = [sheet for sheet in seen if any(map(is_heading, islice(sheet.rows(), _HEAD)))]
    if len(named) > 1:
        raise UnreadableFileError(
            f"{shown(path)} has patients in {len(named)} sheets", "save each of those sheets as a file of its own"
        )
    return (named or seen)[0]


def _rows(sheet: Any) -> Iterator[tuple[object, ...]]:
    """The sheet's rows, blank rows included."""
    # Otherwise a wrong stated size, such as one cell, hides all other cells.
    sheet.reset_dimensions()
    source = sheet.iter_rows(max_row=_MAX_ROWS, values_only=True)
    while True:
        # The warning about a date out of range has its number, which may be an NHS number.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chunk = list(islice(source, _ROWS))
        if not chunk:
            return
        yield from chunk
