"""Words an error for the kind of file it is in: a workbook has rows and cells, and a record has no columns.

The checks write their errors for a CSV. The cure must fit the file, so each other kind replaces some words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import UnreadableFileError

TEXT, WORKBOOK, PAGE, RECORD = FORMS = ("text", "workbook", "web page", "record")
"""What kind of file was read: delimited text, a workbook, a table in a web page, a GP Connect record."""

_AT_SOURCE = "put it right in the clinical system and ask for the record again"
_BEYOND = "row: it has a cell beyond the last heading"
_TOO_MANY = re.compile(r"row: it has more cells than the header \(an unquoted [a-z ]+\?\)")
_WRITE_DATES = re.compile(r"write dates as 2026-05-31, 31/05/2026 or 31-May-2026|write it as 2026-05-31")
_ROUNDED = "export again without opening the file in a spreadsheet"
_FOUR_DIGITS = "export dates with four-digit years"
_LINE = re.compile(r", line ([0-9]+)")
_LONG_CELL = re.compile(r": unclosed quote: opened at line ([0-9]+)")
_LONG_LINE = "has a line of more than"
_LEAVE_OUT = "leave the column with such long texts out"
_EXPORT_DATES = "export dates as 31-May-2026 or 2026-05-31"

_REASONS: dict[str, tuple[tuple[re.Pattern[str] | str, str], ...]] = {
    WORKBOOK: (
        (_TOO_MANY, _BEYOND),
        (_ROUNDED, "make the column Text before the numbers are put in"),
        (_FOUR_DIGITS, "write the years with four digits"),
    ),
    PAGE: ((_TOO_MANY, _BEYOND), (_ROUNDED, "export the report as CSV")),
    RECORD: (
        (_WRITE_DATES, _AT_SOURCE),
        ("dates are read day first, and there is no such month", "there is no such month"),
        (_FOUR_DIGITS, _AT_SOURCE),
        ("write it as 10:30, or leave it out", _AT_SOURCE),
        ("a spreadsheet rounded the code", "the code was rounded"),
        ("a spreadsheet rounded it, because it keeps 15 digits", "it was rounded"),
        (_ROUNDED, _AT_SOURCE),
        (": was it damaged by a spreadsheet?", f"; {_AT_SOURCE}"),
        ("a spreadsheet shows an error in its place", f"an error stands in its place; {_AT_SOURCE}"),
        (
            "add a row with their date_of_birth, here or in another file",
            "the record has no date of birth, so import a file that has it",
        ),
    ),
}
_REFUSALS: dict[str, tuple[tuple[re.Pattern[str] | str, str], ...]] = {
    WORKBOOK: (
        (_LINE, r", row \1"),
        (_LONG_CELL, r", row \1: it has a cell of more than 131,072 characters"),
        (_LONG_LINE, "has a row of more than"),
        (_EXPORT_DATES, "give the column the format Date, or write 2026-05-31"),
    ),
}
_REFUSALS[PAGE] = _REFUSALS[WORKBOOK][:3]


def reasons_in(form: str, reasons: Iterable[str]) -> tuple[str, ...]:
    """The reasons why a row is quarantined, in words for this kind of file."""
    return tuple(_reworded(reason, _REASONS.get(form, ())) for reason in reasons)


def refusal_in(form: str, fault: UnreadableFileError) -> UnreadableFileError:
    """The refusal of a file, in words for this kind of file."""
    words = _REFUSALS.get(form, ())
    what = _reworded(fault.what, words)
    too_long = words and ("has a row of more" in what or "has a cell of more" in what)
    return UnreadableFileError(what, _LEAVE_OUT if too_long else _reworded(fault.fix, words))


def _reworded(text: str, words: tuple[tuple[re.Pattern[str] | str, str], ...]) -> str:
    for old, new in words:
        text = text.replace(old, new) if isinstance(old, str) else old.sub(new, text)
    return text
