"""The text of one cell becomes one typed value, or words that say what is wrong with it.

It also reads dates that have a time, and turns a spreadsheet's values into text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from math import isfinite
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from ..calendar import EARLIEST_YEAR, LATEST_YEAR, Month, month_number, parse_date
from ..codes import PARSERS, mend_nhs_number, parse_code, parse_organisation, unwrapped
from ..model import Code

TIMES_NOTE = "its dates have a time of day, which is left out: the day alone counts"

# `T10:30:00Z`, ` 10:30`, `, 10:30:00.000`, ` 10.30 am`, ` 3 p.m.`. An hour has at most two digits.
_TIME = re.compile(
    r"(?P<day>.*?[0-9])(?:T|[\s,]+)(?P<hour>[0-9]{1,2})"
    r"(?:[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,][0-9]+)?)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|BST|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "bst": 60}
_NO_TIME = "its time is not a time of day; write it as 10:30, or leave it out"

DIGITS = 15
"""How many digits of a number Excel keeps."""

_NHS_NUMBER = re.compile(r"nhsn\w{0,8}")

MAX_TEXT = 1000
"""The most characters in a name, term or value. A longer cell is a document or part of a broken row."""

ELSEWHERE = "elsewhere"
"""`done_at` of an entry from another practice, where the file does not say which practice."""

SEXES = ("female", "male", "other", "unknown")
REGISTRATIONS = ("regular", "temporary", "none")
YES_NO = ("yes", "no")

_PARTIAL = re.compile(
    r"(?:(?P<before>[0-9]{1,2})[/.-]|(?P<name>[A-Za-z]{3,9})[- ])?(?P<year>[0-9]{4})(?:-(?P<number>[0-9]{2}))?"
)
TWO_DIGIT_YEAR = re.compile(r"[0-9]{1,2}[-/ .](?:[A-Za-z]{3,9}|[0-9]{1,2})[-/ .]([0-9]{2})")
NO_CENTURY = "its year has two digits and the file does not tell which century; export dates with four-digit years"
_EXPORT_AGAIN = "export again without opening the file in a spreadsheet"
_ROUNDED_CODE = f"a spreadsheet rounded the code; {_EXPORT_AGAIN}"
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]*)?[eE]\+?[0-9]+")

# Tabs and line ends are allowed: quoted free text has them. Lone surrogates come from JSON and cannot be stored.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

Key = TypeVar("Key")
Value = TypeVar("Value")


class Moment(NamedTuple):
    """The text of a date, and the text after it: "" where there is no time."""

    day: str
    behind: str


def parted(text: str) -> Moment:
    """`04/05/2026 10:30` -> `04/05/2026` and ` 10:30`. A text without a time is all date."""
    found = _found(text)
    return Moment(found["day"], text[found.end("day") :]) if found else Moment(text, "")


def day_of(text: str) -> date:
    """The date in London of a text with or without a time. ValueError says what is wrong, without the text."""
    found = _found(text)
    if found is None:
        return parse_date(text)
    day = parse_date(found["day"])
    hours, minutes, seconds = _clock(found["hour"], found["minute"], found["second"], found["half"])
    if not found["zone"]:
        return day
    # Imported here: few files have time zones, and loading one takes longer than reading most cells.
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
    # Some systems write `0:30 am`, which is accepted. `13:30 pm` is an error.
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


def cell_text(value: object, *, below_headings: bool) -> str:
    """A value from openpyxl, as text on one line.

    A number with more digits than Excel keeps is written as `7.00139004123457E+17`, because its last digits are lost.
    No check accepts that as a code or an id. A date and time at midnight becomes its date. Any other becomes
    `2026-11-05 09:14`, or `05/11/2026 09:14` above the headings, where reports print when they ran.
    """
    if isinstance(value, str):
        # Each row of the sheet must become one line. `_x000D_` is how Excel writes a carriage return.
        text = value.replace("_x000D_", "")
        return text if text.isprintable() else " ".join(text.splitlines())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        if not (value.hour or value.minute):
            return value.date().isoformat()
        return f"{value:%Y-%m-%d %H:%M}" if below_headings else f"{value:%d/%m/%Y %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float) -> str:
    if not isfinite(value):
        return "#NUM!"
    if abs(value) >= 10**DIGITS:
        return f"{Decimal(value):.{DIGITS - 1}E}"
    if value == int(value):
        return str(int(value))
    # The file may store 2.1 as 2.1000000000000001.
    return format(Decimal(f"{value:.{DIGITS}g}"), "f")


def is_heading(row: Sequence[object]) -> bool:
    """Whether a row is the row of headings: every profile's table has a column for the NHS number."""
    return any(
        isinstance(cell, str) and _NHS_NUMBER.fullmatch("".join(filter(str.isalnum, cell)).casefold()) for cell in row
    )


class Memo(dict[Key, Value], Generic[Key, Value]):
    """A dict that fills itself: `memo[key]` calls `answer(key)` the first time only.

    A hit costs one dict lookup. (lru_cache costs the same, but cannot be indexed.) At `most` answers it is emptied, so
    that a file of a million distinct cells does not fill the memory.
    """

    def __init__(self, answer: Callable[[Key], Value], most: int) -> None:
        super().__init__()
        self._answer = answer
        self._most = most

    def __missing__(self, key: Key) -> Value:
        value = self._answer(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value


def nhs_number(cell: str) -> tuple[str, str]:
    """(the ten digits, "") or ("", what is wrong)."""
    if not unwrapped(cell):
        return "", "there is no NHS number"
    try:
        return mend_nhs_number(cell), ""
    except ValueError as error:
        return "", str(error)


def day(cell: str) -> tuple[date | None, str]:
    """(the date without its time, None for a blank cell, ""), or (None, what is wrong)."""
    text = unwrapped(cell)
    if not text:
        return None, ""
    try:
        return day_of(text), ""
    except ValueError as error:
        return None, _partial(text) or _short_year(text) or str(error)


def month_or_year(cell: str) -> tuple[date, date] | None:
    """The first and the last day of `2026-08`, `08/2026`, `Aug-2026` or `2026`; None for any other text."""
    found = _PARTIAL.fullmatch(unwrapped(cell))
    if not found or sum(map(bool, found.group("before", "name", "number"))) > 1:
        return None
    month = int(found["number"] or found["before"] or 0) or month_number(found["name"] or "") or 0
    year = int(found["year"])
    whole_year = not (found["number"] or found["before"] or found["name"])
    if not EARLIEST_YEAR <= year <= LATEST_YEAR or (not whole_year and not 1 <= month <= 12):
        return None
    if whole_year:
        return date(year, 1, 1), date(year, 12, 31)
    return Month(year, month).first, Month(year, month).last


def _partial(text: str) -> str:
    """What is wrong with `2026-05` or `2026`; "" for any other text."""
    span = month_or_year(text)
    if span is None:
        return ""
    given = "month" if (span[0].year, span[0].month) == (span[1].year, span[1].month) else "year"
    return f"only the {given} is given; record the day in the clinical system and import again"


def _short_year(text: str) -> str:
    """What is wrong with `01-Feb-50` where the century is not known; "" for any other text."""
    day, behind = parted(text)
    found = TWO_DIGIT_YEAR.fullmatch(day)
    if not found:
        return ""
    wrong = ""
    for century in ("19", "20"):
        try:
            day_of(f"{day[:-2]}{century}{found[1]}{behind}")
        except ValueError as error:
            wrong = str(error)
        else:
            return NO_CENTURY
    return wrong


def text(cell: str) -> tuple[str, str]:
    """(the text without spaces around it, "") or ("", what is wrong)."""
    stripped = cell.strip()
    if len(stripped) > MAX_TEXT:
        return "", f"it has more than {MAX_TEXT} characters"
    if not stripped.isprintable() and _CONTROL.search(stripped):
        return "", "it holds a control character"
    if stripped in _ERRORS:
        return "", "a spreadsheet shows an error in its place"
    return stripped, ""


def spoilt_id(text: str) -> str:
    """What a spreadsheet did to an id, so that two entries may now have the same one; "" for any other text."""
    if text in _ERRORS:
        return "a spreadsheet shows an error in its place"
    if "+" in text and _ROUNDED.fullmatch(text):
        return f"a spreadsheet rounded it, because it keeps 15 digits; {_EXPORT_AGAIN}"
    return ""


def word(cell: str, allowed: tuple[str, ...]) -> tuple[str, str]:
    """(one of the allowed words, "" for a blank cell, ""), or ("", what is wrong)."""
    given = cell.strip().casefold()
    if given in allowed or not given:
        return given, ""
    return "", f"it must be one of {', '.join(allowed)}"


def organisation(cell: str) -> tuple[str, str]:
    """(an ODS code, `elsewhere`, "" for a blank cell, ""), or ("", what is wrong)."""
    given = cell.strip()
    if not given or given == ELSEWHERE:
        return given, ""
    try:
        return parse_organisation(given), ""
    except ValueError as error:
        return "", str(error)


def codes(cell: str, system: str, others: str) -> tuple[tuple[Code, ...], str]:
    """(all codes of one entry, the main one first, ""), or ((), what is wrong with the main one).

    `others` is a list of `token`s with spaces between them. A malformed other code is dropped: the main code identifies
    the entry, and no specification uses a clinical system's local codes.
    """
    found: list[Code] = []
    cell = unwrapped(cell)
    if cell:
        named = system.strip().casefold() or "snomed"
        if named not in PARSERS:
            return (), f"its code_system is not one of {', '.join(PARSERS)}"
        try:
            found.append(Code(system=named, code=parse_code(named, cell)))
        except ValueError as error:
            return (), _ROUNDED_CODE if _ROUNDED.fullmatch(cell) else str(error)
    for token in others.split():
        other_system, _, other = token.partition(":")
        try:
            code = Code(system=other_system, code=parse_code(other_system, unquote(other)))
        except ValueError:
            continue
        if code not in found:
            found.append(code)
    return tuple(found), ""


def token(system: str, code: str) -> str:
    """A code as `other_codes` writes it: `read2:42QE.00`. It is percent-encoded because local codes may have spaces."""
    return f"{system}:{quote(code, safe='.-_')}"
