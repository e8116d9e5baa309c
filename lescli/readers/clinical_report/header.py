"""Where a report's table begins: what stands before it is passed over, whatever its length, but for when it ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import UnreadableFileError
from ..encoding import shown
from ..profile import Profile, folded
from .dates import run_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A report's headings, the banner above them ([] without one), and the lines they stand on.

    `table_line` is the line on which the table begins, the banner with it; `run` is when the report ran. `above` are
    the rows that stand above the headings, each with its line.
    """

    run: str | None
    banner: list[str]
    headings: list[str]
    line: int
    table_line: int
    above: tuple[tuple[int, list[str]], ...] = ()


def find_header(path: Path, rows: Iterator[tuple[int, str, list[str]]], profile: Profile) -> Header:
    """Read `rows` up to and with the headings; UnreadableFileError when there are none."""
    run: str | None = None
    banner: list[str] = []
    banner_line = 0
    counted = numberless = False
    above: list[tuple[int, list[str]]] = []
    for line, _, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        first = folded(cells[0])
        known = known_columns(cells, profile)
        if banner:
            return Header(run=run, banner=banner, headings=cells, line=line, table_line=banner_line, above=tuple(above))
        if profile.banner and first == profile.banner:
            banner, banner_line = cells, line
        elif profile.run and first.startswith(profile.run):
            run = run_moment(cells) or run
        elif "nhs_number" in known and len(known) > 1:
            return Header(run=run, banner=[], headings=cells, line=line, table_line=line, above=tuple(above))
        above.append((line, cells))
        counted = counted or any(folded(cell) in profile.counts for cell in cells)
        numberless = numberless or len(known) > 1
    if counted:
        raise counts_only(path, profile.instead)
    missing = profile.without_number if numberless else "no row of headings is known"
    raise UnreadableFileError(f"{shown(path)}: no known header: {missing}", profile.instead)


def counts_only(path: Path, instead: str) -> UnreadableFileError:
    """The refusal of a report that counts patients and names none."""
    return UnreadableFileError(f"{shown(path)}: it counts patients and names none (an aggregate or breakdown)", instead)


def field_of(heading: str, separator: str) -> tuple[str, str]:
    """The name of the report a heading comes from and the heading itself: `Vaccines: Event date`."""
    before, found, field = heading.strip().rpartition(separator) if separator else ("", "", heading.strip())
    return (before.strip(), field.strip()) if found else ("", field)


def known_columns(cells: list[str], profile: Profile) -> set[str]:
    """The les columns that cells mean as headings."""
    known = set()
    for cell in cells:
        for name in (folded(cell), folded(field_of(cell, profile.separator)[1])):
            if found := profile.patient.get(name) or profile.entry.get(name):
                known.add(found[0])
    return known
