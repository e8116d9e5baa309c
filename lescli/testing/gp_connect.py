"""GP Connect bundles of invented patients, in the shape of those published for testing record transfer.

bundle(1, "2026-06-03T09:00:00+01:00", [observation(1, 1, "2026-05-11", 2.5), planned(1, 2)])
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from .tables import nhs_number

Resource = dict[str, Any]

_FHIR = "https://fhir.nhs.uk/STU3/StructureDefinition"
_SECTIONS = {
    "Immunisations": "1102181000000102",
    "Investigations and results": "887191000000108",
    "Uncategorised data": "826501000000100",
    "Patient recall administration": "714311000000108",
}
_INR = ("165581004", "42QE.00")
_INJECTION = "700139004"
_PERSON, _ENCOUNTER, _PRACTITIONER, _PRACTICE = range(1, 5)


def bundle(patient: int, moment: str, entries: Sequence[Resource], sections: Sequence[str] = tuple(_SECTIONS)) -> Any:
    """The record of the n-th patient at a moment; it is whole unless only some sections are asked for."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": resource}
            for resource in (
                _person(patient),
                *_around(patient),
                *entries,
                of_record(patient, "MedicationStatement", 1, status="active"),
                *(
                    {"resourceType": "List", "date": moment, "title": t, "code": _concept(_SECTIONS[t])}
                    for t in sections
                ),
            )
        ],
    }


def observation(patient: int, number: int, day: str, value: float, **more: Any) -> Resource:
    """An INR measured at a home visit; the same entry has the same `number` in a later extract."""
    common = {
        "status": "final",
        "code": _concept(*_INR),
        "subject": {"reference": f"Patient/{_id(patient, _PERSON)}"},
        "context": {"reference": f"Encounter/{_id(patient, _ENCOUNTER)}"},
        "effectiveDateTime": day,
        "issued": f"{day}T10:15:30.25+01:00",
        "performer": [{"reference": f"Practitioner/{_id(patient, _PRACTITIONER)}"}],
        "valueQuantity": {"value": value, "unit": "ratio"},
    }
    return of_record(patient, "Observation", number, **(common | more))


def immunization(patient: int, number: int, day: str, **more: Any) -> Resource:
    """An injection given at a home visit; its code is in an extension, as in GP Connect."""
    address = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-VaccinationProcedure-1"
    common = {
        "extension": [{"url": address, "valueCodeableConcept": _concept(_INJECTION)}],
        "status": "completed",
        "notGiven": False,
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/v3/NullFlavor", "code": "UNK"}]},
        "patient": {"reference": f"Patient/{_id(patient, _PERSON)}"},
        "encounter": {"reference": f"Encounter/{_id(patient, _ENCOUNTER)}"},
        "date": day,
        "primarySource": True,
        "practitioner": [{"actor": {"reference": f"Practitioner/{_id(patient, _PRACTITIONER)}"}}],
    }
    return of_record(patient, "Immunization", number, **(common | more))


def injection(patient: int, number: int, day: str, **more: Any) -> Resource:
    """The same injection as an Observation."""
    return observation(patient, number, day, 1, **({"code": _concept(_INJECTION), "valueQuantity": None} | more))


def header(patient: int, number: int, of: Resource, day: str, **more: Any) -> Resource:
    """The problem header for an entry, with the entry's code, and its id followed by `PROB`."""
    address = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ActualProblem-1"
    common = {
        "extension": [{"url": address, "valueReference": {"reference": f"{of['resourceType']}/{of['id']}"}}],
        "identifier": [{**of["identifier"][0], "value": f"{of['identifier'][0]['value']}PROB"}],
        "clinicalStatus": "active",
        "code": of.get("code", _concept(_INJECTION)),
        "subject": {"reference": f"Patient/{_id(patient, _PERSON)}"},
        "onsetDateTime": day,
        "assertedDate": day,
    }
    return of_record(patient, "Condition", number, **(common | more))


def planned(patient: int, number: int, **more: Any) -> Resource:
    """A diary entry for 1 July, made on 4 May; with `intent="order"` a request."""
    common = {
        "status": "active",
        "intent": "plan",
        "code": _concept(*_INR),
        "subject": {"reference": f"Patient/{_id(patient, _PERSON)}"},
        "context": {"reference": f"Encounter/{_id(patient, _ENCOUNTER)}"},
        "occurrenceDateTime": "2026-07-01",
        "authoredOn": "2026-05-04T10:15:30.25+01:00",
        "requester": {"agent": {"reference": f"Practitioner/{_id(patient, _PRACTITIONER)}"}},
    }
    return of_record(patient, "ProcedureRequest", number, **(common | more))


def of_record(patient: int, kind: str, number: int, /, **more: Any) -> Resource:
    """A resource of any type, with the id, identifier and profile that every entry of a record has."""
    own = _id(patient, sum(map(ord, kind)), number)
    return {
        "resourceType": kind,
        "id": own,
        "meta": {"profile": [f"{_FHIR}/CareConnect-GPC-{kind}-1"]},
        "identifier": [{"system": "https://EMISWeb/A82038", "value": own}],
        **more,
    }


def _person(patient: int) -> Resource:
    registered = {"url": "registrationPeriod", "valuePeriod": {"start": "2010-01-05"}}
    return {
        "resourceType": "Patient",
        "id": _id(patient, _PERSON),
        "extension": [{"url": f"{_FHIR}/Extension-CareConnect-GPC-RegistrationDetails-1", "extension": [registered]}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs_number(patient)}],
        "name": [{"use": "official", "family": f"Invented{patient}", "given": ["Sam"], "prefix": ["Mx"]}],
        "gender": "female",
        "birthDate": (date(1940, 1, 1) + timedelta(days=patient)).isoformat(),
        "managingOrganization": {"reference": f"Organization/{_id(0, _PRACTICE)}"},
    }


def _around(patient: int) -> list[Resource]:
    """The resources that entries refer to."""
    ods = {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A82038"}
    return [
        {"resourceType": "Organization", "id": _id(0, _PRACTICE), "identifier": [ods], "name": "Test Surgery"},
        {
            "resourceType": "Practitioner",
            "id": _id(patient, _PRACTITIONER),
            "name": [{"use": "official", "family": "Carr", "given": ["Bo"], "prefix": ["Dr"]}],
        },
        {
            "resourceType": "Encounter",
            "id": _id(patient, _ENCOUNTER),
            "type": [{"text": "Home visit note"}],
            "serviceProvider": {"reference": f"Organization/{_id(0, _PRACTICE)}"},
        },
    ]


def _concept(code: str, read: str = "") -> Resource:
    coding: list[Resource] = [{"system": "http://snomed.info/sct", "code": code, "display": "Words"}]
    if read:
        coding.append({"system": "http://read.info/readv2", "code": read, "display": "Words", "userSelected": True})
    return {"coding": coding}


def _id(patient: int, kind: int, number: int = 0) -> str:
    return f"{kind:08X}-0000-4000-8000-{patient:06d}{number:06d}"
