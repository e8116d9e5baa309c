"""Lines in a table that are not data rows: totals, page numbers, titles and headings repeated on a new page.

A row with an NHS number is always a data row, and so is one that starts with a date or a code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..codes import mend_nhs_number
from ..errors import UnreadableFileError
from .clinical_report.layout import known_columns
from .encoding import shown
from .profile import Profile, folded

TITLE, HEADER, TOTAL, PAGE = KINDS = ("title row", "repeated header", "total row", "page line")
"""The kinds of such lines, as they are counted. Add `s` for the plural."""

_THINGS = r"(?:rows|records|patients|people|entries|items|results|activities)"
_TOTAL = re.compile(
    r"(?:(?:grand|sub|report|page|overall)[ -]?)?(?:totals?|sum|count)"
    rf"(?: (?:number )?(?:of )?{_THINGS})?|(?:row|record|patient|entry|item) (?:count|total)"
    rf"|(?:number|no\.?) of {_THINGS}",
    re.IGNORECASE,
)
# A count, a sum or a share. It is shorter than every code and every NHS number.
_FIGURE = re.compile(r"[£]?[+-]?(?:[0-9]{1,5}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,4})?%?")
_LABELLED = re.compile(rf"(.*?)\s*[:=]?\s*(?:{_FIGURE.pattern})?", re.DOTALL)
_PAGE = re.compile(r"-*\s*(?:page [0-9]+(?: ?(?:of|/) ?[0-9]+)?|end of (?:report|file|list))\s*\.?-*", re.IGNORECASE)
# The characters that may begin an NHS number in a cell.
_BEGINS_NUMBER = frozenset("0123456789=\"'\u2018\u2019")


class Asides:
    """Finds the asides of one file and counts each line once, however often it is looked at.

    `numbers` are the places of the NHS number in a row. `above` holds the rows above the headings.
    """

    def __init__(
        self,
        path: Path,
        profile: Profile,
        headings: Sequence[str],
        numbers: Iterable[int],
        above: Iterable[Sequence[str]] = (),
    ) -> None:
        self._path = path
        self._profile = profile
        self._headings = _folded_cells(headings)
        self._above = {told for told in map(_folded_cells, above) if told}
        self._numbers = tuple(numbers)
        self._lines: dict[int, str] = {}

    def title(self, line: int) -> None:
        """Count a row above the headings as a title."""
        self._lines[line] = TITLE

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """The count of each kind, in the order of their names."""
        return tuple(sorted(Counter(self._lines.values()).items()))

    def kind(self, line: int, cells: Sequence[str]) -> str:
        """Which of `KINDS` a row is; "" for a data row.

        Raises UnreadableFileError where another table begins: its cells would be read under the wrong headings.
        """
        for place in self._numbers:
            if place < len(cells) and cells[place].lstrip()[:1] in _BEGINS_NUMBER and cells[place].strip():
                return ""
        label_at = next((place for place, cell in enumerate(cells) if cell.strip()), -1)
        if label_at < 0 or not _may_be_label(cells[label_at]):
            return ""
        found = self._heading(line, cells) or self._figures(cells, label_at)
        if found:
            self._lines[line] = found
        return found

    def _heading(self, line: int, cells: Sequence[str]) -> str:
        told = _folded_cells(cells)
        if told == self._headings:
            return HEADER
        if told in self._above:
            return TITLE
        known = known_columns(list(cells), self._profile)
        begins = self._profile.banner and told[0] == self._profile.banner
        runs = self._profile.run and told[0].startswith(self._profile.run)
        if begins or runs or ("nhs_number" in known and len(known) > 1):
            raise UnreadableFileError(
                f"{shown(self._path)}, line {line}: another table begins here", "save each table as a file of its own"
            )
        return ""

    def _figures(self, cells: Sequence[str], label_at: int) -> str:
        label = " ".join(cells[label_at].split())
        others = {place: cell.strip() for place, cell in enumerate(cells) if cell.strip() and place != label_at}
        if _PAGE.fullmatch(label):
            return "" if others else PAGE
        split = _LABELLED.fullmatch(label)
        if not split or not _TOTAL.fullmatch(split[1]) or not all(map(_FIGURE.fullmatch, others.values())):
            return ""
        has_figure = bool(others) or split[1] != label.rstrip(" :=")
        # A bare `Total` may be the name or the term of a row that was cut off, so it needs a figure beside it.
        return TOTAL if has_figure or label_at in self._numbers else ""


def is_total(label: str) -> bool:
    """Whether a cell says that its row is a total: `Total`, `Grand total`, `Sum`."""
    return bool(_TOTAL.fullmatch(" ".join(label.split()).rstrip(" :=")))


def is_patient(cells: Iterable[str]) -> bool:
    """Whether a cell has a valid NHS number. Such a row is not a title."""
    return any(map(_is_number, cells))


def _is_number(cell: str) -> bool:
    try:
        mend_nhs_number(cell)
    except ValueError:
        return False
    return True


def _may_be_label(label: str) -> bool:
    """Whether a label begins like words. Most rows without an NHS number begin with a code or a date."""
    return label.lstrip()[:1].isalpha() or label.lstrip()[:1] == "-"


def _folded_cells(cells: Sequence[str]) -> tuple[str, ...]:
    told = [folded(cell) for cell in cells]
    while told and not told[-1]:
        told.pop()
    return tuple(told)
