"""`les import --explain-columns`: headings, no cells and no store; then the practice's own columns."""

from __future__ import annotations

import csv
import io

import pytest

ANN = "9990000018"
REPORT = f"""LES activity,,,,,
Last Run:,,,05/11/2026 09:14,,
Patient Details,,Denosumab,,,
NHS Number,DOB,Code Term,Concept,Date,Where
{ANN},02-Mar-1948,Denosumab,700139004,04-May-2026,Home visit
"""
OWN = '[entry]\nsnomed = ["Concept"]\nconsultation_type = ["Where"]\n'


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text(REPORT, encoding="utf-8")
    return path


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_columns_are_explained_without_a_store(les_here, report):
    done = les_here("import", "--explain-columns", report, "--json")
    assert done.code == 3, "without a code nothing can be counted"
    (file,) = done.json["files"]
    assert (file["profile"], file["own_profile"], file["encoding"]) == ("emis", False, "UTF-8")
    assert (file["lines_skipped"], file["header_line"], file["extracted_at"]) == (2, 4, "2026-11-05T09:14")
    assert [(each["heading"], each["means"], each["status"]) for each in file["columns"]] == [
        ("NHS Number", "nhs_number", "read"),
        ("DOB", "date_of_birth", "read"),
        ("Code Term", "term", "read"),
        ("Concept", None, "ignored"),
        ("Date", "date", "read"),
        ("Where", None, "ignored"),
    ]
    required, *others = [(one["column"], one["need"], one["groups"]) for one in file["missing"]]
    assert required == ("code", "required", ["Denosumab"])
    assert ("consultation_type", "claim", ["Denosumab"]) in others
    assert ("registered_on", "claim", []) in others
    needs = [need for _, need, _ in others]
    assert needs == sorted(needs, key=["required", "new patient", "claim", "optional"].index)
    assert not list(report.parent.glob("**/*.les"))


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_no_cell_of_a_patient_is_shown(les_here, report, output):
    done = les_here("import", "--explain-columns", report, "--format", output)
    shown = done.out + done.err
    assert "Concept" in done.out
    assert not [cell for cell in (ANN, "1948", "700139004", "Home visit") if cell in shown]


def test_csv_has_a_line_a_column(les_here, report):
    rows = list(csv.DictReader(io.StringIO(les_here("import", "--explain-columns", report, "--format", "csv").out)))
    assert [(row["place"], row["group"], row["heading"], row["means"]) for row in rows][2:4] == [
        ("3", "Denosumab", "Code Term", "term"),
        ("4", "Denosumab", "Concept", ""),
    ]


def test_with_the_practice_s_own_headings_nothing_required_is_missing(les_here, report, own):
    done = les_here("import", "--explain-columns", report, "--profile", own, "--json")
    assert done.code == 0
    (file,) = done.json["files"]
    assert file["own_profile"]
    assert not [one for one in file["missing"] if one["need"] == "required"]


def test_what_is_required_of_a_file_with_and_without_work(les_here, activity_file):
    whole = activity_file(name="whole.csv", header="nhs_number,date_of_birth,date,code")
    assert les_here("import", "--explain-columns", whole).code == 0
    people = activity_file(name="people.csv", header="nhs_number,date_of_birth")
    done = les_here("import", "--explain-columns", people, "--json")
    assert done.code == 3
    assert [one["column"] for one in done.json["files"][0]["missing"][:2]] == ["date", "code"]
    dated = activity_file(name="dated.csv", header="nhs_number,date,code")
    done = les_here("import", "--explain-columns", dated, "--json")
    assert (done.code, done.json["files"][0]["missing"][0]["need"]) == (0, "new patient")


def test_one_file_that_cannot_be_read_hides_no_other(les_here, report, own, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir\n", encoding="utf-8")
    done = les_here("import", "--explain-columns", letter, report, "--profile", own, "--json")
    assert (done.code, len(done.json["files"]), len(done.json["refused"])) == (3, 1, 1)
    assert "letter.txt" in done.err
    alone = les_here("import", "--explain-columns", letter)
    assert (alone.code, alone.out) == (1, "")


def test_a_folder_of_reports(les_here, report, own):
    done = les_here("import", "--explain-columns", report.parent, "--json")
    assert [file["file"] for file in done.json["files"]] == ["report.csv"]
    assert done.json["refused"] == []


def test_a_workbook_is_explained_as_the_report_it_was(les_here, report, own, tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "report.xlsx") as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate(csv.reader(REPORT.splitlines())):
            sheet.write_row(place, 0, cells)
    done = les_here("import", "--explain-columns", report, tmp_path / "report.xlsx", "--profile", own, "--json")
    text, book = done.json["files"]
    assert (text.pop("encoding"), book.pop("encoding")) == ("UTF-8", "Excel workbook")
    assert (text.pop("file"), book.pop("file")) == ("report.csv", "report.xlsx")
    assert text == book


@pytest.mark.parametrize("more", [(), ("--explain-columns",)])
def test_a_mistake_in_the_own_file_is_a_typing_error(les_here, store, report, own, more):
    own.write_text("[entry]\nwhen = ['Date']\n", encoding="utf-8")
    done = les_here("import", report, "--profile", own, *more, store=store)
    assert (done.code, done.out) == (2, "")
    assert "[entry] when: there is no such column" in done.err


def test_a_report_imported_before_is_read_again_with_the_practice_s_own_headings(les_here, store, report, own):
    """The first import could take nothing in. The same file must not count as known after that."""
    first = les_here("import", report, "--json", store=store).json["files"][0]
    assert (first["accepted"], first["quarantined"]) == (0, 1)
    again = les_here("import", report, "--json", store=store).json["files"][0]
    assert (again["accepted"], again["unchanged"]) == (0, 0)
    for accepted, unchanged in ((1, 0), (0, 1)):
        done = les_here("import", report, "--profile", own, "--json", store=store)
        (file,) = done.json["files"]
        assert (file["accepted"], file["unchanged"], file["quarantined"]) == (accepted, unchanged, 0)
        assert file["sha256"] == first["sha256"]
    own.write_text(OWN + 'term = ["Code Term"]\n', encoding="utf-8")
    (file,) = les_here("import", report, "--profile", own, "--json", store=store).json["files"]
    assert (file["accepted"], file["unchanged"]) == (0, 1)


SYSTMONE = "NHS number,Date of birth,Event date,SNOMED code,Numeric value,Patient Count\n"


def test_the_files_of_one_run_are_one_export(les_here, store, tmp_path):
    """What overlaps is known, and a number that Excel touched is the same patient."""
    row = "{0},02-Mar-1948,{1}-May-2026,165581004,72 mL/min,1\n"
    for name, days, number in (
        ("a.csv", (11, 12), ANN),
        ("b.csv", (12, 13), f"{ANN}.0"),
        ("c.csv", (13,), f'="{ANN}"'),
    ):
        body = "".join(row.format(number, day) for day in days)
        (tmp_path / name).write_text(SYSTMONE + body, encoding="cp1252")
    done = les_here("import", *(tmp_path / name for name in ("a.csv", "b.csv", "c.csv")), "--json", store=store)
    assert [(file["profile"], file["accepted"], file["unchanged"]) for file in done.json["files"]] == [
        ("systmone", 2, 0), ("systmone", 1, 1), ("systmone", 0, 1),
    ]  # fmt: skip
    assert (done.code, done.json["quarantine"]) == (0, [])
