"""Delimited text (RFC 4180) becomes records with their line number and original text.

It also finds a file's delimiter and whether its numbers have a decimal comma.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from ..errors import UnreadableFileError
from .clinical_report.layout import known_columns
from .encoding import glimpsed, line_chunks, shown
from .profile import Profile

COMMA = ","

_RECORDS = 250
_MAX_LINES = 2000
"""The most lines in one record. A free-text cell has a few. An unclosed quote swallows the rest of the file."""

DELIMITERS = {COMMA: "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
"""The usual delimiters, and their names."""

# Excel writes this first line, and reads it.
_STATED = re.compile(r'"?sep=([^\w"\r\n])"?[,;|\s]*', re.IGNORECASE)
# A row of headings has no such number. Nearly every data row has one.
_LONG_NUMBER = re.compile(r"(?:[0-9][ -]?){9}")
_MOST_LINES = 20_000

DECIMAL_COMMAS_NOTE = "its numbers have a decimal comma: `4,5` is read as 4.5"

# A number, with at most a unit after it.
_WITH_COMMA = re.compile(r"(\s*[<>]?=?\s*[+-]?[0-9]+),([0-9]+)(\s*(?:[^\W\d_]|[%°])?[^\s,;]*\s*)")
_WITH_POINT = re.compile(r"\s*[<>]?=?\s*[+-]?[0-9]+(?:,[0-9]{3})*\.[0-9]+(?![0-9.])")
_GROUPED = 3


@dataclass(frozen=True, slots=True)
class Dialect:
    """The character between two cells, and how many lines come before the first record (`sep=;` is one)."""

    delimiter: str = COMMA
    skipped: int = 0


@dataclass(slots=True)
class Chunk:
    """Some records: the line each starts on, counted from 1, and its text with its line end.

    `plain` is set where no cell is quoted. It has the same texts without line ends, and can be split at every
    `delimiter`.
    """

    lines: Sequence[int]
    raws: Sequence[str]
    plain: Sequence[str] | None
    quoted: Sequence[list[str]] = ()
    delimiter: str = COMMA

    @property
    def cells(self) -> Sequence[list[str]]:
        """The cells of each record. A blank line has no cell, or one blank cell."""
        return self.quoted if self.plain is None else [line.split(self.delimiter) for line in self.plain]

    def after(self, place: int) -> Chunk:
        """The records after the one at `place`."""
        rest = slice(place + 1, None)
        plain = None if self.plain is None else self.plain[rest]
        return Chunk(self.lines[rest], self.raws[rest], plain, self.quoted[rest], self.delimiter)


def records(path: Path, dialect: Dialect = Dialect()) -> Iterator[tuple[int, str, list[str]]]:
    """Each record as (line it starts on, its text with its line end, its cells). A blank line has no cells.

    Raises UnreadableFileError while iterating when the file cannot be read to its end: an unclosed quote, text after a
    closing quote, a cell over csv's limit of 131,072 characters, or anything `lines` refuses.
    """
    for chunk in chunks(path, dialect):
        yield from zip(chunk.lines, chunk.raws, chunk.cells, strict=True)


def chunks(path: Path, dialect: Dialect = Dialect()) -> Iterator[Chunk]:
    """The records as `records` gives them, a few hundred at a time."""
    source = line_chunks(path)
    delimiter, start = dialect.delimiter, 1
    if dialect.skipped:
        first = next(source, [])[dialect.skipped :]
        source, start = chain([first] if first else [], source), 1 + dialect.skipped
    for raws in source:
        chunk = _one_a_line(start, raws, delimiter)
        if chunk is None:
            # A cell has a line end in it: from here on, read record by record.
            yield from _one_by_one(path, start, chain(raws, chain.from_iterable(source)), delimiter)
            return
        yield chunk
        start += len(raws)


def _one_a_line(start: int, raws: list[str], delimiter: str) -> Chunk | None:
    """Each line as a record; None where a record takes more than one line or is not valid."""
    lines = range(start, start + len(raws))
    text = "".join(raws)
    if '"' not in text:
        # Without a quote, RFC 4180 is the same as splitting at the delimiters, which takes a third of csv's time.
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return Chunk(lines, raws, text.removesuffix("\n").split("\n"), delimiter=delimiter)
    try:
        cells = list(csv.reader(raws, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return Chunk(lines, raws, None, cells, delimiter) if len(cells) == len(raws) else None


def _one_by_one(path: Path, start: int, source: Iterable[str], delimiter: str) -> Iterator[Chunk]:
    pending: list[str] = []

    def recorded() -> Iterator[str]:
        for line in source:
            pending.append(line)
            if len(pending) > _MAX_LINES:
                raise _unclosed(path, _opened(start, pending, delimiter))
            yield line

    # strict: otherwise an unclosed quote would swallow the rest of the file without an error.
    reader = csv.reader(recorded(), delimiter=delimiter, strict=True)
    found: list[tuple[int, str, list[str]]] = []
    try:
        for cells in reader:
            found.append((start, pending[0] if len(pending) == 1 else "".join(pending), cells))
            start += len(pending)
            pending.clear()
            if len(found) == _RECORDS:
                yield _chunk(found, delimiter)
                found = []
    except csv.Error as error:
        if found:
            yield _chunk(found, delimiter)
        fault = str(error)
        if "end of data" in fault or "field limit" in fault:
            raise _unclosed(path, _opened(start, pending, delimiter)) from None
        raise UnreadableFileError(
            f"{shown(path)}, line {start + len(pending) - 1}: there is text after a closing quote; "
            f"the quote was opened at line {_opened(start, pending[:-1] or pending, delimiter)}",
            "a quote inside a quoted cell is written twice; export the report again rather than editing it",
        ) from None
    if found:
        yield _chunk(found, delimiter)


def _chunk(found: list[tuple[int, str, list[str]]], delimiter: str) -> Chunk:
    starts, raws, cells = zip(*found, strict=True)
    return Chunk(starts, raws, None, cells, delimiter)


def _unclosed(path: Path, opened: int) -> UnreadableFileError:
    return UnreadableFileError(
        f"{shown(path)}: unclosed quote: opened at line {opened}",
        "export the report again, or close the quote",
    )


def _opened(start: int, pending: list[str], delimiter: str) -> int:
    """The line on which the last unclosed quote was opened. A quote opens a cell only at the start of the cell."""
    opened, is_open, before = start, False, delimiter
    for number, line in enumerate(pending, start):
        for letter in line:
            if letter == '"':
                # Of a doubled quote inside a cell, the first closes and the second opens again.
                if not is_open and before in (delimiter, "\n", "\r"):
                    opened = number
                is_open = not is_open
            before = letter
    return opened


def dialect_of(path: Path, *profiles: Profile) -> Dialect:
    """The delimiter that splits some line into the NHS number and another column of one of the profiles.

    A first line such as `sep=;` is used where the headings agree with it. The default is a comma.
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
            # A table without an NHS number is refused later. Its delimiter is still needed, so that the message is
            # right.
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
    """The columns that a line names when it is split at `delimiter`."""
    if delimiter not in line:
        return set()
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return set()
    return max((known_columns(cells, profile) for profile in profiles), key=len)


def has_decimal_commas(path: Path, dialect: Dialect, places: Sequence[int]) -> bool:
    """Whether a value in these columns can only be a decimal comma, and no value has a decimal point.

    False where the delimiter is a comma: a spreadsheet then writes a decimal point.
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
    """The cells, with a decimal point instead of a decimal comma at `places`."""
    for place in places:
        if place < len(cells) and (found := _WITH_COMMA.fullmatch(cells[place])):
            cells[place] = f"{found[1]}.{found[2]}{found[3]}"
    return cells


def _shows(value: str) -> bool:
    """Whether the comma is a decimal comma and not between thousands. Thousands come in groups of three digits, and
    their first group never starts with 0.
    """
    found = _WITH_COMMA.fullmatch(value)
    return found is not None and (len(found[2]) != _GROUPED or found[1].strip(" \t<>=+-").startswith("0"))
