"""Every fault in every kind of file is described in the words of that kind, with a cure that works there."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from lescli.operations.import_view import columns_answer
from lescli.operations.imports import ImportAnswer
from lescli.readers import wording
from lescli.store import Store

Imported = Callable[..., ImportAnswer]
Table = list[list[str]]

HEAD = ["nhs_number", "date_of_birth", "date", "code", "term", "value", "source_id"]
GOOD = ["9990000018", "1950-02-01", "2026-05-04", "165581004", "INR", "2.5", "e1"]
FORBIDDEN = {
    "csv": ("row of more", "in the clinical system and ask"),
    "semicolons": ("comma", "in the clinical system and ask"),
    "workbook": (", line ", "unquoted", "without opening the file", "quote", "as CSV", "export"),
    "web page": (", line ", "unquoted", "without opening the file", "quote", "Excel"),
    "record": ("CSV", "spreadsheet", "write ", "export", "header", "heading", "column", "unquoted", "Excel", "sheet"),
}


def delimited(path: Path, table: Table, delimiter: str) -> Path:
    path.write_text("".join(delimiter.join(row) + "\n" for row in table), encoding="utf-8")
    return path


def workbook(path: Path, table: Table) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(table):
            for place, cell in enumerate(row):
                # Excel cannot hold a text of more than 32,767 characters; other programs can.
                sheet.write_string(number, place, cell[:32_000])
    return path


def web_page(path: Path, table: Table) -> Path:
    rows = ("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in table)
    path.write_text(f"<table>{''.join(rows)}</table>", encoding="utf-8")
    return path


def record(path: Path, table: Table) -> Path:
    """The same entries as Observations of a bundle."""
    entries: list[dict[str, Any]] = []
    for number, born, day, code, term, value, source in table[1:]:
        patient = {"resourceType": "Patient", "id": "p", "birthDate": born}
        patient["identifier"] = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}]  # type: ignore[assignment]
        entries = entries or [{"resource": patient}]
        observation = {
            "resourceType": "Observation",
            "status": "final",
            "subject": {"reference": "Patient/p"},
            "identifier": [{"system": "https://EMISWeb/A82038", "value": source}],
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": term}]},
            "effectiveDateTime": day,
            "valueString": value,
        }
        entries.append({"resource": observation})
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), encoding="utf-8")
    return path


WRITE: dict[str, tuple[str, Callable[[Path, Table], Path]]] = {
    "csv": (".csv", lambda path, table: delimited(path, table, ",")),
    "semicolons": (".csv", lambda path, table: delimited(path, table, ";")),
    "workbook": (".xlsx", workbook),
    "web page": (".xls", web_page),
    "record": (".json", record),
}
TABLES = ("csv", "semicolons", "workbook", "web page")
RAW_AGAIN = "export again without opening the file in a spreadsheet"
AS_TEXT = "make the column Text before the numbers are put in"
IN_CSV = "export the report as CSV"
AT_SOURCE = "put it right in the clinical system and ask for the record again"


def row(**changes: str) -> list[str]:
    return [changes.get(column, cell) for column, cell in zip(HEAD, GOOD, strict=True)]


# Each fault, and what each kind of file says about it. A kind that is missing cannot have the fault.
REASONS: dict[str, tuple[list[str], dict[str, str]]] = {
    "too many cells": (
        [*GOOD, "more"],
        {
            "csv": "row: it has more cells than the header (an unquoted comma?)",
            "semicolons": "row: it has more cells than the header (an unquoted semicolon?)",
            "workbook": "row: it has a cell beyond the last heading",
            "web page": "row: it has a cell beyond the last heading",
        },
    ),
    "too few cells": (
        GOOD[:3],
        dict.fromkeys(("csv", "semicolons"), "row: it has fewer cells than the header"),
    ),
    "a rounded code": (
        row(code="7.00139E+08"),
        {
            "csv": f"code: a spreadsheet rounded the code; {RAW_AGAIN}",
            "semicolons": f"code: a spreadsheet rounded the code; {RAW_AGAIN}",
            "workbook": f"code: a spreadsheet rounded the code; {AS_TEXT}",
            "web page": f"code: a spreadsheet rounded the code; {IN_CSV}",
            "record": f"code: the code was rounded; {AT_SOURCE}",
        },
    ),
    "a rounded NHS number": (
        row(nhs_number="9.99E+09"),
        {
            "csv": f"nhs_number: a spreadsheet rounded the NHS number and its digits are lost; {RAW_AGAIN}",
            "workbook": f"nhs_number: a spreadsheet rounded the NHS number and its digits are lost; {AS_TEXT}",
            "web page": f"nhs_number: a spreadsheet rounded the NHS number and its digits are lost; {IN_CSV}",
        },
    ),
    "a rounded id": (
        row(source_id="1.23457E+17"),
        {
            "csv": f"source_id: a spreadsheet rounded it, because it keeps 15 digits; {RAW_AGAIN}",
            "workbook": f"source_id: a spreadsheet rounded it, because it keeps 15 digits; {AS_TEXT}",
            "web page": f"source_id: a spreadsheet rounded it, because it keeps 15 digits; {IN_CSV}",
            "record": f"source_id: it was rounded; {AT_SOURCE}",
        },
    ),
    "a wrong check digit": (
        row(code="165581005"),
        {
            **dict.fromkeys(
                TABLES, "code: the SNOMED CT id fails its check digit (Verhoeff): was it damaged by a spreadsheet?"
            ),
            "record": f"code: the SNOMED CT id fails its check digit (Verhoeff); {AT_SOURCE}",
        },
    ),
    "no date": (
        row(date="soon"),
        {
            **dict.fromkeys(TABLES, "date: not a date; write dates as 2026-05-31, 31/05/2026 or 31-May-2026"),
            "record": f"date: not a date; {AT_SOURCE}",
        },
    ),
    "a month first": (
        row(date="05/13/2026"),
        {
            **dict.fromkeys(
                TABLES, "date: dates are read day first, and there is no such month; write it as 2026-05-31"
            ),
            "record": f"date: there is no such month; {AT_SOURCE}",
        },
    ),
    "no time": (
        row(date="2026-05-04 25:10"),
        {
            **dict.fromkeys(TABLES, "date: its time is not a time of day; write it as 10:30, or leave it out"),
            "record": f"date: its time is not a time of day; {AT_SOURCE}",
        },
    ),
    "a short year": (
        row(date="04/05/26"),
        {
            **dict.fromkeys(
                ("csv", "semicolons", "web page"),
                "date: its year has two digits and the file does not tell which century; "
                "export dates with four-digit years",
            ),
            "workbook": "date: its year has two digits and the file does not tell which century; "
            "write the years with four digits",
            "record": f"date: its year has two digits and the file does not tell which century; {AT_SOURCE}",
        },
    ),
    "an error in its place": (
        row(value="#N/A"),
        {
            **dict.fromkeys(TABLES, "value: a spreadsheet shows an error in its place"),
            "record": f"value: an error stands in its place; {AT_SOURCE}",
        },
    ),
    "nobody described": (
        row(date_of_birth=""),
        {
            **dict.fromkeys(
                TABLES,
                "nhs_number: nobody described this patient yet; "
                "add a row with their date_of_birth, here or in another file",
            ),
            "record": "nhs_number: nobody described this patient yet; "
            "the record has no date of birth, so import a file that has it",
        },
    ),
}


@pytest.mark.parametrize(("fault", "form"), [(fault, form) for fault, (_, said) in REASONS.items() for form in said])
def test_a_reason_uses_the_words_of_the_kind_of_file(
    store: Store, imported: Imported, tmp_path: Path, fault: str, form: str
) -> None:
    bad, said = REASONS[fault]
    suffix, write = WRITE[form]
    path = write(tmp_path / f"may{suffix}", [HEAD, bad])
    answer = imported(path).answer
    (kept,) = answer.data["quarantine"]
    assert kept["reasons"] == [said[form]]
    assert not [word for word in FORBIDDEN[form] if word in said[form].replace("put it right in", "")]
    assert store.rows("SELECT reasons FROM quarantine") == [(json.dumps([said[form]]),)]


def test_a_patient_of_a_record_who_is_described_later_is_taken_in(
    store: Store, imported: Imported, tmp_path: Path
) -> None:
    """What waits is known by its words, whichever words they are."""
    imported(record(tmp_path / "may.json", [HEAD, row(date_of_birth="")]))
    answer = imported(delimited(tmp_path / "who.csv", [HEAD[:2], GOOD[:2]], ",")).answer
    assert answer.data["files"][0]["settled"]["taken_in"] == 1
    assert store.rows("SELECT day FROM activity") == [("2026-05-04",)]


LONG = "x" * 31_000
REFUSALS: dict[str, tuple[Table, dict[str, str]]] = {
    "month first": (
        [HEAD, row(date="05/04/2026"), row(date="05/13/2026")],
        {
            **dict.fromkeys(
                ("csv", "semicolons"),
                ", line 3: its dates are month first, so days may be taken for months; "
                "export dates as 31-May-2026 or 2026-05-31; if that one date is a slip, correct it at its source",
            ),
            "workbook": ", row 3: its dates are month first, so days may be taken for months; give the column the "
            "format Date, or write 2026-05-31; if that one date is a slip, correct it at its source",
            "web page": ", row 3: its dates are month first, so days may be taken for months; "
            "export dates as 31-May-2026 or 2026-05-31; if that one date is a slip, correct it at its source",
        },
    ),
    "another table": (
        [HEAD, GOOD, HEAD[::-1]],
        {
            **dict.fromkeys(
                ("csv", "semicolons"), ", line 3: another table begins here; save each table as a file of its own"
            ),
            **dict.fromkeys(
                ("workbook", "web page"), ", row 3: another table begins here; save each table as a file of its own"
            ),
        },
    ),
    "a long line": (
        [HEAD, GOOD, [*GOOD, *[LONG] * 40]],
        {
            **dict.fromkeys(
                ("csv", "semicolons"),
                " has a line of more than 1,048,576 characters; export the report as CSV, with one row for each entry",
            ),
            **dict.fromkeys(
                ("workbook", "web page"),
                " has a row of more than 1,048,576 characters; leave the column with such long texts out",
            ),
        },
    ),
    "a long cell": (
        [HEAD, GOOD, row(term='"' + LONG * 5)],
        {
            "web page": ", row 3: it has a cell of more than 131,072 characters; "
            "leave the column with such long texts out",
        },
    ),
}


@pytest.mark.parametrize(("fault", "form"), [(fault, form) for fault, (_, said) in REFUSALS.items() for form in said])
def test_a_refusal_uses_the_words_of_the_kind_of_file(
    store: Store, imported: Imported, tmp_path: Path, fault: str, form: str
) -> None:
    table, said = REFUSALS[fault]
    suffix, write = WRITE[form]
    (refused,) = imported(write(tmp_path / f"may{suffix}", table)).refused
    assert refused == f"may{suffix}{said[form]}"
    assert store.rows("SELECT * FROM activity") == []


@pytest.mark.parametrize("profile", ["les", "emis", "systmone"])
def test_a_record_read_with_a_table_profile_is_refused(store: Store, tmp_path: Path, profile: str) -> None:
    from datetime import date

    from lescli.operations.imports import import_files

    path = record(tmp_path / "may.json", [HEAD, GOOD])
    answer = import_files(store, [path], profile, dry_run=False, progress=lambda _: None, as_of=date(2026, 6, 5))
    assert answer.refused == ("may.json is JSON, not a table; leave --profile out",)
    assert columns_answer([path], profile).refused == ("may.json is JSON, not a table; leave --profile out",)


@pytest.mark.parametrize("form", TABLES)
def test_a_table_read_as_a_record_is_refused(store: Store, tmp_path: Path, form: str) -> None:
    from datetime import date

    from lescli.operations.imports import import_files

    suffix, write = WRITE[form]
    path = write(tmp_path / f"may{suffix}", [HEAD, GOOD])
    answer = import_files(store, [path], "gpconnect", dry_run=False, progress=lambda _: None, as_of=date(2026, 6, 5))
    assert answer.refused == (f"may{suffix} is not JSON, so it is not a GP Connect record; leave --profile out",)


def test_every_wording_is_tested_here() -> None:
    assert set(wording.FORMS) - {"text"} == set(WRITE) - {"csv", "semicolons"}
