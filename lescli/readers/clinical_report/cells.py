"""The cells of one row of a report become les columns.

Values are translated, dates get their ISO form, and a unit printed after a number moves to its own column.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from ...codes import unwrapped
from .. import cells as cell
from ..cells import token
from ..profile import CODE_KINDS, DATES, Profile, folded
from ..row_check import born_on, is_short
from .layout import Group, Places, iso_date

# `72 mL/min`, `>90 mL/min/1.73 m2`, `120/80 mmHg`, `45%`. Not `3a` or `2nd`: without a space only `%` and units with a
# slash, such as `mL/min`, can be told from a word.
_NUMBER = r"[<>]?=?\s*[+-]?[0-9]+(?:[.,/][0-9]+)?"
_MEASURED = re.compile(rf"({_NUMBER})(?:\s+(\S.*)|(%|[A-Za-zµμ]+/\S.*))")
_ONE_WORD = re.compile(r"[^\W\d_%°µμ]*[A-Za-z%°µμ][^\s,;:()]*")
_LONGEST_UNIT = 30


# A report has few distinct dates and values, but each may be on a hundred thousand rows.
_iso_date = lru_cache(1 << 15)(iso_date)


def read_cells(cells: list[str], places: Places, profile: Profile, run_on: date | None) -> dict[str, str]:
    """Each column's first cell that is not blank, translated and with its dates in ISO form.

    A date of birth keeps its two-digit year where the other dates of the row do not show its century.
    """
    found: dict[str, str] = {}
    year_end = run_on.replace(month=12, day=31) if run_on else None
    for column, candidates in places.items():
        texts = (unwrapped(cells[place]) for _, place in candidates if place < len(cells))
        text = next(filter(None, texts), "")
        if column in DATES:
            # A letter may have a date later than the report, up to the end of the year. No entry or registration is a
            # hundred years old, so that decides its century. A birth may be, so the report's day alone does not decide
            # the century of a birth.
            text = _iso_date(text, None if column == "date_of_birth" else year_end)
        found[column] = profile.translated(column, text)
    if is_short(found.get("date_of_birth", "")):
        found["date_of_birth"] = _birth(found, run_on)
    if not found.get("given_name") and ", " in found.get("family_name", ""):
        found["family_name"], _, found["given_name"] = found["family_name"].partition(", ")
    return found


def _birth(found: dict[str, str], run_on: date | None) -> str:
    """The ISO date of birth where registration, death and the day of the report leave only one; else the text."""
    registered, left, died = (cell.day(found.get(column, ""))[0] for column in ("registered_on", "left_on", "died_on"))
    # A patient who left or died may have done so a hundred years ago, but nobody is born after the report ran.
    born = born_on(found["date_of_birth"], (registered, left, died), ran_on=None if left or died else run_on)
    return born.isoformat() if born and (run_on is None or born <= run_on) else found["date_of_birth"]


def read_entry(cells: list[str], group: Group, profile: Profile, run_on: date | None) -> dict[str, str]:
    """The les columns of one entry; {} when the group has neither date nor code on this row."""
    found = read_cells(cells, group.places, profile, run_on)
    named = found.pop("code_system", "")
    codes = [
        (named or _system(code, profile) if kind == "code" else kind, code)
        for kind in CODE_KINDS
        if (code := found.pop(kind, ""))
    ]
    if not codes and not found.get("date") and not (profile.withdraws and found.get("source_id")):
        return {}
    if codes:
        (found["code_system"], found["code"]), *others = codes
        found["other_codes"] = " ".join(token(*other) for other in others)
    if "done_at" in group.places and profile.blank_done_at:
        # Where the report has this column, a blank cell means that the entry came from another practice's record.
        found["done_at"] = found["done_at"] or profile.blank_done_at
    if profile.units is not None:
        found["value"], found["unit"] = measured(found.get("value", ""), found.get("unit", ""), profile.units)
    return found


@lru_cache(1 << 14)
def measured(value: str, unit: str, several_words: frozenset[str]) -> tuple[str, str]:
    """Split a value from the unit printed after it: `72 mL/min` -> `72`, `mL/min`.

    A text that only begins with a number stays whole (`3 weeks overdue`), and so does one whose unit contradicts the
    unit column. `several_words` are the units of more than one word, folded.
    """
    split = _MEASURED.fullmatch(value)
    if split is None:
        return value, unit
    number, behind = split[1].strip(), (split[2] or split[3]).strip()
    words = behind.split()
    is_unit = (
        len(behind) <= _LONGEST_UNIT
        and _ONE_WORD.fullmatch(words[0]) is not None
        and (len(words) == 1 or "/" in words[0] or folded(behind) in several_words)
    ) or folded(behind) in several_words
    if not is_unit or (unit and folded(unit) != folded(behind)):
        return value, unit
    return number, unit or behind


def _system(code: str, profile: Profile) -> str:
    """The system of a code in a column headed `Code`: only SNOMED CT ids are all digits and have six or more."""
    return "snomed" if len(code) >= 6 and code.isascii() and code.isdigit() else profile.other_codes_are
