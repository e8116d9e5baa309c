"""Reads the commissioner's file: figures of items, or rows of patients and days, each with or without amounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ...amounts import pounds
from ...codes import mend_nhs_number
from ...errors import LesError, did_you_mean
from ...readers.asides import is_total
from ...readers.cells import day_of
from ...readers.small_table import PRACTICE, TableFaults, TableRow, count_in, is_of_another, pence_in, read_table
from ...rules.claim_row import PER_LIST
from ...store.people.same_person import known_as
from ...typed_dates import typed_day
from .our_side import OurSide

_FIGURES, _ROWS = ("item", "quantity"), ("nhs_number", "date")
_COLUMNS = ("item", "quantity", "amount", "nhs_number", "date", *PRACTICE)
_LABELS = ("item", "nhs_number", "date")
_MOST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirLine:
    """One line. Figures have no person and no day; a row is one activity, and its item may be unknown ("")."""

    line: int
    item: str
    quantity: int
    pence: int | None
    person: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirSide:
    """Every line of the file, which has either figures or rows."""

    lines: tuple[TheirLine, ...]
    has_rows: bool

    @property
    def quantity(self) -> int:
        """How many activities they count."""
        return sum(line.quantity for line in self.lines)

    @property
    def pence(self) -> int | None:
        """What they pay; None unless every line gives its amount."""
        if not self.has_amounts or any(map(_lacks_amount, self.lines)):
            return None
        return sum(line.pence or 0 for line in self.lines)

    @property
    def has_amounts(self) -> bool:
        """Whether the file gives any amount."""
        return any(line.pence is not None for line in self.lines)

    def lines_without_amount(self, items: Sequence[str]) -> Counter[str]:
        """How many lines of each item lack their amount. `items` names the item of each line."""
        return Counter(item for line, item in zip(self.lines, items, strict=True) if _lacks_amount(line))


def _lacks_amount(line: TheirLine) -> bool:
    # None of an item costs nothing.
    return line.pence is None and line.quantity != 0


def read_theirs(path: Path, ours: OurSide) -> TheirSide:
    """The lines of their file. LesError names every fault with its line, and a total that does not agree."""
    table = read_table(path, _COLUMNS, (_FIGURES, _ROWS))
    has_rows = _has_rows([row.cells for row in table if not _is_total(row)])
    faults = TableFaults(path)
    reader = _Reader(ours, has_rows=has_rows)
    for row in table:
        if _is_total(row):
            reader.compare(row, faults)
            continue
        try:
            reader.read(row)
        except ValueError as fault:
            faults.add(row.line, str(fault))
            reader.is_whole = False
    faults.tell()
    if not reader.lines:
        raise LesError(
            f"{path.name}: it has no line below its header", "if they count nothing, give each item the quantity 0"
        )
    return TheirSide(lines=tuple(reader.lines), has_rows=has_rows)


def _has_rows(lines: Sequence[Mapping[str, str]]) -> bool:
    """Whether they list patients and days. What is paid for the list has a day and no patient."""
    if any("nhs_number" in cells for cells in lines):
        return True
    return any("date" in cells for cells in lines) and not any("quantity" in cells for cells in lines)


class _Reader:
    """Reads line after line, and compares totals with the lines above them."""

    def __init__(self, ours: OurSide, *, has_rows: bool) -> None:
        self._ours = ours
        self._has_rows = has_rows
        self._names = _names(ours)
        self.lines: list[TheirLine] = []
        self.is_whole = True

    def read(self, row: TableRow) -> None:
        """One more line; ValueError says what is wrong with it."""
        cells = row.cells
        if is_of_another(self._ours.records.practice.ods_code, cells):
            raise ValueError("it is for another practice: keep the lines of this one only")
        item = self._item(cells.get("item", "")) if "item" in cells or not self._has_rows else ""
        pence = self._pence(cells)
        if not self._has_rows:
            self.lines.append(TheirLine(line=row.line, item=item, quantity=_count(cells), pence=pence))
            return
        if "quantity" in cells and _count(cells) != 1:
            raise ValueError("a row is one activity: repeat it for each, or give figures without patients")
        day = day_of(typed_day(cells.get("date", "")))
        self.lines.append(
            TheirLine(line=row.line, item=item, quantity=1, pence=pence, person=self._person(cells, item), day=day)
        )

    def compare(self, row: TableRow, faults: TableFaults) -> None:
        """A fault when a total does not agree with the lines above it."""
        if not self.is_whole:
            return
        try:
            quantity, pence = _count(row.cells) if "quantity" in row.cells else None, self._pence(row.cells)
        except ValueError as fault:
            faults.add(row.line, str(fault))
            return
        many, money = sum(line.quantity for line in self.lines), sum(line.pence or 0 for line in self.lines)
        if quantity not in (None, many):
            faults.add(row.line, f"the total is {quantity:,} and the lines above it come to {many:,}")
        elif pence not in (None, money) and all(line.pence is not None for line in self.lines):
            faults.add(row.line, f"the total is {pounds(pence or 0)} and the lines above it come to {pounds(money)}")

    def _item(self, typed: str) -> str:
        """The item that they name, by its name or title, in any case."""
        folded = " ".join(typed.casefold().split())
        found = self._names.get(folded) or self._names.get(folded.replace(" ", "-"))
        if found:
            return found
        known = sorted(set(self._names.values()))
        hint = did_you_mean(folded, self._names) or f"there are {', '.join(known)}"
        raise ValueError(f"{self._ours.spec.name} has no such item: {hint}")

    def _person(self, cells: Mapping[str, str], item: str) -> str:
        """The number that the patient is known by now; "" for an item that is paid for the list."""
        kinds = self._ours.items
        if "nhs_number" not in cells and item in kinds and kinds[item].kind in PER_LIST:
            return ""
        return known_as(self._ours.store, mend_nhs_number(cells.get("nhs_number", "")))

    @staticmethod
    def _pence(cells: Mapping[str, str]) -> int | None:
        if "amount" not in cells:
            return None
        try:
            pence = pence_in(cells["amount"])
        except ValueError:
            raise ValueError("amount is no pounds and pence") from None
        if not 0 <= pence < 100 * _MOST:
            raise ValueError("amount is below zero" if pence < 0 else "amount is too large")
        return pence


def _names(ours: OurSide) -> dict[str, str]:
    """What an item may be called, in small letters, and its name."""
    claimed = {row.item: row.item for row in ours.claimed}
    titles = {" ".join(one.title.casefold().split()): one.name for one in ours.spec.items}
    return claimed | {name: name for name in ours.items} | titles


def _count(cells: Mapping[str, str]) -> int:
    try:
        count = count_in(cells["quantity"])
    except (ValueError, KeyError):
        raise ValueError("quantity is no whole number") from None
    if count >= _MOST:
        raise ValueError("quantity is too large")
    return count


def _is_total(row: TableRow) -> bool:
    """Whether a line sums up the lines above it: it is called a total, or it has figures and names nothing."""
    told = [row.cells[name] for name in _LABELS if name in row.cells]
    return any(map(is_total, told)) or not told
