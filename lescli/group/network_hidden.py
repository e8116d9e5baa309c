"""Which numbers of a page of networks must be hidden, so that no small one can be worked out from all that it shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..calendar import Month
from .members import Members
from .network_sums import ALL, NETWORK, NOBODY, YEAR_MONTHS, Done, RollUp, group_of, levels_of
from .suppress import Counts

MONTHS, TOTALS, OTHERS = "months", "totals", "others"
_THIS, _LAST, _FOR, _BY = "this", "last", "for_others", "by_others"
Key = tuple[str, str]
"""The level and the code of a roll-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """The roll-ups whose months, whose totals, and whose work for and by others are hidden."""

    months: frozenset[Key] = frozenset()
    totals: frozenset[Key] = frozenset()
    others: frozenset[Key] = frozenset()


def hidden_numbers(
    found: Sequence[RollUp], done: Iterable[Done], members: Members, months: Sequence[Month], up_to: int
) -> Hidden:
    """What to hide: all small numbers, and what would give one away in a sum over months, networks, places or areas.

    Months of one roll-up are hidden together, because a chart draws all of them.
    """
    counts = Counts(up_to)
    for one in found:
        for column, count in _columns(one).items():
            counts.add(_name(one, column), count, unit=_unit(one, column), rank=_rank(one, column))
        for year in (_THIS, _LAST):
            counts.add_sum(_name(one, year), [_name(one, f"{year} {month}") for month in months])
    _add_sums(counts, found)
    if len(levels_of(members)) > 1:
        _add_crossings(counts, found, _crossings(done, members, frozenset(months)), months)
    units = counts.hidden_units()
    hidden = {part: frozenset(_key(one) for one in found if f"{part} {_of(one)}" in units) for part in _PARTS}
    return Hidden(months=hidden[MONTHS] | hidden[TOTALS], totals=hidden[TOTALS], others=hidden[OTHERS] | hidden[TOTALS])


_PARTS = (MONTHS, TOTALS, OTHERS)


def _key(one: RollUp) -> Key:
    return one.level, one.code


def _of(one: RollUp) -> str:
    return f"{one.level} {one.code}"


def _name(one: RollUp, column: str) -> str:
    return f"{column} of {_of(one)}"


def _unit(one: RollUp, column: str) -> str:
    part = OTHERS if column in (_FOR, _BY) else TOTALS if column in (_THIS, _LAST) else MONTHS
    return f"{part} {_of(one)}"


def _rank(one: RollUp, column: str) -> int:
    """The sums that people look for first are hidden last."""
    return {NETWORK: 0, ALL: 4}.get(one.level, 2) + (column in (_THIS, _LAST))


def _columns(one: RollUp) -> dict[str, int]:
    """Every count of a roll-up that is shown."""
    return {
        **{f"{_THIS} {month}": one.in_month(month) for month in one.months},
        **{f"{_LAST} {month}": one.in_month(month, 1) for month in one.months},
        _THIS: one.in_year(),
        _LAST: one.in_year(1),
        _FOR: one.for_others,
        _BY: one.by_others,
    }


def _add_sums(counts: Counts, found: Sequence[RollUp]) -> None:
    """All is the sum of the networks, and of the places, and of the areas."""
    whole = found[-1]
    levels: defaultdict[str, list[RollUp]] = defaultdict(list)
    for one in found[:-1]:
        levels[one.level].append(one)
    for level, those in levels.items():
        for column in _columns(whole):
            # Work between two networks of one place is not done for others by the place.
            if column != _BY or level == NETWORK:
                counts.add_sum(_name(whole, column), [_name(one, column) for one in those])


def _crossings(
    done: Iterable[Done], members: Members, months: frozenset[Month]
) -> Mapping[tuple[str, ...], Counter[str]]:
    """What was done where a network, a place and an area meet. Nobody is shown it, but it is what all sums are of."""
    found: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for one in done:
        line = members.on(one.by, one.day)
        place = tuple(f"{level} {group_of(line, level)[0]}" for level in levels_of(members))
        month = Month.of(one.day)
        for year, then in ((_THIS, month), (_LAST, month.plus(YEAR_MONTHS))):
            if then in months:
                found[place][f"{year} {then}"] += one.count
                found[place][year] += one.count
    return found


def _add_crossings(
    counts: Counts,
    found: Sequence[RollUp],
    crossings: Mapping[tuple[str, ...], Counter[str]],
    months: Sequence[Month],
) -> None:
    columns = [f"{year} {month}" for year in (_THIS, _LAST) for month in months]
    for number, held in enumerate(crossings.values()):
        for column in (*columns, _THIS, _LAST):
            counts.add(f"{column} of crossing {number}", held[column], unit="")
        for year in (_THIS, _LAST):
            counts.add_sum(f"{year} of crossing {number}", [f"{year} {month} of crossing {number}" for month in months])
    for one in found[:-1]:
        name = f"{one.level} {'' if one.code == NOBODY else one.code}"
        inside = [number for number, place in enumerate(crossings) if name in place]
        for column in (*columns, _THIS, _LAST):
            counts.add_sum(_name(one, column), [f"{column} of crossing {number}" for number in inside])
