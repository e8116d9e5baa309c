"""Profile `gpconnect`: one patient's record as GP Connect Access Record Structured hands it over (FHIR STU3).

What counts as an entry was settled by looking at published bundles. `Observation` and `Immunization` are work done.
A `Condition` is the header of a problem: it points (ActualProblem) at the entry it heads and repeats its code, so it is
an entry of its own only where that entry is not in the bundle. `ProcedureRequest` is work asked for or planned, not
done, and is kept apart (gpconnect_planned.py).
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

from .bundle import Bundle, read_bundle
from .fhir import Node, codings, day, extension, instant, node, reference, text
from .gpconnect_entry import Entry, entry_cells, entry_of, identifier, patient_cells, stated_columns
from .gpconnect_planned import KIND as PLANNED
from .gpconnect_planned import planned_entry, planned_of
from .planning import Planning
from .reading import COLUMNS, Reading, Row
from .wording import RECORD

# They describe the record or are pointed at by its entries; leaving them out loses nothing.
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
_ACTUAL_PROBLEM = "Extension-CareConnect-ActualProblem"


def read_gpconnect(path: Path) -> Reading:
    """Read a bundle whole (it is one patient's record, at most 64 MB).

    Raises UnreadableFileError, see `read_bundle`. A row's line is its place in the bundle.
    """
    bundle = read_bundle(path)
    entries, planned, left_out = _sorted_out(bundle)
    source_system = _source_system(bundle, (*entries, *planned))
    named = _named_sections(bundle)
    whole = _is_whole(named)
    moments = [instant(text(each, "date")) for _, each in bundle.entries if text(each, "resourceType") == "List"]
    return Reading(
        profile="gpconnect",
        form=RECORD,
        columns=COLUMNS,
        states=stated_columns(bundle),
        in_utc=True,
        rows=_rows(bundle, entries, source_system),
        extracted_at=max((moment for moment in moments if moment), default=None),
        source_system=source_system,
        whole_record=whole,
        resources=tuple(sorted(Counter(text(each.resource, "resourceType") for each in (*entries, *planned)).items())),
        planning=Planning(
            nhs_number=bundle.nhs_number,
            born=text(bundle.patient, "birthDate"),
            entries=planned_of(bundle, ((each, _raw(each.resource)) for each in planned), source_system),
            whole=whole and (not named or _sections().of_planned <= named),
        ),
        notes=() if whole else ("only part of the record was asked for: nothing is taken as withdrawn",),
        left_out=tuple(sorted(left_out.items())),
    )


def _source_system(bundle: Bundle, entries: Iterable[Entry]) -> str:
    """Whose ids the entries have; where a record has none left, whose ids its medication and other resources have."""
    others = (each for _, each in bundle.entries if text(each, "resourceType") not in _SCAFFOLDING)
    systems = (identifier(each)[0] for each in chain((entry.resource for entry in entries), others))
    return next(filter(None, systems), "")


def _sorted_out(bundle: Bundle) -> tuple[list[Entry], list[Entry], Counter[str]]:
    """The entries that are read, done and planned, and a count of the rest by kind."""
    entries: list[Entry] = []
    planned: list[Entry] = []
    left_out: Counter[str] = Counter()
    for place, resource in bundle.entries:
        kind = text(resource, "resourceType")
        if kind in _SCAFFOLDING:
            continue
        if text(resource, "status") == "entered-in-error" or text(resource, "verificationStatus") == "entered-in-error":
            # Not in the record any more: a re-import then withdraws what an earlier extract held.
            left_out[f"{kind} entered in error"] += 1
        elif kind == "Immunization" and resource.get("notGiven") is True:
            left_out["Immunization not given"] += 1
        elif kind == PLANNED and resource.get("doNotPerform") is True:
            left_out[f"{PLANNED} not to be performed"] += 1
        elif kind not in ("Observation", "Immunization", "Condition", PLANNED):
            left_out[kind if kind.isalpha() and len(kind) < 40 else "resource of an unknown type"] += 1
        elif kind == "Condition" and bundle.find(reference(extension(resource, _ACTUAL_PROBLEM), "valueReference")):
            left_out["Condition (header of an entry)"] += 1
        else:
            entry = planned_entry(place, resource) if kind == PLANNED else entry_of(place, kind, resource)
            if next(codings(entry.concept), None) is None:
                left_out[f"{kind} without a code"] += 1
            else:
                (planned if kind == PLANNED else entries).append(entry)
    return entries, planned, left_out


def _rows(bundle: Bundle, entries: list[Entry], source_system: str) -> Iterator[Row]:
    patient = patient_cells(bundle)
    # The date of birth and the entry come from one record, so an entry before birth is no mix-up of columns: the entry
    # alone is doubtful, and the store puts it aside. Such a row goes without the patient's facts, and after those that
    # have them.
    born = patient["date_of_birth"]
    early = {entry.place for entry in entries if day(entry.moment) < born}
    if len(early) == len(entries):
        place = next(place for place, resource in bundle.entries if resource is bundle.patient)
        yield Row(place, _raw(bundle.patient), _cells(patient))
    for entry in sorted(entries, key=lambda each: each.place in early):
        facts = {"nhs_number": bundle.nhs_number} if entry.place in early else patient
        other_patient = entry.subject and bundle.find(entry.subject) is not bundle.patient
        yield Row(
            entry.place,
            _raw(entry.resource),
            _cells({**facts, **entry_cells(bundle, entry, source_system)}),
            "row: the entry says that it belongs to another patient" if other_patient else "",
        )


def _named_sections(bundle: Bundle) -> set[str]:
    """The titles of the sections a bundle holds; a request may name only some, such as immunisations."""
    sections = _sections()
    lists = [each for _, each in bundle.entries if text(each, "resourceType") == "List"]
    named = {text(each, "title") for each in lists}
    named |= {sections.by_code.get(code, "") for each in lists for _, code in codings(node(each.get("code")))}
    return named & sections.all


def _is_whole(named: set[str]) -> bool:
    """Whether every section that holds activity was asked for.

    A bundle that names no section at all is taken as whole, which is what the profile is for.
    """
    return _sections().of_activity <= named or not named


class _Sections(NamedTuple):
    """Titles of the sections that hold activity, of those that hold what is planned, of all; and by their code."""

    of_activity: frozenset[str]
    of_planned: frozenset[str]
    all: frozenset[str]
    by_code: dict[str, str]


@cache
def _sections() -> _Sections:
    text_ = files(__package__).joinpath("profiles/gpconnect.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text_)
    by_code = {**data["sections"], **data["planned_section"]}
    of_activity, of_planned = (frozenset(data[name].values()) for name in ("sections", "planned_section"))
    return _Sections(of_activity, of_planned, of_activity | of_planned | set(data["other_sections"]), by_code)


def _cells(by_column: dict[str, str]) -> tuple[str, ...]:
    return tuple(by_column.get(column, "") for column in COLUMNS)


def _raw(resource: Node) -> str:
    return json.dumps(resource, separators=(",", ":"), default=_decimal)


def _decimal(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) and -300 < value.adjusted() < 300 else str(value)
