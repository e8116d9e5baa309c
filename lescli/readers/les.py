"""Profile `les`: the activity CSV that any system can be made to write, one row an entry or a patient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from operator import itemgetter
from pathlib import Path

from ..errors import UnreadableFileError
from .delimited import records
from .reading import COLUMNS, Reading, Row
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
    rows = records(path)
    header: list[str] = next((cells for _, _, cells in rows if any(cell.strip() for cell in cells)), [])
    places, ignored = _match(path, header)
    return Reading(
        profile="les",
        columns=tuple(places),
        rows=_rows(path, rows, tuple(places.values()), header),
        ignored_columns=ignored,
    )


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


def _rows(
    path: Path, source: Iterator[tuple[int, str, list[str]]], places: tuple[int, ...], header: list[str]
) -> Iterator[Row]:
    pick = _picker(places)
    most = len(header)
    # A comma at the end of the header names no column; rows need not repeat it.
    least = max(place for place, heading in enumerate(header) if heading.strip()) + 1
    for line, raw, cells in source:
        count = len(cells)
        if least <= count <= most:
            if cells[0].strip() or any(cell.strip() for cell in cells):
                yield Row(line, raw.rstrip("\r\n"), pick(cells))
        elif not any(cell.strip() for cell in cells):
            continue
        elif count < least:
            if not raw.endswith(("\n", "\r")):
                raise UnreadableFileError(
                    f"{shown(path)}, line {line}: truncated row: the file ends in the middle of it",
                    "the export was cut short; run it again",
                )
            padded = list(chain(cells, [""] * (most - count)))
            yield Row(line, raw.rstrip("\r\n"), pick(padded), TOO_FEW_CELLS)
        else:
            extra = any(cell.strip() for cell in cells[most:])
            yield Row(line, raw.rstrip("\r\n"), pick(cells), TOO_MANY_CELLS if extra else "")


def _picker(places: tuple[int, ...]) -> Callable[[list[str]], tuple[str, ...]]:
    if places == tuple(range(len(places))):
        end = len(places)
        return lambda cells: tuple(cells[:end])
    if len(places) == 1:
        only = places[0]
        return lambda cells: (cells[only],)
    return itemgetter(*places)
