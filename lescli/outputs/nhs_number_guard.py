"""The last check of what leaves the practice (diary entries, mail, reports): it must have no NHS number.

Names cannot be told from other words. Whoever builds a text must leave them out.
"""

from __future__ import annotations

import re
from contextlib import suppress

from ..codes import parse_nhs_number
from ..errors import LesError

# Ten digits on their own, together or in the printed groups 3 3 4. Not a piece of a SHA-256 or of a longer number.
_LIKE_NHS_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{10}|[0-9]{3}([ -])[0-9]{3}\1[0-9]{4})(?![0-9A-Za-z])")
# The same in mixed groups, in any script's digits or next to letters. It is better to mask a telephone number than to
# show a mistyped patient. A digest is matched whole first, so that no piece of it is masked.
_LOOKS_LIKE_ONE = re.compile(r"\b[0-9a-f]{32,}\b|(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")

_LONGEST = 12  # digits and the signs between them


def nhs_numbers_in(text: str) -> set[str]:
    """The NHS numbers of a text: ten digits on their own that pass the check."""
    numbers: set[str] = set()
    for found in _LIKE_NHS_NUMBER.finditer(text):
        with suppress(ValueError):
            numbers.add(parse_nhs_number(found[0]))
    return numbers


def refuse_nhs_numbers(*texts: str) -> None:
    """Raise LesError when a text has an NHS number. The error does not repeat it."""
    if any(map(nhs_numbers_in, texts)):
        raise LesError("the text would carry an NHS number outside the practice", "take it out of the free text")


def masked(text: str) -> str:
    """The text with `[number]` for anything that looks like an NHS number, whether or not it passes the check."""
    return _LOOKS_LIKE_ONE.sub(lambda found: found[0] if len(found[0]) > _LONGEST else "[number]", text)
