"""One cell of a grid as a person reads it: `01 May 2026`, `£240.00`. No character in it can control a terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime

from ..amounts import pounds
from ..calendar import for_people, moment_for_people
from .answer import Column, Kind

IDENTIFIABLE = "identifiable: names patients"
"""The mark on every output that names patients."""

_RIGHT = frozenset({Kind.PENCE, Kind.COUNT, Kind.NUMBER})
# Control characters except tab, line feed and carriage return: text from a file could recolour or rename a terminal, or
# type into it. Line and direction controls, which make a text look like another. And characters that UTF-8 or XML
# cannot hold.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_CONTROL_PICTURES = 0x2400
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def visible(text: str) -> str:
    """The text, with each control character replaced by a visible sign (ESC becomes `␛`)."""
    return _UNSAFE.sub(_sign, text)


def one_line(text: str) -> str:
    """The visible text on one line: line ends and tabs become single spaces."""
    return " ".join(visible(text).split())


def for_person(value: object, kind: Kind) -> str:
    """One cell on one line. None is blank, pence become pounds, and numbers get at most two decimals.

    Dates become `01 May 2026`, moments `01 May 2026, 14:30`.
    """
    if kind is Kind.PENCE and isinstance(value, int) and not isinstance(value, bool):
        return pounds(value)
    if kind is Kind.NUMBER and isinstance(value, float) and math.isfinite(value):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if kind is Kind.MOMENT and isinstance(value, str):
        try:
            return moment_for_people(value)
        except ValueError:
            return one_line(value)
    day = as_date(value, kind)
    return for_people(day) if day else one_line(plain(value))


def plain(value: object) -> str:
    """The value as text for a person or a program: None is empty, dates are ISO, several values are joined by `; `."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | dict):
        return "; ".join(plain(part) for part in value)
    return str(value)


def as_date(value: object, kind: Kind) -> date | None:
    """The day in a cell: a date in any column, or an ISO text in a column of dates."""
    if isinstance(value, date):
        return None if isinstance(value, datetime) else value
    if kind is Kind.DATE and isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def right_aligned(column: Column) -> bool:
    """Whether the column is aligned right: money, counts and numbers are, so that their digits line up."""
    return column.kind in _RIGHT


def _sign(found: re.Match[str]) -> str:
    place = ord(found[0])
    if place < 0x20:
        return chr(_CONTROL_PICTURES + place)
    return "␡" if place == 0x7F else "\N{REPLACEMENT CHARACTER}"
