"""Old Excel workbooks (.xls): values, dates, errors, several sheets, damage; made on the spot, patients invented."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlwt

from lescli.errors import UnreadableFileError
from lescli.readers import old_workbook as module
from lescli.readers.encoding import lines
from lescli.readers.workbook import as_text

HEADINGS = ("nhs_number", "family_name", "date_of_birth", "date", "code", "value", "source_id")
FORMATS = {datetime: "dd/mm/yyyy hh:mm", date: "dd/mm/yyyy", time: "hh:mm"}
Rows = Sequence[Sequence[Any]]


def book(path: Path, *sheets: Rows, hidden: Sequence[int] = (), date_1904: bool = False) -> Path:
    """Write sheets of rows; dates are formatted as dates."""
    made = xlwt.Workbook()
    made.dates_1904 = date_1904
    for place, rows in enumerate(sheets):
        sheet = made.add_sheet(f"Sheet{place + 1}")
        sheet.visibility = int(place in hidden)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    kind = FORMATS.get(type(value))
                    sheet.write(number, column, value, *([xlwt.easyxf(num_format_str=kind)] if kind else []))
    made.save(str(path))
    return path


def text_of(path: Path) -> list[str]:
    with as_text(path) as text:
        return [line.rstrip("\r\n") for line in lines(text)]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFileError) as found, as_text(path):
        pass
    assert found.value.fix
    return str(found.value)


@pytest.mark.parametrize("name", ["a.xls", "a.csv"])
def test_a_sheet_is_the_csv_excel_would_save(tmp_path: Path, name: str) -> None:
    rows = [
        HEADINGS,
        (9990000018, "O'Neil, Ann", date(1950, 2, 1), date(2026, 5, 4), 165581004, 2.1, "e1"),
        (),
        (9990000026, " Bea ", date(1951, 3, 2), datetime.fromisoformat("2026-05-04T09:30"), "42QE.", None, True),
    ]
    assert text_of(book(tmp_path / name, rows)) == [
        ",".join(HEADINGS),
        '9990000018,"O\'Neil, Ann",1950-02-01,2026-05-04,165581004,2.1,e1',
        "",
        "9990000026, Bea ,1951-03-02,2026-05-04 09:30,42QE.,,yes",
    ]


def test_a_code_that_lost_digits_looks_like_a_rounded_number(tmp_path: Path) -> None:
    assert text_of(book(tmp_path / "a.xls", [HEADINGS, [9990000018, 196121000000104123]]))[1].startswith(
        "9990000018,1.96121000000104E+17"
    )


def test_dates_of_1904_times_and_impossible_days(tmp_path: Path) -> None:
    rows = [["nhs_number"], [date(2026, 5, 4)], [time(9, 30)]]
    assert text_of(book(tmp_path / "a.xls", rows, date_1904=True))[1] == "2026-05-04"
    assert text_of(book(tmp_path / "a.xls", rows))[2] == "09:30:00"
    made = xlwt.Workbook()
    sheet = made.add_sheet("a")
    sheet.write(0, 0, "nhs_number")
    sheet.write(1, 0, 9990000018, xlwt.easyxf(num_format_str="dd/mm/yyyy"))
    made.save(str(tmp_path / "b.xls"))
    assert text_of(tmp_path / "b.xls")[1] == "9990000018"


def test_the_sheet_with_the_patients_is_read(tmp_path: Path) -> None:
    notes, patients = [["About this report"]], [["NHS Number", "Date"], [9990000018, "2026-05-04"]]
    path = tmp_path / "a.xls"
    assert text_of(book(path, notes, patients))[0] == "NHS Number,Date"
    assert text_of(book(path, patients, patients, hidden=[1]))[0] == "NHS Number,Date"
    assert "patients in 2 sheets" in refusal(book(path, patients, patients))


def test_a_workbook_that_is_too_large_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "a.xls", [["nhs_number"]])
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    assert "an old workbook of more than" in refusal(path)


def test_a_damaged_workbook_is_refused_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A workbook with random changes is read, or refused in one line, and nothing else is printed."""
    whole = book(tmp_path / "a.xls", [HEADINGS, [9990000018, "Ann", date(1950, 2, 1)]]).read_bytes()
    draw, refused = random.Random(1), 0
    for _ in range(200):
        broken = bytearray(whole)
        for _ in range(20):
            broken[draw.randrange(8, len(broken))] = draw.randrange(256)
        path = tmp_path / "b.xls"
        path.write_bytes(bytes(broken))
        try:
            text_of(path)
        except UnreadableFileError as fault:
            assert str(fault).startswith("b.xls ")
            assert "\n" not in str(fault)
            refused += 1
    assert refused > 20
    assert capfd.readouterr() == ("", "")
