"""Where a year leads, by two methods, each with what it would have missed last year by."""

from __future__ import annotations

from collections.abc import Sequence

from .network_sums import YEAR_MONTHS, RollUp

_FEWEST_FOR_A_LINE = 3

Projection = tuple[int | None, float | None]
"""The work of the whole year, and the error of the same method last year in percent; None where it is not known."""


def at_last_years_pace(one: RollUp, years_ago: int = 0) -> Projection:
    """Last year's whole year, scaled by how this year's months compare with the same months of last year."""
    same = one.in_year(years_ago + 1)
    if not one.months or not same:
        return None, None
    whole = _whole_year(one, years_ago + 1)
    ahead = round(whole * one.in_year(years_ago) / same)
    return ahead, None if years_ago else _error(at_last_years_pace(one, 1)[0], whole)


def by_straight_line(one: RollUp, years_ago: int = 0) -> Projection:
    """The months so far, and a least-squares line through them for the others."""
    values = [float(one.in_month(month, years_ago)) for month in one.months]
    if len(values) < _FEWEST_FOR_A_LINE or not any(values):
        return None, None
    ahead = round(sum(_fitted(values, YEAR_MONTHS)))
    return ahead, None if years_ago else _error(by_straight_line(one, 1)[0], _whole_year(one, 1))


def _whole_year(one: RollUp, years_ago: int) -> int:
    first = one.months[0]
    return sum(one.in_month(first.plus(place), years_ago) for place in range(YEAR_MONTHS))


def _error(projected: int | None, whole: int) -> float | None:
    return None if projected is None or not whole else round(100 * (projected - whole) / whole, 1)


def _fitted(values: Sequence[float], length: int) -> list[float]:
    """The values so far, and after them the line through them, never below nought."""
    count = len(values)
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(values)) / spread
    return [*values, *(max(0.0, mean + slope * (place - middle)) for place in range(count, length))]
