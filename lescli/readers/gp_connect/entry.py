"""One entry of a GP Connect record, of any resource type, becomes les columns. Requests become planned entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..cells import token
from ..planned import PlannedEntry, RefusedEntry, checked_entry
from ..reading import COLUMNS, MARKS, PATIENT_COLUMNS
from .bundle import Bundle
from .fhir import (
    Node,
    codings,
    day,
    extension,
    marks_of,
    measured,
    name,
    node,
    nodes,
    not_understood,
    paired,
    reference,
    term,
    text,
    unnamed_code,
)

_REGISTRATIONS = {
    "temporary": frozenset({"t", "temporary"}),
    "none": frozenset(
        {"e", "emergency", "i", "in", "immediately", "p", "private", "o", "other", "s", "synthetic", "d", "dummy"}
    ),
}
_ODS = "https://fhir.nhs.uk/Id/ods-organization-code"

PLANNED = "ProcedureRequest"


@dataclass(frozen=True, slots=True)
class Entry:
    """What differs between the resource types that are entries."""

    place: int
    resource: Node
    concept: Node
    moment: str
    recorded: str
    performer: str
    encounter: str
    subject: str


def entry_of(place: int, kind: str, resource: Node) -> Entry:
    """The entry in an Observation or an Immunization."""
    if kind == "Immunization":
        # Its vaccineCode is a NullFlavor. An extension says what was done.
        procedure = extension(resource, "Extension-CareConnect-VaccinationProcedure")
        concept = node(procedure.get("valueCodeableConcept")) or node(resource.get("vaccineCode"))
        actors = [reference(each, "actor") for each in nodes(resource, "practitioner")]
        recorded = text(extension(resource, "Extension-CareConnect-DateRecorded"), "valueDateTime")
        moment, performer = text(resource, "date"), next((each for each in actors if each), "")
        encounter, subject = reference(resource, "encounter"), reference(resource, "patient")
        return Entry(place, resource, concept, moment, recorded, performer, encounter, subject)
    concept = node(resource.get("code"))
    encounter, subject = reference(resource, "context"), reference(resource, "subject")
    recorded = text(resource, "issued")
    moment = text(resource, "effectiveDateTime") or text(node(resource.get("effectivePeriod")), "start") or recorded
    performers = [text(each, "reference") for each in nodes(resource, "performer")]
    performer = next((each for each in performers if each and "Organization/" not in each), "")
    return Entry(place, resource, concept, moment, recorded, performer, encounter, subject)


def patient_cells(bundle: Bundle) -> dict[str, str]:
    """The patient's cells by column."""
    patient = bundle.patient
    family, given = name(patient)
    died = text(patient, "deceasedDateTime")
    details = extension(patient, "Extension-CareConnect-GPC-RegistrationDetails")
    period = node(extension(details, "registrationPeriod").get("valuePeriod"))
    kind = node(extension(details, "registrationType").get("valueCodeableConcept"))
    cells = (
        bundle.nhs_number,
        family,
        given,
        text(patient, "birthDate"),
        text(patient, "gender"),
        _ods_code(bundle.find(reference(patient, "managingOrganization"))),
        _registration(kind),
        day(text(period, "start")),
        day(text(period, "end")),
        day(died),
        _yes_no(patient.get("deceasedBoolean")) if not died else "",
        "",
    )
    return dict(zip(PATIENT_COLUMNS, cells, strict=True))


def is_inactive(bundle: Bundle) -> bool:
    """Whether the record says that the registration is inactive, whatever its end date."""
    details = extension(bundle.patient, "Extension-CareConnect-GPC-RegistrationDetails")
    return (
        _words(node(extension(details, "registrationStatus").get("valueCodeableConcept"))) & {"i", "inactive"} != set()
    )


def _registration(kind: Node) -> str:
    """`temporary`, `none`, or "" for a regular one, from the code or words of CareConnect's registration types."""
    words = _words(kind)
    return next((named for named, those in _REGISTRATIONS.items() if words & those), "")


def _words(concept: Node) -> set[str]:
    codes = {text(each, "code") for each in nodes(concept, "coding")}
    return {each.casefold().strip() for each in (*codes, term(concept), *term(concept).split()[:1])}


def stated_columns(bundle: Bundle) -> frozenset[str]:
    """The columns that a record states. Those of a registration are stated only where the record has one."""
    details = extension(bundle.patient, "Extension-CareConnect-GPC-RegistrationDetails")
    registration = {"registration", "registered_on", "left_on"} if not details else set()
    return frozenset((*COLUMNS, MARKS)).difference({"housebound"}, registration)


def entry_cells(bundle: Bundle, entry: Entry, source_system: str) -> dict[str, str]:
    """The entry's cells by column."""
    encounter = _if_held(bundle.find(entry.encounter, entry.resource))
    practitioner = bundle.find(entry.performer, entry.resource)
    if text(practitioner, "resourceType") == "PractitionerRole":
        practitioner = bundle.find(reference(practitioner, "practitioner"), entry.resource)
    (system, code), *others = tuple(codings(entry.concept)) or (("", unnamed_code(entry.concept)),)
    value, unit = measured(entry.resource)
    if not value:
        value, unit = paired(entry.resource)
    family, given = name(practitioner)
    return {
        "date": day(entry.moment),
        "code": code,
        "code_system": system,
        "other_codes": " ".join(token(*other) for other in others),
        "term": term(entry.concept),
        "value": value,
        "unit": unit,
        "consultation_type": next((text(each, "text") or term(each) for each in nodes(encounter, "type")), ""),
        # Without the title: systems differ on "Dr", and accreditations are stored by name.
        "clinician": f"{given} {family}".strip(),
        "done_at": _ods_code(bundle.find(reference(encounter, "serviceProvider"), entry.resource)),
        "recorded_on": day(entry.recorded),
        "source_id": source_id_of(bundle, entry.resource, source_system),
        MARKS: " ".join(marks_of(entry.resource)),
    }


def source_id_of(bundle: Bundle, resource: Node, source_system: str) -> str:
    """The id by which later exports know the entry. Its system is put before it where that is not the main one."""
    their_system, source_id = identifier(resource)
    patient_id = _bare(text(bundle.patient, "id"))
    source_id = _bare(source_id or text(resource, "id"))
    # Later extracts write the patient's id before the entry's id, but mean the same entry.
    if patient_id and source_id.startswith(patient_id) and source_id != patient_id:
        source_id = source_id[len(patient_id) :]
    return source_id if their_system in ("", source_system) else f"{their_system}|{source_id}"


def _if_held(encounter: Node) -> Node:
    """The consultation if it took place; `{}` for one that was planned, cancelled or entered in error."""
    return {} if text(encounter, "status") in ("planned", "cancelled", "entered-in-error") else encounter


def _yes_no(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else ""


def fault_of(bundle: Bundle, resource: Node) -> str:
    """Why an entry cannot be trusted, whatever its cells; "" where nothing is wrong."""
    about = "patient" if text(resource, "resourceType") == "Immunization" else "subject"
    if bundle.is_of_another(resource, about):
        return "row: the entry says that it belongs to another patient"
    return not_understood(resource)


def identifier(resource: Node) -> tuple[str, str]:
    """(system, value) of the id that the clinical system gave the entry."""
    found = [(text(each, "system"), text(each, "value")) for each in nodes(resource, "identifier")]
    return next(((system, value) for system, value in found if system and value), ("", ""))


def _bare(guid: str) -> str:
    return guid.replace("-", "").upper()


def _ods_code(organisation: Node) -> str:
    codes = [text(each, "value") for each in nodes(organisation, "identifier") if text(each, "system") == _ODS]
    return codes[0] if codes else ""


def planned_entry(place: int, resource: Node) -> Entry:
    """The fields that a ProcedureRequest shares with the entries of activity."""
    asked = text(resource, "authoredOn")
    requester = reference(node(resource.get("requester")), "agent")
    encounter, subject = reference(resource, "context"), reference(resource, "subject")
    return Entry(place, resource, node(resource.get("code")), asked, asked, requester, encounter, subject)


def planned_of(
    bundle: Bundle, entries: Iterable[tuple[Entry, str]], source_system: str
) -> tuple[PlannedEntry | RefusedEntry, ...]:
    """The checked entries. Each is given with its original text."""
    answered = _answered(bundle)
    return tuple(_checked(bundle, entry, raw, source_system, id(entry.resource) in answered) for entry, raw in entries)


def _checked(bundle: Bundle, entry: Entry, raw: str, source_system: str, answered: bool) -> PlannedEntry | RefusedEntry:
    resource = entry.resource
    status = text(resource, "status")
    cells = entry_cells(bundle, entry, source_system) | {
        "asked_on": day(entry.moment),
        "planned_on": day(_planned(resource)),
        "priority": text(resource, "priority"),
        "intent": text(resource, "intent"),
        "status": "completed" if answered and status == "active" else status,
    }
    fault = fault_of(bundle, resource)
    return checked_entry(entry.place, raw, cells, fault)


def _planned(resource: Node) -> str:
    """The moment it is planned for: a date, the first day of a period, or else its last."""
    span = node(resource.get("occurrencePeriod"))
    return text(resource, "occurrenceDateTime") or text(span, "start") or text(span, "end")


def _answered(bundle: Bundle) -> set[int]:
    """The requests (by identity) that a report or result of the bundle is based on."""
    return {
        id(bundle.find(text(each, "reference")))
        for _, resource in bundle.entries
        if text(resource, "resourceType") != PLANNED
        for each in nodes(resource, "basedOn")
    }
