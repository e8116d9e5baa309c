"""Tables in web pages are read. Every other kind of file is named for what it is, with its own cure."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.operations.import_view import columns_answer
from lescli.operations.imports import ImportAnswer
from lescli.readers import html_table
from lescli.store import Store

Imported = Callable[..., ImportAnswer]

LES = """nhs_number,family_name,date_of_birth,date,code,value
9990000018,O'Neil & Sons <x>,01/02/1950,04/05/2026,165581004,2.5
9990000026,Séguin,01/02/1951,06/05/2026,165581004,
9990000026,Séguin,01/02/1951,07/05/2026,165581005,2.7
"""
EMIS = """INR of May,,,,,
Last Run:,,,05/06/2026 09:14,,
Patient Details,,,INR,,
NHS Number,Family Name,Date of Birth,Date,SNOMED CT Concept ID,Value
9990000018,Archer,01-Feb-1950,04-May-2026,165581004,2.5
,,,05-May-2026,165581004,2.6
"""
SYSTMONE = """NHS number,Surname,Date of birth,Event date,SNOMED code,Numeric value
9990000018,Archer,01-Feb-1950,04-May-2026,165581004,2.5 ratio
"""
TEXTS = {"les": LES, "emis": EMIS, "systmone": SYSTMONE}

PLAIN = "<table>{}</table>"
WHOLE = (
    '<!DOCTYPE html>\n<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td {{ color: red }}</style>'
    '<script src="http://192.0.2.1/x.js">var x = "<td>9990000034</td>";</script></head>\n<body><p>A report</p>'
    "<table border=1><tbody>{}</tbody></table><!-- <tr><td>not there</td></tr> --></body></html>"
)
LAID_OUT = "<html><body><table><tr><td>Menu</td><td><table>{}</table></td></tr></table></body></html>"
XHTML = '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body><table>{}</table></body></html>'


def escaped(cell: str) -> str:
    return cell.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")


def page(text: str, around: str = PLAIN) -> str:
    rows = (
        "<tr>" + "".join(f"<td>\n  <b>{escaped(cell)}</b>&nbsp;</td>" for cell in line.split(",")) + "</tr>\n"
        for line in text.splitlines()
    )
    return around.format("".join(rows))


def careless(text: str) -> str:
    """A page as people write it by hand, without end tags."""
    return (
        "<TABLE>"
        + "".join("<TR>" + "".join(f"<TD>{escaped(cell)}" for cell in line.split(",")) for line in text.splitlines())
        + "</TABLE>"
    )


def in_store(store: Store) -> list[Any]:
    return [
        *store.rows("SELECT nhs_number, family_name, date_of_birth FROM patient ORDER BY 1"),
        *store.rows("SELECT patient_id, day, code_set_id, value FROM activity ORDER BY 1, 2"),
        *store.rows("SELECT line, reasons FROM quarantine"),
        *store.rows("SELECT profile, extracted_at, rows, accepted FROM import_file"),
    ]


@pytest.mark.parametrize("around", [PLAIN, WHOLE, XHTML, careless])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("profile", TEXTS)
def test_a_table_in_a_web_page_gives_the_store_of_its_csv(
    new_store: Callable[[], Store], imported: Imported, tmp_path: Path, profile: str, encoding: str, around: Any
) -> None:
    left, right = new_store(), new_store()
    plain, html = tmp_path / "plain.csv", tmp_path / "report.xls"
    plain.write_text(TEXTS[profile], encoding="utf-8")
    html.write_bytes((careless(TEXTS[profile]) if callable(around) else page(TEXTS[profile], around)).encode(encoding))
    imported(plain, into=left)
    assert imported(html, into=right).refused == ()
    assert in_store(left)[1:]
    assert in_store(right) == in_store(left)


def test_a_table_in_a_table_that_lays_out_the_page_is_found(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "report.htm"
    path.write_text(page(LES, LAID_OUT), encoding="utf-8")
    (file,) = imported(path).answer.data["files"]
    assert (file["rows"], file["accepted"], file["quarantined"]) == (3, 2, 1)


def test_a_table_above_the_data_gives_the_time_of_the_report(store: Store, imported: Imported, tmp_path: Path) -> None:
    head, _, table = EMIS.partition("Patient Details")
    path = tmp_path / "report.xls"
    path.write_text("<html>" + page(head) + page("Patient Details" + table), encoding="utf-8")
    imported(path)
    assert store.rows("SELECT profile, extracted_at, rows FROM import_file") == [("emis", "2026-06-05T09:14", 2)]


def test_cells_that_span_rows_and_columns_are_read(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "spans.xls"
    path.write_text(
        "<table><tr><th colspan=3>Patients<th colspan='2'>Entries</tr>"
        "<tr><th>nhs_number<th>family_name<th>date_of_birth<th>date<th>code</tr>"
        "<tr><td rowspan=2>9990000018<td rowspan=2>Archer<td rowspan=2>1950-02-01<td>2026-05-04<td>165581004</tr>"
        "<tr><td>2026-05-05<td>165581004</tr>"
        "<tr><td>9990000026<td>Baker<td>1951-02-01<td>2026-05-06<td>165581004</tr></table>",
        encoding="utf-8",
    )
    (file,) = imported(path).answer.data["files"]
    assert (file["accepted"], file["quarantined"], file["left_out"]) == (3, 0, {"title row": 1})
    assert store.rows("SELECT patient_id, day FROM activity ORDER BY day") == [
        (1, "2026-05-04"), (1, "2026-05-05"), (2, "2026-05-06"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (page(LES) + page(LES), "has patients in 2 tables; save each of those tables as a file of its own"),
        ("<html><body>Log in again</body></html>", "is a web page without a table that names the NHS number"),
        (page("a,b\n1,2\n"), "is a web page without a table that names the NHS number; export the report as CSV"),
        (page(LES)[:-12], "is a damaged web page; export the report again"),
        ("<table><tr><td>nhs_number</td></tr><!-- " + "x" * 200_000, "is a damaged web page"),
        ("<table><tr>" + "<td colspan=999>nhs_number" * 20_000, "has a table of too many cells"),
        ("<table><tr><td colspan=9999999>nhs_number", "has a table of too many cells"),
        ("<table><tr><td>" * 30, "has tables nested too deeply"),
    ],
)
def test_a_web_page_that_cannot_be_read_as_a_report_is_refused(
    store: Store, imported: Imported, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "report.xls"
    path.write_text(text, encoding="utf-8")
    (refused,) = imported(path).refused
    assert refused.startswith(f"report.xls {said}")


def test_a_web_page_beyond_the_limits_is_refused(
    store: Store, imported: Imported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html_table, "MAX_BYTES", 1 << 20)
    path = tmp_path / "large.xls"
    path.write_text(page(LES) + " " * (1 << 20), encoding="utf-8")
    assert imported(path).refused == (
        "large.xls is a web page of more than 1 MB; open it in Excel, save it as .xlsx, and import that",
    )


def test_the_columns_of_a_page_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "report.xls"
    path.write_text(page(EMIS), encoding="utf-8")
    (file,) = columns_answer([path], None).answer.data["files"]
    assert (file["profile"], file["encoding"], file["header_line"]) == ("emis", "HTML table", 4)


def ole(*names: str) -> bytes:
    """The beginning of an Office file from before 2007, with the names of its parts."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"".join(name.encode("utf-16-le") for name in names)


def zipped(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


EXCEL = "open it in Excel, save it as .xlsx, and import that"
DAMAGED = "damaged: Excel would not open it either; export or save it again"
AS_CSV = "run the report again and export it as CSV"
ATTACHED = "save the file attached to it, and import that"
MAIL = "From: a@nhs.net\r\nSubject: May\r\nMIME-Version: 1.0\r\n\r\nnhs_number,date,code\r\n"
KINDS = {
    "password.xlsx": (
        ole("Root Entry", "EncryptionInfo", "EncryptedPackage"),
        "protected with a password; open it in Excel, take the password off (File, Info, Protect Workbook), save it, "
        "then import it",
    ),
    "old.xls": (ole("Root Entry", "Workbook"), DAMAGED),
    "older.xls": (ole("Root Entry", "Book"), DAMAGED),
    "letter.doc": (ole("WordDocument"), f"a Word document; {AS_CSV}: a document cannot be read"),
    "mail.msg": (ole("__substg1.0_0037001F"), f"an e-mail (.msg); {ATTACHED}"),
    "what.mdb": (ole("Else"), f"an old Office file; {EXCEL}"),
    "binary.xlsb": (
        zipped(**{"[Content_Types].xml": "", "xl/workbook.bin": ""}),
        f"a binary workbook (.xlsb), which cannot be read; {EXCEL}",
    ),
    "sheet.ods": (
        zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": ""}),
        DAMAGED,
    ),
    "text.odt": (
        zipped(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": ""}),
        f"a Word, PowerPoint or OpenDocument document, which cannot be read; {AS_CSV} or .xlsx",
    ),
    "letter.docx": (
        zipped(**{"[Content_Types].xml": "", "word/document.xml": ""}),
        f"a Word, PowerPoint or OpenDocument document, which cannot be read; {AS_CSV} or .xlsx",
    ),
    "report.pdf": (b"%PDF-1.7\n%\xe2\xe3\n", f"a PDF; {AS_CSV}"),
    "scan.png": (b"\x89PNG\r\n\x1a\n\0\0", f"a picture; {AS_CSV}"),
    "scan.jpg": (b"\xff\xd8\xff\xe0", f"a picture; {AS_CSV}"),
    "scan.tif": (b"II*\0\x08\0\0\0", f"a picture; {AS_CSV}"),
    "packed.gz": (gzip.compress(LES.encode()), "a compressed archive; unpack it and import what is in it"),
    "packed.7z": (b"7z\xbc\xaf\x27\x1c\0\x04", "a compressed archive; unpack it and import what is in it"),
    "letter.rtf": (b"{\\rtf1\\ansi nhs_number}", f"a document (RTF); {AS_CSV}: a document cannot be read"),
    "mail.eml": (MAIL.encode(), f"an e-mail (.eml); {ATTACHED}"),
    "page.mht": (
        b"MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related; boundary=x\n\n",
        f"a web archive (.mht); {EXCEL}",
    ),
    "sheet.xml": (
        b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        f"an XML spreadsheet; {EXCEL}",
    ),
    "record.xml": (
        b'\xef\xbb\xbf<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"/>',
        "a FHIR record in XML; ask for the record as JSON",
    ),
    "other.xml": (b'<?xml version="1.0"?><rows/>', "an XML file; export the report as CSV"),
    "store.db": (b"SQLite format 3\0", "a database; name the exports of the clinical system"),
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_named_with_its_cure_whatever_it_is_called(
    store: Store, imported: Imported, tmp_path: Path, name: str
) -> None:
    content, said = KINDS[name]
    for called in (name, "export.csv"):
        path = tmp_path / called
        path.write_bytes(content)
        assert imported(path).refused == (f"{called} is {said}",)


def test_a_zip_called_csv_is_a_zip(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(zipped(**{"may.csv": LES}))
    assert [file["accepted"] for file in imported(path).answer.data["files"]] == [2]


@pytest.mark.parametrize("name", ["password.xls", "old.xls", "binary.xlsb", "sheet.ods"])
def test_an_unreadable_workbook_in_a_folder_is_refused_not_skipped(
    store: Store, imported: Imported, tmp_path: Path, name: str
) -> None:
    content, _ = KINDS.get(name, KINDS["password.xlsx"])
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.csv").write_text(LES, encoding="utf-8")
    answer = imported(tmp_path)
    assert [line.split(" ")[0] for line in answer.refused] == [name]
    assert answer.needs_person


def test_lines_that_look_like_an_email_header_are_title_rows(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Date: 05/06/2026\nSubject: INR\n" + LES, encoding="utf-8")
    (file,) = imported(path).answer.data["files"]
    assert (file["accepted"], file["left_out"]) == (2, {"title row": 2})
