"""Whether a recorded value is above or below a number, a setting or a register detail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..model import Activity, DetailValue, RegisterEntry, ServiceSpec
from .details import folded

_VALUE = re.compile(r"([<>]=?)?\s*([+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?)")
ABOVE, BELOW = "above", "below"
LIMIT_KEYS = tuple(f"{side}{given}" for side in (ABOVE, BELOW) for given in ("", "_setting", "_detail"))
"""The keys of service.toml that give a limit: a number, the setting with it, or the register detail with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A recorded number. `sign` is `<`, `>` or empty: a laboratory reports some results only as beyond a number."""

    number: float
    sign: str = ""

    def is_above(self, limit: float) -> bool | None:
        """Whether the value is above a number; None when the sign leaves it open."""
        if self.sign == "<":
            return False if self.number <= limit else None
        if self.sign == ">":
            return True if self.number >= limit else None
        return self.number > limit

    def is_below(self, limit: float) -> bool | None:
        """Whether the value is below a number; None when the sign leaves it open."""
        if self.sign == ">":
            return False if self.number >= limit else None
        if self.sign == "<":
            return True if self.number <= limit else None
        return self.number < limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The numbers that a value is compared with. `unknown` names what would give one and is not recorded."""

    above: float | None = None
    below: float | None = None
    unknown: str = ""

    def holds(self, value: Value) -> bool | None:
        """Whether the value is above the one and below the other; None when that is not known."""
        if self.unknown:
            return None
        found = []
        if self.above is not None:
            found.append(value.is_above(self.above))
        if self.below is not None:
            found.append(value.is_below(self.below))
        return False if False in found else None if None in found else True

    @property
    def words(self) -> str:
        """The limits for people: `above 4`, `above 4 and below 10`."""
        given = ((ABOVE, self.above), (BELOW, self.below))
        return " and ".join(f"{side} {number:g}" for side, number in given if number is not None)


def value_of(entry: Activity, unit: str = "") -> Value | None:
    """The number of an entry; None when it has none, or when its unit is not the one asked for.

    An entry without a unit counts: many exports leave it out. Units are compared without case and punctuation.
    """
    found = _VALUE.fullmatch(entry.value.strip())
    if not found or (unit and entry.unit.strip() and folded(entry.unit) != folded(unit)):
        return None
    return Value(number=float(found[2]), sign=(found[1] or "")[:1])


def limits_on(options: Mapping[str, object], spec: ServiceSpec, entry: RegisterEntry | None, day: date) -> Limits:
    """The limits on a day: numbers of service.toml, values of settings or values of the patient's register details."""
    sides: dict[str, float] = {}
    for side in (ABOVE, BELOW):
        for key in (side, f"{side}_setting", f"{side}_detail"):
            if not options.get(key):
                continue
            name = str(options[key])
            number = _number(name if key == side else _given(key, name, spec, entry, day))
            if number is None:
                return Limits(unknown=name)
            sides[side] = number
    return Limits(above=sides.get(ABOVE), below=sides.get(BELOW))


def _given(key: str, name: str, spec: ServiceSpec, entry: RegisterEntry | None, day: date) -> DetailValue | object:
    if key.endswith("_setting"):
        return spec.setting(name, day)
    return entry.detail_on(name, day) if entry else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        return None
