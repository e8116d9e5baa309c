"""The evidence for a claimed row, on both sides of every day that matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import lescli_anticoag
import lescli_denosumab
from lescli.model import EvidenceField
from lescli.rules.evidence import Claimed, Evidence, evidence_fields
from lescli.services import service_of
from lescli.testing import Surgery

ACTIVITY = """
    patient | date       | clinician | consultation type
    Ann     | 2026-05-04 | Dr A      | Face to face
    Ben     | 2026-05-04 |           |
"""
REGISTER = """
    patient | entered    | ended      | from       | first_dose_on | management_plan_given_on
    Ann     | 2026-01-01 |            | 2026-01-01 | 2025-11-04    |
    Ann     |            |            | 2026-05-05 |               | 2026-05-05
    Ben     | 2026-01-01 | 2026-05-03 | 2026-01-01 | 2025-11-05    |
"""


def shown(
    surgery: Surgery, patient: str, day: str, item: str = "injection", as_of: str = "2026-06-05"
) -> dict[str, tuple[str, bool]]:
    """The value of each field, and whether it is missing."""
    records = surgery.records(as_of)
    spec = surgery.service.spec
    number = surgery.numbers.get(patient, "")
    entry = next(
        (
            one
            for codelist in spec.claim_codelists()
            for one in records.activity(codelist)
            if (one.nhs_number, one.day.isoformat()) == (number, day)
        ),
        None,
    )
    row = Claimed(item=item, nhs_number=number, day=date.fromisoformat(day), entry=entry)
    found = Evidence(spec, records, surgery.register(as_of)).of(row)
    return {one.field.name: (one.value, one.missing) for one in found}


@pytest.fixture
def denosumab() -> Surgery:
    return Surgery(service_of(lescli_denosumab, origin="package"), activity=ACTIVITY, register=REGISTER)


def test_recorded_evidence_is_shown_and_the_rest_is_missing(denosumab: Surgery) -> None:
    ann = shown(denosumab, "Ann", "2026-05-04")
    assert ann["consultation"] == ("Face to face", False)
    assert ann["injected_on"] == ("2026-05-04", False)
    assert ann["register"] == ("2026-01-01", False)
    assert ann["first_dose"] == ("2025-11-04", False)
    # Recorded for the day after: it is there, and the pack says from when.
    assert ann["plan_given"] == ("2026-05-05 (recorded from 2026-05-05)", False)
    assert ann["reason"] == ("", False)  # asked for wherever possible
    ben = shown(denosumab, "Ben", "2026-05-04")
    # His register entry ended the day before. The injection opened another, which has no details.
    assert ben["register"] == ("2026-05-04", False)
    assert ben["first_dose"] == ("", True)
    assert ben["consultation"] == ("", True)


def test_a_row_without_its_coded_entry_lacks_its_evidence(denosumab: Surgery) -> None:
    found = shown(denosumab, "Ann", "2026-05-05")
    assert found["claim_code"] == ("", True)
    assert found["first_dose"] == ("2025-11-04", False)


def test_an_item_paid_for_the_practice_list_needs_no_evidence(denosumab: Surgery) -> None:
    assert shown(denosumab, "nobody", "2026-05-04") == {}


def test_by_default_evidence_is_what_the_register_requires(denosumab: Surgery) -> None:
    spec = replace(denosumab.service.spec, evidence=())
    assert [(one.name, one.clause, one.required) for one in evidence_fields(spec)] == [
        ("first_dose_on", "5 (2)", True),
        ("management_plan_given_on", "5 (5)", True),
    ]


def test_a_row_needs_the_evidence_in_force_on_the_day_of_its_work(denosumab: Surgery) -> None:
    records = denosumab.records("2026-06-05")
    (code, *_rest) = evidence_fields(denosumab.service.spec)
    for start, day, asked in [("2026-05-05", 4, 0), ("2026-05-04", 4, 1), ("2026-05-04", 5, 1)]:
        spec = replace(denosumab.service.spec, evidence=(replace(code, start=date.fromisoformat(start)),))
        row = Claimed(item="injection", nhs_number=denosumab.numbers["Ann"], day=date(2026, 5, day))
        assert len(Evidence(spec, records, denosumab.register("2026-06-05")).of(row)) == asked


LEVELS = """
    patient | entered    | ended      | from       | level | indication          | planned_duration | target_inr
    Ann     | 2020-04-01 |            | 2020-04-01 | 3     | atrial fibrillation | lifelong         | 2.5
    Ann     |            |            | 2020-05-20 | 4     |                     |                  |
    Ben     | 2020-04-01 | 2020-05-10 | 2020-04-01 | 3     | DVT                 |                  |
"""
TESTS = """
    patient | date       | code        | value | clinician
    Ann     | 2020-05-31 | inr         | 2.4   |
    Ann     | 2020-06-01 | inr         | 9.9   |
    Ann     | 2020-04-02 | inr         | 1.1   |
    Ann     | 2020-05-06 | home-visit  |       | Nurse N
"""


def test_a_patient_month_is_judged_at_its_end() -> None:
    surgery = Surgery(service_of(lescli_anticoag, origin="package"), activity=TESTS, register=LEVELS)
    ann = shown(surgery, "Ann", "2020-05-01", "level-4", "2020-08-01")
    assert ann["level"] == ("4", False)
    assert ann["last_inr"] == ("2020-05-31 2.4", False)
    assert "visited_by" not in ann
    # A patient who left during the month was on the register in it.
    ben = shown(surgery, "Ben", "2020-05-01", "level-3", "2020-08-01")
    assert ben["level"] == ("3", False)
    assert ben["duration"] == ("", True)
    assert ben["last_inr"] == ("", True)
    assert shown(surgery, "Ben", "2020-06-01", "level-3", "2020-08-01")["level"] == ("", True)
    visit = shown(surgery, "Ann", "2020-05-06", "home-visit", "2020-08-01")
    assert visit["visited_by"] == ("Nurse N", False)
    assert visit["level"] == ("3", False)
    assert "target" not in visit


@pytest.mark.parametrize(
    ("clinician", "ends", "value", "missing"),
    [
        ("Dr A", "2026-05-04", "2022-05-01 to 2026-05-04", False),
        ("dr  a", "2026-05-04", "2022-05-01 to 2026-05-04", False),
        ("Dr A", "2026-05-03", "", True),
        ("Dr B", "2026-05-04", "", True),
    ],
)
def test_an_accreditation_covers_the_day(clinician: str, ends: str, value: str, missing: bool) -> None:
    surgery = Surgery(
        service_of(lescli_denosumab, origin="package"),
        activity=ACTIVITY,
        accreditations=f"clinician | kind | from | to\n{clinician} | letter | 2022-05-01 | {ends}",
    )
    asked = EvidenceField(name="letter", title="Letter", kind="accreditation", of="letter", clause="9")
    spec = replace(surgery.service.spec, evidence=(asked,))
    records = surgery.records("2026-06-05")
    number = surgery.numbers["Ann"]
    (entry,) = [one for one in records.activity("injection") if one.nhs_number == number]
    row = Claimed(item="injection", nhs_number=number, day=entry.day, entry=entry)
    (found,) = Evidence(spec, records, surgery.register("2026-06-05")).of(row)
    assert (found.value, found.missing) == (value, missing)
