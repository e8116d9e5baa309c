"""A cell with a day in it becomes that day: its time is kept out, and a time zone counts as the clock in London."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from ..calendar import parse_date

NOTE = "its dates have a time of day, which is left out: the day alone counts"

# `T10:30:00Z`, ` 10:30`, `, 10:30:00.000`, ` 10.30 am`, ` 3 p.m.`; more than two figures are no hour.
_TIME = re.compile(
    r"(?P<day>.*?[0-9])(?:T|[\s,]+)(?P<hour>[0-9]{1,2})"
    r"(?:[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,][0-9]+)?)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|BST|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "bst": 60}
_NO_TIME = "its time is no time of day; write it as 10:30, or leave it out"


class Moment(NamedTuple):
    """The text of a day, and what stands behind it: "" where there is no time."""

    day: str
    behind: str


def parted(text: str) -> Moment:
    """`04/05/2026 10:30` -> `04/05/2026` and ` 10:30`; a text without a time is all day."""
    found = _found(text)
    return Moment(found["day"], text[found.end("day") :]) if found else Moment(text, "")


def day_of(text: str) -> date:
    """The day in London of a date, with or without a time; ValueError says what is wrong and does not repeat it."""
    found = _found(text)
    if found is None:
        return parse_date(text)
    day = parse_date(found["day"])
    hours, minutes, seconds = _clock(found["hour"], found["minute"], found["second"], found["half"])
    if not found["zone"]:
        return day
    # Imported here: few files have zones, and reading the time zone's file takes longer than most cells.
    from zoneinfo import ZoneInfo

    try:
        moment = datetime(day.year, day.month, day.day, hours, minutes, seconds, tzinfo=_zone(found["zone"]))
        return moment.astimezone(ZoneInfo("Europe/London")).date()
    except (ValueError, OverflowError):
        raise ValueError(_NO_TIME) from None


def _found(text: str) -> re.Match[str] | None:
    if ":" not in text and "." not in text and text[-1:] not in "mM":
        return None
    found = _TIME.fullmatch(text)
    return found if found and (found["minute"] or found["half"]) else None


def _clock(hour: str, minute: str | None, second: str | None, half: str | None) -> tuple[int, int, int]:
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    # `0:30 am` is written too; `13:30 pm` is a slip.
    twelve = half is not None and hours <= 12 and not (hours == 0 and half in "pP")
    if half is not None:
        hours = hours % 12 + (12 if half in "pP" else 0)
    if not (twelve or half is None) or hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(_NO_TIME)
    return hours, minutes, seconds


def _zone(written: str) -> timezone:
    minutes = _ZONES.get(written.casefold())
    if minutes is None:
        minutes = int(written[1:3]) * 60 + int(written[-2:])
        minutes = -minutes if written[0] == "-" else minutes
    return timezone(timedelta(minutes=minutes))
