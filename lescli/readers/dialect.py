"""What stands between the cells of a file, told by which of the usual delimiters shows headings that are known."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .clinical_report.header import known_columns
from .delimited import COMMA, Dialect
from .encoding import glimpsed
from .profile import Profile

DELIMITERS = {COMMA: "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
"""What usually parts cells, and its name."""

# What Excel writes, and reads, as a first line of its own.
_STATED = re.compile(r'"?sep=([^\w"\r\n])"?[,;|\s]*', re.IGNORECASE)
# Headings hold no such number, and nearly every row below them does.
_LONG_NUMBER = re.compile(r"(?:[0-9][ -]?){9}")
_MOST_LINES = 20_000


def dialect_of(path: Path, *profiles: Profile) -> Dialect:
    """The delimiter under which a line names the NHS number and another column of one of the profiles.

    A first line such as `sep=;` is believed where the headings bear it out. A comma where nothing tells.
    """
    source = glimpsed(path)
    first = next(source, "")
    stated = _STATED.fullmatch(first)
    skipped, tried = (1, tuple(dict.fromkeys((stated[1], *DELIMITERS)))) if stated else (0, tuple(DELIMITERS))
    found, most = (stated[1] if stated else COMMA), 1
    for line in islice(source if stated else _with(first, source), _MOST_LINES):
        if _LONG_NUMBER.search(line):
            continue
        for delimiter in tried:
            known = _known(line, delimiter, profiles)
            # A table that has no NHS number is refused, but as the table it is.
            count = len(known) + (len(tried) if "nhs_number" in known and len(known) > 1 else 0)
            if count > most:
                found, most = delimiter, count
        if most > len(tried):
            break
    return Dialect(found, skipped)


def _with(first: str, source: Iterator[str]) -> Iterator[str]:
    yield first
    yield from source


def _known(line: str, delimiter: str, profiles: tuple[Profile, ...]) -> set[str]:
    """The columns that a line names if its cells are parted so."""
    if delimiter not in line:
        return set()
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return set()
    return max((known_columns(cells, profile) for profile in profiles), key=len)
