"""The last look at what leaves the practice (diary entries, mail): no NHS number in it."""

from __future__ import annotations

import re

from ..codes import parse_nhs_number
from ..errors import LesError

# Ten digits standing alone, closed up or in the printed groups 3 3 4; not a piece of a SHA-256 or of a longer number.
_LIKE_NHS_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{10}|[0-9]{3}([ -])[0-9]{3}\1[0-9]{4})(?![0-9A-Za-z])")


def refuse_nhs_numbers(*texts: str) -> None:
    """LesError when a text holds ten digits that pass the check of an NHS number; it does not repeat them.

    Names cannot be told from other words: whoever builds the text leaves them out, this catches a slip.
    """
    for text in texts:
        for found in _LIKE_NHS_NUMBER.finditer(text):
            try:
                parse_nhs_number(found[0])
            except ValueError:
                continue
            raise LesError("the text would carry an NHS number outside the practice", "take it out of the free text")
