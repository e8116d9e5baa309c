"""A column map: which headings of a report mean which column of the `les` CSV.

The maps are TOML files: ours in `profiles/`, and a practice's own, which is checked here and adds to one of ours.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import UsageError, did_you_mean
from .cells import REGISTRATIONS, SEXES, YES_NO
from .encoding import ascii_safe, shown
from .reading import COLUMNS, PATIENT_COLUMNS

CODE_KINDS = ("snomed", "code", "read2", "ctv3")
"""Columns that hold a code, the entry's main one first. `code` may be of any system, told by its shape."""

PATIENT = PATIENT_COLUMNS
ENTRY = (*COLUMNS[len(PATIENT) : -1], *(kind for kind in CODE_KINDS if kind not in COLUMNS))
"""What a heading may mean: a fact about the patient, or a part of one entry."""

DATES = frozenset({"date_of_birth", "registered_on", "left_on", "died_on", "date", "recorded_on"})

BASES = ("emis", "systmone", "les")
"""The profiles that a practice's own file may build upon. The first is the default."""

_HOW_TO = "docs/how-to/own-columns.md has an example"
_KEYS = ("profile", "ignore", "continuation", "patient", "entry", "values")
_CLOSED = {"sex": SEXES, "registration": REGISTRATIONS, "deceased": YES_NO, "housebound": YES_NO}
_MOST_TOLD = 5
_PLACE = re.compile(r"\(at (line \d+), column \d+\)")

Headings = dict[str, list[str]]


def folded(heading: str) -> str:
    """A heading without case, spaces and signs: `User Detail's Organisation Code` -> `userdetailsorganisationcode`."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One column map. Headings and values are folded. A lower rank is preferred.

    `patient` and `entry` give (column, rank) for a heading. `values` gives for a column what each printed value means.
    The other fields describe the layout of the report, see `profiles/emis.toml` and `profiles/systmone.toml`; "" and 0
    mean that the report has no such thing. With `withdraws`, a row with a source_id and neither date nor code withdraws
    that entry. `own` is true for a practice's own map, and `ignored` has the headings it wants ignored.
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
        """What a printed value means. An unknown value is left unchanged, so that the check reports it."""
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
    """The column map in a practice's own TOML file, with the headings of the profile it builds upon.

    Raises UsageError when the file cannot be read or has an unknown key, column or value.
    """

    added = read_additions(path)
    base = built_in(added.base)
    # The practice's own meaning of a heading wins, whichever of our tables has that heading.
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
    """The headings that are not in `taken`. Each ranks below every heading of the practice's own."""
    return {heading: (column, 1000 + rank) for heading, (column, rank) in table.items() if heading not in taken}


def _ranked(table: Mapping[str, list[str]], first: int) -> dict[str, tuple[str, int]]:
    """Heading -> (column, rank). The headings of a column are listed in order of preference."""
    ranked: dict[str, tuple[str, int]] = {}
    for column, headings in table.items():
        for rank, heading in enumerate(headings, first):
            ranked.setdefault(folded(heading), (column, rank))
    return ranked


def meanings(table: Mapping[str, list[str]]) -> dict[str, str]:
    """What each printed value of a column means. A meaning also stands for itself."""
    return {folded(printed): meaning for meaning, forms in table.items() for printed in (meaning, *forms)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """The content of a practice's own file, with headings and values as they are written there."""

    base: str
    ignore: list[str]
    continuation: bool | None
    patient: Headings
    entry: Headings
    values: dict[str, Headings]


def read_additions(path: Path) -> Additions:
    """Read the file. UsageError names each fault and its place."""
    table = _table(path)
    faults = [*_faults(table)]
    if faults:
        more = f"; and {len(faults) - _MOST_TOLD} more" if len(faults) > _MOST_TOLD else ""
        raise UsageError(f"the profile {shown(path)}: {'; '.join(faults[:_MOST_TOLD])}{more}", _HOW_TO)
    return Additions(
        base=table.get("profile", BASES[0]),
        ignore=table.get("ignore", []),
        continuation=table.get("continuation"),
        patient=table.get("patient", {}),
        entry=table.get("entry", {}),
        values=table.get("values", {}),
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        # Notepad writes a BOM before UTF-8, which TOML does not allow.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(f"the profile {shown(path)} is not there", "check the folder and the name") from None
    except OSError:
        raise UsageError(f"the profile {shown(path)} cannot be read", "check the folder and the name") from None
    except UnicodeDecodeError:
        raise UsageError(f"the profile {shown(path)} is not UTF-8 text", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        place = _PLACE.search(str(fault))
        where = f", {place[1]}" if place else ""
        raise UsageError(
            f"the profile {shown(path)}{where}: not TOML", 'headings stand in quotes: date = ["When done"]; ' + _HOW_TO
        ) from None


def _faults(table: dict[str, Any]) -> Iterator[str]:
    for key in table:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"the keys are {', '.join(_KEYS)}"
            yield f"`{ascii_safe(key)}` is not a known key; {hint}"
    base = table.get("profile", BASES[0])
    if base not in BASES:
        yield f"profile: it must be one of {', '.join(BASES)}"
    if not _is_texts(table.get("ignore", [])):
        yield 'ignore: it must be a list of headings, as in ["Comments"]'
    if not isinstance(table.get("continuation", True), bool):
        yield "continuation: it must be true or false"
    stands_for: dict[str, str] = {}
    for name, columns, other in (("patient", PATIENT, ENTRY), ("entry", ENTRY, PATIENT)):
        yield from _map_faults(name, table.get(name, {}), columns, other, stands_for)
    yield from _value_faults(table.get("values", {}))


def _map_faults(
    name: str, headings: object, columns: tuple[str, ...], other: tuple[str, ...], stands_for: dict[str, str]
) -> Iterator[str]:
    if not isinstance(headings, dict):
        yield f"[{name}]: it must be a table"
        return
    for column, aliases in headings.items():
        if column not in columns:
            elsewhere = "entry" if name == "patient" else "patient"
            hint = f"it belongs under [{elsewhere}]" if column in other else did_you_mean(column, columns)
            yield "; ".join(filter(None, (f"[{name}] {ascii_safe(column)}: there is no such column", hint)))
        if not _is_texts(aliases):
            yield f'[{name}] {ascii_safe(column)}: it must be a list of headings, as in ["When done"]'
            continue
        for alias in aliases:
            if not folded(alias):
                yield f"[{name}] {ascii_safe(column)}: a heading has letters or digits"
            elif stands_for.setdefault(folded(alias), column) != column:
                yield (
                    f"[{name}] {ascii_safe(column)}: the heading `{ascii_safe(alias)}` stands for "
                    f"{stands_for[folded(alias)]} already"
                )


def _value_faults(values: object) -> Iterator[str]:
    if not isinstance(values, dict):
        yield "[values]: it must hold tables, as in [values.sex]"
        return
    columns = [column for column in (*PATIENT[1:], *ENTRY) if column not in DATES]
    for column, table in values.items():
        place = f"[values.{ascii_safe(column)}]"
        if column not in columns:
            yield "; ".join(filter(None, (f"{place}: there is no such column", did_you_mean(column, columns))))
        elif not isinstance(table, dict) or not all(map(_is_texts, table.values())):
            yield f'{place}: it must hold lists of what the report prints, as in female = ["Lady"]'
        else:
            allowed = _CLOSED.get(column)
            yield from (
                f"{place} {ascii_safe(meaning)}: it must be one of {', '.join(allowed)}"
                for meaning in table
                if allowed and meaning not in allowed
            )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
