from __future__ import annotations

from datetime import date

import pytest

from lescli.model import Code
from lescli.readers import COLUMNS, CheckedRow, Row, RowCheck

GOOD = {
    "family_name": "Smith",
    "given_name": "Ann",
    "date_of_birth": "01-Feb-1950",
    "sex": "Female",
    "registered_practice": "a82038",
    "registration": "regular",
    "registered_on": "2001-02-03",
    "housebound": "No",
    "date": "01/05/2026",
    "code": "700139004",
    "term": "Denosumab therapy",
    "value": "60",
    "unit": "mg",
    "consultation_type": "Home visit",
    "clinician": "Pat Jones",
    "done_at": "elsewhere",
    "recorded_on": "2026-05-02",
    "source_id": "AB12",
    "other_codes": "read2:42QE.00",
}


@pytest.fixture
def check(numbers):
    """Check a good row with some cells changed."""

    def checked(**changes: str) -> CheckedRow | tuple[str, ...]:
        by_column = {"nhs_number": numbers[0]} | GOOD | changes
        return RowCheck(COLUMNS)(Row(2, "raw", tuple(by_column.get(column, "") for column in COLUMNS)))

    return checked


def test_a_good_row_has_typed_values(check, numbers) -> None:
    row = check()
    assert isinstance(row, CheckedRow)
    assert row.nhs_number == numbers[0]
    assert row.day == date(2026, 5, 1)
    assert row.codes == (Code(system="snomed", code="700139004"), Code(system="read2", code="42QE"))
    assert (row.term, row.value, row.unit) == ("Denosumab therapy", "60", "mg")
    assert (row.consultation_type, row.clinician, row.done_at) == ("Home visit", "Pat Jones", "elsewhere")
    assert (row.recorded_on, row.source_id, row.withdraws) == (date(2026, 5, 2), "AB12", False)
    patient = row.patient
    assert (patient.family_name, patient.given_name, patient.sex) == ("Smith", "Ann", "female")
    assert (patient.date_of_birth, patient.registered_on) == (date(1950, 2, 1), date(2001, 2, 3))
    assert (patient.registered_practice, patient.registration) == ("A82038", "regular")
    assert (patient.left_on, patient.died_on, patient.housebound) == (None, None, False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nhs_number": "9990000019"}, "nhs_number: the NHS number fails its check digit (Modulus 11)"),
        ({"nhs_number": "999000001"}, "nhs_number: an NHS number has 10 digits"),
        ({"nhs_number": "٩٩٩٠٠٠٠٠١٨"}, "nhs_number: an NHS number has 10 digits"),
        ({"nhs_number": " "}, "nhs_number: there is no NHS number"),
        ({"date": "2026-02-30"}, "date: there is no such day in the calendar"),
        ({"date": "2026-02-30", "code": ""}, "date: there is no such day in the calendar"),
        ({"date": ""}, "date: there is a code and no date"),
        ({"code": "", "other_codes": ""}, "code: there is a date and no code"),
        ({"code": "'", "other_codes": ""}, "code: there is a date and no code"),
        ({"code": '=""', "other_codes": ""}, "code: there is a date and no code"),
        ({"date": "1950-01-31"}, "date: it is before the date of birth"),
        ({"code": "700139005"}, "code: the SNOMED CT id fails its check digit (Verhoeff): was it damaged by a"),
        ({"code": "7.00139E+08"}, "code: a spreadsheet rounded the code"),
        ({"code": "70013"}, "code: a SNOMED CT concept id has 6 to 18 digits"),
        ({"code": "!", "code_system": "read2"}, "code: a Read v2 code has"),
        ({"code_system": "icd10"}, "code: its code_system is not one of snomed, read2, ctv3, local"),
        ({"sex": "F"}, "sex: it must be one of female, male, other, unknown"),
        ({"registration": "GMS"}, "registration: it must be one of regular, temporary, none"),
        ({"housebound": "true"}, "housebound: it must be one of yes, no"),
        ({"left_on": "2001-02-02"}, "left_on: it is before registered_on"),
        ({"died_on": "1949-02-02"}, "died_on: it is before the date of birth"),
        ({"date_of_birth": "31.02.1950"}, "date_of_birth: there is no such day"),
        ({"date_of_birth": "02/13/1950"}, "date_of_birth: dates are read day first"),
        ({"registered_on": "soon"}, "registered_on: not a date"),
        ({"recorded_on": "2026"}, "recorded_on: only the year is given"),
        ({"registered_practice": "A8!"}, "registered_practice: an ODS code has 3 to 10 letters and digits"),
        ({"done_at": "The Health Centre"}, "done_at: an ODS code has"),
        ({"family_name": "a\x00b"}, "family_name: it holds a control character"),
        ({"clinician": "a\x1bb"}, "clinician: it holds a control character"),
        ({"term": "x" * 1001}, "term: it has more than 1000 characters"),
        ({"value": "x" * 1001}, "value: it has more than 1000 characters"),
        ({"unit": "a\x07"}, "unit: it holds a control character"),
        ({"consultation_type": "\x02"}, "consultation_type: it holds a control character"),
        ({"given_name": "\x02"}, "given_name: it holds a control character"),
        ({"source_id": "x" * 201}, "source_id: it must have at most 200 printable characters"),
        ({"source_id": "x\ty"}, "source_id: it must have at most 200 printable characters"),
    ],
)
def test_each_fault_has_its_reason(check, changes: dict[str, str], reason: str) -> None:
    reasons = check(**changes)
    assert not isinstance(reasons, CheckedRow)
    (only,) = reasons
    assert only.startswith(reason)


def test_all_reasons_are_given_and_none_repeats_a_cell(check) -> None:
    bad = {
        "nhs_number": "9990000019",
        "date_of_birth": "1950-02-31",
        "date": "2026-13-01",
        "code": "1234567",
        "sex": "queen",
        "registration": "vip",
        "housebound": "perhaps",
        "done_at": "Mr Smith's house",
        "registered_practice": "Smith & Co",
        "recorded_on": "yesterday",
        "source_id": "Smith\x00",
    }
    reasons = check(**bad)
    assert not isinstance(reasons, CheckedRow)
    assert {reason.partition(":")[0] for reason in reasons} == set(bad)
    assert not [cell for cell in bad.values() for reason in reasons if cell in reason]


@pytest.mark.parametrize(
    "changes",
    [
        {"date": "1950-02-01"},
        {"left_on": "2001-02-03"},
        {"died_on": "2026-04-30"},
        {"date_of_birth": ""},
        {"other_codes": "read2:?? x"},
        {"code": "42QE.00", "code_system": "READ2"},
        {"code": "XaMh8", "code_system": "ctv3"},
        {"code": "EMISNQPR489", "code_system": "local"},
        {"code": "", "other_codes": "read2:42QE."},
        {"term": "two\nlines\tand a tab"},
        {"value": "<0.5"},
        {"nhs_number": " 999-000 0018 "},
    ],
)
def test_unusual_values_that_are_allowed(check, changes: dict[str, str]) -> None:
    assert isinstance(check(**changes), CheckedRow)


def test_a_row_without_code_describes_the_patient(numbers) -> None:
    row = RowCheck(("nhs_number", "date_of_birth"))(Row(2, "", (numbers[0], "1950-02-01")))
    assert isinstance(row, CheckedRow)
    assert (row.day, row.codes, row.withdraws, row.patient.sex, row.patient.housebound) == (None, (), False, "", None)


def test_an_id_alone_withdraws_its_entry(check) -> None:
    row = check(date="", code="", other_codes="")
    assert isinstance(row, CheckedRow)
    assert row.withdraws
    assert not check().withdraws
    assert not check(date="", code="", other_codes="", source_id=" ").withdraws


def test_a_fault_the_reader_found_is_the_only_reason(numbers) -> None:
    check = RowCheck(("nhs_number",))
    assert check(Row(2, "", (numbers[0],), "row: too short")) == ("row: too short",)
    assert check(Row(2, "", (numbers[0], "x"))) == ("row: its number of cells differs from the header",)


def test_the_same_patient_cells_give_the_same_object(numbers) -> None:
    check = RowCheck(("nhs_number", "sex", "date", "code"))
    one, two, three = (
        check(Row(2, "", (numbers[0], sex, day, "700139004")))
        for sex, day in (("male", "2026-05-01"), ("male", "2026-05-02"), ("female", "2026-05-02"))
    )
    assert one.patient is two.patient
    assert two.patient is not three.patient


def test_a_remembered_bad_row_does_not_let_the_next_pass(check) -> None:
    rows = RowCheck(("nhs_number", "date", "code"))
    bad = Row(2, "", ("9990000019", "2026-02-30", "1"))
    assert rows(bad) == rows(bad)
    assert not isinstance(rows(bad), CheckedRow)
    assert len(rows(bad)) == 3
