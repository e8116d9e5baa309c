"""Workbooks as Excel writes them, and as hostile or careless programs do; made on the spot, patients invented."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from lescli.errors import UnreadableFileError
from lescli.readers import open_reading
from lescli.readers import workbook as module
from lescli.readers.encoding import lines
from lescli.readers.workbook import as_text

HEADINGS = ("nhs_number", "family_name", "date_of_birth", "date", "code", "value", "source_id")

Rows = Sequence[Sequence[Any]]
Make = Callable[..., Path]


@pytest.fixture
def book(tmp_path: Path) -> Make:
    """Write sheets of rows into a workbook; dates are formatted as dates."""

    def make(*sheets: Rows, name: str = "a.xlsx", hidden: Sequence[int] = (), **options: Any) -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy", **options}) as written:
            for place, rows in enumerate(sheets or [()]):
                sheet = written.add_worksheet()
                if place in hidden:
                    sheet.hide()
                for number, row in enumerate(rows):
                    for column, value in enumerate(row):
                        if value is not None:
                            sheet.write(number, column, value)
        return path

    return make


def text_of(path: Path) -> list[str]:
    with as_text(path) as text:
        return [line.rstrip("\r\n") for line in lines(text)]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFileError) as found, as_text(path):
        pass
    assert found.value.fix
    return str(found.value)


def changed(path: Path, part: str, old: str, new: str) -> Path:
    """The same workbook with something in one of its parts replaced."""
    with zipfile.ZipFile(path) as package:
        parts = {info.filename: package.read(info) for info in package.infolist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_is_the_csv_excel_would_save(book: Make) -> None:
    rows = [
        HEADINGS,
        (9990000018, "O'Neil, Ann", date(1950, 2, 1), date(2026, 5, 4), 165581004, 2.1, "e1"),
        (),
        (9990000026.0, " Bea ", date(1951, 3, 2), datetime.fromisoformat("2026-05-04T09:30"), "42QE.", None, True),
    ]
    assert text_of(book(rows)) == [
        ",".join(HEADINGS),
        '9990000018,"O\'Neil, Ann",1950-02-01,2026-05-04,165581004,2.1,e1',
        "",
        "9990000026, Bea ,1951-03-02,2026-05-04 09:30,42QE.,,yes",
    ]


def test_a_file_that_is_not_a_workbook_is_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nhs_number\n", encoding="utf-8")
    with as_text(path) as text:
        assert text is path


def test_the_csv_is_never_on_the_disk(book: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book([HEADINGS])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with as_text(path) as text:
        assert [one.name for one in tmp_path.iterdir()] == [path.name]
        assert text.read_bytes() == (",".join(HEADINGS) + "\r\n").encode()


def test_a_long_text_in_every_cell_is_refused(book: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TEXT", 2 << 20)
    rows = [["nhs_number", "x"], *[["x" * 30_000, "x" * 30_000]] * 40]
    assert "has more than 2 MB of text" in refusal(book(rows))


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (999999999999999, "999999999999999"),
        (10**15, "1.00000000000000E+15"),
        (196121000000104123, "1.96121000000104E+17"),
        (0.1 + 0.2, "0.3"),
        (2.1000000000000001, "2.1"),
        (1e-7, "0.0000001"),
        (-3.50, "-3.5"),
        (0, "0"),
    ],
)
def test_numbers_are_read_as_excel_shows_them(book: Make, number: float, written: str) -> None:
    assert text_of(book([["nhs_number"], [number]])) == ["nhs_number", written]


def test_a_code_or_id_that_lost_digits_is_refused(book: Make, read: Any) -> None:
    ann = (9990000018, "Ann", date(1950, 2, 1), date(2026, 5, 4))
    rows = [HEADINGS, (*ann, 196121000000104123, 1, "e1"), (*ann, 165581004, 1, 196121000000104123), (*ann, 165581004)]
    with as_text(book(rows)) as text:
        _, good, bad = read(text)
    assert len(good) == 1
    assert [(len(reasons), reasons[0].split(":")[0], "spreadsheet" in reasons[0]) for reasons in bad] == [
        (1, "code", True),
        (1, "source_id", True),
    ]


@pytest.mark.parametrize("column", ["code", "value", "source_id", "date", "nhs_number"])
def test_an_error_in_place_of_a_value_is_refused(book: Make, read: Any, column: str) -> None:
    row = dict(zip(HEADINGS, (9990000018, "Ann", date(1950, 2, 1), date(2026, 5, 4), 165581004, 1, "e1"), strict=True))
    path = book([HEADINGS, list((row | {column: "#N/A"}).values())])
    with as_text(path) as text:
        _, good, ((reason,),) = read(text)
    assert good == []
    assert reason.startswith(f"{column}:")


def test_dates_of_the_1904_calendar(book: Make) -> None:
    assert text_of(book([["nhs_number"], [date(2026, 5, 4)]], date_1904=True))[1] == "2026-05-04"


def test_an_nhs_number_formatted_as_a_date_is_never_printed(book: Make, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as written:
        written.add_worksheet().write_number(0, 0, 9990000018, written.add_format({"num_format": "dd/mm/yyyy"}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert text_of(path) == ["#VALUE!"]


def test_a_report_keeps_the_time_it_ran(book: Make) -> None:
    rows = [
        ["Last Run:", None, None, datetime.fromisoformat("2026-11-05T09:14")],
        ["Patient Details", None, "INR"],
        ["NHS Number", "Date of Birth", "SNOMED CT Concept ID", "Date"],
        [9990000018, date(1950, 2, 1), 165581004, datetime.fromisoformat("2026-11-02T08:00")],
    ]
    with as_text(book(rows)) as text:
        reading = open_reading(text)
        ((line, *_),) = reading.rows
    assert (reading.profile, reading.extracted_at, line) == ("emis", "2026-11-05T09:14", 4)


def test_a_wrong_stated_size_is_ignored(book: Make) -> None:
    path = book([["nhs_number", "date"], [9990000018, "2026-05-04"]])
    small = changed(path, SHEET, '<dimension ref="A1:B2"/>', '<dimension ref="A1"/>')
    assert text_of(small) == ["nhs_number,date", "9990000018,2026-05-04"]
    path = book([["nhs_number"], [9990000018], [9990000026]])
    assert len(text_of(changed(path, SHEET, '<dimension ref="A1:A3"/>', '<dimension ref="A1:XFD1048576"/>'))) == 3


def test_a_row_keeps_its_number_and_rows_past_excels_limit_are_not_read(
    book: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["nhs_number"], [9990000018]]
    assert text_of(changed(book(rows), SHEET, 'r="2"', 'r="5000"')) == ["nhs_number", *[""] * 4998, "9990000018"]
    monkeypatch.setattr(module, "_MAX_ROWS", 10_000)
    assert text_of(changed(book(rows), SHEET, 'r="2"', 'r="99999999999"')) == ["nhs_number"]


def test_the_sheet_with_the_patients_is_read(book: Make) -> None:
    notes, patients = [["About this report"]], [["NHS Number", "Date"], [9990000018, "2026-05-04"]]
    assert text_of(book(notes, patients))[0] == "NHS Number,Date"
    assert text_of(book(notes, [["Other"]]))[0] == "About this report"
    assert text_of(book(patients, patients, hidden=[1]))[0] == "NHS Number,Date"
    assert "patients in 2 sheets" in refusal(book(patients, patients))


def test_merged_cells_are_blank_but_for_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, ["nhs_number", "date"])
        sheet.merge_range(1, 0, 2, 0, "9990000018")
        sheet.write_column(1, 1, ["2026-05-04", "2026-05-05"])
    assert text_of(path)[1:] == ["9990000018,2026-05-04", ",2026-05-05"]


def test_formulas_give_their_results_or_are_refused_without_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as written:
        sheet = written.add_worksheet()
        sheet.write(0, 0, "nhs_number")
        sheet.write_formula(1, 0, "=B2&C2", None, "9990000018")
        sheet.write_formula(2, 0, '=IF(B2="","","x")', None, "")
        sheet.write_formula(3, 0, "=1/0", None, "#DIV/0!")
    assert text_of(path) == ["nhs_number", "9990000018", "", "#DIV/0!"]
    assert "results are not in the file" in refusal(changed(path, SHEET, "<v>9990000018</v>", ""))


def test_a_line_break_in_a_cell_does_not_break_the_row(book: Make) -> None:
    assert text_of(book([["nhs_number"], ["a\nb\r\nc"], ["d"]])) == ["nhs_number", "a b c", "d"]


def test_a_workbook_that_is_too_large_is_refused_before_it_is_opened(
    book: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book([["nhs_number"], ["x" * 1000]])
    monkeypatch.setattr(module, "MAX_STRINGS", 900)
    assert "of text" in refusal(path)
    monkeypatch.setattr(module, "MAX_UNPACKED", 1000)
    assert "would unpack to more than" in refusal(path)
    monkeypatch.undo()
    assert "more than 1,000 columns" in refusal(book([["nhs_number"], ["x"] * 1001]))


def test_entities_are_refused(book: Make) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet'
    assert "definitions" in refusal(changed(book([["nhs_number"]]), SHEET, "<worksheet", laughs))


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, "<v>", "<v>x"),
        (SHEET, "</sheetData>", ""),
        (SHEET, 't="s"><v>0', 't="s"><v>99'),
        ("xl/workbook.xml", "<sheets>", "<sheet>"),
        ("[Content_Types].xml", "spreadsheetml.sheet.main", "nothing"),
        ("xl/styles.xml", "<cellXfs", "<cell"),
    ],
)
def test_a_damaged_workbook_is_refused_in_one_line(book: Make, part: str, old: str, new: str) -> None:
    said = refusal(changed(book([["nhs_number", 1]]), part, old, new))
    assert said.startswith("a.xlsx ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("[Content_Types].xml", "xl/workbook.bin"), "binary workbook"),
        (("[Content_Types].xml", "word/document.xml"), "Word"),
        (("mimetype", "content.xml"), "damaged"),
    ],
)
def test_other_office_files_are_refused_with_a_cure(tmp_path: Path, names: Sequence[str], said: str) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as package:
        for name in names:
            package.writestr(name, "")
    assert said in refusal(tmp_path / "a")
