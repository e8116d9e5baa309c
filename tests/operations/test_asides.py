"""Titles, repeated headings, totals and page lines are left out and counted, and no patient is lost with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from lescli.operations.imports import ImportAnswer
from lescli.store import Store

Imported = Callable[..., ImportAnswer]
Table = list[list[str]]

LES = "nhs_number,family_name,date_of_birth,date,code,value"
EMIS = "NHS Number,Family Name,Date of Birth,Date,SNOMED CT Concept ID,Value"
SYSTMONE = "NHS number,Surname,Date of birth,Event date,SNOMED code,Numeric value"
HEADS = {
    "les": [LES],
    "emis": ["Last Run:,,,05/06/2026 09:14,,", "Patient Details,,,INR,,", EMIS],
    "systmone": [SYSTMONE],
}
ROWS = [
    "9990000018,Archer,01/02/1950,04/05/2026,165581004,2.5",
    "9990000018,Archer,01/02/1950,05/05/2026,165581004,2.6",
    "9990000026,Total,01/02/1951,06/05/2026,165581004,2.7",
    "9990000026,Total,01/02/1951,07/05/2026,165581004,2.8",
]
TITLE = "Activity of May,,,,,"


def cells(lines: list[str]) -> Table:
    return list(csv.reader(io.StringIO("\n".join(lines))))


def write_csv(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join((*lines, "")), encoding="utf-8")
    return path


def write_semicolons(path: Path, lines: list[str]) -> Path:
    return write_csv(path, [";".join(row) for row in cells(lines)])


def write_workbook(path: Path, lines: list[str]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(cells(lines)):
            sheet.write_row(number, 0, [cell or None for cell in row])
    return path


FORMATS = {"csv": write_csv, "txt": write_semicolons, "xlsx": write_workbook}


def in_store(store: Store) -> list[Any]:
    return [
        *store.rows("SELECT nhs_number, family_name, date_of_birth FROM patient ORDER BY 1"),
        *store.rows("SELECT patient_id, day, value FROM activity ORDER BY 1, 2"),
    ]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("profile", HEADS)
def test_titles_totals_and_page_lines_are_left_out_and_counted(
    new_store: Callable[[], Store], imported: Imported, tmp_path: Path, profile: str, kind: str
) -> None:
    head, (one, two, *others) = HEADS[profile], ROWS
    plain, printed = new_store(), new_store()
    imported(FORMATS[kind](tmp_path / f"plain.{kind}", [*head, *ROWS]), into=plain)
    again = [*head[:-1], head[-1]]
    lines = [TITLE, *head, one, "Page 1 of 3,,,,,", ",,,,,", TITLE, *again, two, "Page 2 of 3,,,,,", *again, *others]
    answer = imported(FORMATS[kind](tmp_path / f"printed.{kind}", [*lines, "Total: 4,,,,,10.6"]), into=printed).answer
    (file,) = answer.data["files"]
    assert in_store(printed) == in_store(plain)
    assert (file["rows"], file["accepted"], file["quarantined"]) == (4, 4, 0)
    titles = {"emis": 5}.get(profile, 2)
    assert file["left_out"] == {"page line": 2, "repeated header": 2, "title row": titles, "total row": 1}
    assert any(
        f"left out, not activity: 2 page lines, 2 repeated headers, {titles} title rows, 1 total row" in note
        for note in answer.notes
    )


@pytest.mark.parametrize(
    "last",
    [
        "Total,,,,,10.6",
        "TOTAL,4,,,,",
        "Grand Total:,,,4,,",
        "Total rows: 4,,,,,",
        "Total patients,,,,,2",
        "Number of records,4,,,,",
        "Row count = 4,,,,,",
        "Sum,,,,,10.6",
        'Total,,,,,"1,234.50"',
        "Total,,,,,100%",
        ",Total,,,,4",
        ",,,,Total,10.6",
        "Total",
        "Total,4",
        "End of report,,,,,",
        "Page 1,,,,,",
    ],
)
@pytest.mark.parametrize("profile", HEADS)
def test_a_total_at_the_end_is_not_quarantined(
    store: Store, imported: Imported, tmp_path: Path, profile: str, last: str
) -> None:
    path = tmp_path / "report.csv"
    path.write_text("\n".join((*HEADS[profile], *ROWS, last)), encoding="utf-8")
    (file,) = imported(path).answer.data["files"]
    assert (file["accepted"], file["quarantined"], sum(file["left_out"].values())) == (4, 0, 1)


@pytest.mark.parametrize(
    "row",
    [
        # Somebody called Total whose number is missing, and other rows that say more than a sum does.
        ",Total,01/02/1950,04/05/2026,165581004,2.5",
        ",Total,01/02/1950,,,",
        ",,,04/05/2026,Total,4",
        ",Total,,,165581004,4",
        "Total,,,04/05/2026,165581004,2.5",
        ",Total,Ann,,,4",
        ",Total,,9990000018,,",
        "Totals for Ann Archer,,,,,4",
        "Totalling,,,,,4",
        "9990000019,Total,,,,4",
        ",Total,,,,",
        "Page 1 of 3,,,04/05/2026,165581004,2.5",
    ],
)
@pytest.mark.parametrize("profile", HEADS)
def test_a_row_that_may_be_real_is_never_hidden(
    store: Store, imported: Imported, tmp_path: Path, profile: str, row: str
) -> None:
    path = write_csv(tmp_path / "report.csv", [*HEADS[profile], row])
    (file,) = imported(path).answer.data["files"]
    assert (file["rows"], file["quarantined"], file["left_out"]) == (1, 1, {})


@pytest.mark.parametrize("profile", HEADS)
def test_a_patient_called_total_is_a_patient(store: Store, imported: Imported, tmp_path: Path, profile: str) -> None:
    path = write_csv(tmp_path / "report.csv", [*HEADS[profile], "9990000018,Total,01/02/1950,,,", ROWS[2]])
    (file,) = imported(path).answer.data["files"]
    assert (file["accepted"], file["quarantined"], file["left_out"]) == (2, 0, {})
    assert [name for (name,) in store.rows("SELECT family_name FROM patient")] == ["Total", "Total"]


def test_a_row_cut_off_after_a_name_is_not_a_total(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_text("family_name,nhs_number,date_of_birth\nArcher,9990000018,01/02/1950\nTotal", encoding="utf-8")
    answer = imported(path)
    assert answer.refused[0].startswith("cut.csv, line 3: truncated row")


def test_a_page_break_does_not_separate_a_patient_from_their_rows(
    store: Store, imported: Imported, tmp_path: Path
) -> None:
    lines = [*HEADS["emis"], ROWS[0], EMIS, ",,,05/05/2026,165581004,2.6", "Total,,,2,,", ",,,06/05/2026,165581004,2.7"]
    (file,) = imported(write_csv(tmp_path / "report.csv", lines)).answer.data["files"]
    # After a total, the patient of a row is unknown.
    assert (file["accepted"], file["quarantined"]) == (2, 1)
    assert file["left_out"] == {"repeated header": 1, "total row": 1}


@pytest.mark.parametrize("profile", HEADS)
def test_a_file_with_a_second_table_is_refused(store: Store, imported: Imported, tmp_path: Path, profile: str) -> None:
    head = HEADS[profile]
    other = ",".join(reversed(head[-1].split(",")))
    path = write_csv(tmp_path / "joined.csv", [*head, *ROWS, other, ",".join(reversed(ROWS[0].split(",")))])
    answer = imported(path)
    assert answer.refused == (
        f"joined.csv, line {len(head) + 5}: another table begins here; save each table as a file of its own",
    )
    assert in_store(store) == []


def test_a_file_with_two_runs_of_a_report_is_refused(store: Store, imported: Imported, tmp_path: Path) -> None:
    later = HEADS["emis"][0].replace("05/06/2026", "05/05/2026")
    path = write_csv(tmp_path / "joined.csv", [*HEADS["emis"], ROWS[0], later, *HEADS["emis"][1:], ROWS[1]])
    assert imported(path).refused == (
        "joined.csv, line 5: another table begins here; save each table as a file of its own",
    )


@pytest.mark.parametrize("profile", ["les", "systmone"])
def test_a_patient_row_is_never_taken_for_a_title(
    store: Store, imported: Imported, tmp_path: Path, profile: str
) -> None:
    path = write_csv(tmp_path / "upside-down.csv", [ROWS[0], *HEADS[profile], *ROWS[1:]])
    answer = imported(path)
    assert "no known header" in answer.refused[0]
    assert "9990000018" not in answer.refused[0]
    assert in_store(store) == []


def test_many_rows_with_page_breaks_are_read_in_bulk(
    new_store: Callable[[], Store], imported: Imported, tmp_path: Path
) -> None:
    rows = [
        f"{number},Test,1950-01-01,2026-{month:02d}-{day:02d},165581004,{day}"
        for number in ("9990000018", "9990000026")
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    paged: list[str] = []
    for at, row in enumerate(rows):
        paged += [row, *(["Page 1 of 9,,,,,", LES] if at % 40 == 39 else [])]
    left, right = new_store(), new_store()
    imported(write_csv(tmp_path / "rows.csv", [LES, *rows]), into=left)
    (file,) = imported(write_csv(tmp_path / "paged.csv", [LES, *paged]), into=right).answer.data["files"]
    assert in_store(right) == in_store(left)
    assert file["left_out"] == {"page line": 16, "repeated header": 16}
