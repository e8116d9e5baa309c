"""A workbook gives the store that a CSV of its sheet gives, whichever profile it is of."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from lescli.operations.import_view import columns_answer
from lescli.operations.imports import ImportAnswer
from lescli.store import Store
from lescli.store.records.rows import patients

ANN, BEN = "9990000018", "9990000026"
LES: Sequence[Sequence[Any]] = (
    ("nhs_number", "family_name", "date_of_birth", "date", "code", "value", "consultation_type"),
    (ANN, "Test", date(1950, 2, 1), date(2026, 5, 4), "700139004", "", "Home visit"),
    (BEN, "Test", date(1951, 2, 1), date(2026, 5, 5), "165581004", 2.5, ""),
    (ANN, "", "", date(2026, 5, 6), "700139005", "", "its code fails the check digit"),
)
EMIS: Sequence[Sequence[Any]] = (
    ("INR report", "", "", "", ""),
    ("Last Run:", "", "", "05/11/2026 09:14", ""),
    ("Patient Details", "", "INR", "", ""),
    ("NHS Number", "Date of Birth", "SNOMED CT Concept ID", "Date", "Value"),
    (ANN, date(1950, 2, 1), "165581004", date(2026, 11, 2), 2.5),
    ("", "", "165581004", date(2026, 11, 3), 3.5),
)
SYSTMONE: Sequence[Sequence[Any]] = (
    ("NHS number", "Date of birth", "Event date", "SNOMED code", "Numeric value"),
    (ANN, date(1950, 2, 1), date(2026, 5, 4), "165581004", "2.5"),
)


def as_csv(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([c.isoformat() if isinstance(c, date) else c for c in row] for row in rows)
    return path


def as_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """As Excel has it: NHS numbers are numbers, and so are codes; dates are dates."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, int(value) if isinstance(value, str) and value.isdigit() else value)
    return path


def in_store(store: Store) -> list[Any]:
    return [
        *patients(store),
        *store.rows("SELECT patient_id, day, code_set_id, value, recorded_on, source_id FROM activity ORDER BY 1, 2"),
        *store.rows("SELECT line, reasons FROM quarantine ORDER BY 1"),
    ]


@pytest.mark.parametrize(("profile", "rows"), [("les", LES), ("emis", EMIS), ("systmone", SYSTMONE)])
def test_the_same_table_gives_the_same_store(
    tmp_path: Path,
    store: Store,
    new_store: Callable[[], Store],
    imported: Callable[..., ImportAnswer],
    profile: str,
    rows: Sequence[Sequence[Any]],
) -> None:
    other = new_store()
    of_csv = imported(as_csv(tmp_path / "a.csv", rows), into=other).answer.data["files"][0]
    of_xlsx = imported(as_xlsx(tmp_path / "a.xlsx", rows)).answer.data["files"][0]
    assert of_xlsx["profile"] == profile
    assert of_xlsx["rows"] > 0
    assert of_csv | {"file": "", "sha256": ""} == of_xlsx | {"file": "", "sha256": ""}
    assert in_store(store) == in_store(other)


def test_a_workbook_in_a_zip_is_known_again_by_its_own_bytes(
    tmp_path: Path, imported: Callable[..., ImportAnswer]
) -> None:
    book = as_xlsx(tmp_path / "may.xlsx", LES)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(book, "reports/may.xlsx")
    first = imported(tmp_path / "a.zip").answer.data
    assert [(file["file"], file["accepted"]) for file in first["files"]] == [("reports/may.xlsx", 2)]
    # The line is the row of the sheet.
    assert [(row["file"], row["line"]) for row in first["quarantine"]] == [("reports/may.xlsx", 4)]
    again = imported(book).answer.data["files"][0]
    assert (again["file"], again["accepted"], again["unchanged"]) == ("may.xlsx", 0, 2)


def test_messages_about_a_sheet_name_the_workbook(tmp_path: Path, imported: Callable[..., ImportAnswer]) -> None:
    done = imported(as_xlsx(tmp_path / "may.xlsx", [("no", "known", "header"), (1, 2, 3)]))
    assert done.refused[0].startswith("may.xlsx: no known header")


def test_the_columns_of_a_workbook_are_explained_as_those_of_a_csv(tmp_path: Path) -> None:
    explained = [
        columns_answer([write(tmp_path / name, EMIS)], None).answer.data["files"]
        for write, name in ((as_xlsx, "a.xlsx"), (as_csv, "a.csv"))
    ]
    own = {"file": "", "encoding": ""}
    assert [file | own for file in explained[0]] == [file | own for file in explained[1]]
