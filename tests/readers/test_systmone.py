from __future__ import annotations

from datetime import date

import pytest

from lescli.errors import UnreadableFileError
from lescli.model import Code
from lescli.readers import open_reading
from lescli.readers.clinical_report.reader import NO_PATIENT, TWO_NUMBERS
from lescli.readers.profile import built_in

HEADER = (
    "NHS number ,Surname, First name,Date of birth ,Sex,"
    "Event date, CTV3 code,SNOMED code,Numeric value,Event done at ID"
)
REPORT = (
    HEADER
    + """
{0},Sentinelle , Philippa,02-Mar-1948,Female,04-May-2026, XaMh8 ,165581004, 72 mL/min ,a82038
{1},Older,Ben,09-Jul-1940,Male, 06-May-2026,XaMh8,,3a,
"""
)
INR, GIVEN = "165581004", "700139004"


def test_a_report_is_read(write, read, numbers) -> None:
    reading, (one, two), bad = read(write(REPORT.format(*numbers)))
    assert (reading.profile, reading.source_system, reading.notes, bad) == ("systmone", "systmone", (), [])
    # Nothing is made up: the file does not say when it ran.
    assert reading.extracted_at is None
    assert not reading.whole_record
    assert (one.nhs_number, one.day, one.value, one.unit, one.done_at) == (
        numbers[0], date(2026, 5, 4), "72", "mL/min", "A82038",
    )  # fmt: skip
    assert one.codes == (Code(system="snomed", code=INR), Code(system="ctv3", code="XaMh8"))
    assert (one.patient.family_name, one.patient.given_name, one.patient.sex) == ("Sentinelle", "Philippa", "female")
    assert one.patient.date_of_birth == date(1948, 3, 2)
    # A blank place says nothing here, and `3a` is no measurement.
    assert (two.codes, two.value, two.unit, two.done_at) == ((Code(system="ctv3", code="XaMh8"),), "3a", "", "")


def test_the_shape_of_a_code_decides_its_system(write, read, numbers) -> None:
    text = f"NHS number,Event date,Code\n{numbers[0]},04-May-2026,XaMh8\n{numbers[0]},05-May-2026,{INR}\n"
    _, rows, bad = read(write(text))
    assert (bad, [str(row.codes[0]) for row in rows]) == ([], ["ctv3:XaMh8", f"snomed:{INR}"])


def test_what_systmone_calls_a_read_code_is_a_ctv3_code(write, read, numbers) -> None:
    _, (row,), bad = read(write(f"NHS number,Event date,Read code\n{numbers[0]},04-May-2026,XaMh8\n"))
    assert (bad, row.codes) == ([], (Code(system="ctv3", code="XaMh8"),))


JOINED = (
    "NHS number,Date of birth,INR tests: Event date,Injections - all: SNOMED code,INR tests: SNOMED code,"
    "Injections - all: Event date,INR tests: Numeric value,INR tests: Patient ID,Patient Count\n"
)


def test_joined_reports_are_groups_in_any_order_of_columns(write, read, numbers) -> None:
    body = f"""{numbers[0]},02-Mar-1948,04-May-2026,{GIVEN},{INR},07-May-2026,2.5,77,1
{numbers[1]},09-Jul-1940,05-May-2026,,{INR},,3.1,78,1
{numbers[2]},10-Jul-1940,,,,,,79,1
"""
    reading, rows, bad = read(write(JOINED + body))
    assert bad == []
    assert [(row.nhs_number, row.day and row.day.day, row.value) for row in rows] == [
        (numbers[0], 4, "2.5"), (numbers[0], 7, ""), (numbers[1], 5, "3.1"), (numbers[2], None, ""),
    ]  # fmt: skip
    assert [str(row.codes[0]) for row in rows[:2]] == [f"snomed:{INR}", f"snomed:{GIVEN}"]
    assert reading.ignored_columns == ("INR tests: Patient ID", "Patient Count")


def test_an_entry_repeated_in_a_joined_report_is_read_once(write, read, numbers) -> None:
    """Two tests and two injections make four rows; each is one entry, and no row of the file is lost."""
    days = [(test, injection) for test in ("04", "05") for injection in ("07", "08")]
    body = "".join(
        f"{number},02-Mar-1948,{test}-May-2026,{GIVEN},{INR},{injection}-May-2026,2.5,{patient},1\n"
        for patient, number in enumerate(numbers[:2])
        for test, injection in days
    )
    reading, rows, bad = read(write(JOINED + body))
    assert bad == []
    entries = [(row.nhs_number, row.day.day) for row in rows if row.day]
    assert sorted(entries) == sorted((number, day) for number in numbers[:2] for day in (4, 5, 7, 8))
    assert {row.line for row in open_reading(write(JOINED + body)).rows} == set(range(2, 10))
    assert [note for note in reading.notes if "read once" in note]


def test_unknown_columns_distinguish_entries_of_a_joined_report(write, read, numbers) -> None:
    head = "NHS number,Date of birth,A: Event date,A: CTV3 code,A: Event time,B: Event date,B: CTV3 code\n"
    row = "{0},02-Mar-1948,04-May-2026,XaMh8,{1},05-May-2026,XE2Nc\n"
    body = "".join(row.format(numbers[0], time) for time in ("09:00", "17:00", "17:00"))
    _, rows, bad = read(write(head + body))
    assert bad == []
    assert [row.day.day for row in rows if row.day] == [4, 5, 4]


def test_in_a_single_report_two_rows_are_two_entries(write, read, numbers) -> None:
    row = f"{numbers[0]},02-Mar-1948,04-May-2026,XaMh8\n"
    _, rows, _ = read(write("NHS number,Date of birth,Event date,CTV3 code\n" + row + row))
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("headings", "cells", "entries"),
    [
        # Each repeated heading begins another entry ...
        ("CTV3 code,Event date,CTV3 code,Event date", "XaMh8,04-May-2026,XE2Nc,05-May-2026", ["XaMh8 4", "XE2Nc 5"]),
        ("Event date,CTV3 code,Event date,CTV3 code", "04-May-2026,XaMh8,05-May-2026,XE2Nc", ["XaMh8 4", "XE2Nc 5"]),
        # ... and belongs to the column on its left, whichever kind of code that is.
        ("SNOMED code,Event date,CTV3 code,Event date", f"{INR},04-May-2026,XE2Nc,05-May-2026", [f"{INR} 4", "XE2Nc"]),
        (
            "SNOMED code,Event date,CTV3 code,Term,Event date",
            f"{INR},04-May-2026,XE2Nc,words,05-May-2026",
            [f"{INR} 4", "XE2Nc 5"],
        ),
        # Two codes of one entry are not torn apart.
        ("CTV3 code,SNOMED code,Event date", f"XaMh8,{INR},04-May-2026", [f"{INR} 4"]),
        ("Event date,CTV3 code,SNOMED code,Event date,CTV3 code", f"04-May-2026,XaMh8,{INR},05-May-2026,XE2Nc",
         [f"{INR} 4", "XE2Nc 5"]),
        ("CTV3 code,Event date,Term,CTV3 code,Event date,Term", "XaMh8,04-May-2026,a,XE2Nc,05-May-2026,b",
         ["XaMh8 4 a", "XE2Nc 5 b"]),
    ],
)  # fmt: skip
def test_a_repeated_heading_belongs_to_the_column_on_its_left(write, read, numbers, headings, cells, entries) -> None:
    _, rows, bad = read(write(f"NHS number,Date of birth,{headings}\n{numbers[0]},02-Mar-1948,{cells}\n"))
    assert bad == []
    told = [f"{row.codes[0].code} {row.day.day} {row.term}".strip() for row in rows]
    assert [all_.startswith(wanted) for all_, wanted in zip(told, entries, strict=True)] == [True] * len(entries)


def test_a_repeated_unknown_heading_is_reported_with_its_column(write, numbers) -> None:
    text = f"NHS number,Event date,CTV3 code,Warfarin,Date of issue,Statin,Date of issue\n{numbers[0]},,,a,b,c,d\n"
    assert open_reading(write(text)).ignored_columns == (
        "Warfarin", "Warfarin: Date of issue", "Statin", "Statin: Date of issue",
    )  # fmt: skip


def test_a_patient_id_is_not_an_nhs_number(write) -> None:
    for profile in (None, "systmone"):
        with pytest.raises(UnreadableFileError, match="a Patient ID is SystmOne's own number"):
            open_reading(write("Patient ID,Date of birth,Event date,CTV3 code\n1234567,02-Mar-1948,,\n"), profile)


def test_a_row_with_blank_patient_cells_goes_to_quarantine(write, read, numbers) -> None:
    """A breakdown prints the patient on every row; a blank is somebody without an NHS number, not the patient above."""
    text = REPORT.format(*numbers) + ",,,,,07-May-2026,XaMh8,,,\n"
    _, rows, bad = read(write(text))
    assert ([row.nhs_number for row in rows], bad) == ([*numbers[:2]], [(NO_PATIENT,)])
    own = write("profile = 'systmone'\ncontinuation = true\n", name="ours.toml")
    _, rows, bad = read(write(text), str(own))
    assert ([row.nhs_number for row in rows], bad) == ([*numbers[:2], numbers[1]], [])


def test_two_different_nhs_numbers_on_a_row_are_refused(write, read, numbers) -> None:
    head = "A: NHS number,B: NHS number,A: Event date,A: CTV3 code\n"
    body = f"{numbers[0]},{numbers[0]}.0,04-May-2026,XaMh8\n{numbers[0]},{numbers[1]},05-May-2026,XaMh8\n"
    _, rows, bad = read(write(head + body))
    assert ([row.nhs_number for row in rows], bad) == ([numbers[0]], [(TWO_NUMBERS,)])


def test_two_digit_years_are_refused_with_a_cure(write, read, numbers) -> None:
    text = REPORT.format(*numbers).replace("09-Jul-1940", "09-Jul-40").replace("06-May-2026", "06-May-26")
    _, rows, bad = read(write(text))
    assert [row.nhs_number for row in rows] == [numbers[0]]
    (reasons,) = bad
    assert {reason.partition(":")[0] for reason in reasons} == {"date_of_birth", "date"}
    assert all("two digits" in reason and "four-digit years" in reason for reason in reasons)


@pytest.mark.parametrize(
    "text",
    [
        "Gender,Event date,Patient Count\nF,04-May-2026,12\n",
        "Event date,Event done at ID,Patient Count \n04-May-2026,A82038,12\n",
        "Practice: a title\n\nA: Event date,Patient Count\n04-May-2026,3\n",
        "Patient ID,Event date,Patient Count\n12345,04-May-2026,1\n",
    ],
)
def test_a_breakdown_without_patients_is_refused_with_the_report_to_run(write, text: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"does not list them.*lists patients by NHS number"):
        open_reading(write(text))
    with pytest.raises(UnreadableFileError, match=r"does not list them.*break the report down by NHS number"):
        open_reading(write(text), "systmone")


def test_a_file_with_exactly_the_most_rows_gets_a_note(write, numbers, monkeypatch) -> None:
    most = built_in("systmone").row_limit
    assert most > 1000
    rows = [f"{numbers[0]},02-Mar-1948,04-May-2026,XaMh8\n"] * (most + 1)
    head = "NHS number,Date of birth,Event date,CTV3 code\n"
    for count, told in ((most - 1, False), (most, True), (most + 1, False)):
        notes = open_reading(write(head + "".join(rows[:count]))).notes
        assert bool([note for note in notes if f"{most:,} rows" in note]) is told
