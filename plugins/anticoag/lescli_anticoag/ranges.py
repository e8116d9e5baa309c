"""The therapeutic range of a patient, and what this service's settings count."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from lescli.api import RegisterEntry, ServiceSpec

from .plausible import TARGET, limits, number_in


def range_of(spec: ServiceSpec, entry: RegisterEntry, day: date) -> tuple[Fraction, Fraction] | None:
    """The range of the register, else so much either side of its target; None where neither is recorded.

    A target that can hardly be true gives none.
    """
    low, high, target = (entry.detail(name) for name in ("range_low", "range_high", TARGET))
    if isinstance(low, float) and isinstance(high, float):
        return Fraction(str(low)), Fraction(str(high))
    half = number_in(str(spec.setting("range_half_width", day)))
    if not isinstance(target, float) or half is None or not limits(spec, day).hold(Fraction(str(target))):
        return None
    return Fraction(str(target)) - half, Fraction(str(target)) + half


def number(spec: ServiceSpec, setting: str, day: date) -> int:
    """A whole number that a setting holds on a day."""
    value = spec.setting(setting, day)
    return value if isinstance(value, int) else 0
