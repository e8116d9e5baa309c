"""Register details: which values a field takes, reading a value from text, and comparing words."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from unicodedata import normalize

from ..calendar import parse_written_date
from ..model import DetailField, DetailValue

MAX_TEXT = 500
"""The longest text that a detail takes, in characters."""
# Letters with an accent and of other alphabets stay: without them Dr Müller and Dr Möller would be one person.
_NOT_WORD = re.compile(r"[\W_]+")
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?")
_YES_NO = {"yes": True, "no": False}


def folded(text: str) -> str:
    """Text in lower case, with one space between words: `Face-to-Face  Consultation` -> `face to face consultation`."""
    return _folded(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return _NOT_WORD.sub(" ", normalize("NFC", text.casefold())).strip()


def holds_phrase(text: str, phrases: object) -> bool:
    """Whether the text contains a phrase of a list setting, as whole words. Other settings have no phrases."""
    return isinstance(phrases, tuple) and _holds_one(text, phrases)


@lru_cache(maxsize=4096)
def _holds_one(text: str, phrases: tuple[str, ...]) -> bool:
    words = f" {folded(text)} "
    return any(f" {folded(phrase)} " in words for phrase in phrases)


def stored_detail(field: DetailField, text: str) -> str:
    """The text that the store keeps for what a person typed; ValueError says what the field takes."""
    return text_of(typed_detail(field, text))


def text_of(value: DetailValue) -> str:
    """A detail as text: `yes` or `no`, a date as 2026-05-01, a number as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def typed_detail(field: DetailField, text: str) -> DetailValue:
    """A detail's value: date, int, float, bool or text; ValueError (without the text) when the field refuses it."""
    cell = text.strip()
    if field.type == "date":
        return parse_written_date(cell)
    if field.type == "integer" and _INTEGER.fullmatch(cell):
        return int(cell)
    if field.type == "number" and _NUMBER.fullmatch(cell):
        return float(cell)
    if field.type == "yes-no" and cell.lower() in _YES_NO:
        return _YES_NO[cell.lower()]
    if field.type == "choice" and cell in field.choices:
        return cell
    if field.type == "text" and 0 < len(cell) <= MAX_TEXT and cell.isprintable():
        return cell
    takes = {
        "integer": "a whole number",
        "number": "a number with a decimal point",
        "yes-no": "yes or no",
        "choice": f"one of {', '.join(field.choices)}",
        "text": f"1 to {MAX_TEXT} printable characters",
    }
    raise ValueError(f"it takes {takes[field.type]}")


def holds(value: DetailValue | None, wanted: str) -> bool:
    """Whether a register detail is as wanted: `a` is that value, `a|b` either, `!a` any other, empty not recorded."""
    text = "" if value is None else text_of(value)
    if wanted.startswith("!"):
        return text != wanted[1:]
    return text in wanted.split("|")
