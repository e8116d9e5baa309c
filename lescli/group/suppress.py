"""Hides more counts than the small ones, so that no small one can be worked out from the sums that are shown.

A count stands in sums: a month in its year, a network in its place, its area and all. Every count shown is rounded, so
each sum gives bounds. While the bounds leave a small count fewer than two values, other counts of its sums are hidden
too. A reader is trusted with the worst: to know which of the hidden counts are small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

ROUNDING = 2
"""A count that is shown is rounded to the nearest 5, so it is at most 2 more or less."""
_NO_LIMIT = 10**12
_LEAST_CHOICES = 2


@dataclass(slots=True, kw_only=True, eq=False)
class Cell:
    """One count. It is shown or hidden together with the other counts of its `unit`; one without is never shown.

    Of a sum's counts, those of a lower `rank` are hidden first.
    """

    name: str
    count: int
    unit: str
    up_to: int
    rank: int
    hidden: bool
    low: int = 0
    high: int = 0
    sums: list[Sum] = field(default_factory=list)

    @property
    def is_small(self) -> bool:
        """Whether nobody may learn the count."""
        return 1 <= self.count <= self.up_to

    def domain(self) -> tuple[int, int]:
        """What a reader knows of the count by itself."""
        if not self.unit:
            return 0, _NO_LIMIT
        if self.count == 0:
            return 0, 0
        if self.hidden:
            return (1, self.up_to) if self.is_small else (self.up_to + 1, _NO_LIMIT)
        shown = rounded(self.count)
        return max(shown - ROUNDING, self.up_to + 1), shown + ROUNDING


@dataclass(slots=True, kw_only=True, eq=False)
class Sum:
    """A count that is the sum of others."""

    total: Cell
    parts: tuple[Cell, ...]

    def tighten(self) -> bool:
        """Narrow the bounds of its counts by each other; whether one became narrower."""
        low, high = sum(one.low for one in self.parts), sum(one.high for one in self.parts)
        narrower = _narrow(self.total, low, high)
        for one in self.parts:
            rest_low, rest_high = low - one.low, high - one.high
            if _narrow(one, self.total.low - rest_high, self.total.high - rest_low):
                narrower, low, high = True, rest_low + one.low, rest_high + one.high
        return narrower


def _narrow(cell: Cell, low: int, high: int) -> bool:
    before = cell.low, cell.high
    cell.low, cell.high = max(cell.low, low), min(cell.high, high)
    return before != (cell.low, cell.high)


def rounded(count: int) -> int:
    """The nearest multiple of 5."""
    return (2 * count + 5) // 10 * 5


class Counts:
    """The counts of an answer, and the sums that they stand in."""

    def __init__(self, up_to: int) -> None:
        self._up_to = up_to
        self._cells: dict[str, Cell] = {}
        self._sums: list[Sum] = []

    def add(self, name: str, count: int, *, unit: str, rank: int = 0, hidden: bool = False) -> None:
        """A count. A small one is hidden; `hidden` hides another one from the start."""
        cell = Cell(name=name, count=count, unit=unit, up_to=self._up_to, rank=rank, hidden=hidden)
        cell.hidden = hidden or cell.is_small
        self._cells[name] = cell

    def add_sum(self, total: str, parts: Iterable[str]) -> None:
        """A count that is the sum of others."""
        found = Sum(total=self._cells[total], parts=tuple(self._cells[name] for name in parts))
        self._sums.append(found)
        for cell in (found.total, *found.parts):
            cell.sums.append(found)

    def hidden_units(self) -> frozenset[str]:
        """The units to hide: those with a small count, and those that would give one away."""
        self._hide({cell.unit for cell in self._cells.values() if cell.hidden})
        while given_away := list(self._given_away()):
            chosen = {found.unit for cell in given_away if (found := self._near(cell))}
            if not chosen:
                break
            self._hide(chosen)
        return frozenset(cell.unit for cell in self._cells.values() if cell.hidden and cell.unit)

    def _hide(self, units: set[str]) -> None:
        for cell in self._cells.values():
            cell.hidden = cell.hidden or (cell.unit in units and bool(cell.unit))

    def _given_away(self) -> Iterator[Cell]:
        """The small counts whose bounds leave fewer than two values."""
        for cell in self._cells.values():
            cell.low, cell.high = cell.domain()
        while sum(one.tighten() for one in self._sums):
            pass
        for cell in self._cells.values():
            if cell.is_small and (cell.hidden or not cell.unit) and cell.high - cell.low + 1 < _LEAST_CHOICES:
                yield cell

    def _near(self, cell: Cell) -> Cell | None:
        """The count to hide for another one: the smallest one shown in its sums, or in the sums of those."""
        near = {id(one): one for found in cell.sums for one in (found.total, *found.parts)}
        far = {id(one): one for held in near.values() for found in held.sums for one in (found.total, *found.parts)}
        for ring in (near, far, {id(one): one for one in self._cells.values()}):
            shown = [one for one in ring.values() if one.unit and not one.hidden and one.count]
            if shown:
                return min(shown, key=lambda one: (one.rank, one.count, one.name))
        return None
