from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from lescli.model import Code
from lescli.readers import open_reading

SNOMED = "http://snomed.info/sct"
READ = "http://read.info/readv2"
EGTON = "https://fhir.hl7.org.uk/Id/egton-codes"
EMIS = "https://EMISWeb/A82038"
PATIENT = "AAAAAAAA-0000-4000-8000-000000000001"
ENTRY = "0e2aad20-7449-45b5-b0e6-bc6163e42789"
BARE = "0E2AAD20744945B5B0E6BC6163E42789"
CARE = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect"


def concept(*codings: tuple[str, str], display: str = "INR") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display} for system, code in codings]}


def observation(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": ENTRY.upper(),
        "identifier": [{"system": EMIS, "value": ENTRY.upper()}],
        "status": "final",
        "code": concept((SNOMED, "165581004")),
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": "2026-05-01",
        "issued": "2026-05-02T10:00:00+01:00",
        "performer": [{"reference": "Practitioner/D"}],
    } | changes


ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "E",
    "type": [{"text": "Externally Entered"}],
    "serviceProvider": {"reference": "Organization/P"},
}
DOCTOR = {
    "resourceType": "Practitioner",
    "id": "D",
    "name": [{"use": "official", "family": "Jones", "given": ["Pat"], "prefix": ["Dr"]}],
}


def a_list(moment: str, title: str) -> dict[str, Any]:
    return {"resourceType": "List", "date": moment, "title": title}


@pytest.fixture
def first(write, read, bundle):
    """The only checked row of a bundle of one observation with some changes."""

    def first_row(**changes: Any):
        _, (row,), bad = read(write(bundle(observation(**changes), ENCOUNTER, DOCTOR), name="a.json"))
        assert bad == []
        return row

    return first_row


def test_an_observation_is_an_activity(first, numbers) -> None:
    row = first(context={"reference": "Encounter/E"})
    assert (row.nhs_number, row.day, row.recorded_on) == (numbers[0], date(2026, 5, 1), date(2026, 5, 2))
    assert row.codes == (Code(system="snomed", code="165581004"),)
    assert (row.consultation_type, row.clinician, row.done_at) == ("Externally Entered", "Pat Jones", "A82038")
    assert (row.term, row.value, row.unit, row.source_id) == ("INR", "", "", BARE)
    patient = row.patient
    assert (patient.family_name, patient.given_name, patient.sex) == ("Test", "Ann Bea", "female")
    assert (patient.date_of_birth, patient.registered_practice) == (date(1950, 2, 1), "A82038")


def test_without_a_consultation_its_cells_are_blank(first) -> None:
    row = first(performer=[{"reference": "Organization/P"}])
    assert (row.consultation_type, row.clinician, row.done_at) == ("", "", "")


def test_an_entry_with_several_codes_is_one_row_with_snomed_first(first) -> None:
    row = first(code=concept((READ, "42QE.00"), (EGTON, "EMIS NQ/1"), ("http://other", "x"), (SNOMED, "165581004")))
    assert row.codes == (
        Code(system="snomed", code="165581004"),
        Code(system="read2", code="42QE"),
        Code(system="local", code="EMIS%20NQ/1"),
    )
    assert first(code=concept((READ, "42QE.00"))).codes == (Code(system="read2", code="42QE"),)


@pytest.mark.parametrize(
    "value",
    [ENTRY, ENTRY.upper(), BARE, PATIENT.replace("-", "") + BARE, f"{PATIENT}-{ENTRY}".lower()],
)
def test_early_and_late_extracts_give_the_same_id(first, value: str) -> None:
    assert first(identifier=[{"system": EMIS, "value": value}]).source_id == BARE


def test_without_an_identifier_the_resource_id_is_used(first) -> None:
    assert first(identifier=[]).source_id == BARE


@pytest.mark.parametrize(
    ("changes", "value", "unit"),
    [
        ({"valueQuantity": {"value": 140.0, "unit": "L/min"}}, "140", "L/min"),
        ({"valueQuantity": {"value": 3.10, "comparator": "<"}}, "<3.1", ""),
        ({"valueQuantity": {"unit": "mg"}}, "", ""),
        ({"valueString": " positive "}, "positive", ""),
        ({"valueCodeableConcept": {"text": "Left arm"}}, "Left arm", ""),
    ],
)
def test_values(first, changes: dict[str, Any], value: str, unit: str) -> None:
    row = first(**changes)
    assert (row.value, row.unit) == (value, unit)


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({"effectiveDateTime": "2026-03-31T23:30:00+00:00"}, date(2026, 4, 1)),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-04-30T12:00:00+01:00"}}, date(2026, 4, 30)),
        ({"effectiveDateTime": None}, date(2026, 5, 2)),
    ],
)
def test_the_day_of_an_entry(first, changes: dict[str, Any], day: date) -> None:
    assert first(**changes).day == day


def test_a_year_alone_is_not_a_day(write, read, bundle) -> None:
    _, rows, bad = read(write(bundle(observation(effectiveDateTime="2010")), name="a.json"))
    assert [reason[:4] for reasons in bad for reason in reasons] == ["date"]
    assert [(row.nhs_number, row.codes) for row in rows] == [("9990000018", ())], "the sound patient beside it is kept"


def immunization(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Immunization",
        "id": ENTRY,
        "extension": [
            {"url": f"{CARE}-DateRecorded-1", "valueDateTime": "2026-05-03T11:12:41.667+00:00"},
            {
                "url": f"{CARE}-VaccinationProcedure-1",
                "valueCodeableConcept": concept((SNOMED, "170433008"), display="MMR"),
            },
        ],
        "identifier": [{"system": EMIS, "value": ENTRY}],
        "status": "completed",
        "notGiven": False,
        "vaccineCode": concept(("http://hl7.org/fhir/v3/NullFlavor", "UNK"), display="unknown"),
        "patient": {"reference": f"Patient/{PATIENT}"},
        "encounter": {"reference": "Encounter/E"},
        "date": "2026-05-02",
        "practitioner": [{"actor": {"reference": "Practitioner/D"}}],
    } | changes


def test_an_immunization_has_its_code_in_an_extension(write, read, bundle) -> None:
    _, (row,), bad = read(write(bundle(immunization(), ENCOUNTER, DOCTOR), name="a.json"))
    assert bad == []
    assert (row.codes, row.term) == ((Code(system="snomed", code="170433008"),), "MMR")
    assert (row.day, row.recorded_on) == (date(2026, 5, 2), date(2026, 5, 3))
    assert (row.clinician, row.consultation_type) == ("Pat Jones", "Externally Entered")


def condition(target: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": f"{ENTRY}-PROB",
        "extension": [{"url": f"{CARE}-ActualProblem-1", "valueReference": {"reference": target}}],
        "identifier": [{"system": EMIS, "value": f"{PATIENT}{ENTRY}PROB".replace("-", "").upper()}],
        "code": concept((SNOMED, "165581004")),
        "onsetDateTime": "2026-05-01",
        "assertedDate": "2026-05-02T10:00:00+01:00",
    } | changes


def test_a_problem_header_is_not_a_second_entry(write, read, bundle) -> None:
    path = write(bundle(observation(), condition(f"Observation/{ENTRY.upper()}")), name="a.json")
    reading, rows, bad = read(path)
    assert (len(rows), bad, reading.left_out) == (1, [], (("Condition (header of an entry)", 1),))


@pytest.mark.parametrize("target", ["Observation/gone", "", "#gone"])
def test_a_problem_whose_entry_is_absent_is_not_an_entry(write, read, bundle, target: str) -> None:
    reading, (row,), bad = read(write(bundle(condition(target)), name="a.json"))
    assert (bad, row.day, row.codes) == ([], None, ())
    assert reading.left_out == (("Condition (header of an entry that is not in the bundle)", 1),)
    assert BARE in reading.held_ids


def test_resources_left_out_are_counted(write, read, bundle) -> None:
    path = write(
        bundle(
            observation(),
            observation(id="2", status="entered-in-error"),
            observation(id="3", code={"text": "no code"}),
            immunization(id="4", notGiven=True),
            condition("", id="5", verificationStatus="entered-in-error"),
            {"resourceType": "ProcedureRequest", "status": "active"},
            {"resourceType": "MedicationStatement"},
            {"resourceType": "MedicationStatement"},
            {"resourceType": "9990000018"},
            ENCOUNTER,
            DOCTOR,
        ),
        name="a.json",
    )
    reading, rows, bad = read(path)
    assert (len(rows), bad) == (1, [])
    assert dict(reading.left_out) == {
        "Observation entered in error": 1,
        "Observation without a code": 1,
        "Immunization not given": 1,
        "Condition entered in error": 1,
        "ProcedureRequest without a code": 1,
        "MedicationStatement": 2,
        "resource of an unknown type": 1,
    }


def test_the_facts_a_reading_gives_about_the_file(write, bundle) -> None:
    lists = [
        a_list("2021-06-02T00:16:47.263+01:00", "Immunisations"),
        a_list("2021-01-19T12:03:02+00:00", "Uncategorised data"),
        a_list("2010-01-14", "Investigations and results"),
    ]
    reading = open_reading(write(bundle(observation(), *lists), name="a.json"))
    assert (reading.profile, reading.source_system) == ("gpconnect", EMIS)
    assert reading.extracted_at == "2021-06-01T23:16:47"
    assert reading.whole_record
    assert open_reading(write(bundle(observation()), name="a.json")).extracted_at is None


def test_a_bundle_of_some_sections_is_not_the_whole_record(write, bundle) -> None:
    path = write(bundle(immunization(), a_list("2026-05-02T00:00:00Z", "Immunisations")), name="a.json")
    reading = open_reading(path)
    assert not reading.whole_record
    assert reading.notes
    assert open_reading(write(bundle(immunization()), name="a.json")).whole_record


def test_a_patient_without_entries_is_described(write, read, bundle, numbers) -> None:
    died = {"deceasedDateTime": "2026-04-30T23:30:00+00:00"}
    reading, (row,), bad = read(write(bundle(patient=died), name="a.json"))
    assert (row.nhs_number, row.day, row.withdraws, bad) == (numbers[0], None, False, [])
    assert row.patient.died_on == date(2026, 5, 1)
    assert reading.source_system == ""


def test_a_row_knows_its_place_and_its_resource(write, bundle) -> None:
    resource = observation(valueQuantity={"value": 3.5})
    (row,) = open_reading(write(bundle(DOCTOR, resource), name="a.json")).rows
    assert row.line == 4
    assert json.loads(row.raw) == resource
    assert ": " not in row.raw.replace('": ', "")


def test_an_entry_of_another_patient_goes_to_quarantine(write, read, bundle) -> None:
    other = observation(subject={"reference": "Patient/somebody-else"})
    _, rows, bad = read(write(bundle(other, observation(subject={})), name="a.json"))
    assert len(rows) == 1
    assert bad == [("row: the entry says that it belongs to another patient",)]


def test_an_entry_before_birth_goes_to_quarantine_alone(write, read, bundle, numbers) -> None:
    early, late = observation(id="1", identifier=[], effectiveDateTime="1949-12-31"), observation()
    _, rows, bad = read(write(bundle(early, late), name="a.json"))
    why = [("date: it is before the date of birth",)]
    assert (bad, [row.day for row in rows]) == (why, [date(2026, 5, 1)])
    _, rows, bad = read(write(bundle(early), name="a.json"))
    assert (bad, [(row.day, row.patient.date_of_birth) for row in rows]) == (why, [(None, date(1950, 2, 1))])


def test_the_words_the_clinician_picked_outlive_a_new_edition_of_the_terminology(first) -> None:
    def with_display(display: str) -> dict[str, Any]:
        description = {
            "url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-coding-sctdescid",
            "extension": [{"url": "descriptionDisplay", "valueString": "MMR second dose"}],
        }
        coding = {"extension": [description], "system": SNOMED, "code": "170433008", "display": display}
        return {"coding": [coding | {"userSelected": True}]}

    assert first(code=with_display("old")).term == first(code=with_display("new")).term == "MMR second dose"


def test_ids_of_a_second_system_have_its_name_before_them(write, read, bundle) -> None:
    other = observation(identifier=[{"system": "https://elsewhere", "value": ENTRY}])
    _, rows, _ = read(write(bundle(observation(), other), name="a.json"))
    assert [row.source_id for row in rows] == [BARE, f"https://elsewhere|{BARE}"]


@pytest.mark.parametrize(
    "key", ["code", "subject", "identifier", "performer", "context", "effectiveDateTime", "issued"]
)
@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [1], [[]], {"reference": 1}, {"coding": {}}])
def test_malformed_resources_never_crash_the_reader(write, read, bundle, key: str, junk: object) -> None:
    read(write(bundle(observation(**{key: junk}), immunization(**{key: junk})), name="a.json"))
