"""Each check that an item can name, on both sides of its limit."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_denosumab
from lescli.model import Activity, CheckSpec, Code, Patient, RegisterEntry
from lescli.rules.checks import STANDARD_CHECKS, folded
from lescli.rules.details import holds, text_of
from lescli.services import service_of
from lescli.testing import Surgery, nhs_number

SERVICE = service_of(lescli_denosumab, origin="package")
DAY = date(2026, 5, 5)
ACCREDITED = """
    clinician | kind | from       | to
    Nurse Able | loc | 2026-05-01 | 2026-05-05
    Dr Baker   | loc | 2026-05-06 | 2027-05-05
    Dr Able    | other | 2020-01-01 | 2030-01-01
    Dr Müller  | loc | 2026-05-05 | 2026-05-05
    李明       | loc | 2026-05-05 | 2026-05-05
    """


def judged(rule: str, day: date = DAY, *, born: date = date(1950, 1, 1), clinician: str = "", **options: str) -> str:
    """The reason that a check gives; empty when it gives none."""
    return judged_with(None, rule, day, born=born, clinician=clinician, **options)


def judged_with(
    entry: RegisterEntry | None,
    rule: str,
    day: date = DAY,
    *,
    born: date = date(1950, 1, 1),
    clinician: str = "",
    **options: str,
) -> str:
    surgery = Surgery(SERVICE, accreditations=ACCREDITED)
    check = CheckSpec(rule=rule, clause="the clause", fix="the fix", options=options)
    judge = STANDARD_CHECKS[rule](check, surgery.service.spec, surgery.records(day))
    patient = Patient(nhs_number=nhs_number(0), family_name="Ann", given_name="", date_of_birth=born, sex="female")
    code = Code(system="snomed", code="700139004")
    activity = Activity(id=1, nhs_number=patient.nhs_number, day=day, codes=(code,), clinician=clinician)
    found = judge(activity, patient, entry)
    if found is None:
        return ""
    assert (found.clause, found.fix) == ("the clause", "the fix")
    return found.reason


def entry_with(*history: tuple[date, str, str]) -> RegisterEntry:
    return RegisterEntry(
        nhs_number=nhs_number(0),
        entered_on=date(2026, 4, 1),
        ended_on=None,
        end_reason="",
        rule="by-hand",
        clause="1",
        history=history,
    )


@pytest.mark.parametrize(
    ("born", "reason"),
    [
        ("2021-05-06", "age"),  # 4, five tomorrow
        ("2021-05-05", ""),  # five today
        ("2014-05-06", ""),  # 11, twelve tomorrow
        ("2014-05-05", "age"),  # twelve today
    ],
)
def test_age_from_and_below(born: str, reason: str) -> None:
    options = {"from": "5", "below": "12"}
    assert judged("age", born=date.fromisoformat(born), **options) == reason


def test_age_with_one_bound_or_none() -> None:
    assert judged("age", born=date(2026, 5, 5), **{"from": "1"}) == "age"
    assert judged("age", born=date(2026, 5, 5), below="1") == ""
    assert judged("age", born=date(1900, 1, 1)) == ""


def test_age_with_a_reason_of_its_own() -> None:
    assert (
        judged("age", born=date(2020, 1, 1), **{"from": "12", "reason": "outside-core-hours"}) == "outside-core-hours"
    )


@pytest.mark.parametrize(
    ("clinician", "day", "reason"),
    [
        ("Nurse Able", "2026-04-30", "accreditation-lapsed"),
        ("Nurse Able", "2026-05-01", ""),
        ("Nurse Able", "2026-05-05", ""),
        ("nurse  ABLE", "2026-05-05", ""),
        ("Nurse Able", "2026-05-06", "accreditation-lapsed"),
        ("Dr Baker", "2026-05-05", "accreditation-lapsed"),
        ("Dr Baker", "2026-05-06", ""),
        ("Dr Able", "2026-05-05", "accreditation-unknown"),
        ("Nurse", "2026-05-05", "accreditation-unknown"),
        ("", "2026-05-05", "accreditation-unknown"),
    ],
)
def test_accreditation_on_the_day(clinician: str, day: str, reason: str) -> None:
    assert judged("accreditation", date.fromisoformat(day), clinician=clinician, kind="loc") == reason


@pytest.mark.parametrize(
    ("clinician", "reason"),
    [
        ("Dr Müller", ""),
        ("DR. MÜLLER", ""),
        ("Dr Möller", "accreditation-unknown"),
        ("Dr M. Ller", "accreditation-unknown"),
        ("王芳", "accreditation-unknown"),
        ("", "accreditation-unknown"),
    ],
)
def test_an_accreditation_is_of_one_person_in_any_alphabet(clinician: str, reason: str) -> None:
    assert judged("accreditation", clinician=clinician, kind="loc") == reason


def test_details_recorded_by_the_day() -> None:
    held = entry_with((date(2026, 5, 1), "device", "A"), (date(2026, 5, 5), "batch", "B"))
    options = {"details": "device, batch"}
    assert judged_with(held, "details-recorded", date(2026, 5, 4), **options) == "record-incomplete"
    assert judged_with(held, "details-recorded", date(2026, 5, 5), **options) == ""
    assert judged_with(None, "details-recorded", **options) == "record-incomplete"
    assert judged_with(None, "details-recorded", reason="detail-missing", **options) == "detail-missing"


def test_a_detail_that_must_not_have_a_value() -> None:
    held = entry_with(
        (date(2026, 5, 1), "indication", "menorrhagia"), (date(2026, 5, 5), "indication", "contraception")
    )
    options = {"detail": "indication", "value": "contraception", "reason": "duplicate"}
    assert judged_with(held, "detail-is-not", date(2026, 5, 4), **options) == ""
    assert judged_with(held, "detail-is-not", date(2026, 5, 5), **options) == "duplicate"
    assert judged_with(None, "detail-is-not", **options) == ""


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-05-01", ""),
        ("2026-05-02", "outside-core-hours"),
        ("2026-05-03", "outside-core-hours"),
        ("2026-05-04", "outside-core-hours"),
        ("2026-05-05", ""),
    ],
)
def test_working_days_only(day: str, reason: str) -> None:
    assert judged("working-days-only", date.fromisoformat(day)) == reason


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("Face-to-Face  Consultation", "face to face consultation"),
        ("  HOME_VISIT. ", "home visit"),
        ("", ""),
        ("Enterprise/Consultation", "enterprise consultation"),
        ("Dr. MÜLLER", "dr müller"),
        ("Dr Mu\N{COMBINING DIAERESIS}ller", "dr müller"),
        ("\N{MICRO SIGN}mol/L", "\N{GREEK SMALL LETTER MU}mol l"),
    ],
)
def test_folded(printed: str, words: str) -> None:
    assert folded(printed) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), (False, "no"), (date(2026, 5, 1), "2026-05-01"), (4, "4"), (2.5, "2.5"), ("a", "a")],
)
def test_a_detail_as_text(value: str | float | bool | date, text: str) -> None:
    assert text_of(value) == text
    assert holds(value, text)
    assert not holds(value, f"!{text}")
    assert (holds(None, ""), holds(None, "no"), holds(False, "")) == (True, False, False)
