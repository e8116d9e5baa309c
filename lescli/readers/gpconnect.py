"""Profile `gpconnect`: one patient's record as GP Connect Access Record Structured hands it over (FHIR STU3).

What counts as an entry was settled by looking at published bundles. `Observation` and `Immunization` are work done.
A `Condition` is the header of a problem: it points (ActualProblem) at the entry it heads and repeats its code, so it is
an entry of its own only where that entry is not in the bundle. `ProcedureRequest` is work planned, not done.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from .bundle import Bundle, read_bundle
from .fhir import (
    Node,
    codings,
    day,
    extension,
    instant,
    measured,
    name,
    node,
    nodes,
    paired,
    reference,
    term,
    text,
    token,
)
from .reading import COLUMNS, Reading, Row

_ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
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
_SECTIONS = {
    "1102181000000102": "Immunisations",
    "887191000000108": "Investigations and results",
    "826501000000100": "Uncategorised data",
}
_OTHER_SECTIONS = frozenset({"Allergies and adverse reactions", "Medications and medical devices", "Problems"})
_ACTUAL_PROBLEM = "Extension-CareConnect-ActualProblem"
_PATIENT_CELLS = COLUMNS[:11]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What differs between the resource types that are entries."""

    place: int
    resource: Node
    concept: Node
    moment: str
    recorded: str
    performer: str
    encounter: str
    subject: str


def read_gpconnect(path: Path) -> Reading:
    """Read a bundle whole (it is one patient's record, at most 64 MB).

    Raises UnreadableFileError, see `read_bundle`. A row's line is its place in the bundle.
    """
    bundle = read_bundle(path)
    entries, left_out = _sorted_out(bundle)
    source_system = next(filter(None, (_identifier(entry.resource)[0] for entry in entries)), "")
    whole = _is_whole(bundle)
    moments = [instant(text(each, "date")) for _, each in bundle.entries if text(each, "resourceType") == "List"]
    return Reading(
        profile="gpconnect",
        columns=COLUMNS,
        rows=_rows(bundle, entries, source_system),
        extracted_at=max((moment for moment in moments if moment), default=None),
        source_system=source_system,
        whole_record=whole,
        notes=() if whole else ("only part of the record was asked for: nothing is taken as withdrawn",),
        left_out=tuple(sorted(left_out.items())),
    )


def _sorted_out(bundle: Bundle) -> tuple[list[_Entry], Counter[str]]:
    """The entries that are read, and a count of the rest by kind."""
    entries: list[_Entry] = []
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
            left_out[kind or "resource without a type"] += 1
        elif kind == "Condition" and bundle.find(reference(extension(resource, _ACTUAL_PROBLEM), "valueReference")):
            left_out["Condition (header of an entry)"] += 1
        else:
            entry = _entry(place, kind, resource)
            if next(codings(entry.concept), None) is None:
                left_out[f"{kind} without a code"] += 1
            else:
                entries.append(entry)
    return entries, left_out


def _entry(place: int, kind: str, resource: Node) -> _Entry:
    if kind == "Immunization":
        # Its vaccineCode is a NullFlavor; what was done stands in an extension.
        concept = node(extension(resource, "Extension-CareConnect-VaccinationProcedure").get("valueCodeableConcept"))
        actors = [reference(each, "actor") for each in nodes(resource, "practitioner")]
        recorded = text(extension(resource, "Extension-CareConnect-DateRecorded"), "valueDateTime")
        moment, performer = text(resource, "date"), next((each for each in actors if each), "")
        encounter, subject = reference(resource, "encounter"), reference(resource, "patient")
        return _Entry(place, resource, concept, moment, recorded, performer, encounter, subject)
    concept, encounter, subject = (
        node(resource.get("code")),
        reference(resource, "context"),
        reference(resource, "subject"),
    )
    if kind == "Condition":
        recorded = text(resource, "assertedDate")
        moment = text(resource, "onsetDateTime") or recorded
        return _Entry(place, resource, concept, moment, recorded, reference(resource, "asserter"), encounter, subject)
    recorded = text(resource, "issued")
    moment = text(resource, "effectiveDateTime") or text(node(resource.get("effectivePeriod")), "start") or recorded
    performers = [text(each, "reference") for each in nodes(resource, "performer")]
    performer = next((each for each in performers if "Practitioner/" in each), "")
    return _Entry(place, resource, concept, moment, recorded, performer, encounter, subject)


def _rows(bundle: Bundle, entries: list[_Entry], source_system: str) -> Iterator[Row]:
    patient = _patient_cells(bundle)
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
            _cells({**facts, **_entry_cells(bundle, entry, source_system)}),
            "row: the entry says that it belongs to another patient" if other_patient else "",
        )


def _patient_cells(bundle: Bundle) -> dict[str, str]:
    patient = bundle.patient
    family, given = name(patient)
    details = extension(patient, "Extension-CareConnect-GPC-RegistrationDetails")
    period = node(extension(details, "registrationPeriod").get("valuePeriod"))
    kind = term(node(extension(details, "registrationType").get("valueCodeableConcept"))).casefold()
    cells = (
        bundle.nhs_number,
        family,
        given,
        text(patient, "birthDate"),
        text(patient, "gender"),
        _ods_code(bundle.find(reference(patient, "managingOrganization"))),
        "temporary" if kind.startswith("temporary") else "",
        day(text(period, "start")),
        day(text(period, "end")),
        day(text(patient, "deceasedDateTime")),
        "",
    )
    return dict(zip(_PATIENT_CELLS, cells, strict=True))


def _entry_cells(bundle: Bundle, entry: _Entry, source_system: str) -> dict[str, str]:
    encounter = bundle.find(entry.encounter)
    practitioner = bundle.find(entry.performer)
    (system, code), *others = codings(entry.concept)
    value, unit = measured(entry.resource)
    if not value:
        value, unit = paired(entry.resource)
    family, given = name(practitioner)
    their_system, source_id = _identifier(entry.resource)
    patient_id = _bare(text(bundle.patient, "id"))
    source_id = _bare(source_id or text(entry.resource, "id"))
    # Later extracts write the patient's id before the entry's; the entry is the same one.
    if patient_id and source_id.startswith(patient_id) and source_id != patient_id:
        source_id = source_id[len(patient_id) :]
    if text(entry.resource, "resourceType") == "Condition":
        source_id = source_id.removesuffix("PROB")
    return {
        "date": day(entry.moment),
        "code": code,
        "code_system": system,
        "other_codes": " ".join(token(*other) for other in others),
        "term": term(entry.concept),
        "value": value,
        "unit": unit,
        "consultation_type": next((text(each, "text") or term(each) for each in nodes(encounter, "type")), ""),
        # Without the title: "Dr" comes and goes between systems, and accreditations are kept by name.
        "clinician": f"{given} {family}".strip(),
        "done_at": _ods_code(bundle.find(reference(encounter, "serviceProvider"))),
        "recorded_on": day(entry.recorded),
        "source_id": source_id if their_system in ("", source_system) else f"{their_system}|{source_id}",
    }


def _identifier(resource: Node) -> tuple[str, str]:
    """(system, value) of the id the clinical system gave the entry."""
    found = [(text(each, "system"), text(each, "value")) for each in nodes(resource, "identifier")]
    return next(((system, value) for system, value in found if system and value), ("", ""))


def _bare(guid: str) -> str:
    return guid.replace("-", "").upper()


def _ods_code(organisation: Node) -> str:
    codes = [text(each, "value") for each in nodes(organisation, "identifier") if text(each, "system") == _ODS]
    return codes[0] if codes else ""


def _is_whole(bundle: Bundle) -> bool:
    """Whether every section that holds entries was asked for: a request may name only some, such as immunisations.

    A bundle that names no section at all is taken as whole, which is what the profile is for.
    """
    lists = [each for _, each in bundle.entries if text(each, "resourceType") == "List"]
    named = {text(each, "title") for each in lists}
    named |= {_SECTIONS.get(code, "") for each in lists for _, code in codings(node(each.get("code")))}
    needed = set(_SECTIONS.values())
    return needed <= named or not named & (needed | _OTHER_SECTIONS)


def _cells(by_column: dict[str, str]) -> tuple[str, ...]:
    return tuple(by_column.get(column, "") for column in COLUMNS)


def _raw(resource: Node) -> str:
    return json.dumps(resource, separators=(",", ":"), default=_decimal)


def _decimal(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) and value.is_finite() else str(value)
