"""The table of docs/how-to/gp-connect.md, row by row: what each field of a bundle changes, as the page says it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers import CheckedRow, Reading, RowCheck, open_reading
from lescli.readers.planned import PlannedEntry, RefusedEntry
from lescli.testing import nhs_number
from lescli.testing.gp_connect import bundle, header, immunization, injection, observation, of_record, planned

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "gp-connect.md"
MOMENT = "2026-06-03T09:00:00+01:00"
DAY = "2026-05-04"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
MODIFIER = {"modifierExtension": [{"url": "https://x/not-really", "valueBoolean": True}]}

Json = Any
Case = tuple[Callable[[], Json], dict[str, str]]
"""A bundle, and cells of its one entry (or facts of the reading) that it must come to."""


def whole(*entries: Json, person: Json = None, sections: Any = None, **of_bundle: Any) -> Json:
    """A bundle of some entries; `person` are changes of its patient."""
    made = bundle(1, MOMENT, entries, **({} if sections is None else {"sections": sections}))
    made["entry"][0]["resource"].update(person or {})
    return made | of_bundle


def done(**changes: Any) -> Json:
    return whole(injection(1, 1, DAY, **changes))


def given(**changes: Any) -> Json:
    return whole(immunization(1, 1, DAY, **changes))


def asked(**changes: Any) -> Json:
    return whole(planned(1, 1, **changes))


def coded(system: str | None, **more: Any) -> Json:
    coding = {"code": "700139004", "display": "x"} | ({} if system is None else {"system": system})
    return done(code={"coding": [coding | more]})


def met(**changes: Any) -> Json:
    """With changes of the encounter that the entry points at."""
    made = done()
    next(each["resource"] for each in made["entry"] if each["resource"]["resourceType"] == "Encounter").update(changes)
    return made


def warned(code: str, note: str = "") -> Json:
    made = done()
    for each in (entry["resource"] for entry in made["entry"]):
        if each.get("title") == "Immunisations":
            address = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"
            each["extension"] = [{"url": address, "valueCode": code}]
            each["note"] = [{"text": note}]
    return made


def empty(reason: str) -> Json:
    made = done()
    for each in (entry["resource"] for entry in made["entry"]):
        if each.get("title") == "Immunisations":
            each["emptyReason"] = {"coding": [{"system": "https://fhir.nhs.uk/x", "code": reason}]}
    return made


def listed(**changes: Any) -> Json:
    made = done()
    for each in (entry["resource"] for entry in made["entry"]):
        if each.get("title") == "Immunisations":
            each.update(changes)
    return made


def registered(code: str, words: str, field: str = "registrationType") -> Json:
    made = done()
    concept = {"coding": [{"system": "https://x", "code": code, "display": words}]}
    told = made["entry"][0]["resource"]["extension"][0]["extension"]
    told.append({"url": field, "valueCodeableConcept": concept})
    return made


def beside(resource: Json) -> Json:
    made = done()
    made["entry"].append(resource)
    return made


def numbers(*identifiers: Json) -> Json:
    every = [{"system": NHS, **each} for each in identifiers]
    return whole(injection(1, 1, DAY), person={"identifier": every})


def problem(host: str, **more: Any) -> Json:
    entry = injection(1, 1, DAY)
    extension = [{"url": host, "valueReference": {"reference": f"Observation/{entry['id']}"}}]
    return whole(entry, header(1, 2, entry, "2026-05-11", extension=extension, **more))


def reached(form: Callable[[str, str], str], **more: Any) -> Json:
    """With the consultation named in another form of reference."""
    own = observation(1, 1, DAY, 1)["context"]["reference"]
    return done(context={"reference": form(*own.split("/"))}, **more)


def full_url(form: Callable[[str], str]) -> Json:
    made = done()
    for entry in made["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["fullUrl"] = form(entry["resource"]["id"])
            urn = entry["fullUrl"]
        if entry["resource"]["resourceType"] == "Observation":
            entry["resource"]["context"] = {"reference": urn}
    return made


def tagged(code: str, where: str = "tag") -> Json:
    return {"meta": {where: [{"system": "http://hl7.org/fhir/v3/ObservationValue", "code": code}]}}


def outcome(severity: str) -> Json:
    return {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "x"}]}}


HOME = {"consultation_type": "Home visit note"}
ONE, TWO = nhs_number(1), nhs_number(2)
ACTUAL = "StructureDefinition/Extension-CareConnect"
CONTAINED = {"contained": [{"resourceType": "Encounter", "id": "e", "type": [{"text": "At the surgery"}]}]}
LATER = {"source_id": injection(1, 1, DAY)["id"].replace("-", "")}

CASES: dict[tuple[str, str, str], Case] = {
    ("Bundle", "type", "`collection`"): (done, {}),
    ("Bundle", "type", "`searchset`"): (lambda: done() | {"type": "searchset"}, {}),
    ("Bundle", "type", "`history`, `batch-response`, `document` or another"): (
        lambda: done() | {"type": "history"},
        {"said": "of type history"},
    ),
    ("Bundle", "link", "`next`, `previous`"): (
        lambda: done() | {"link": [{"relation": "next", "url": "https://x/2"}]},
        {"said": "one page of several"},
    ),
    ("Bundle", "total", "more than it holds"): (lambda: done() | {"total": 99}, {"said": "99 entries"}),
    ("Bundle", "total", "no number"): (lambda: done() | {"total": [1]}, {"said": "not a number"}),
    ("Bundle", "total", "no more than it holds"): (lambda: done() | {"total": 1}, {}),
    ("Bundle", "meta.tag", "`SUBSETTED`"): (lambda: done() | tagged("SUBSETTED"), {"said": "shortened"}),
    ("Bundle", "implicitRules", "any"): (lambda: done() | {"implicitRules": "https://x"}, {"said": "rules of its own"}),
    ("Bundle", "entry", "empty"): (lambda: beside({"fullUrl": "urn:uuid:1"}), {}),
    ("Bundle", "entry", "`OperationOutcome`, error or fatal"): (lambda: beside(outcome("error")), {"said": "failed"}),
    ("Bundle", "entry", "`OperationOutcome`, warning"): (lambda: beside(outcome("warning")), {}),
    ("the file", "-", "several bundles in a list"): (lambda: [done(), done()], {"said": "list of 2"}),
    ("the file", "-", "several bundles, one after another"): (
        lambda: f"{json.dumps(done())}\n{json.dumps(done())}\n",
        {"said": "more than one JSON value"},
    ),
    ("the file", "-", "an `OperationOutcome`"): (
        lambda: {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]},
        {"said": "request that failed"},
    ),
    ("List", "title, code", "only some of the sections"): (
        lambda: whole(injection(1, 1, DAY), sections=("Immunisations",)),
        {},
    ),
    ("List", "title, code", "none, and no entry"): (lambda: whole(sections=()), {}),
    ("List", "emptyReason", "`no-content-recorded`"): (lambda: empty("no-content-recorded"), {}),
    ("List", "emptyReason", "`withheld` or another"): (lambda: empty("withheld"), {}),
    ("List", "warning code", "`confidential-items`"): (lambda: warned("confidential-items"), {}),
    ("List", "warning code", "`data-awaiting-filing`"): (lambda: warned("data-awaiting-filing"), {}),
    ("List", "warning code", "`data-in-transit`, with the day"): (
        lambda: warned("data-in-transit", "x; information recorded before 15-Jun-2020 may be missing."),
        {"whole_from": "2020-06-15"},
    ),
    ("List", "warning code", "`data-in-transit`, without a day"): (lambda: warned("data-in-transit"), {}),
    ("List", "mode, status", "`changes`, or not `current`"): (lambda: listed(mode="changes"), {}),
    ("List", "mode, status", "`snapshot` and `current`"): (lambda: listed(mode="snapshot", status="current"), {}),
    ("Patient", "registration type", "regular"): (lambda: registered("R", "Regular"), {"registration": ""}),
    ("Patient", "registration type", "temporary"): (
        lambda: registered("T", "Temporary"),
        {"registration": "temporary"},
    ),
    ("Patient", "registration type", "emergency, immediately necessary, private, other, synthetic"): (
        lambda: registered("S", "Synthetic Record"),
        {"registration": "none"},
    ),
    ("Patient", "registration status", "inactive"): (
        lambda: registered("I", "Inactive", "registrationStatus"),
        {"registration": "", "note": "not in use any more"},
    ),
    ("Patient", "identifier", "a number marked `old`, or whose period ended"): (
        lambda: numbers({"value": ONE}, {"value": TWO, "use": "old", "period": {"end": "2019-01-01"}}),
        {"nhs_number": ONE, "former": TWO},
    ),
    ("Patient", "identifier", "two numbers in use"): (
        lambda: numbers({"value": ONE}, {"value": TWO}),
        {"said": "2 of them in use"},
    ),
    ("Patient", "link", "`replaced-by`"): (
        lambda: whole(injection(1, 1, DAY), person={"link": [{"type": "replaced-by", "other": {}}]}),
        {"said": "another one replaces it"},
    ),
    ("Patient", "link", "`replaces`, `refer`, `seealso`"): (
        lambda: whole(injection(1, 1, DAY), person={"link": [{"type": "replaces", "other": {}}]}),
        {},
    ),
    ("Patient", "active", "false"): (
        lambda: whole(injection(1, 1, DAY), person={"active": False}),
        {"note": "not in use any more"},
    ),
    ("Patient", "deceasedBoolean", "true"): (
        lambda: whole(injection(1, 1, DAY), person={"deceasedBoolean": True}),
        {"deceased": "yes"},
    ),
    ("Patient", "deceasedBoolean", "false"): (
        lambda: whole(injection(1, 1, DAY), person={"deceasedBoolean": False}),
        {"deceased": "no"},
    ),
    ("Patient", "deceasedDateTime", "a day, a month or a year"): (
        lambda: whole(injection(1, 1, DAY), person={"deceasedDateTime": "2026-08"}),
        {"died_on": "2026-08"},
    ),
    ("Patient", "birthDate", "a month or a year"): (
        lambda: whole(injection(1, 1, DAY), person={"birthDate": "1948"}),
        {"said": "date_of_birth: only the year is given"},
    ),
    ("Patient", "modifierExtension, implicitRules", "any"): (
        lambda: whole(injection(1, 1, DAY), person=MODIFIER),
        {"said": "modifier extension"},
    ),
    ("Observation", "status", "`final`, `amended`, `corrected`"): (lambda: done(status="amended"), {"marks": ""}),
    ("Observation", "status", "`registered`, `preliminary`, `unknown`"): (
        lambda: done(status="preliminary"),
        {"marks": "preliminary"},
    ),
    ("Observation", "status", "missing, or another word"): (lambda: done(status=None), {"marks": "unreadable"}),
    ("Observation", "status", "`cancelled`, `entered-in-error`"): (
        lambda: done(status="cancelled"),
        {"left": "Observation cancelled"},
    ),
    ("Observation", "dataAbsentReason", "`not-performed`"): (
        lambda: done(dataAbsentReason={"coding": [{"system": "http://x", "code": "not-performed"}]}),
        {"left": "Observation not done"},
    ),
    ("Observation", "dataAbsentReason", "another"): (
        lambda: done(dataAbsentReason={"coding": [{"system": "http://x", "code": "masked"}]}),
        {"value": ""},
    ),
    ("Observation", "effectiveDateTime", "a month or a year"): (
        lambda: done(effectiveDateTime="2026-05"),
        {"said": "date: only the month is given"},
    ),
    ("Observation", "effectivePeriod", "its start"): (
        lambda: done(effectiveDateTime=None, effectivePeriod={"start": "2026-05-05T23:30:00+00:00"}),
        {"date": "2026-05-06"},
    ),
    ("Observation", "valueBoolean, valueRange, valueRatio", "any"): (
        lambda: done(valueRange={"low": {"value": 2, "unit": "ratio"}, "high": {"value": 3.5}}),
        {"value": "2-3.5", "unit": "ratio"},
    ),
    ("Observation", "subject", "somebody else"): (
        lambda: done(subject={"reference": "Patient/other"}),
        {"said": "row: the entry says that it belongs to another patient"},
    ),
    ("Observation", "subject", "another NHS number, without a reference"): (
        lambda: done(subject={"identifier": {"system": NHS, "value": TWO}}),
        {"said": "row: the entry says that it belongs to another patient"},
    ),
    ("any entry", "modifierExtension, implicitRules", "any"): (
        lambda: done(**MODIFIER),
        {"said": "row: the entry has"},
    ),
    ("any entry", "meta.tag", "`SUBSETTED`"): (
        lambda: done(**tagged("SUBSETTED")),
        {"said": "row: the entry is short"},
    ),
    ("any entry", "meta.tag, meta.security", "`HTEST`"): (
        lambda: done(**tagged("HTEST", "security")),
        {"left": "Observation made for a test of the system"},
    ),
    ("any entry", "meta.security", "`R`, `V`, `NOPAT` and others"): (lambda: done(**tagged("R", "security")), {}),
    ("any entry", "reference", "with `_history`"): (
        lambda: reached(lambda kind, own: f"{kind}/{own}/_history/3"),
        HOME,
    ),
    ("any entry", "reference", "an address"): (lambda: reached(lambda kind, own: f"https://x/STU3/{kind}/{own}"), HOME),
    ("any entry", "reference", "`urn:uuid:`"): (lambda: full_url(lambda own: f"urn:uuid:{own}"), HOME),
    ("any entry", "reference", "`#contained`"): (
        lambda: reached(lambda kind, own: "#e", **CONTAINED),
        {"consultation_type": "At the surgery"},
    ),
    ("any code", "system", "`https`, another edition or version"): (
        lambda: coded("https://snomed.info/sct/999000041000000102/version/20260401"),
        {"code_system": "snomed"},
    ),
    ("any code", "system", "an object identifier"): (
        lambda: coded("urn:oid:2.16.840.1.113883.6.96"),
        {"code_system": "snomed"},
    ),
    ("any code", "system", "one that is not known"): (
        lambda: coded("http://loinc.org"),
        {"left": "Observation with a code of a system that is not known (loinc.org)"},
    ),
    ("any code", "system", "missing"): (lambda: coded(None), {"said": "does not say which system"}),
    ("any code", "text", "alone"): (lambda: done(code={"text": "x"}), {"left": "Observation without a code"}),
    ("any code", "coding", "several of SNOMED CT"): (
        lambda: done(
            code={"coding": [{"system": "http://snomed.info/sct", "code": c} for c in ("271649006", "700139004")]}
        ),
        {"code": "271649006", "other_codes": "snomed:700139004"},
    ),
    ("Immunization", "notGiven", "true"): (lambda: given(notGiven=True), {"left": "Immunization not given"}),
    ("Immunization", "notGiven", "neither true nor false"): (
        lambda: given(notGiven="x"),
        {"said": "row: its notGiven"},
    ),
    ("Immunization", "primarySource", "false"): (lambda: given(primarySource=False), {"marks": "reported"}),
    ("Immunization", "primarySource", "true, or missing"): (lambda: given(), {"marks": ""}),
    ("Immunization", "status", "`completed`"): (lambda: given(), {"marks": ""}),
    ("Immunization", "status", "missing, or another word"): (lambda: given(status="x"), {"marks": "unreadable"}),
    ("Immunization", "status", "`entered-in-error`, `not-done`"): (
        lambda: given(status="not-done"),
        {"left": "Immunization not done"},
    ),
    ("Immunization", "date", "a month or a year"): (
        lambda: given(date="2026"),
        {"said": "date: only the year is given"},
    ),
    ("Condition", "ActualProblem", "the entry it heads"): (
        lambda: problem(f"https://fhir.nhs.uk/STU3/{ACTUAL}-GPC-ActualProblem-1"),
        {"left": "Condition (header of an entry)", "date": DAY, **LATER},
    ),
    ("Condition", "ActualProblem", "an entry that is not there, or nothing"): (
        lambda: whole(header(1, 2, injection(1, 1, DAY), DAY)),
        {"left": "Condition (header of an entry that is not in the bundle)"},
    ),
    ("Condition", "verificationStatus", "`entered-in-error`"): (
        lambda: whole(header(1, 2, injection(1, 1, DAY), DAY, verificationStatus="entered-in-error")),
        {"left": "Condition entered in error"},
    ),
    ("Encounter", "status", "`planned`, `cancelled`, `entered-in-error`"): (
        lambda: met(status="cancelled"),
        {"consultation_type": "", "done_at": ""},
    ),
    ("Encounter", "status", "another"): (lambda: met(status="unknown"), HOME | {"done_at": "A82038"}),
    ("Practitioner", "name.use", "`old`"): (
        lambda: done(
            performer=[{"reference": "#p"}],
            contained=[
                {
                    "resourceType": "Practitioner",
                    "id": "p",
                    "name": [{"use": "old", "family": "Before"}, {"family": "Now", "given": ["Jo"]}],
                }
            ],
        ),
        {"clinician": "Jo Now"},
    ),
    ("ProcedureRequest", "doNotPerform", "true"): (
        lambda: asked(doNotPerform=True),
        {"left": "ProcedureRequest not to be performed"},
    ),
    ("ProcedureRequest", "status", "`entered-in-error`"): (
        lambda: asked(status="entered-in-error"),
        {"left": "ProcedureRequest entered in error"},
    ),
    ("ProcedureRequest", "status", "`cancelled`, `completed`, `suspended`"): (
        lambda: asked(status="cancelled"),
        {"status": "cancelled"},
    ),
    ("ProcedureRequest", "intent", "another word than those of STU3"): (
        lambda: asked(intent="wish"),
        {"said": "intent: it must be one of"},
    ),
    ("DiagnosticReport", "basedOn", "a request"): (
        lambda: whole(
            planned(1, 1, intent="order"),
            of_record(1, "DiagnosticReport", 9, basedOn=[{"reference": f"ProcedureRequest/{planned(1, 1)['id']}"}]),
        ),
        {"status": "completed"},
    ),
    ("MedicationStatement and others", "any", "any"): (
        lambda: whole(of_record(1, "MedicationStatement", 2, status="active")),
        {"left": "MedicationStatement"},
    ),
}


def rows_of_the_page() -> dict[tuple[str, str, str], str]:
    """(resource, field, what it says) -> its effect, in the one or two words set in bold."""
    table = PAGE.read_text(encoding="utf-8").partition("| resource | field |")[2].partition("\n\n")[0]
    found = {}
    for line in table.splitlines()[2:]:
        resource, field, says, becomes = (cell.strip() for cell in line.strip("|").split(" | "))
        key = (resource.replace("`", ""), field.strip("`"), says)
        assert key not in found, key
        found[key] = re.findall(r"\*\*(.+?)\*\*", becomes)[0]
    return found


def test_every_row_of_the_page_has_a_case_and_every_case_a_row() -> None:
    assert set(rows_of_the_page()) == set(CASES)


def found_in(path: Path) -> tuple[str, dict[str, str]]:
    """The result for the one entry of a bundle, and everything reported about it."""
    try:
        reading: Reading = open_reading(path)
    except UnreadableFileError as fault:
        return "refused", {"said": str(fault)}
    told = {
        "whole_from": reading.whole_from,
        "former": " ".join(reading.former_numbers),
        "note": " ".join(reading.notes),
    }
    told["left"] = " ".join(name for name, _ in reading.left_out)
    check = RowCheck(reading.columns)
    became = "read" if reading.whole_record else "nothing withdrawn"
    rows = list(reading.rows)
    for row in rows:
        told |= dict(zip(reading.columns, row.cells, strict=True))
        checked = check(row)
        if not isinstance(checked, CheckedRow):
            return "quarantine", told | {"said": " ".join(checked)}
        became = "check" if checked.marks else became
    assert reading.planning is not None
    for entry in reading.planning.entries:
        if isinstance(entry, RefusedEntry):
            return "quarantine", told | {"said": " ".join(entry.reasons)}
        assert isinstance(entry, PlannedEntry)
        told["status"] = entry.status
    nothing = not reading.planning.entries and not any(row.cells[reading.columns.index("date")] for row in rows)
    return "left out" if nothing and reading.left_out and reading.whole_record else became, told


@pytest.mark.parametrize("key", CASES, ids=lambda key: "-".join(key))
def test_each_field_does_what_the_page_says(key: tuple[str, str, str], tmp_path: Path) -> None:
    make, wanted = CASES[key]
    content = make()
    path = tmp_path / "a.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    became, told = found_in(path)
    assert became == rows_of_the_page()[key], told
    assert all(words in told[name] if words else told[name] == "" for name, words in wanted.items()), told
