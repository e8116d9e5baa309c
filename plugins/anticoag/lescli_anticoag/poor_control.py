"""What the specification calls sub-optimal INR control, judged by the thresholds of its own table."""

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
    """One row of the table: so many INRs beyond a value in so many months, or time in range below it."""

    finding: str
    value: Fraction
    printed: str
    tests: int
    months: int

    @property
    def column(self) -> str:
        """The name of its column in a table: `below_1_5`."""
        return f"{self.finding}_{self.printed}".replace(" ", "_").replace(".", "_")


def thresholds(spec: ServiceSpec) -> tuple[Threshold, ...]:
    """The rows of the table `poor_control`, in its order."""
    return tuple(
        Threshold(finding=finding, value=Fraction(value), printed=value, tests=int(tests or 0), months=int(months or 0))
        for finding, value, tests, months in spec.table("poor_control").rows
    )


def of_inrs(spec: ServiceSpec) -> tuple[Threshold, ...]:
    """Those that count INRs."""
    return tuple(one for one in thresholds(spec) if one.finding in (ABOVE, BELOW))


def last_months(end: date, months: int) -> Period:
    """From the same day number so many months earlier, clipped to that month's end, to a day, both inside."""
    return Period(add_months(end, -months), end)


def days_beyond(threshold: Threshold, inrs: Iterable[Inr], end: date, planned: tuple[Period, ...]) -> int:
    """Days with an INR beyond a threshold: a repeat on the same day is not a second finding.

    A low one within a planned interruption does not count.
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
    """The register's interruptions, each with the days after the restart; one not restarted runs on to `end`."""
    restarts = _days(entry, "restarted_on")
    found = []
    for start in _days(entry, "interrupted_on"):
        restart = min((day for day in restarts if day >= start), default=None)
        until = restart + timedelta(days=days_after) if restart else max(start, end)
        found.append(Period(start, until))
    return tuple(found)


def _days(entry: RegisterEntry, detail: str) -> list[date]:
    """Every day a detail ever held: there can be more than one interruption."""
    return [value for _, name, value in entry.history if name == detail and isinstance(value, date)]


def reasons(spec: ServiceSpec, counts: Iterable[int], percent: Fraction | None) -> tuple[str, ...]:
    """Each threshold that is passed, in words; `counts` are those of `of_inrs`, in that order."""
    found = [
        f"{count} INR {one.finding} {one.printed}"
        for one, count in zip(of_inrs(spec), counts, strict=True)
        if count >= one.tests
    ]
    for one in thresholds(spec):
        if one.finding == TTR_BELOW and percent is not None and percent < one.value:
            found.append(f"{one.finding} {one.printed}")
    return tuple(found)
