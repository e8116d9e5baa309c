"""Time in therapeutic range: Rosendaal's linear interpolation, pure and exact.

Method: the INR is assumed to change along a straight line between two tests. The time that the line is within the
range is divided by the time that it covers (Rosendaal FR, Cannegieter SC, van der Meer FJM, Briët E. A method to
determine the optimal intensity of oral anticoagulant therapy. Thromb Haemost 1993;69:236-9). Time is continuous: a line
leaves the range where it crosses the bound, not at the next whole day, so the result differs from counts of whole days.
INR has no unit and time is in days. Numbers are fractions, so that a share on a threshold is exactly on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from lescli.api import Period

Test = tuple[date, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInRange:
    """The days that count, and how many of them were in range."""

    days: int
    in_range: Fraction

    @property
    def percent(self) -> Fraction | None:
        """The share in percent; None when no days count."""
        return 100 * self.in_range / self.days if self.days else None


def time_in_range(
    tests: Iterable[Test], low: Fraction, high: Fraction, span: Period, *, longest_gap_days: int
) -> TimeInRange:
    """The time in range from `low` to `high`, both included, within a span of days. Tests may be in any order.

    A line between two tests is cut at the ends of the span. The time between two tests more than `longest_gap_days`
    apart is left out. If there are several tests on one day, their mean counts.
    """
    days, in_range = 0, Fraction(0)
    for (start, begun), (end, reached) in pairwise(_one_a_day(tests)):
        length = (end - start).days
        first, last = max(start, span.start), min(end, span.end)
        if length > longest_gap_days or first >= last:
            continue
        slope = (reached - begun) / length
        at_first, at_last = (begun + slope * (day - start).days for day in (first, last))
        days += (last - first).days
        in_range += (last - first).days * _share(at_first, at_last, low, high)
    return TimeInRange(days=days, in_range=in_range)


def _one_a_day(tests: Iterable[Test]) -> list[Test]:
    by_day: dict[date, list[Fraction]] = {}
    for day, value in tests:
        by_day.setdefault(day, []).append(value)
    return [(day, sum(values, Fraction(0)) / len(values)) for day, values in sorted(by_day.items())]


def _share(begun: Fraction, reached: Fraction, low: Fraction, high: Fraction) -> Fraction:
    """The share of a straight line that is within the bounds."""
    bottom, top = min(begun, reached), max(begun, reached)
    if bottom == top:
        return Fraction(low <= bottom <= high)
    return max(Fraction(0), min(top, high) - max(bottom, low)) / (top - bottom)
