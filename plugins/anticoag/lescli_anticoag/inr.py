"""Reads INR results as clinical systems write them: a number, with or without a comparison sign and a unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from lescli.api import Activity

_RESULT = re.compile(
    r"(?:INR)?\s*[:=]?\s*(?P<sign>[<>]=?|[≤≥]|)\s*(?P<number>[0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*[A-Za-z(){}\[\]/. ]*",
    re.IGNORECASE,
)
_SIGNS = {"≤": "<=", "≥": ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inr:
    """One result. If only a bound is known, `sign` is `<`, `>`, `<=` or `>=` and `value` is the bound."""

    day: date
    value: Fraction
    sign: str = ""

    def above(self, limit: Fraction) -> bool:
        """Whether the result is certainly above a limit: 8 is not above 8, `>8` is, and `<9` may not be."""
        if self.sign == ">":
            return self.value >= limit
        return self.sign in ("", ">=") and self.value > limit

    def below(self, limit: Fraction) -> bool:
        """Whether the result is certainly below a limit."""
        if self.sign == "<":
            return self.value <= limit
        return self.sign in ("", "<=") and self.value < limit


def read_inr(day: date, text: str) -> Inr | None:
    """Read `2.4`, `2,4`, `2.4 ratio`, `INR 2.4`, `>8` or `<0.9`; None for any other text and for 0."""
    value, sign = _read(text)
    return Inr(day=day, value=value, sign=sign) if value else None


# Cached, because a practice's results are the same few hundred texts again and again.
@cache
def _read(text: str) -> tuple[Fraction, str]:
    """The value and its sign; 0 when there is no value."""
    found = _RESULT.fullmatch(text.strip())
    if not found:
        return Fraction(0), ""
    return Fraction(found["number"].replace(",", ".")), _SIGNS.get(found["sign"], found["sign"])


def read_all(activities: Iterable[Activity]) -> tuple[dict[str, list[Inr]], int]:
    """Results by NHS number, in the order of the entries, and how many entries have none."""
    by_patient: dict[str, list[Inr]] = {}
    unread = 0
    for activity in activities:
        result = read_inr(activity.day, activity.value)
        if result is None:
            unread += 1
        else:
            by_patient.setdefault(activity.nhs_number, []).append(result)
    return by_patient, unread
