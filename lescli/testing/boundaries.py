"""Where a specification changes its mind: the days on both sides of every boundary, and the claims that look at them.

Everything is worked out here from the specification's own dates, not by the rules under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ..calendar import Month, Period, add_months, contract_year, is_working_day
from ..model import ClaimItem, Dated, Price, ServiceSpec

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """One claim: for a month, asked on a day."""

    month: Month
    as_of: date

    def __str__(self) -> str:
        return f"claim {self.month} as of {self.as_of}"


def questions_of(spec: ServiceSpec) -> tuple[Question, ...]:
    """The claims around each start, middle and end of the specification and of each price."""
    found: set[Question] = set()
    for period in spec.periods:
        first, middle = Month.of(period.start), middle_month(spec)
        months = [first.plus(-1), first, middle, middle.plus(1)]
        if period.end:
            months += [Month.of(period.end), Month.of(period.end).plus(1)]
        found.update(Question(month, month.last) for month in months)
        found.add(Question(middle, middle.first + timedelta(days=14)))
        found.add(Question(middle, middle.plus(1).first + timedelta(days=8)))
        if spec.window_months:
            # Asked when the window of the month's own first half has closed.
            found.add(Question(middle, add_months(middle.first + timedelta(days=14), spec.window_months)))
    for item in spec.items:
        found.update(Question(Month.of(price.start), Month.of(price.start).last) for price in item.prices)
    return tuple(sorted(question for question in found if question.month.year > 1900))


def middle_month(spec: ServiceSpec) -> Month:
    """A month well inside the first period, away from the end of a contract year."""
    return Month.of(spec.periods[0].start).plus(6)


def inside_day(spec: ServiceSpec) -> date:
    """A working day in the middle of that month, whose neighbours are working days too."""
    day = middle_month(spec).first + timedelta(days=10)
    while not all(is_working_day(day + _DAY * step) for step in (-1, 0, 1)):
        day += _DAY
    return day


def days_of(spec: ServiceSpec) -> tuple[date, ...]:
    """The day before, on and after every boundary that some claim has, and days between."""
    edges = {inside_day(spec)}
    for period in spec.periods:
        edges.update(day for day in (period.start, period.end) if day)
    for item in spec.items:
        edges.update(price.start for price in item.prices)
    for question in questions_of(spec):
        span = span_of(spec, question.month)
        edges |= {span.start, question.month.first, question.month.last, question.as_of}
        if spec.window_months:
            edges.add(add_months(question.as_of, -spec.window_months))
    edges = {day for day in edges if day.year > 1900}
    return tuple(sorted({day + _DAY * step for day in edges for step in (-1, 0, 1)}))


def span_of(spec: ServiceSpec, month: Month) -> Period:
    """What the claim for a month looks at: the window before it, or without one its contract year so far and all since
    terms were first in force.
    """
    if spec.window_months:
        return Period(month.plus(-spec.window_months).first, month.last)
    begun = min(contract_year(month.first).start, *(period.start for period in spec.periods))
    return Period(Month.of(begun).first, month.last)


def in_time(spec: ServiceSpec, day: date, as_of: date) -> bool:
    """An activity of a day may still be claimed on another day."""
    return not spec.window_months or as_of <= add_months(day, spec.window_months)


def specified(spec: ServiceSpec, day: date) -> bool:
    """A period of the specification covers a day."""
    return any(period.start <= day and (period.end is None or day <= period.end) for period in spec.periods)


def pence_on(item: ClaimItem, day: date) -> int | None:
    """The price of an item on a day: the newest that has begun, a local one before a printed one."""
    begun: list[Dated[Price]] = [price for price in item.prices if price.start <= day]
    begun.sort(key=lambda price: (price.start, price.local))
    return begun[-1].value.pence if begun else None


def per_activity(spec: ServiceSpec) -> Iterator[ClaimItem]:
    """The items that are counted by activity."""
    return (item for item in spec.items if item.kind == "per-activity")
