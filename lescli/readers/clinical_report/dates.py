"""When a report ran, and the century of the dates it prints with two digits, told from that."""

from __future__ import annotations

import re
from datetime import date

from ...calendar import parse_date
from ..cells import TWO_DIGIT_YEAR
from ..moments import parted

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
    """An ISO date for `02-Nov-2026` or `02-Nov-26`, with the time that stood behind it; `02/11/2026` for `02/11/26`.

    A year of two digits is the last one that makes the day no later than `latest`; without `latest` the century is not
    known. Any other text stays, for the check to report.
    """
    day, behind = parted(cell.strip())
    found = TWO_DIGIT_YEAR.fullmatch(day)
    if found is None:
        return cell if _is_in_figures(day) else (_parsed(day) or day) + behind
    if latest is None:
        return cell
    century = latest.year // 100 * 100
    for year in (century, century - 100):
        text = f"{day[:-2]}{year + int(found[1]):04d}"
        if (parsed := _parsed(text)) and parsed <= latest.isoformat():
            return (text if _is_in_figures(day) else parsed) + behind
    return cell


def _is_in_figures(day: str) -> bool:
    """Whether it may be month first, which is for the check to see."""
    return "/" in day or "." in day


def _parsed(text: str) -> str:
    try:
        return parse_date(text).isoformat()
    except ValueError:
        return ""
