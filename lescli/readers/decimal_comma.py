"""Values of a file that writes `4,5` for 4.5, as a spreadsheet does that is set to a continental language.

Nothing is guessed: `1,234` may be either, so another value of the file has to show what its commas mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .delimited import COMMA, Dialect, chunks

NOTE = "its numbers have a decimal comma: `4,5` is read as 4.5"

# A number, and at most the unit behind it.
_WITH_COMMA = re.compile(r"(\s*[<>]?=?\s*[+-]?[0-9]+),([0-9]+)(\s*(?:[^\W\d_]|[%°])?[^\s,;]*\s*)")
_WITH_POINT = re.compile(r"\s*[<>]?=?\s*[+-]?[0-9]+(?:,[0-9]{3})*\.[0-9]+(?![0-9.])")
_GROUPED = 3


def has_decimal_commas(path: Path, dialect: Dialect, places: Sequence[int]) -> bool:
    """Whether a value in these columns can only mean a decimal comma, and none has a decimal point.

    False where a comma parts the cells: there a spreadsheet writes a point.
    """
    if dialect.delimiter == COMMA or not places:
        return False
    shown = False
    for chunk in chunks(path, dialect):
        for cells in chunk.cells:
            for value in (cells[place] for place in places if place < len(cells)):
                if _WITH_POINT.match(value):
                    return False
                shown = shown or _shows(value)
    return shown


def pointed(cells: list[str], places: Sequence[int]) -> list[str]:
    """The cells with a decimal point in those of these places that have a decimal comma."""
    for place in places:
        if place < len(cells) and (found := _WITH_COMMA.fullmatch(cells[place])):
            cells[place] = f"{found[1]}.{found[2]}{found[3]}"
    return cells


def _shows(value: str) -> bool:
    """Thousands are parted into groups of three, and none begins with a nought."""
    found = _WITH_COMMA.fullmatch(value)
    return found is not None and (len(found[2]) != _GROUPED or found[1].strip(" \t<>=+-").startswith("0"))
