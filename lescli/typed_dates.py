"""Months and days as a person types them, so that the readers of dates understand them: `May 2026`, `3/6/26`."""

from __future__ import annotations

import re
from datetime import date

from .calendar import Month, month_number

_TYPED_MONTH = re.compile(r"(?:([0-9]{1,2})[/.-]|([a-z]{3,9})[ -]?)([0-9]{2}|[0-9]{4})")
_SHORT_YEAR = re.compile(r"([0-9]{1,2}[/.-][0-9]{1,2}[/.-])([0-9]{2})")
_THIS_CENTURY = 2000


def typed_month(text: str, as_of: date) -> str:
    """A month as a person types it, as `2026-05`: `05/2026`, `May 2026`, `may 26`, `this-month`, `last-month`.

    Any other text comes back as it is, so that the reader of months says what is wrong with it.
    """
    typed = " ".join(text.casefold().split())
    if typed in ("this-month", "this month"):
        return str(Month.of(as_of))
    if typed in ("last-month", "last month"):
        return str(Month.of(as_of).plus(-1))
    found = _TYPED_MONTH.fullmatch(typed)
    number = (int(found[1]) if found[1] else month_number(found[2])) if found else None
    if not found or number is None:
        return text
    # 26/05 could be a day of May, so a month in figures needs its whole year.
    if found[1] and len(found[3]) == 2:
        return text
    year = int(found[3]) + (_THIS_CENTURY if len(found[3]) == 2 else 0)
    return f"{year:04d}-{number:02d}"


def typed_day(text: str) -> str:
    """A day as a person types it, with its whole year: `3/6/26` is 3 June 2026. Any other text comes back as it is."""
    found = _SHORT_YEAR.fullmatch(text.strip())
    return f"{found[1]}{_THIS_CENTURY + int(found[2])}" if found else text
