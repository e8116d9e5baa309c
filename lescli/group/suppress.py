"""Hides more counts than the small ones, so that no small one can be worked out from the totals that are shown.

A hidden count stands in sums: of its network, and of all. Every count shown is rounded, so each sum gives bounds. While
the bounds leave a small count fewer than two values, the smallest other count of that sum is hidden too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ROUNDING = 2
"""A count that is shown is rounded to the nearest 5, so it is at most 2 more or less."""
_NO_LIMIT = 10**12
_LEAST_CHOICES = 2


@dataclass(slots=True, kw_only=True)
class Cell:
    """One count: of a practice, or the sum of its `parts`. `is_small` is one that must not be known."""

    name: str
    count: int
    is_small: bool
    up_to: int
    parts: list[Cell] = field(default_factory=list)
    hidden: bool = False
    low: int = 0
    high: int = 0

    def domain(self) -> tuple[int, int]:
        """What a reader knows of the count by itself. The worst is assumed: that they know which ones are small."""
        if self.hidden:
            if self.is_small:
                return (1, self.up_to) if self.count <= self.up_to else (1, _NO_LIMIT)
            return self.up_to + 1, _NO_LIMIT
        shown = (2 * self.count + 5) // 10 * 5
        return (0, 0) if self.count == 0 else (max(shown - ROUNDING, self.up_to + 1), shown + ROUNDING)


def hidden_names(total: Cell) -> frozenset[str]:
    """The names of the cells to hide, the small ones and those that would give them away."""
    every = list(_cells(total))
    for cell in every:
        cell.hidden = cell.is_small and cell.count > 0
    while pinned := _pinned(total, every):
        group = next(one for one in every if one is pinned or pinned in one.parts)
        near = [one for one in every if pinned in one.parts or one is pinned]
        others = [one for holder in near for one in (*holder.parts, holder) if not one.hidden and one.count]
        if not others:
            others = [one for one in every if not one.hidden and one.count]
        if not others:
            break
        min(others, key=lambda one: (one is group, one.count, one.name)).hidden = True
    return frozenset(cell.name for cell in every if cell.hidden)


def _cells(cell: Cell) -> Iterator[Cell]:
    yield cell
    for part in cell.parts:
        yield from _cells(part)


def _pinned(total: Cell, every: list[Cell]) -> Cell | None:
    """A small hidden count whose bounds leave fewer than two values, or None."""
    for cell in reversed(every):
        cell.low, cell.high = cell.domain()
        if cell.parts:
            cell.low = max(cell.low, sum(one.low for one in cell.parts))
            cell.high = min(cell.high, sum(one.high for one in cell.parts))
    for cell in every:
        low, high = sum(one.low for one in cell.parts), sum(one.high for one in cell.parts)
        for one in cell.parts:
            rest_low, rest_high = low - one.low, high - one.high
            one.low, one.high = max(one.low, cell.low - rest_high), min(one.high, cell.high - rest_low)
            low, high = rest_low + one.low, rest_high + one.high
    small = (cell for cell in every if cell.hidden and cell.is_small)
    return next((cell for cell in small if cell.high - cell.low + 1 < _LEAST_CHOICES), None)


def tree_of(
    counts: Mapping[str, int], small: Mapping[str, bool], networks: Mapping[str, str], up_to: int
) -> tuple[Cell, dict[str, Cell]]:
    """The sums of practices by network and in all. `counts` and `small` have practices by their code, networks by
    `network CODE` and the whole as `all`; `networks` has each practice's network, "" outside any.
    """
    cells = {name: Cell(name=name, count=count, is_small=small[name], up_to=up_to) for name, count in counts.items()}
    total = cells["all"]
    for name, cell in cells.items():
        if name in networks:
            network = networks[name]
            (cells[f"network {network}"] if network else total).parts.append(cell)
        elif name != "all":
            total.parts.append(cell)
    return total, cells
