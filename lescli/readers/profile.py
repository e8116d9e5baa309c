"""A column map: which headings of a report mean which column of the `les` CSV; data in a TOML file, not code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .reading import COLUMNS, PATIENT_COLUMNS

CODE_KINDS = ("snomed", "code", "read2", "ctv3")
"""Columns that hold a code, the entry's main one first; `code` holds any, told apart by its shape."""

PATIENT = PATIENT_COLUMNS
ENTRY = (*COLUMNS[len(PATIENT) : -1], *(kind for kind in CODE_KINDS if kind not in COLUMNS))
"""What a heading may mean: a fact of the patient, or a part of one entry."""

DATES = frozenset({"date_of_birth", "registered_on", "left_on", "died_on", "date", "recorded_on"})


def folded(heading: str) -> str:
    """A heading by its letters and digits only: `User Detail's Organisation Code` -> `userdetailsorganisationcode`."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One column map. Headings and values are folded; lower `rank` means preferred.

    `patient` and `entry` give for a heading (column, rank); `values` gives for a column what each printed value means.
    The other fields say how such a report is laid out, see `profiles/emis.toml` and `profiles/systmone.toml`; "" and 0
    mean that it has no such thing. With `withdraws` a row with a source_id and neither date nor code says that this
    entry is withdrawn. `own` is true with a practice's own headings in it, and `ignored` those it has no use for.
    """

    name: str
    banner: str = ""
    run: str = ""
    separator: str = ""
    continues: bool = False
    blank_done_at: str = ""
    other_codes_are: str = "snomed"
    units: frozenset[str] | None = None
    row_limit: int = 0
    marks: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset()
    instead: str = "name its columns as the how-to on the les CSV does"
    without_number: str = "the columns have no NHS number"
    patient: Mapping[str, tuple[str, int]]
    entry: Mapping[str, tuple[str, int]]
    values: Mapping[str, Mapping[str, str]]
    withdraws: bool = False
    ignored: frozenset[str] = frozenset()
    own: bool = False

    def translated(self, column: str, cell: str) -> str:
        """What a printed value means; a value the map does not know stays, so that the check reports it."""
        meanings = self.values.get(column)
        return meanings.get(folded(cell), cell) if meanings else cell


@cache
def built_in(name: str) -> Profile:
    """The column map of that name that comes with the program: les, emis or systmone."""
    if name == "les":
        return Profile(
            name="les",
            withdraws=True,
            patient={folded(column): (column, 0) for column in PATIENT},
            entry={folded(column): (column, 0) for column in ENTRY if column in COLUMNS},
            values={},
        )
    with (Path(__file__).with_name("profiles") / f"{name}.toml").open("rb") as file:
        table = tomllib.load(file)
    layout: dict[str, Any] = table["layout"]
    return Profile(
        name=name,
        banner=folded(layout.get("banner", "")),
        run=folded(layout.get("run", "")),
        separator=layout.get("separator", ""),
        continues=layout["continuation"],
        blank_done_at=layout.get("blank_done_at", ""),
        other_codes_are=layout["other_codes_are"],
        units=frozenset(map(folded, layout["units"])),
        row_limit=layout.get("row_limit", 0),
        marks=frozenset(map(folded, layout["marks"])),
        counts=frozenset(map(folded, layout["counts"])),
        instead=layout["instead"],
        without_number=layout["without_number"],
        patient=_ranked(table["patient"], 0),
        entry=_ranked(table["entry"], 0),
        values={column: meanings(each) for column, each in table["values"].items()},
    )


def load_own(path: Path) -> Profile:
    """The column map in a practice's own TOML file: its headings, and those of the profile it builds upon.

    Raises UsageError when the file cannot be read or says something that has no meaning.
    """
    from .own_profile import read_additions

    added = read_additions(path)
    base = built_in(added.base)
    # A heading that is named there wins over ours, whichever of our tables it stands in.
    taken = {folded(heading) for table in (added.patient, added.entry) for many in table.values() for heading in many}
    taken |= set(map(folded, added.ignore))
    return replace(
        base,
        continues=base.continues if added.continuation is None else added.continuation,
        patient=_ranked(added.patient, 0) | _without(taken, base.patient),
        entry=_ranked(added.entry, 0) | _without(taken, base.entry),
        values={
            column: {**base.values.get(column, {}), **meanings(added.values.get(column, {}))}
            for column in {*base.values, *added.values}
        },
        ignored=frozenset(map(folded, added.ignore)),
        own=True,
    )


def _without(taken: set[str], table: Mapping[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
    """The headings that are not taken, each less preferred than any of a practice's own."""
    return {heading: (column, 1000 + rank) for heading, (column, rank) in table.items() if heading not in taken}


def _ranked(table: Mapping[str, list[str]], first: int) -> dict[str, tuple[str, int]]:
    """Heading -> (column, rank): the headings of a column in the order in which they are preferred."""
    ranked: dict[str, tuple[str, int]] = {}
    for column, headings in table.items():
        for rank, heading in enumerate(headings, first):
            ranked.setdefault(folded(heading), (column, rank))
    return ranked


def meanings(table: Mapping[str, list[str]]) -> dict[str, str]:
    """What each printed value of a column means, the meanings themselves among them."""
    return {folded(printed): meaning for meaning, forms in table.items() for printed in (meaning, *forms)}
