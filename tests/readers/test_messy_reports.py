"""EMIS and SystmOne reports give the same work, however the export was mangled on its way."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.errors import UnreadableFileError
from lescli.readers import CheckedRow, RowCheck, open_reading
from lescli.readers.clinical_report.reader import NO_PATIENT, NO_PATIENT_ABOVE

EMIS = [
    ["Patient Details", "", "", "Injections", "", "", "INR", "", "", ""],
    ["NHS Number", "Family Name", "Date of Birth", "Code Term", "Concept ID", "Date", "Code Term", "Concept ID", "Date",
     "Value"],
]  # fmt: skip
SYSTMONE = [
    ["NHS number", "Surname", "Date of birth", "Injections: Term", "Injections: SNOMED code", "Injections: Event date",
     "INR: Term", "INR: SNOMED code", "INR: Event date", "INR: Value"],
]  # fmt: skip
HEADS = {"emis": EMIS, "systmone": SYSTMONE}


def body(numbers: tuple[str, ...]) -> list[list[str]]:
    one = [numbers[0], "Séan, O’Neill", "02-Mar-1948"]
    two = [numbers[1], "Older", "09-Jul-1940"]
    injection = ["Denosumab, therapy", "700139004", "04-May-2026"]
    test = ["INR", "165581004", "05-May-2026", "2.5 ratio"]
    return [one + injection + test, two + [""] * 3 + test[:2] + ["06-May-2026", "3.1 ratio"], two + [""] * 7]


def as_text(rows: list[list[str]], end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def entries(path, profile: str | None = None) -> list[tuple[object, ...]]:
    reading = open_reading(path, profile)
    check = RowCheck(reading.columns)
    checked = [check(row) for row in reading.rows]
    assert all(isinstance(each, CheckedRow) for each in checked), checked
    return [
        (each.nhs_number, each.patient.family_name, each.patient.date_of_birth, each.day, each.codes, each.term,
         each.value, each.unit)
        for each in checked
        if isinstance(each, CheckedRow)
    ]  # fmt: skip


@pytest.fixture(params=HEADS)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_clean_report_is_read(write, profile, numbers) -> None:
    path = write(as_text(HEADS[profile] + body(numbers)))
    assert open_reading(path).profile == profile
    found = entries(path)
    assert [(each[0], each[5], each[6], each[7]) for each in found] == [
        (numbers[0], "Denosumab, therapy", "", ""),
        (numbers[0], "INR", "2.5", "ratio"),
        (numbers[1], "INR", "3.1", "ratio"),
        (numbers[1], "", "", ""),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_each_encoding_gives_the_same_result(write, profile, numbers, encoding: str) -> None:
    rows = HEADS[profile] + body(numbers)
    clean = entries(write(as_text(rows), name="clean.csv"))
    assert entries(write(as_text(rows, end="\r\n"), encoding=encoding)) == clean


@pytest.mark.parametrize("lines", [1, 59, 60, 61, 250, 3000])
def test_a_preamble_of_any_length(write, profile, numbers, lines: int) -> None:
    """A report is recognised below titles, blank lines and commas."""
    rows = HEADS[profile] + body(numbers)
    clean = entries(write(as_text(rows), name="clean.csv"))
    preamble = [["LES report, May"], [], ["", "", ""], ["NHS number", "", "Currently registered"], ["x" * 50]]
    path = write(as_text([preamble[number % len(preamble)] for number in range(lines)] + rows))
    assert entries(path) == clean
    assert next(row.line for row in open_reading(path).rows) == lines + len(HEADS[profile]) + 1


@settings(max_examples=25, deadline=None)
@given(data=st.data(), profile=st.sampled_from(sorted(HEADS)))
def test_stray_spaces_commas_blank_rows_and_formulas(tmp_path_factory, numbers, data, profile: str) -> None:
    folder = tmp_path_factory.mktemp("messy")
    clean = folder / "clean.csv"
    clean.write_text(as_text(HEADS[profile] + body(numbers)), encoding="utf-8")
    pad = st.sampled_from(["", " ", "  ", "\xa0", "\t"])
    commas = data.draw(st.integers(0, 3))
    rows = []
    for number, row in enumerate(HEADS[profile] + body(numbers)):
        head = number < len(HEADS[profile])
        padded = [data.draw(pad) + cell + data.draw(pad) for cell in row]
        if not head and padded[0].strip() and data.draw(st.booleans()):
            padded[0] = data.draw(st.sampled_from(['="{}"', "'{}", "{}.0", "{}.00"])).format(row[0])
        rows.append(padded + [""] * (commas if head else data.draw(st.integers(0, commas))))
        rows += [[" "] * data.draw(st.integers(0, 4))] * (
            0 if number == 0 and profile == "emis" else data.draw(st.integers(0, 2))
        )
    messy = folder / "messy.csv"
    messy.write_text(as_text(rows), encoding="utf-8")
    assert open_reading(messy).profile == profile
    assert entries(messy) == entries(clean)


def test_a_row_with_blank_patient_cells(write, read, profile, numbers) -> None:
    """EMIS leaves the patient blank on further rows. SystmOne prints it on each, so there a blank names no patient."""
    rows = body(numbers)
    further = ["", " ", ""] + rows[0][3:6] + [""] * 4
    _, good, bad = read(write(as_text([*HEADS[profile], rows[0], further])))
    whose = [row.nhs_number for row in good]
    assert (whose, bad) == (([numbers[0]] * 3, []) if profile == "emis" else ([numbers[0]] * 2, [(NO_PATIENT,)]))
    _, good, bad = read(write(as_text([*HEADS[profile], further, rows[0]])))
    assert [row.nhs_number for row in good] == [numbers[0]] * 2
    assert bad == [(NO_PATIENT_ABOVE if profile == "emis" else NO_PATIENT,)]


CELL = st.one_of(
    st.sampled_from(["", "", " ", "9990000018", "9990000019", "04-May-2026", "31-Feb-26", "700139004", "XaMh8", "INR",
                     "72 mL/min", '="9990000026"', "\x07", "a\nb", '"', "9.99E+09", "=1+1", "é", "\U0001f44d"]),
    st.text(st.characters(min_codepoint=32, blacklist_categories=("Cs",)), max_size=8),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(profile=st.sampled_from(sorted(HEADS)), rubbish=st.lists(st.lists(CELL, max_size=13), max_size=12))
def test_every_line_with_content_gives_a_row(tmp_path_factory, numbers, profile: str, rubbish) -> None:
    """Each line that is not blank gives a row, accepted or quarantined, with its own line number."""
    rows = [HEADS[profile][-1], *rubbish, [numbers[0]] * 10]
    path = tmp_path_factory.mktemp("rubbish") / "report.csv"
    path.write_text(as_text((HEADS[profile][:1] if profile == "emis" else []) + rows), encoding="utf-8", newline="")
    reading = open_reading(path, profile)
    check = RowCheck(reading.columns)
    told: dict[int, list[object]] = {}
    for row in reading.rows:
        told.setdefault(row.line, []).append(check(row))
    assert all(isinstance(each, (CheckedRow, tuple)) for many in told.values() for each in many)
    line = 1 + len(HEADS[profile])
    for cells in rows[1:]:
        # A line that says nothing at all, or nothing of an entry where it continues the one above, gives no row.
        says = any(cell.strip() for cell in (cells if any(cell.strip() for cell in cells[:3]) else cells[3:10]))
        assert (line in told) >= says, cells
        line += as_text([cells]).count("\n")
    assert set(told) <= set(range(1 + len(HEADS[profile]), line))


@pytest.mark.parametrize("damaged", ["9.99E+09", "9.99000e9", "1E+10", "9,99E+09", "9.99000002E+09"])
def test_the_refusal_of_a_rounded_nhs_number_names_the_cure(write, read, profile, numbers, damaged: str) -> None:
    rows = body(numbers)
    rows[0][0] = damaged
    _, good, bad = read(write(as_text(HEADS[profile] + rows)))
    assert {row.nhs_number for row in good} == {numbers[1]}
    assert set(bad) == {
        ("nhs_number: a spreadsheet rounded the NHS number and its digits are lost; export again without opening the "
         "file in a spreadsheet",)
    }  # fmt: skip


def test_a_report_of_counts_is_refused_with_the_report_to_run(write, profile) -> None:
    head = [["Last Run:", "", "", "05/11/2026 09:14"]] if profile == "emis" else []
    counted = write(as_text([*head, ["Gender", "Patient Count"], ["F", "12"]]))
    instead = "list report" if profile == "emis" else "break the report down by NHS number"
    with pytest.raises(UnreadableFileError, match=f"counts patients and does not list them.*{instead}"):
        open_reading(counted, profile)
    with pytest.raises(UnreadableFileError, match="counts patients and does not list them"):
        open_reading(counted)


def test_a_banner_above_counts_is_refused_as_a_report_of_counts(write) -> None:
    with pytest.raises(UnreadableFileError, match="does not list them"):
        open_reading(write("Patient Details,,\nGender,Age,Population Count\nF,50,12\n"))
