"""Profile `gpconnect`: one patient's record as GP Connect Access Record Structured hands it over (FHIR STU3).

What counts as an entry was settled by looking at published bundles. `Observation` and `Immunization` are work done.
A `Condition` is the header of a problem: it points (ActualProblem) at the entry it heads and repeats its code, so it is
an entry of its own only where that entry is not in the bundle. `ProcedureRequest` is work planned, not done.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path

from .bundle import Bundle, read_bundle
from .fhir import Node, codings, day, extension, instant, node, reference, text
from .gpconnect_entry import Entry, entry_cells, entry_of, identifier, patient_cells
from .reading import COLUMNS, Reading, Row

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
    entries, left_out = _sorted_out(bundle)
    source_system = next(filter(None, (identifier(entry.resource)[0] for entry in entries)), "")
    whole = _is_whole(bundle)
    moments = [instant(text(each, "date")) for _, each in bundle.entries if text(each, "resourceType") == "List"]
    return Reading(
        profile="gpconnect",
        columns=COLUMNS,
        rows=_rows(bundle, entries, source_system),
        extracted_at=max((moment for moment in moments if moment), default=None),
        source_system=source_system,
        whole_record=whole,
        resources=tuple(sorted(Counter(text(entry.resource, "resourceType") for entry in entries).items())),
        notes=() if whole else ("only part of the record was asked for: nothing is taken as withdrawn",),
        left_out=tuple(sorted(left_out.items())),
    )


def _sorted_out(bundle: Bundle) -> tuple[list[Entry], Counter[str]]:
    """The entries that are read, and a count of the rest by kind."""
    entries: list[Entry] = []
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
        elif kind not in ("Observation", "Immunization", "Condition"):
            left_out[kind if kind.isalpha() and len(kind) < 40 else "resource of an unknown type"] += 1
        elif kind == "Condition" and bundle.find(reference(extension(resource, _ACTUAL_PROBLEM), "valueReference")):
            left_out["Condition (header of an entry)"] += 1
        else:
            entry = entry_of(place, kind, resource)
            if next(codings(entry.concept), None) is None:
                left_out[f"{kind} without a code"] += 1
            else:
                entries.append(entry)
    return entries, left_out


def _rows(bundle: Bundle, entries: list[Entry], source_system: str) -> Iterator[Row]:
    patient = patient_cells(bundle)
    # The date of birth and the entry come from one record, so an entry before birth is no mix-up of columns: the record
    # is taken as it stands. Such a row goes without the patient's facts, and after the rows that have them.
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


def _is_whole(bundle: Bundle) -> bool:
    """Whether every section that holds entries was asked for: a request may name only some, such as immunisations.

    A bundle that names no section at all is taken as whole, which is what the profile is for.
    """
    lists = [each for _, each in bundle.entries if text(each, "resourceType") == "List"]
    named = {text(each, "title") for each in lists}
    sections, others = _sections()
    named |= {sections.get(code, "") for each in lists for _, code in codings(node(each.get("code")))}
    needed = set(sections.values())
    return needed <= named or not named & (needed | others)


@cache
def _sections() -> tuple[dict[str, str], frozenset[str]]:
    """Titles of the sections that hold activity, by their code, and of the others, from profiles/gpconnect.toml."""
    text_ = files(__package__).joinpath("profiles/gpconnect.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text_)
    return dict(data["sections"]), frozenset(data["other_sections"])


def _cells(by_column: dict[str, str]) -> tuple[str, ...]:
    return tuple(by_column.get(column, "") for column in COLUMNS)


def _raw(resource: Node) -> str:
    return json.dumps(resource, separators=(",", ":"), default=_decimal)


def _decimal(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) and -300 < value.adjusted() < 300 else str(value)
