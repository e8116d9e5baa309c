"""Requests and diary entries of a bundle: what they say, what became of them, what is left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lescli.model import Code
from lescli.readers import COLUMNS, Reading, open_reading
from lescli.readers.planned import INTENTS, STATUSES, PlannedEntry, RefusedEntry
from lescli.testing import nhs_number
from lescli.testing.gp_connect import bundle, observation, of_record, planned

MOMENT = "2026-06-03T09:00:00+01:00"


@pytest.fixture
def read(write: Callable[..., Path]) -> Callable[..., Reading]:
    """The reading of a bundle of the first patient with some entries."""

    def read_bundle(*entries: dict[str, Any], **more: Any) -> Reading:
        return open_reading(write(bundle(1, MOMENT, entries, **more), name="a.json"))

    return read_bundle


@pytest.fixture
def only(read: Callable[..., Reading]) -> Callable[..., PlannedEntry]:
    """The one planned entry of such a bundle, which must have no fault."""

    def entry(*others: dict[str, Any], **changes: Any) -> PlannedEntry:
        planning = read(planned(1, 1, **changes), *others).planning
        assert planning is not None
        (found,) = planning.entries
        assert isinstance(found, PlannedEntry), found
        return found

    return entry


def refused(reading: Reading) -> list[tuple[str, ...]]:
    assert reading.planning is not None
    return [entry.reasons for entry in reading.planning.entries if isinstance(entry, RefusedEntry)]


def test_a_diary_entry(only: Callable[..., PlannedEntry]) -> None:
    entry = only()
    assert (entry.asked_on, entry.planned_on) == (date(2026, 5, 4), date(2026, 7, 1))
    assert (entry.intent, entry.status, entry.priority) == ("plan", "active", "")
    assert entry.codes == (Code(system="snomed", code="165581004"), Code(system="read2", code="42QE"))
    assert (entry.term, entry.clinician) == ("Words", "Bo Carr")
    assert entry.source_id.isalnum()


def test_a_request_is_not_activity_and_is_counted_by_resource(read: Callable[..., Reading]) -> None:
    reading = read(planned(1, 1), planned(1, 2, intent="order"), observation(1, 1, "2026-05-11", 2.5))
    assert [row.cells[COLUMNS.index("date")] for row in reading.rows] == ["2026-05-11"]
    assert dict(reading.resources) == {"Observation": 1, "ProcedureRequest": 2}
    assert dict(reading.left_out) == {"MedicationStatement": 1}
    assert reading.planning is not None
    assert (reading.planning.nhs_number, reading.planning.born) == (nhs_number(1), "1940-01-02")


def test_a_record_of_plans_alone_describes_its_patient_and_names_its_system(read: Callable[..., Reading]) -> None:
    reading = read(planned(1, 1))
    assert reading.source_system == "https://EMISWeb/A82038"
    assert [row.cells[0] for row in reading.rows] == [nhs_number(1)]


def test_intents_and_statuses_are_unchanged(read: Callable[..., Reading]) -> None:
    every = [(intent, status) for intent in INTENTS for status in STATUSES]
    reading = read(*(planned(1, n, intent=intent, status=status) for n, (intent, status) in enumerate(every)))
    assert reading.planning is not None
    found = [entry for entry in reading.planning.entries if isinstance(entry, PlannedEntry)]
    assert [(entry.intent, entry.status) for entry in found] == every


def test_the_priority_is_what_the_request_says(only: Callable[..., PlannedEntry]) -> None:
    assert only(intent="order", priority="urgent").priority == "urgent"


@pytest.mark.parametrize(
    ("changes", "planned_on"),
    [
        ({}, date(2026, 7, 1)),
        ({"occurrenceDateTime": "2026-06-30T23:30:00+00:00"}, date(2026, 7, 1)),
        (
            {"occurrenceDateTime": None, "occurrencePeriod": {"start": "2026-07-02", "end": "2026-07-09"}},
            date(2026, 7, 2),
        ),
        ({"occurrenceDateTime": None, "occurrencePeriod": {"end": "2026-07-09"}}, date(2026, 7, 9)),
        ({"occurrenceDateTime": None}, None),
    ],
)
def test_the_day_it_is_planned_for(
    only: Callable[..., PlannedEntry], changes: dict[str, Any], planned_on: date | None
) -> None:
    assert only(**changes).planned_on == planned_on


@pytest.mark.parametrize("kind", ["DiagnosticReport", "Observation"])
def test_a_request_that_a_report_answers_is_completed(only: Callable[..., PlannedEntry], kind: str) -> None:
    request = planned(1, 1, intent="order")
    answer = of_record(1, kind, 9, basedOn=[{"reference": f"ProcedureRequest/{request['id']}"}])
    assert only(answer, intent="order").status == "completed"
    assert only(answer, intent="order", status="cancelled").status == "cancelled"
    # A request that is based on another request answers nothing.
    follows = of_record(1, "ProcedureRequest", 9, basedOn=answer["basedOn"], status="entered-in-error")
    assert only(follows, intent="order").status == "active"


def test_early_and_late_extracts_give_the_same_id(only: Callable[..., PlannedEntry]) -> None:
    own, person = planned(1, 1)["id"], planned(1, 1)["subject"]["reference"].removeprefix("Patient/")
    late = [{"system": "https://EMISWeb/A82038", "value": f"{person}{own}".replace("-", "")}]
    assert only().source_id == only(identifier=late).source_id


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"status": "entered-in-error"}, "ProcedureRequest entered in error"),
        ({"doNotPerform": True}, "ProcedureRequest not to be performed"),
        ({"code": {"text": "No code available"}}, "ProcedureRequest without a code"),
    ],
)
def test_resources_left_out_are_counted(read: Callable[..., Reading], changes: dict[str, Any], kind: str) -> None:
    reading = read(planned(1, 1, **changes))
    assert reading.planning is not None
    assert reading.planning.entries == ()
    assert dict(reading.left_out)[kind] == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"authoredOn": None}, "asked_on: it does not say when it was asked for"),
        ({"authoredOn": "2026"}, "asked_on: "),
        ({"occurrenceDateTime": "2026-07"}, "planned_on: "),
        ({"intent": None}, "intent: it is missing"),
        ({"intent": "wish"}, "intent: it must be one of"),
        ({"status": "begun"}, "status: it must be one of"),
        ({"identifier": [], "id": ""}, "source_id: it has no id"),
        ({"subject": {"reference": "Patient/somebody-else"}}, "row: the entry says that it belongs to another patient"),
    ],
)
def test_a_refused_request_says_why(read: Callable[..., Reading], changes: dict[str, Any], reason: str) -> None:
    ((said,),) = refused(read(planned(1, 1, **changes)))
    assert said.startswith(reason)


def test_a_code_that_fails_its_check_says_why(read: Callable[..., Reading]) -> None:
    wrong = {"coding": [{"system": "http://snomed.info/sct", "code": "165581005"}]}
    ((said,),) = refused(read(planned(1, 1, code=wrong)))
    assert said.startswith("code: ")


@pytest.mark.parametrize(
    ("sections", "whole", "all_planned"),
    [
        (("Immunisations", "Investigations and results", "Uncategorised data", "Patient recall administration"), 1, 1),
        (("Immunisations", "Investigations and results", "Uncategorised data"), 1, 0),
        (("Patient recall administration",), 0, 0),
        ((), 1, 1),
    ],
)
def test_only_a_record_with_the_section_withdraws_planned_work(
    read: Callable[..., Reading], sections: tuple[str, ...], whole: bool, all_planned: bool
) -> None:
    reading = read(planned(1, 1), sections=sections)
    assert reading.planning is not None
    assert (reading.whole_record, reading.planning.whole) == (whole, all_planned)


@pytest.mark.parametrize(
    "key", ["code", "subject", "identifier", "requester", "context", "occurrenceDateTime", "authoredOn", "basedOn"]
)
@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [1], [[]], {"reference": 1}, {"coding": {}}])
def test_malformed_resources_never_crash_the_reader(read: Callable[..., Reading], key: str, junk: object) -> None:
    read(planned(1, 1, **{key: junk}), of_record(1, "DiagnosticReport", 1, basedOn=junk))
