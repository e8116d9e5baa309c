from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.errors import UnreadableFileError
from lescli.model import Code
from lescli.readers import COLUMNS, CheckedRow, RowCheck, open_reading
from lescli.readers.clinical_report.reader import BAD_PATIENT_ABOVE, NO_PATIENT_ABOVE, NOTHING_CODED
from lescli.readers.les import TOO_FEW_CELLS, TOO_MANY_CELLS

REPORT = """LES denosumab activity,,,,,,,
Last Run:,,,05/11/2026 09:14,,,,
,,,,,,,
Patient Details,,,,Denosumab,,,
NHS Number,Family Name,Date of Birth,Organisation Code,Code Term,SNOMED CT Concept ID,Date,Consultation Type
{0},"SMITH, Ann",01-Feb-1950,A82038,"Denosumab, therapy",700139004,02-Nov-2026,Face to face consultation
,,,,Denosumab therapy,700139004,04-May-2026,Home visit
{1},JONES,02-Mar-40,A82038,Denosumab therapy,700139004,05-May-26,Home visit
"""
GROUPS = """Last Run:,,,05/11/2026 09:14
Patient Details,,Denosumab,,,INR,,,
NHS Number,Date of Birth,Code Term,Concept ID,Date,Code Term,Concept ID,Date,Value
"""


def test_a_report_is_read(write, read, numbers) -> None:
    reading, rows, bad = read(write(REPORT.format(*numbers)))
    assert (reading.profile, reading.extracted_at, bad) == ("emis", "2026-11-05T09:14", [])
    assert not reading.whole_record
    assert [(row.nhs_number, row.day, row.consultation_type) for row in rows] == [
        (numbers[0], date(2026, 11, 2), "Face to face consultation"),
        (numbers[0], date(2026, 5, 4), "Home visit"),
        (numbers[1], date(2026, 5, 5), "Home visit"),
    ]
    assert rows[0].codes == (Code(system="snomed", code="700139004"),)
    assert (rows[0].patient.family_name, rows[0].patient.given_name) == ("SMITH", "Ann")
    assert rows[2].patient.date_of_birth == date(1940, 3, 2)
    assert rows[2].patient.registered_practice == "A82038"
    assert [row.line for row in open_reading(write(REPORT.format(*numbers))).rows] == [6, 7, 8]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_each_encoding_gives_the_same_rows(write, read, numbers, encoding: str) -> None:
    text = REPORT.format(*numbers).replace("JONES", "O’Séan").replace("\n", "\r\n")
    _, rows, bad = read(write(text, encoding=encoding))
    assert ([row.patient.family_name for row in rows], bad) == (["SMITH", "SMITH", "O’Séan"], [])


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["", ",,,", "Report,LES denosumab", "Parent Population,,,Currently registered", '"a, b"', "x"]),
        max_size=20,
    ),
    st.integers(0, 20),
)
def test_a_preamble_of_any_length(tmp_path_factory, numbers, preamble: list[str], at: int) -> None:
    _, run, *rest = REPORT.format(*numbers).splitlines()
    preamble.insert(at, run)
    path = tmp_path_factory.mktemp("emis") / "report.csv"
    path.write_text("\n".join([*preamble, *rest]) + "\n", encoding="utf-8")
    reading = open_reading(path)
    assert reading.profile == "emis"
    assert reading.extracted_at == "2026-11-05T09:14"
    assert [row.cells[COLUMNS.index("date")] for row in reading.rows] == ["2026-11-02", "2026-05-04", "2026-05-05"]


def test_a_continuation_row_without_date_and_code_is_not_lost(write, read, numbers) -> None:
    body = f"""{numbers[0]},01-Feb-1950,Denosumab therapy,700139004,02-Nov-2026,,,,
,,,,,INR,,,3.1
,,,,,,,,
"""
    _, rows, bad = read(write(GROUPS + body))
    assert ([row.day for row in rows], bad) == ([date(2026, 11, 2)], [(NOTHING_CODED,)])


def test_a_group_without_dates_and_codes_holds_no_entries(write, read, numbers) -> None:
    text = f"""Patient Details,,Languages,Denosumab,,
NHS Number,Date of Birth,Code Term,Code Term,Concept ID,Date
{numbers[0]},01-Feb-1950,English,Denosumab therapy,700139004,02-Nov-2026
,,Welsh,,,
"""
    _, rows, bad = read(write(text))
    assert (len(rows), bad) == (1, [])


def test_groups_side_by_side_give_a_row_each(write, read, numbers) -> None:
    body = f"""{numbers[0]},01-Feb-1950,Denosumab therapy,700139004,02-Nov-2026,INR,165581004,03-Nov-2026,2.5
,,,,,INR,165581004,10-Oct-2026,3.1
{numbers[1]},02-Mar-1940,,,,,,,
"""
    _, rows, bad = read(write(GROUPS + body))
    assert bad == []
    assert [(row.nhs_number, row.day, row.term, row.value) for row in rows] == [
        (numbers[0], date(2026, 11, 2), "Denosumab therapy", ""),
        (numbers[0], date(2026, 11, 3), "INR", "2.5"),
        (numbers[0], date(2026, 10, 10), "INR", "3.1"),
        (numbers[1], None, "", ""),
    ]
    assert [row.line for row in open_reading(write(GROUPS + body)).rows] == [4, 4, 5, 6]


def test_repeated_patient_cells_blank_rows_and_a_trailing_comma_are_accepted(write, read, numbers) -> None:
    lines = REPORT.format(*numbers).splitlines()
    lines[4] += ","
    lines[6] = f'{numbers[0]},"SMITH, Ann",01-Feb-1950,A82038' + lines[6][3:]
    lines[6:6] = ["", ",,,,,,,", " ,,,"]
    _, rows, bad = read(write("\n".join(lines) + "\n"))
    assert ([row.nhs_number for row in rows], bad) == ([numbers[0], numbers[0], numbers[1]], [])


def test_a_patient_without_a_number_does_not_get_the_one_above(write, read, numbers) -> None:
    text = REPORT.format(numbers[0], "") + ",,,,Denosumab therapy,700139004,04-May-2026,Home visit\n"
    _, rows, bad = read(write(text))
    assert [row.nhs_number for row in rows] == [numbers[0]] * 2
    assert bad == [("nhs_number: there is no NHS number",)] * 2


def test_a_continuation_needs_a_patient_above_that_can_be_trusted(write, read, numbers) -> None:
    head, rows = REPORT.format(*numbers).split("Consultation Type\n")
    first, second, third = rows.splitlines()
    broken = f"{numbers[2]},X,01-Feb-1950,A82038,a"
    text = "\n".join(
        [head + "Consultation Type", second, first, second, first + ",extra", second, broken, second, third]
    )
    _, good, bad = read(write(text + "\n"))
    assert [row.nhs_number for row in good] == [numbers[0], numbers[0], numbers[1]]
    assert bad == [(NO_PATIENT_ABOVE,), (TOO_MANY_CELLS,), (BAD_PATIENT_ABOVE,), (TOO_FEW_CELLS,), (BAD_PATIENT_ABOVE,)]


def test_a_truncated_last_row_refuses_the_report(write, numbers) -> None:
    text = REPORT.format(*numbers).rstrip("\n")
    assert len(list(open_reading(write(text)).rows)) == 3
    with pytest.raises(UnreadableFileError, match="line 8: truncated row"):
        list(open_reading(write(text.rpartition(",")[0])).rows)


def test_a_blank_organisation_of_the_user_means_elsewhere(write, read, numbers) -> None:
    head = "Last Run:,,,05/11/2026 09:14\nPatient Details,INR,,,,\n"
    names = "NHS Number,Date,Code,Read Code,User Details' Organisation Code,User Details' Full Name\n"
    body = f"{numbers[0]},02-Nov-2026,165581004,42QE.00,,Pat Jones\n,03-Nov-2026,42QE.,,a82038,\n"
    _, rows, bad = read(write(head + names + body))
    assert bad == []
    assert [(row.done_at, row.clinician) for row in rows] == [("elsewhere", "Pat Jones"), ("A82038", "")]
    assert rows[0].codes == (Code(system="snomed", code="165581004"), Code(system="read2", code="42QE"))
    assert rows[1].codes == (Code(system="read2", code="42QE"),)


def test_patient_facts_are_translated(write, read, numbers) -> None:
    names = (
        "NHS Number,DOB,Gender,Usual GP's Organisation Code,Organisation Code,Patient Type,Deducted Date,Date of Death"
    )
    text = f"""Last Run:,,,05/11/2026 09:14
Patient Details,,,,,,,,INR,,Registration
{names},Date,Concept ID,Housebound
{numbers[0]},05-Nov-2026,M,B81001,,Temporary,05-Nov-2026,05-Nov-2026,,,Y
{numbers[1]},06-Nov-26,Indeterminate,,A82038,Private,,,10-Dec-26,165581004,
{numbers[2]},06-Nov-26,?,,A82038,Martian,,,,,
"""
    _, (one, two), bad = read(write(text))
    assert (one.patient.sex, one.patient.registered_practice, one.patient.registration) == (
        "male",
        "B81001",
        "temporary",
    )
    assert (one.patient.date_of_birth, one.patient.left_on) == (date(2026, 11, 5), date(2026, 11, 5))
    assert (one.patient.died_on, one.patient.housebound) == (date(2026, 11, 5), True)
    assert (two.patient.sex, two.patient.registration, two.patient.registered_practice) == ("other", "none", "A82038")
    # Nobody is born after the report ran; an appointment may be dated ahead.
    assert (two.patient.date_of_birth, two.day) == (date(1926, 11, 6), date(2026, 12, 10))
    assert [{reason.partition(":")[0] for reason in reasons} for reasons in bad] == [{"sex", "registration"}]


def test_unknown_headings_are_reported_with_their_group(write, numbers) -> None:
    text = REPORT.format(*numbers).replace("Family Name", "Town").replace("Consultation Type", "Availability Date")
    assert open_reading(write(text)).ignored_columns == ("Town", "Denosumab: Availability Date")


def test_a_report_without_codes_says_what_to_add(write) -> None:
    reading = open_reading(write("Patient Details,INR,,\nNHS Number,Code Term,Date,Value\n"))
    assert reading.extracted_at is None
    assert [note for note in reading.notes if "`INR`" in note and "SNOMED CT Concept ID" in note]
    assert [note for note in reading.notes if "does not say when it ran" in note]


def test_without_a_banner_a_repeated_heading_begins_a_group(write, read, numbers) -> None:
    text = f"""EMIS Number,NHS Number,Date of Birth,Concept ID,Date,Concept ID,Date
1,{numbers[0]},01-Feb-1950,700139004,02-Nov-2026,165581004,03-Nov-2026
"""
    _, rows, bad = read(write(text))
    assert ([str(row.codes[0]) for row in rows], bad) == (["snomed:700139004", "snomed:165581004"], [])


def test_values_lose_their_unit(write, read, numbers) -> None:
    body = f"""{numbers[0]},01-Feb-1950,,,,eGFR,165581004,03-Nov-2026, 72 mL/min
,,,,,eGFR,165581004,10-Oct-2026,"""
    _, rows, bad = read(write(GROUPS + body + "> 90 mL/min/1.73 m2\n"))
    assert (bad, [(row.value, row.unit) for row in rows]) == ([], [("72", "mL/min"), ("> 90", "mL/min/1.73 m2")])


def test_a_report_that_has_only_the_nhs_number_of_a_patient_gets_a_note(write) -> None:
    one = "Patient Details,INR,\nNHS Number,Date,Concept ID\n"
    assert [note for note in open_reading(write(one)).notes if "Date of Birth" in note]
    two = "Patient Details,,INR,\nNHS Number,Age,Date,Concept ID\n"
    assert not [note for note in open_reading(write(two)).notes if "Date of Birth" in note]


@pytest.mark.parametrize(
    "text",
    ["Last Run:,,,05/11/2026 09:14\n", "Patient Details,,\nFamily Name,Date,Code\n", "Patient Details,,\n"],
)
def test_a_report_without_headings_is_refused(write, text: str) -> None:
    with pytest.raises(UnreadableFileError, match="no known header"):
        open_reading(write(text))


def test_rows_damaged_by_excel_are_reported_and_others_are_read(write, numbers) -> None:
    text = REPORT.format(numbers[0], "9.99E+09").replace("700139004,04", "7.00139E+08,04")
    reading = open_reading(write(text))
    check = RowCheck(reading.columns)
    results = [check(row) for row in reading.rows]
    assert [isinstance(result, CheckedRow) for result in results] == [True, False, False]
