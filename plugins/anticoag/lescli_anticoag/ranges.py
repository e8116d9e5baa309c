"""The therapeutic range of a patient, and the whole numbers in this service's settings."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from lescli.api import RegisterEntry, ServiceSpec

from .plausible import TARGET, limits, number_in


def range_of(spec: ServiceSpec, entry: RegisterEntry, day: date) -> tuple[Fraction, Fraction] | None:
    """The range in the register, else `range_half_width` either side of the target; None when neither is recorded.

    An implausible target gives no range.
    """
    low, high, target = (entry.detail(name) for name in ("range_low", "range_high", TARGET))
    if isinstance(low, float) and isinstance(high, float):
        return Fraction(str(low)), Fraction(str(high))
    half = number_in(str(spec.setting("range_half_width", day)))
    if not isinstance(target, float) or half is None or not limits(spec, day).hold(Fraction(str(target))):
        return None
    return Fraction(str(target)) - half, Fraction(str(target)) + half


def number(spec: ServiceSpec, setting: str, day: date) -> int:
    """The whole number in a setting on a day; 0 when it has none."""
    value = spec.setting(setting, day)
    return value if isinstance(value, int) else 0
