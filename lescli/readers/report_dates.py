"""The dates a report prints become ISO dates; the century of `01-Feb-50` is told from the day the report ran."""

from __future__ import annotations

import re
from datetime import date

from ..calendar import parse_date
from .cells import TWO_DIGIT_YEAR

_TIME = re.compile(r"[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$")
_RUN = re.compile(r"([0-9]{1,2}[/.-](?:[0-9]{1,2}|[A-Za-z]{3,9})[/.-][0-9]{4})(?:[ T]+([0-9]{1,2}):([0-9]{2}))?")


def run_moment(cells: list[str]) -> str | None:
    """The moment in the `Last Run` line, `2026-11-05T09:14` (London time); the date alone where no time stands."""
    for cell in cells:
        if found := _RUN.search(cell):
            try:
                day = parse_date(found[1]).isoformat()
            except ValueError:
                continue
            return f"{day}T{int(found[2]):02d}:{found[3]}" if found[2] else day
    return None


def iso_date(cell: str, latest: date | None) -> str:
    """An ISO date for `02-Nov-2026`, `02-Nov-26` or `02/11/2026 09:14`; any other text stays, for the check to report.

    A two-digit year is the last one that does not make the date later than `latest` (for a date of birth the day the
    report ran, for others the end of that year). Without `latest` the century is not known, so the text stays.
    """
    text = _TIME.sub("", cell.strip())
    if not text:
        return ""
    found = TWO_DIGIT_YEAR.fullmatch(text)
    if not found:
        return _parsed(text) or cell
    if latest is None:
        return cell
    century = latest.year // 100 * 100
    candidates = (_parsed(f"{text[:-2]}{year + int(found[1]):04d}") for year in (century, century - 100))
    return next((each for each in candidates if each and each <= latest.isoformat()), cell)


def _parsed(text: str) -> str:
    try:
        return parse_date(text).isoformat()
    except ValueError:
        return ""
