"""Profile `les`: the activity CSV that any system can be made to write, one row an entry or a patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import itemgetter
from pathlib import Path

from ..errors import UnreadableFileError
from .delimited import Chunk, chunks
from .reading import COLUMNS, Batch, Reading, Row
from .text import ascii_safe, shown

CSV_COLUMNS = tuple(column for column in COLUMNS if column != "other_codes")
"""The columns a file may have; `other_codes` is what bundles need and no CSV column."""

TOO_MANY_CELLS = "row: it has more cells than the header (an unquoted comma?)"
TOO_FEW_CELLS = "row: it has fewer cells than the header"


def folded(heading: str) -> str:
    """A heading without case, spaces, underscores and hyphens: `NHS Number ` and `nhs_number` are the same column."""
    return "".join(letter for letter in heading.casefold() if letter not in " _-\t\n\r\xa0")


KNOWN = {folded(column): column for column in CSV_COLUMNS}


def read_les(path: Path) -> Reading:
    """Read the header of a `les` CSV; its rows follow as the reading is iterated.

    Raises UnreadableFileError for a file without a known header or with the same column twice, and while iterating
    when the last row is cut off or the text is not RFC 4180.
    """
    source = chunks(path)
    header, rest = _header(source)
    places, ignored = _match(path, header)
    batches = _batches(path, chain(rest, source), tuple(places.values()), header)
    return Reading(
        profile="les",
        columns=tuple(places),
        rows=_one_by_one(batches),
        batches=batches,
        ignored_columns=ignored,
    )


def _header(source: Iterator[Chunk]) -> tuple[list[str], list[Chunk]]:
    """The first record that is not blank, and what came with it."""
    for lines, raws, cells in source:
        for place, record in enumerate(cells):
            if any(cell.strip() for cell in record):
                after = place + 1
                return record, [Chunk(lines[after:], raws[after:], cells[after:])] if cells[after:] else []
    return [], []


def _match(path: Path, header: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Canonical column -> its place in the file, and the headings that mean nothing here."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    seen: set[str] = set()
    for place, heading in enumerate(header):
        name = folded(heading)
        if not name:
            continue
        if name in seen:
            # Which of the two would count? Nobody can say, so neither does.
            column = f" `{KNOWN[name]}`" if name in KNOWN else f" (column {place + 1})"
            raise UnreadableFileError(f"{shown(path)}: the header has a column twice:{column}", "remove one of them")
        seen.add(name)
        if name in KNOWN:
            places[KNOWN[name]] = place
        else:
            ignored.append(ascii_safe(heading.strip())[:60])
    if "nhs_number" not in places:
        raise UnreadableFileError(
            f"{shown(path)}: no known header: the first row must name the columns, nhs_number among them",
            "the columns are listed in the how-to on the les CSV",
        )
    return places, tuple(ignored)


def _batches(path: Path, source: Iterable[Chunk], places: tuple[int, ...], header: list[str]) -> Iterator[Row | Batch]:
    most = len(header)
    # A comma at the end of the header names no column; rows need not repeat it.
    least = max(place for place, heading in enumerate(header) if heading.strip()) + 1
    for chunk in source:
        widths = set(map(len, chunk.cells))
        if least <= min(widths) and max(widths) <= most:
            yield Batch(*chunk, places)
        else:
            yield from _rows(path, chunk, places, least, most)


def _rows(path: Path, chunk: Chunk, places: tuple[int, ...], least: int, most: int) -> Iterator[Row]:
    pick = _picker(places)
    for line, raw, cells in zip(*chunk, strict=True):
        count = len(cells)
        if not any(cell.strip() for cell in cells):
            continue
        text = raw.rstrip("\r\n")
        if least <= count <= most:
            yield Row(line, text, pick(cells))
        elif count < least:
            if not raw.endswith(("\n", "\r")):
                raise UnreadableFileError(
                    f"{shown(path)}, line {line}: truncated row: the file ends in the middle of it",
                    "the export was cut short; run it again",
                )
            yield Row(line, text, pick([*cells, *[""] * (most - count)]), TOO_FEW_CELLS)
        else:
            extra = any(cell.strip() for cell in cells[most:])
            yield Row(line, text, pick(cells), TOO_MANY_CELLS if extra else "")


def _one_by_one(batches: Iterator[Row | Batch]) -> Iterator[Row]:
    for each in batches:
        if isinstance(each, Batch):
            yield from each.rows()
        else:
            yield each


def _picker(places: tuple[int, ...]) -> Callable[[list[str]], tuple[str, ...]]:
    if places == tuple(range(len(places))):
        end = len(places)
        return lambda cells: tuple(cells[:end])
    if len(places) == 1:
        only = places[0]
        return lambda cells: (cells[only],)
    return itemgetter(*places)
