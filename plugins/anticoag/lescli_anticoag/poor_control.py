"""Decides whether INR control is sub-optimal, by the thresholds of the specification's own table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from lescli.api import Period, RegisterEntry, ServiceSpec, add_months

from .inr import Inr

ABOVE, BELOW, TTR_BELOW = "above", "below", "ttr below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One row of the table: a number of INRs beyond a value within some months, or time in range below a value."""

    finding: str
    value: Fraction
    printed: str
    tests: int
    months: int

    @property
    def column(self) -> str:
        """The name of the threshold's column in a table: `below_1_5`."""
        return f"{self.finding}_{self.printed}".replace(" ", "_").replace(".", "_")


def thresholds(spec: ServiceSpec) -> tuple[Threshold, ...]:
    """The thresholds of the table `poor_control`, in its order."""
    return tuple(
        Threshold(finding=finding, value=Fraction(value), printed=value, tests=int(tests or 0), months=int(months or 0))
        for finding, value, tests, months in spec.table("poor_control").rows
    )


def of_inrs(spec: ServiceSpec) -> tuple[Threshold, ...]:
    """The thresholds that count INRs."""
    return tuple(one for one in thresholds(spec) if one.finding in (ABOVE, BELOW))


def last_months(end: date, months: int) -> Period:
    """The period from the same day some months earlier (or that month's last day) to a day, both included."""
    return Period(add_months(end, -months), end)


def days_beyond(threshold: Threshold, inrs: Iterable[Inr], end: date, planned: tuple[Period, ...]) -> int:
    """The number of days with an INR beyond a threshold; a second test on the same day does not count again.

    A low INR during a planned interruption does not count.
    """
    span = last_months(end, threshold.months)
    found = {
        one.day
        for one in inrs
        if one.day in span
        and (
            one.above(threshold.value)
            if threshold.finding == ABOVE
            else one.below(threshold.value) and not any(one.day in pause for pause in planned)
        )
    }
    return len(found)


def planned_interruptions(entry: RegisterEntry, days_after: int, end: date) -> tuple[Period, ...]:
    """The register's interruptions, each with the days after the restart; without a restart it goes on to `end`."""
    restarts = _days(entry, "restarted_on")
    found = []
    for start in _days(entry, "interrupted_on"):
        restart = min((day for day in restarts if day >= start), default=None)
        until = restart + timedelta(days=days_after) if restart else max(start, end)
        found.append(Period(start, until))
    return tuple(found)


def _days(entry: RegisterEntry, detail: str) -> list[date]:
    """All values that a date detail ever had, because there can be more than one interruption."""
    return [value for _, name, value in entry.history if name == detail and isinstance(value, date)]


def reasons(spec: ServiceSpec, counts: Iterable[int], percent: Fraction | None) -> tuple[str, ...]:
    """Each threshold that is passed, in words; `counts` has a number for each threshold of `of_inrs`, in order."""
    found = [
        f"{count} INR {one.finding} {one.printed}"
        for one, count in zip(of_inrs(spec), counts, strict=True)
        if count >= one.tests
    ]
    for one in thresholds(spec):
        if one.finding == TTR_BELOW and percent is not None and percent < one.value:
            found.append(f"{one.finding} {one.printed}")
    return tuple(found)
