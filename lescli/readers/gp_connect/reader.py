"""Profile `gpconnect`: one patient's record from GP Connect Access Record Structured (FHIR STU3).

Published bundles show what counts as an entry. `Observation` and `Immunization` are work done. A `Condition` is the
header of a problem: it points (ActualProblem) at the entry it heads and repeats its code, and is never an entry itself.
`ProcedureRequest` is work asked for or planned but not done, so it is handled apart (`planned_of` in entry.py).
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from .. import cells
from ..planned import Planning
from ..reading import COLUMNS, MARKS, Reading, Row
from ..wording import RECORD
from .bundle import Bundle, lacks, read_bundle, whole_from
from .entry import (
    PLANNED,
    Entry,
    entry_cells,
    entry_of,
    fault_of,
    identifier,
    is_inactive,
    patient_cells,
    planned_entry,
    planned_of,
    source_id_of,
    stated_columns,
)
from .fhir import Node, codings, day, extension, instant, node, not_done, reference, text, uncoded, unnamed_code

# These describe the record, or its entries point at them. Leaving them out loses nothing.
_SCAFFOLDING = frozenset(
    {
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "Location",
        "HealthcareService",
        "List",
        "Encounter",
        "Medication",
    }
)
_READ = frozenset({"Observation", "Immunization", "Condition", PLANNED})
_ACTUAL_PROBLEM = "Extension-CareConnect-ActualProblem"
_COLUMNS = (*COLUMNS, MARKS)


def read_gpconnect(path: Path) -> Reading:
    """Read a bundle whole (it is one patient's record, at most 64 MB).

    Raises UnreadableFileError, see `read_bundle`. A row's line is its place in the bundle.
    """
    bundle = read_bundle(path)
    entries, planned, left_out = _entries_and_planned(bundle)
    source_system = _source_system(bundle, (*entries, *planned))
    named = _named_sections(bundle)
    partly = _why_not_whole(bundle, named)
    whole = not partly
    moments = [instant(text(each, "date")) for each in _lists(bundle)]
    return Reading(
        profile="gpconnect",
        form=RECORD,
        columns=_COLUMNS,
        states=stated_columns(bundle),
        in_utc=True,
        rows=_rows(bundle, entries, source_system),
        extracted_at=max((moment for moment in moments if moment), default=None),
        source_system=source_system,
        whole_record=whole,
        whole_from=max((day.isoformat() for day in map(whole_from, _lists(bundle)) if day), default=""),
        held_ids=frozenset(_in_the_record(bundle, source_system, "Observation", "Immunization", "Condition")),
        former_numbers=bundle.former_numbers,
        resources=tuple(sorted(Counter(text(each.resource, "resourceType") for each in (*entries, *planned)).items())),
        planning=Planning(
            nhs_number=bundle.nhs_number,
            born=text(bundle.patient, "birthDate"),
            entries=planned_of(bundle, ((each, _raw(each.resource)) for each in planned), source_system),
            whole=whole and _holds_all_planned(bundle, named),
            held_ids=frozenset(_in_the_record(bundle, source_system, PLANNED)),
        ),
        notes=_notes(bundle, partly),
        left_out=tuple(sorted(left_out.items())),
    )


def _source_system(bundle: Bundle, entries: Iterable[Entry]) -> str:
    """The system that gave the entries their ids; without entries, the one that gave medication and other resources
    theirs.
    """
    others = (each for _, each in bundle.entries if text(each, "resourceType") not in _SCAFFOLDING)
    systems = (identifier(each)[0] for each in chain((entry.resource for entry in entries), others))
    return next(filter(None, systems), "")


def _entries_and_planned(bundle: Bundle) -> tuple[list[Entry], list[Entry], Counter[str]]:
    """The entries of work done, the planned entries, and a count by kind of what is left out."""
    entries: list[Entry] = []
    planned: list[Entry] = []
    left_out: Counter[str] = Counter()
    for place, resource in bundle.entries:
        kind = text(resource, "resourceType")
        if kind in _SCAFFOLDING:
            continue
        if why := not_done(resource):
            # It is no longer in the record, or not work. If an earlier extract had it, this import withdraws it.
            left_out[why] += 1
        elif kind not in _READ:
            left_out[kind if kind.isalpha() and len(kind) < 40 else "resource of an unknown type"] += 1
        elif kind == "Condition":
            left_out[_header(bundle, resource)] += 1
        else:
            entry = planned_entry(place, resource) if kind == PLANNED else entry_of(place, kind, resource)
            if next(codings(entry.concept), None) is None and (kind == PLANNED or not unnamed_code(entry.concept)):
                left_out[f"{kind} {uncoded(entry.concept)}"] += 1
            else:
                (planned if kind == PLANNED else entries).append(entry)
    return entries, planned, left_out


def _header(bundle: Bundle, condition: Node) -> str:
    heads = bundle.find(reference(extension(condition, _ACTUAL_PROBLEM), "valueReference"), condition)
    return "Condition (header of an entry)" if heads else "Condition (header of an entry that is not in the bundle)"


def _in_the_record(bundle: Bundle, source_system: str, *kinds: str) -> Iterator[str]:
    """The ids of entries of these kinds that the record still has, whether they could be read or not.

    The header of a problem counts for the entry it heads. Its id is the entry's id, or that id followed by `PROB`.
    """
    for _, resource in bundle.entries:
        if text(resource, "resourceType") in kinds and not not_done(resource):
            own = source_id_of(bundle, resource, source_system)
            yield own
            if text(resource, "resourceType") == "Condition":
                yield own.removesuffix("PROB")


def _rows(bundle: Bundle, entries: list[Entry], source_system: str) -> Iterator[Row]:
    patient = patient_cells(bundle)
    # An entry before birth is quarantined for that reason. Its birth date ensures that it never goes to another person
    # who has this number in the store. Such entries come last. Where no other entry with a day describes the patient, a
    # row of the patient alone does.
    born = patient["date_of_birth"]
    days = {entry.place: day(entry.moment) for entry in entries}
    early = {place for place, on in days.items() if on < born}
    if all(place in early or cells.day(on)[0] is None for place, on in days.items()):
        place = next(place for place, resource in bundle.entries if resource is bundle.patient)
        yield Row(place, _raw(bundle.patient), _cells(patient))
    for entry in sorted(entries, key=lambda each: each.place in early):
        yield Row(
            entry.place,
            _raw(entry.resource),
            _cells({**patient, **entry_cells(bundle, entry, source_system)}),
            fault_of(bundle, entry.resource) or (_NO_SYSTEM if unnamed_code(entry.concept) else ""),
        )


_NO_SYSTEM = (
    "code_system: the code does not say which system it is of, so a contract may pay for it; "
    "correct it in the clinical system and import again"
)


def _lists(bundle: Bundle) -> list[Node]:
    return [each for _, each in bundle.entries if text(each, "resourceType") == "List"]


def _named_sections(bundle: Bundle) -> set[str]:
    """The titles of the sections a bundle has. A request may ask for only some, such as immunisations."""
    return {title for each in _lists(bundle) for title in _titles(each)}


def _titles(section: Node) -> set[str]:
    sections = _sections()
    by_code = {sections.by_code.get(code, "") for _, code in codings(node(section.get("code")))}
    return ({text(section, "title")} | by_code) & sections.all


def _why_not_whole(bundle: Bundle, named: set[str]) -> str:
    """Why an entry that is missing here may still be in the record; "" where every section of activity is whole.

    A bundle that names no section but has an entry counts as whole, because the profile is made for whole records.
    """
    of_activity = _sections().of_activity
    if bundle.searched:
        return "it is the answer to a search"
    if named and not of_activity <= named:
        return "only part of the record was asked for"
    kinds = {text(each, "resourceType") for _, each in bundle.entries}
    if not named and not kinds & {"Observation", "Immunization", PLANNED}:
        return "it names no section and holds no entry"
    if "OperationOutcome" in kinds:
        return "the system that handed it over warns of it (OperationOutcome)"
    if bundle.gaps:
        return f"{bundle.gaps} of its entries are empty"
    lacking = [words for each in _lists(bundle) if _titles(each) & of_activity and (words := lacks(each))]
    return f"a section says that it is not complete ({lacking[0]})" if lacking else ""


def _holds_all_planned(bundle: Bundle, named: set[str]) -> bool:
    of_planned = _sections().of_planned
    lacking = any(lacks(each) for each in _lists(bundle) if _titles(each) & of_planned)
    return not named or (of_planned <= named and not lacking)


def _notes(bundle: Bundle, partly: str) -> tuple[str, ...]:
    notes = [f"{partly}: nothing is taken as withdrawn"] if partly else []
    if bundle.former_numbers:
        notes.append("the record names an NHS number that the patient had before; the one in use is taken")
    if bundle.patient.get("active") is False or is_inactive(bundle):
        notes.append("the record says that it is not in use any more (inactive); check that the patient is yours")
    return tuple(notes)


class _Sections(NamedTuple):
    """The titles of sections with activity, of those with planned work, and of all sections; and the title for each
    code.
    """

    of_activity: frozenset[str]
    of_planned: frozenset[str]
    all: frozenset[str]
    by_code: dict[str, str]


@cache
def _sections() -> _Sections:
    text_ = files("lescli.readers").joinpath("profiles/gpconnect.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text_)
    by_code = {**data["sections"], **data["planned_section"]}
    of_activity, of_planned = (frozenset(data[name].values()) for name in ("sections", "planned_section"))
    return _Sections(of_activity, of_planned, of_activity | of_planned | set(data["other_sections"]), by_code)


def _cells(by_column: dict[str, str]) -> tuple[str, ...]:
    return tuple(by_column.get(column, "") for column in _COLUMNS)


def _raw(resource: Node) -> str:
    return json.dumps(resource, separators=(",", ":"), default=_decimal)


def _decimal(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) and -300 < value.adjusted() < 300 else str(value)
