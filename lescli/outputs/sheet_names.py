"""Names that Excel accepts for the sheets of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .answer import Grid
from .cells import one_line

_ILLEGAL = re.compile(r"[\[\]:*?/\\]")
_LONGEST = 31


def sheet_names(grids: Iterable[Grid], mark: str = "") -> tuple[str, ...]:
    """One legal name a grid, from its title: at most 31 characters, none twice (Excel ignores case).

    Each ends in `mark`, where there is one: it stays in sight when the name is cut.
    """
    names: list[str] = []
    for grid in grids:
        title = _legal(one_line(grid.title))
        name, number = _cut(title, _LONGEST - len(mark)).rstrip() + mark, 1
        taken = {other.casefold() for other in names}
        while name.casefold() in taken:
            number += 1
            ending = f" ({number}){mark}"
            name = _cut(title, _LONGEST - len(ending)) + ending
        names.append(name)
    return tuple(names)


def _legal(title: str) -> str:
    name = _cut(_ILLEGAL.sub(" ", title).strip("' "), _LONGEST).strip("' ")
    # Excel keeps "History" for itself.
    return name if name and name.casefold() != "history" else f"Sheet {name}".strip()


def _cut(name: str, units: int) -> str:
    """At most so many UTF-16 units, which is what Excel counts."""
    while len(name.encode("utf-16-le")) > 2 * units:
        name = name[:-1]
    return name
