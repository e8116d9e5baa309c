"""OpenDocument spreadsheets as LibreOffice writes them, and as careless programs do; patients invented."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers import workbook as module
from lescli.readers.encoding import lines
from lescli.readers.workbook import as_text

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
BEGIN = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
)
HIDDEN = (
    '<office:automatic-styles><style:style style:name="ta2" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)


def cell(attributes: str = "", shown: str = "") -> str:
    return f"<table:table-cell {attributes}>{f'<text:p>{shown}</text:p>' if shown else ''}</table:table-cell>"


def words(*texts: str) -> str:
    return row(*[cell('office:value-type="string"', text) for text in texts])


def number(value: str, shown: str = "") -> str:
    return cell(f'office:value-type="float" office:value="{value}"', shown or value)


def row(*cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def sheet(*rows: str, style: str = "") -> str:
    return f'<table:table table:style-name="{style}">{"".join(rows)}</table:table>'


def document(
    folder: Path, *rows: str, sheets: Sequence[str] = (), before: str = HIDDEN, manifest: str = "<manifest/>"
) -> Path:
    """One sheet of rows, or the sheets."""
    path = folder / "a.ods"
    tables = "".join(sheets or [sheet(*rows)])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", MIMETYPE)
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr(
            "content.xml",
            f"{BEGIN}{before}<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return path


def text_of(path: Path) -> list[str]:
    with as_text(path) as text:
        return [line.rstrip("\r\n") for line in lines(text)]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFileError) as found, as_text(path):
        pass
    assert found.value.fix
    return str(found.value)


def test_values_are_read_and_not_the_text_shown(tmp_path: Path) -> None:
    path = document(
        tmp_path,
        words("nhs_number", "date", "moment", "value", "share", "yes", "time", "text"),
        row(
            number("9990000018", "9.99E+09"),
            cell('office:value-type="date" office:date-value="2026-05-04"', "04/05/26"),
            cell('office:value-type="date" office:date-value="2026-05-04T09:30:00"', "4 May"),
            number("2.1000000000000001"),
            cell('office:value-type="percentage" office:value="0.5"', "50%"),
            cell('office:value-type="boolean" office:boolean-value="true"', "TRUE"),
            cell('office:value-type="time" office:time-value="PT09H30M00S"', "09:30"),
            '<table:table-cell office:value-type="string">'
            "<office:annotation><text:p>a note</text:p></office:annotation>"
            '<text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p></table:table-cell>',
        ),
    )
    assert text_of(path)[1] == "9990000018,2026-05-04,2026-05-04 09:30,2.1,0.5,yes,09:30:00,a  b c"


def test_a_number_that_lost_digits_looks_like_a_rounded_number(tmp_path: Path) -> None:
    path = document(tmp_path, words("nhs_number", "code"), row(number("9990000018"), number("196121000000104123")))
    assert text_of(path)[1] == "9990000018,1.96121000000104E+17"


@pytest.mark.parametrize(
    ("failed", "written"),
    [
        (cell('table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"', "#DIV/0!"), "#DIV/0!"),
        (cell('table:formula="of:=1/0" office:value-type="float" office:value="0"', "#DIV/0!"), "#DIV/0!"),
        (cell('table:formula="of:=X" office:value-type="float" office:value="0"', "Err:508"), "Err:508"),
    ],
)
def test_a_failed_formula_is_not_a_number(tmp_path: Path, failed: str, written: str) -> None:
    assert text_of(document(tmp_path, words("nhs_number"), row(failed)))[1] == written


def test_a_formula_gives_its_result_and_one_that_was_never_calculated_is_refused(tmp_path: Path) -> None:
    good = cell('table:formula="of:=1+1" office:value-type="float" office:value="2"', "2")
    assert text_of(document(tmp_path, words("nhs_number"), row(good)))[1] == "2"
    assert "results are not in the file" in refusal(
        document(tmp_path, words("nhs_number"), row(cell('table:formula="of:=1+1"')))
    )


def test_repeated_cells_are_read_but_blanks_at_the_end_are_not(tmp_path: Path) -> None:
    path = document(
        tmp_path,
        words("nhs_number", "a", "b"),
        row(cell('table:number-columns-repeated="16384"'), repeated=2),
        row(
            cell('table:number-columns-repeated="2"'),
            cell('office:value-type="string" table:number-columns-repeated="2"', "x"),
            cell('table:number-columns-repeated="16380"'),
            repeated=2,
        ),
        row(cell('table:number-columns-repeated="16384"'), repeated=1_048_570),
    )
    assert text_of(path) == ["nhs_number,a,b", "", "", ",,x,x", ",,x,x"]


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    notes, patients = sheet(words("About this report")), sheet(words("NHS Number", "Date"))
    hidden = sheet(words("NHS Number", "Date"), style="ta2")
    assert text_of(document(tmp_path, sheets=[notes, hidden])) == ["About this report"]
    assert text_of(document(tmp_path, sheets=[notes, patients])) == ["NHS Number,Date"]
    assert "patients in 2 sheets" in refusal(document(tmp_path, sheets=[patients, patients]))


def test_a_table_within_a_cell_is_not_a_row(tmp_path: Path) -> None:
    inner = f"<table:table-cell>{sheet(words('9990000026'))}</table:table-cell>"
    assert text_of(document(tmp_path, words("nhs_number"), row(inner), words("9990000018"))) == [
        "nhs_number",
        "",
        "9990000018",
    ]


def test_a_large_or_hostile_document_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = row(cell('office:value-type="string" table:number-columns-repeated="1001"', "x"))
    assert "row 2: more than 1,000 columns" in refusal(document(tmp_path, words("nhs_number"), wide))
    laughs = refusal(document(tmp_path, words("&b;"), before='<!DOCTYPE x [<!ENTITY b "ha">]>' + HIDDEN))
    assert laughs.startswith("a.ods ")
    assert "password" in refusal(document(tmp_path, words("nhs_number"), manifest="<manifest:encryption-data/>"))
    monkeypatch.setattr(module, "MAX_TEXT", 1000)
    assert "of text" in refusal(document(tmp_path, words("nhs_number", "x" * 1001)))
    monkeypatch.setattr(module, "_MAX_ROWS", 10)
    assert "more than 10 rows" in refusal(document(tmp_path, *[words("nhs_number") + words("9990000018") * 10]))


def test_a_damaged_document_is_refused_in_one_line(tmp_path: Path) -> None:
    """A document with random changes to content.xml is read, or refused in one line."""
    whole = document(tmp_path, words("nhs_number", "date"), row(number("9990000018"), number("2")))
    with zipfile.ZipFile(whole) as package:
        content = package.read("content.xml")
    draw, refused = random.Random(1), 0
    for _ in range(200):
        broken = bytearray(content)
        broken[draw.randrange(len(broken))] = draw.randrange(256)
        path = tmp_path / "b.ods"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("mimetype", MIMETYPE)
            package.writestr("META-INF/manifest.xml", "<manifest/>")
            package.writestr("content.xml", bytes(broken))
        try:
            text_of(path)
        except UnreadableFileError as fault:
            assert str(fault).startswith("b.ods ")
            assert "\n" not in str(fault)
            refused += 1
    assert refused > 20
