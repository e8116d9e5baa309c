"""Whether a file's dates are day first, as they are always read: what one date proves holds for the whole file."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import UnreadableFileError
from .encoding import shown

_SLASHED = re.compile(r"\s*([0-9]{1,2})[/.]([0-9]{1,2})[/.][0-9]{2}(?:[0-9]{2})?(?![0-9])")


class DateOrder:
    """What the dates of one file show; `line` is where the first stood that can only be month first."""

    def __init__(self) -> None:
        self.line = 0
        self._month_first = False
        self._day_first = False
        self._either = False

    def look(self, cell: str) -> None:
        """Take in one more cell with a date."""
        found = _SLASHED.match(cell)
        if found is None:
            return
        first, second = int(found[1]), int(found[2])
        self._day_first = self._day_first or first > 12 >= second
        self._month_first = self._month_first or second > 12 >= first
        self._either = self._either or (first != second and max(first, second) <= 12)

    def stand(self, line: int) -> None:
        """Note where a row stands that was refused: the first such date is on it."""
        if self._month_first and not self.line:
            self.line = line

    def confirm(self, path: Path) -> None:
        """Refuse a file that has a date which is month first, none that is day first, and others that may be either.

        Raises UnreadableFileError.
        """
        if self._month_first and self._either and not self._day_first:
            raise UnreadableFileError(
                f"{shown(path)}, line {self.line}: its dates are month first, so days may be taken for months",
                "export dates as 31-May-2026 or 2026-05-31; if that one date is a slip, correct it at its source",
            )
