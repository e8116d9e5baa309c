"""Comma-separated text (RFC 4180) becomes records that know their line number and their text as it stood."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ..errors import UnreadableFileError
from .text import lines, shown

_MAX_LINES = 2000
"""Lines in one record: a free-text cell has a few, an unclosed quote swallows the rest of the file."""


def records(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Each record as (1-based line it starts on, its text with its line end, its cells).

    Raises UnreadableFileError while iterating when the file cannot be read to its end: an unclosed quote, text after a
    closing quote, a cell over csv's limit of 131,072 characters, or anything `lines` refuses.
    """
    pending: list[str] = []

    def recorded() -> Iterator[str]:
        for line in lines(path):
            pending.append(line)
            if len(pending) > _MAX_LINES:
                raise _unclosed(path, start, pending)
            yield line

    start = 1
    # strict: otherwise an unclosed quote swallows the rest of the file without a word.
    reader = csv.reader(recorded(), strict=True)
    try:
        for cells in reader:
            yield start, pending[0] if len(pending) == 1 else "".join(pending), cells
            start += len(pending)
            pending.clear()
    except csv.Error as error:
        fault = str(error)
        if "end of data" in fault or "field limit" in fault:
            raise _unclosed(path, start, pending) from None
        raise UnreadableFileError(
            f"{shown(path)}, line {start + len(pending) - 1}: text stands after a closing quote; "
            f"the quote was opened at line {_opened(start, pending[:-1] or pending)}",
            "a quote inside a quoted cell is written twice; export the report again rather than editing it",
        ) from None


def _unclosed(path: Path, start: int, pending: list[str]) -> UnreadableFileError:
    return UnreadableFileError(
        f"{shown(path)}: unclosed quote: opened at line {_opened(start, pending)}",
        "export the report again, or close the quote",
    )


def _opened(start: int, pending: list[str]) -> int:
    """The line on which the quote still open at the end was opened; a quote opens a cell only at the cell's start."""
    opened, is_open, before = start, False, ","
    for number, line in enumerate(pending, start):
        for letter in line:
            if letter == '"':
                # Of a quote written twice inside a cell, the first closes and the second opens again.
                if not is_open and before in ",\n\r":
                    opened = number
                is_open = not is_open
            before = letter
    return opened
