"""An old Excel workbook (.xls, BIFF): the values of its sheets, read with `xlrd`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from ..errors import UnreadableFileError
from .encoding import OLD_WORKBOOK, container_of, shown

MAX_BYTES = 64 << 20
"""The most bytes of a workbook, because it is read into memory whole. A full sheet of ten columns has some 20 MB."""


def is_old_workbook(path: Path) -> bool:
    """Whether the file is an old workbook, whatever its name; False when it cannot be read."""
    return container_of(path) is OLD_WORKBOOK


class OldWorkbook:
    """One open workbook. Raises UnreadableFileError when it is too large or has a password."""

    def __init__(self, path: Path) -> None:
        # Imported here: few practices have such a file.
        import xlrd

        if path.stat().st_size > MAX_BYTES:
            raise UnreadableFileError(
                f"{shown(path)} is an old workbook of more than {MAX_BYTES >> 20} MB",
                "in Excel, save the sheet as CSV UTF-8 and import that file",
            )
        self._xlrd = xlrd
        try:
            # logfile: xlrd would print to stdout. ragged_rows: otherwise one cell far to the right pads every row.
            self._book = xlrd.open_workbook(
                file_contents=path.read_bytes(), logfile=StringIO(), on_demand=True, ragged_rows=True
            )
        except xlrd.XLRDError as fault:
            if "encrypt" not in str(fault):
                raise
            raise UnreadableFileError(
                f"{shown(path)} is protected with a password", "save it in Excel without a password, then import it"
            ) from None

    @property
    def visible(self) -> tuple[bool, ...]:
        """Whether each sheet is visible, in their order."""
        found = []
        for place in range(self._book.nsheets):
            found.append(self._book.sheet_by_index(place).visibility == 0)
            self._book.unload_sheet(place)
        return tuple(found)

    def rows(self, sheet: int) -> Iterator[list[object]]:
        """The rows of one sheet, blank rows included."""
        found = self._book.sheet_by_index(sheet)
        try:
            for number in range(found.nrows):
                yield [self._value(cell) for cell in found.row(number)]
        finally:
            self._book.unload_sheet(sheet)

    def _value(self, cell: Any) -> object:
        kind, value = cell.ctype, cell.value
        if kind == self._xlrd.XL_CELL_DATE:
            return self._moment(value)
        if kind == self._xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        if kind == self._xlrd.XL_CELL_ERROR:
            return self._xlrd.error_text_from_code.get(value, "#VALUE!")
        return None if kind in (self._xlrd.XL_CELL_EMPTY, self._xlrd.XL_CELL_BLANK) else value

    def _moment(self, days: float) -> object:
        """A date, a date and time, or a time of day; the number itself where it is none of these."""
        try:
            found = self._xlrd.xldate_as_datetime(days, self._book.datemode)
        except (ValueError, OverflowError):
            return days
        # Excel stores a time as a fraction of a day, so a whole second may be slightly less in the file.
        found = (found + timedelta(milliseconds=500)).replace(microsecond=0)
        return found.timetz() if 0 <= days < 1 else found
