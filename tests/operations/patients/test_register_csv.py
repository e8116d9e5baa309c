"""A register file is read like an export, in whatever format it was saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

import lescli_denosumab
from lescli.errors import LesError
from lescli.operations.patients.register_csv import load_rows
from lescli.services import service_of

SPEC = service_of(lescli_denosumab, origin="package").spec
LINES = (
    ("nhs_number", "entered_on", "ended_on", "end_reason"),
    ("9990000018", "01/05/2026", "", ""),
    ("9990000026", "2026-05-02 10:30", "2026-06-01", "declined"),
)


def text(delimiter: str, encoding: str, before: str = "") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "register.csv"
        path.write_bytes((before + "".join(delimiter.join(line) + "\r\n" for line in LINES)).encode(encoding))
        return path

    return write


def workbook(folder: Path) -> Path:
    path = folder / "register.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, LINES[0])
        sheet.write_row(1, 0, [9990000018, datetime.fromisoformat("2026-05-01")])
        sheet.write_row(2, 0, [9990000026, datetime.fromisoformat("2026-05-02T10:30"), date(2026, 6, 1), "declined"])
    return path


@pytest.mark.parametrize(
    "write",
    [
        text(",", "utf-8"),
        text(",", "cp1252"),
        text(";", "utf-8-sig"),
        text("\t", "utf-16"),
        text("|", "utf-8"),
        text(";", "utf-8", "sep=;\r\n"),
        workbook,
    ],
)
def test_the_rows_are_the_same(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    assert [(row.nhs_number, row.entered_on, row.ended_on) for row in load_rows(SPEC, write(tmp_path))] == [
        ("9990000018", date(2026, 5, 1), None),
        ("9990000026", date(2026, 5, 2), date(2026, 6, 1)),
    ]


def test_faults_name_their_line_and_their_file(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("nhs_number;entered_on\n9990000018;soon\n\n9990000019;2026-05-01\n9990000018\n", encoding="utf-8")
    with pytest.raises(
        LesError, match=r"register.csv: line 2: entered_on: not a date.*line 4:.*line 5: it has another"
    ):
        load_rows(SPEC, path)
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(LesError, match=r"register\.csv is a PDF; save the register as CSV or \.xlsx; nothing"):
        load_rows(SPEC, path)
