from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from lescli.errors import LesError
from lescli.outputs import Answer, Column, Grid, Kind
from lescli.outputs import xlsx as module
from lescli.outputs.answer import Sheet
from lescli.outputs.xlsx import xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def part(content: bytes, name: str) -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return ET.fromstring(book.read(name))


def cells(content: bytes, sheet: int = 1) -> dict[str, tuple[str, str]]:
    """Type and content of each cell by its address, as the file holds them."""
    texts = ["".join(item.itertext()) for item in part(content, "xl/sharedStrings.xml")]
    found = {}
    for cell in part(content, f"xl/worksheets/sheet{sheet}.xml").iter(f"{MAIN}c"):
        value = cell.findtext(f"{MAIN}v", "")
        kind = cell.get("t", "n")
        assert cell.find(f"{MAIN}f") is None
        found[cell.get("r", "")] = (kind, texts[int(value)] if kind == "s" else value)
    return found


def number_format(content: bytes, address: str) -> str:
    styles = part(content, "xl/styles.xml")
    custom = {item.get("numFmtId"): item.get("formatCode", "") for item in styles.iter(f"{MAIN}numFmt")}
    formats = styles.find(f"{MAIN}cellXfs")
    assert formats is not None
    for cell in part(content, "xl/worksheets/sheet1.xml").iter(f"{MAIN}c"):
        if cell.get("r") == address:
            number = formats[int(cell.get("s", "0"))].get("numFmtId", "0")
            return custom.get(number, {"49": "@", "0": "General", "1": "0"}.get(number, number))
    raise KeyError(address)


def test_each_value_has_the_cell_type_of_its_column(answer: Answer) -> None:
    content = xlsx(answer)
    found = cells(content)
    assert found["A1"] == ("s", "identifiable: names patients")
    assert found["A2"] == ("s", "NHS number")
    assert found["A3"] == ("s", "9990000018")
    assert found["B3"] == ("s", "999000051000000107")
    assert found["C3"] == ("s", '=HYPERLINK("http://x")')
    assert found["D3"] == ("n", "46143")  # 1 May 2026
    assert found["E3"] == ("n", "240")
    assert found["F3"] == ("n", "12")
    assert found["G3"] == ("n", "2.5")
    assert found["B4"] == ("s", "0012345")
    assert found["C4"] == ("s", "80,443 | <b>é王␛[31m\ufffd")
    assert "D4" not in found
    assert number_format(content, "A3") == number_format(content, "C3") == "@"
    assert number_format(content, "D3") == "dd mmm yyyy"
    assert "£" in number_format(content, "E3")


def test_an_identifiable_sheet_is_marked_and_its_headings_are_frozen(answer: Answer) -> None:
    sheet = part(xlsx(answer), "xl/worksheets/sheet1.xml")
    assert "&Ridentifiable: names patients" in sheet.findtext(f".//{MAIN}oddHeader", "")
    assert "&Ridentifiable: names patients" in sheet.findtext(f".//{MAIN}oddFooter", "")
    pane = sheet.find(f".//{MAIN}pane")
    assert pane is not None
    assert (pane.get("ySplit"), pane.get("state")) == ("2", "frozen")
    with zipfile.ZipFile(io.BytesIO(xlsx(answer))) as book:
        assert b"identifiable: names patients" in book.read("docProps/core.xml")


def test_an_answer_without_patients_begins_with_its_heading(cell: Callable[..., Answer]) -> None:
    content = xlsx(cell("x"))
    assert cells(content) == {"A1": ("s", "C"), "A2": ("s", "x")}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert not any(b"identifiable" in book.read(name) for name in book.namelist())


def test_each_grid_has_a_sheet_and_an_empty_one_says_so(answer: Answer) -> None:
    content = xlsx(answer)
    assert [sheet.get("name") for sheet in part(content, "xl/workbook.xml").iter(f"{MAIN}sheet")] == [
        "Who is due (identifiable)",
        "Nobody  at all (identifiable)",
    ]
    assert cells(content, 2)["A3"] == ("s", "nobody waits")


@pytest.mark.parametrize(
    ("value", "kind", "held"),
    [
        (10**15 - 1, Kind.COUNT, ("n", "999999999999999")),
        (10**15, Kind.COUNT, ("s", "1000000000000000")),
        (float("nan"), Kind.NUMBER, ("s", "nan")),
        (7, Kind.CODE, ("s", "7")),
        ("1899-01-02", Kind.DATE, ("s", "02 Jan 1899")),
        ("2026-02-30", Kind.DATE, ("s", "2026-02-30")),
        ("http://x.example", Kind.TEXT, ("s", "http://x.example")),
        ("12", Kind.TEXT, ("s", "12")),
        (True, Kind.TEXT, ("s", "yes")),
        ("x" * 40_000, Kind.TEXT, ("s", "x" * 32_766 + "…")),
    ],
)
def test_a_value_that_excel_would_change_is_text(
    cell: Callable[[object, Kind], Answer], value: object, kind: Kind, held: tuple[str, str]
) -> None:
    assert cells(xlsx(cell(value, kind)))["A2"] == held


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    monkeypatch.setattr(module, "_MOST_ROWS", 3)
    with pytest.raises(LesError, match=r"use a \.csv file"):
        xlsx(answer)


def test_a_long_title_with_ampersands_is_a_legal_header() -> None:
    grid = Grid(title="T", columns=(Column("a", "A"),), rows=())
    answer = Answer(data={}, title="R&D " * 100, grids=(grid,), identifiable=True)
    header = part(xlsx(answer), "xl/worksheets/sheet1.xml").findtext(f".//{MAIN}oddHeader", "")
    assert 0 < len(header) <= 255
    assert "R&&D" in header


PROGRAM = """
import sys, locale, time
from datetime import date
from lescli.outputs import *
columns = (Column("nhs_number", "NHS number", Kind.CODE), Column("on", "On", Kind.DATE))
grid = Grid(title="T", columns=columns, rows=(("9990000018", date(2026, 5, 1)),))
from pathlib import Path
show(Answer(data={}, title="T", grids=(grid,)), format="table", out=Path(sys.argv[1]), quiet=True)
"""


def test_the_workbook_is_the_same_bytes_on_another_machine(
    environment: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    written: list[bytes] = []
    settings: list[dict[str, Any]] = [
        {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
        {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8"},
    ]
    for number, changes in enumerate(settings):
        out = tmp_path / f"{number}.xlsx"
        subprocess.run([sys.executable, "-c", PROGRAM, str(out)], env=environment(**changes), check=True)
        written.append(out.read_bytes())
    assert written[0] == written[1]
    with zipfile.ZipFile(io.BytesIO(written[0])) as book:
        assert {info.date_time[0] for info in book.infolist()} == {1980}
        assert b"2000-01-01T00:00:00Z" in book.read("docProps/core.xml")


def test_a_wide_sheet_goes_over_pages_that_each_say_whose_row_it_is():
    from openpyxl import load_workbook

    names = ["nhs_number", *(f"c{number}" for number in range(30))]
    columns = tuple(Column(name, "Some heading of it", Kind.TEXT) for name in names)
    rows = (("9990000018", *("text " * 20 for _ in names[1:])),)
    wide = Answer(data={}, title="Wide", grids=(Grid(title="Wide", columns=columns, rows=rows),), identifiable=True)
    sheet = load_workbook(io.BytesIO(xlsx(wide))).worksheets[0]
    assert sheet.page_setup.fitToWidth > 1
    assert sheet.print_title_cols == "$A:$A"
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.row_dimensions[3].height > 30


TEXTS = (Column("a", "A"), Column("b", "B"))


def heights(*rows: tuple[object, ...], is_form: bool = False, as_list: bool = False) -> list[float | None]:
    """The height of each row under the headings of a table; None where it is that of a row of one line."""
    grid = Grid(title="T", columns=TEXTS, rows=rows, empty="none")
    sheets = () if as_list else (Sheet(name="T", grid=grid, is_form=is_form),)
    content = xlsx(Answer(data={}, title="T", grids=(grid,), sheets=sheets))
    _, *below = part(content, "xl/worksheets/sheet1.xml").iter(f"{MAIN}row")
    assert not [row for row in below if row.get("hidden")]
    return [float(row.get("ht", "15")) for row in below]


@pytest.mark.parametrize("as_list", [True, False])
def test_a_row_is_as_high_as_its_text(as_list: bool) -> None:
    rows = (("one", "short"), ("", ""), (None, "a\nb\nc"), ("x", "word " * 30), ("x", "word " * 6000))
    first, empty, lines, long, longest = heights(*rows, as_list=as_list)
    assert (first, empty, lines) == (15, 15, 45)
    assert long == (60 if as_list else 45)  # a list has narrower columns
    assert longest == 405  # Excel's most is 409


def test_a_text_that_just_fills_its_line_is_not_cut_off() -> None:
    # Its 43 letters are as wide as 37 digits, and a column of a list has room for 36.
    assert heights(("x", "How many activities can be claimed no more."), as_list=True) == [30]


def test_a_form_has_one_line_a_row_because_it_wraps_nothing() -> None:
    assert heights(("x", "word " * 30), ("", ""), is_form=True) == [15, 15]


def test_a_made_sheet_with_more_rows_than_excel_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_ROWS", 3)
    assert len(heights(("a", ""), ("b", ""))) == 2
    with pytest.raises(LesError, match=r"use a \.csv file"):
        heights(("a", ""), ("b", ""), ("c", ""))
