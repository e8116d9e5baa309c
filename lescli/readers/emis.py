"""Profile `emis`: a Population Reporting list report of EMIS Web, a row for each entry of each patient.

No real report is public, so every heading is looked up in `profiles/emis.toml` and nothing is told by its position.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ..errors import UnreadableFileError
from .cells import ELSEWHERE, token
from .delimited import records
from .emis_dates import iso_date
from .emis_layout import Group, Layout, Places, find_layout
from .les import TOO_FEW_CELLS, TOO_MANY_CELLS
from .profile import Profile, load_profile
from .reading import COLUMNS, Reading, Row
from .text import shown

_DATES = frozenset({"date_of_birth", "registered_on", "left_on", "died_on", "date", "recorded_on"})
_CODES = ("snomed", "code", "read2")
NO_PATIENT_ABOVE = "row: its patient cells are blank and no row of a patient stands above it"
BAD_PATIENT_ABOVE = "row: its patient cells are blank and the row above with the patient cannot be trusted"
NOTHING_CODED = "row: its patient cells are blank and no entry on it has a date or a code"


def read_emis(path: Path, additions: Path | None = None) -> Reading:
    """Read a report's preamble and headings; its rows follow as the reading is iterated.

    `extracted_at` is the moment in the `Last Run` line (London time). One line of the file gives a row for each group
    of columns with a date or code in it. `additions` is a TOML file with a practice's own headings.
    Raises UnreadableFileError when there are no headings, and while iterating when the file is cut off.
    """
    profile = load_profile("emis", additions)
    source = records(path)
    layout = find_layout(path, source, profile)
    notes = [] if layout.run else ["the report does not say when it ran: two-digit years cannot be read"]
    notes += [
        f"the columns of `{group.name or 'Patient Details'}` hold no code: add SNOMED CT Concept ID to the report"
        for group in layout.groups
        if not any(kind in group.places for kind in _CODES)
    ]
    return Reading(
        profile="emis",
        columns=COLUMNS,
        rows=_rows(path, source, layout, profile),
        extracted_at=layout.run,
        source_system="emis",
        ignored_columns=layout.ignored,
        notes=tuple(notes),
    )


def _rows(path: Path, source: Iterator[tuple[int, str, list[str]]], layout: Layout, profile: Profile) -> Iterator[Row]:
    run_on = date.fromisoformat(layout.run[:10]) if layout.run else None
    facts: dict[str, str] = {}
    above = NO_PATIENT_ABOVE
    for line, raw, cells in source:
        if not any(cell.strip() for cell in cells):
            continue
        text = raw.rstrip("\r\n")
        fault = _fault(path, line, raw, cells, layout)
        continues = not any(cells[place].strip() for place in layout.patient_places if place < len(cells))
        if not continues:
            facts = _read(cells, layout.patient, profile, run_on)
            above = BAD_PATIENT_ABOVE if fault else ""
        fault = fault or above
        if fault:
            yield Row(line, text, _canonical(facts), fault)
            continue
        entries = [entry for group in layout.groups if (entry := _entry(cells, group, profile, run_on))]
        for entry in entries:
            yield Row(line, text, _canonical({**facts, **entry}))
        if not entries and not continues:
            yield Row(line, text, _canonical(facts))
        elif not entries and any(_says_something(cells, group) for group in layout.groups):
            yield Row(line, text, _canonical(facts), NOTHING_CODED)


def _fault(path: Path, line: int, raw: str, cells: list[str], layout: Layout) -> str:
    if len(cells) < layout.least:
        if not raw.endswith(("\n", "\r")):
            raise UnreadableFileError(
                f"{shown(path)}, line {line}: truncated row: the file ends in the middle of it",
                "the export was cut short; run it again",
            )
        return TOO_FEW_CELLS
    return TOO_MANY_CELLS if any(cell.strip() for cell in cells[layout.most :]) else ""


def _entry(cells: list[str], group: Group, profile: Profile, run_on: date | None) -> dict[str, str]:
    """The canonical cells of one entry; {} when the group has neither date nor code on this row."""
    found = _read(cells, group.places, profile, run_on)
    codes = [(_system(kind, code), code) for kind in _CODES if (code := found.pop(kind, ""))]
    if not codes and not found.get("date"):
        return {}
    if codes:
        (found["code_system"], found["code"]), *others = codes
        found["other_codes"] = " ".join(token(*other) for other in others)
    if "done_at" in group.places:
        # With the column there, a blank cell says something: the entry came from another practice's record.
        found["done_at"] = found["done_at"] or ELSEWHERE
    return found


def _says_something(cells: list[str], group: Group) -> bool:
    """Whether a group of columns that can hold an entry has a cell on this row."""
    if "date" not in group.places and not any(kind in group.places for kind in _CODES):
        return False
    places = (place for candidates in group.places.values() for _, place in candidates)
    return any(cells[place].strip() for place in places if place < len(cells))


def _system(kind: str, code: str) -> str:
    """A column headed `Code` may hold either: only SNOMED CT ids have six digits or more and nothing else."""
    if kind != "code":
        return kind
    return "snomed" if len(code) >= 6 and code.isascii() and code.isdigit() else "read2"


def _read(cells: list[str], places: Places, profile: Profile, run_on: date | None) -> dict[str, str]:
    """Each column's first cell that is not blank, translated and with its dates in ISO form."""
    found: dict[str, str] = {}
    year_end = run_on.replace(month=12, day=31) if run_on else None
    for column, candidates in places.items():
        texts = (cells[place].strip() for _, place in candidates if place < len(cells))
        text = next(filter(None, texts), "")
        if column in _DATES:
            # Nobody in a report is born after it ran, but a letter may be dated ahead.
            text = iso_date(text, run_on if column == "date_of_birth" else year_end)
        found[column] = profile.translated(column, text)
    if not found.get("given_name") and ", " in found.get("family_name", ""):
        found["family_name"], _, found["given_name"] = found["family_name"].partition(", ")
    return found


def _canonical(by_column: dict[str, str]) -> tuple[str, ...]:
    return tuple(by_column.get(column, "") for column in COLUMNS)
