"""Adds up the work of practices by network, place and area, and by month. Work counts once, where it was done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..calendar import Month
from .members import Member, Members
from .practices import PracticeReply

YEAR_MONTHS = 12
NETWORK, PLACE, AREA, ALL = "network", "place", "area", "all"
LEVELS = (NETWORK, PLACE, AREA)
"""What the lines of MEMBERS add up to, each by itself: a network may have practices of two places."""
NOBODY = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """So many activities of one day, done by `by` for patients of the practice `home` ("" when nobody recorded it)."""

    day: date
    by: str
    home: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """The work of one network, place or area, of those in none (`none`), or of all (`all`), by month.

    `every` has each month known, `months` those of this year that are over. `size` is the mean over them of the
    patients that the rate is of; None where a practice's number is not given. `for_others` was done here for patients
    of other practices, `by_others` elsewhere for patients of a practice of here.
    """

    level: str
    code: str
    name: str
    practices: int
    months: tuple[Month, ...]
    every: Counter[Month]
    size: int | None = None
    for_others: int = 0
    by_others: int = 0

    def in_month(self, month: Month, years_ago: int = 0) -> int:
        """The work of a month, or of the same month so many years before."""
        return self.every[month.plus(-YEAR_MONTHS * years_ago)]

    def in_year(self, years_ago: int = 0) -> int:
        """The work of this year's months so far, or of the same months of a year before."""
        return sum(self.in_month(month, years_ago) for month in self.months)


@dataclass(slots=True)
class _Tally:
    every: Counter[Month] = field(default_factory=Counter)
    by: set[str] = field(default_factory=set)
    for_others: int = 0
    by_others: int = 0


def done_of(practices: Sequence[PracticeReply]) -> Iterator[Done]:
    """The work that the practices' stores told of."""
    for practice in practices:
        if practice.is_counted and practice.reply is not None:
            for day, home, count in practice.reply.data["done"]:
                yield Done(day=date.fromisoformat(day), by=practice.ods_code, home=home, count=count)


def group_of(line: Member | None, level: str) -> tuple[str, str]:
    """The code and name of a practice's network, place or area; ("", "") when it has none."""
    if line is None:
        return "", ""
    if level == NETWORK:
        return line.network_code, line.network_name
    name = line.place if level == PLACE else line.area
    return name, name


def levels_of(members: Members) -> tuple[str, ...]:
    """Networks, and places and areas where MEMBERS names any."""
    return tuple(one for one in LEVELS if any(group_of(line, one)[0] for line in members.lines))


def roll_ups(
    done: Iterable[Done], members: Members, months: Sequence[Month], answered: Collection[str], rate_of: str
) -> tuple[RollUp, ...]:
    """Each network, place and area in order of its code, those in none where they did work, and all in the end.

    `answered` are the practices whose work is known: the others are left out of the sizes.
    """
    work = [(one, members.on(one.by, one.day), members.on(one.home, one.day)) for one in done]
    found: list[RollUp] = []
    for level in levels_of(members):
        tallies = _tallies(work, level, months)
        names = dict(sorted({group_of(line, level) for line in members.lines} - {("", "")}))
        here = [
            _roll_up(level, code, name, tallies[code], members, tuple(months), answered, rate_of)
            for code, name in names.items()
        ]
        outside = tallies[""]
        if any(outside.every[m] or outside.every[m.plus(-YEAR_MONTHS)] for m in months):
            found_outside = RollUp(
                level=level,
                code=NOBODY,
                name=f"In no {level} on that day",
                practices=len(outside.by),
                months=tuple(months),
                every=outside.every,
                for_others=outside.for_others,
            )
            here.append(found_outside)
        found += here
    return (*found, _together([one for one in found if one.level == NETWORK], tuple(months)))


def _tallies(
    work: Iterable[tuple[Done, Member | None, Member | None]], level: str, months: Collection[Month]
) -> defaultdict[str, _Tally]:
    tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
    now = frozenset(months)
    for one, line, home_line in work:
        code, month = group_of(line, level)[0], Month.of(one.day)
        tally = tallies[code]
        tally.every[month] += one.count
        tally.by.add(one.by)
        if month not in now or not one.home:
            continue
        if one.home != one.by:
            tally.for_others += one.count
        home = group_of(home_line, level)[0]
        if home and home != code:
            tallies[home].by_others += one.count
    return tallies


def _roll_up(
    level: str,
    code: str,
    name: str,
    tally: _Tally,
    members: Members,
    months: tuple[Month, ...],
    answered: Collection[str],
    rate_of: str,
) -> RollUp:
    lines = [line for line in members.lines if group_of(line, level)[0] == code]
    last_day = months[-1].last if months else date.min
    return RollUp(
        level=level,
        code=code,
        name=name,
        practices=len({line.ods_code for line in lines if line.covers(last_day)}),
        months=months,
        every=tally.every,
        size=_size(lines, months, answered, rate_of),
        for_others=tally.for_others,
        by_others=tally.by_others,
    )


def size_of(line: Member, rate_of: str) -> int | None:
    """The number of a practice's patients that a rate is of; None when MEMBERS does not give it."""
    return line.women_15_44 if rate_of == "women_15_44" else line.list_size


def _size(lines: Sequence[Member], months: Sequence[Month], answered: Collection[str], rate_of: str) -> int | None:
    """The mean over the months of the patients. It leaves out practices whose work is not known."""
    then = [line for m in months for line in lines if line.ods_code in answered and line.covers(m.last)]
    sizes = [size_of(line, rate_of) for line in then]
    return round(sum(size for size in sizes if size) / len(months)) if sizes and None not in sizes else None


def _together(networks: Sequence[RollUp], months: tuple[Month, ...]) -> RollUp:
    every = Counter[Month]()
    for one in networks:
        every.update(one.every)
    sizes = [one.size for one in networks if one.code != NOBODY]
    return RollUp(
        level=ALL,
        code=ALL,
        name="All networks",
        practices=sum(one.practices for one in networks),
        months=months,
        every=every,
        size=sum(size for size in sizes if size) if sizes and None not in sizes else None,
        for_others=sum(one.for_others for one in networks),
        by_others=sum(one.by_others for one in networks),
    )
