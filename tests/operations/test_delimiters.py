"""A file gives the same store with any delimiter, in every profile and encoding."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.operations.import_view import columns_answer
from lescli.operations.imports import ImportAnswer
from lescli.store import Store

LES = """nhs_number,family_name,given_name,date_of_birth,registered_on,date,code,term,consultation_type,clinician,value
9990000018,Archer,Ann,02/03/1948,05/01/2010,04/05/2026,700139004,Denosumab injection,Home visit,B Carr,
9990000026,Baker,"Ann; née |O|",02/03/1948,05/01/2010,06/05/2026,165581004,"INR, \t venous",Home visit,"Carr, B",2.5
9990000026,Baker,"Ann; née |O|",02/03/1948,05/01/2010,07/05/2026,700139005,wrong,Home visit,"Carr, B",2.5
"""
EMIS = """"LES; activity | of May, 2026",,,,,,
Last Run:,,,05/06/2026 09:14,,,
,,,,,,
Patient Details,,,,Denosumab,,
NHS Number,Family Name,Date of Birth,Organisation Code,Code Term,SNOMED CT Concept ID,Date
9990000018,"SMITH, Ann",01-Feb-1950,A82038,Denosumab therapy,700139004,04-May-2026
,,,,"Denosumab; therapy",700139004,05-Nov-2025
"""
SYSTMONE = """NHS number ,Surname, First name,Date of birth ,Event date, CTV3 code,SNOMED code,Numeric value,Done by
9990000018,Sentinelle , Philippa,02-Mar-1948,04-May-2026, XaMh8 ,165581004, 72 mL/min ,B Carr
9990000026,Older,"Ben, jun.",09-Jul-1940,06-May-2026,XaMh8,,3a,
"""
OWN = """Who,Born,When done,What
9990000018,01/02/1950,04/05/2026,700139004
"""
OWN_PROFILE = """profile = "les"
patient = { nhs_number = ["Who"], date_of_birth = ["Born"] }
entry = { date = ["When done"], snomed = ["What"] }
"""
TEXTS = {"les": LES, "emis": EMIS, "systmone": SYSTMONE}
Imported = Callable[..., ImportAnswer]


def parted(text: str, delimiter: str) -> str:
    """The same table with another delimiter, as csv and Excel write it."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(csv.reader(io.StringIO(text)))
    return buffer.getvalue()


def in_store(store: Store) -> list[Any]:
    """Everything a file leaves in the store except its own name, hash and raw text."""
    return [
        store.rows("SELECT * FROM patient ORDER BY 1"),
        store.rows("SELECT * FROM registration ORDER BY 1"),
        store.rows("SELECT patient_id, day, code_set_id, act_id, value, recorded_on, source_id FROM activity"),
        store.rows("SELECT codes FROM code_set ORDER BY id"),
        store.rows("SELECT text FROM phrase ORDER BY id"),
        store.rows("SELECT line, reasons, cells FROM quarantine ORDER BY id"),
        store.rows("SELECT profile, extracted_at, columns, rows, accepted, quarantined, patients FROM import_file"),
    ]


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [(";", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), ("\t", "utf-8"), ("|", "utf-8"), (";", "cp1252")],
)
@pytest.mark.parametrize("profile", TEXTS)
def test_the_store_is_the_same_as_with_commas(
    new_store: Callable[[], Store], imported: Imported, tmp_path: Path, profile: str, delimiter: str, encoding: str
) -> None:
    left, right = new_store(), new_store()
    commas, other = tmp_path / "commas.csv", tmp_path / "other.txt"
    commas.write_text(TEXTS[profile], encoding="utf-8", newline="")
    other.write_bytes(parted(TEXTS[profile], delimiter).encode(encoding))
    for store, path in ((left, commas), (right, other)):
        imported(path, into=store)
    assert in_store(left)[2]
    assert in_store(right) == in_store(left)


@pytest.mark.parametrize("first", ["sep=,\r\n", '"sep=;"\n', "SEP=;\n", "sep=\t\n", "sep=^\n"])
@pytest.mark.parametrize("profile", TEXTS)
def test_a_first_line_that_names_the_delimiter_is_not_a_row(
    new_store: Callable[[], Store], imported: Imported, tmp_path: Path, profile: str, first: str
) -> None:
    left, right = new_store(), new_store()
    commas, other = tmp_path / "commas.csv", tmp_path / "other.csv"
    commas.write_text("\n" + TEXTS[profile], encoding="utf-8", newline="")
    delimiter = first.strip('"\r\n')[4]
    other.write_text(first + parted(TEXTS[profile], delimiter), encoding="utf-8", newline="")
    for store, path in ((left, commas), (right, other)):
        imported(path, into=store)
    assert in_store(left)[2]
    assert in_store(right) == in_store(left)


def test_a_first_line_that_names_the_wrong_delimiter_is_ignored(
    store: Store, imported: Imported, tmp_path: Path
) -> None:
    path = tmp_path / "rewritten.csv"
    path.write_text("sep=,\n" + parted(LES, ";"), encoding="utf-8", newline="")
    assert imported(path).answer.data["files"][0]["accepted"] == 2


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_of_an_own_profile_is_found_from_its_headings(
    store: Store, tmp_path: Path, delimiter: str
) -> None:
    from datetime import date

    from lescli.operations.imports import import_files

    own, path = tmp_path / "own.toml", tmp_path / "own.csv"
    own.write_text(OWN_PROFILE, encoding="utf-8")
    path.write_text(parted(OWN, delimiter), encoding="utf-8", newline="")
    answer = import_files(
        store, [path], str(own), dry_run=False, progress=lambda advance: None, as_of=date(2026, 6, 5)
    ).answer
    assert [answer.data["files"][0][name] for name in ("accepted", "quarantined")] == [1, 0]


def test_a_large_file_with_semicolons_is_read_in_bulk(
    new_store: Callable[[], Store], imported: Imported, tmp_path: Path
) -> None:
    rows = "".join(
        f"{number},Test,1950-01-01,2025-{month:02d}-{day:02d},165581004,{day}\n"
        for number in ("9990000018", "9990000026")
        for month in range(1, 13)
        for day in range(1, 29)
    )
    text = (
        "nhs_number,family_name,date_of_birth,date,code,value\n" + rows + "9990000018,Test,1950-01-01,x,165581004,1\n"
    )
    left, right = new_store(), new_store()
    for store, delimiter in ((left, ","), (right, ";")):
        path = tmp_path / "rows.csv"
        path.write_text(text.replace(",", delimiter), encoding="utf-8")
        assert imported(path, into=store).answer.data["files"][0]["accepted"] == 2 * 12 * 28
    assert in_store(right) == in_store(left)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        # One value that proves the order decides for the whole file; a decimal point proves nothing.
        (("4,5", "1,234", "7"), ["4.5", "1.234", "7"]),
        (("0,123", "1,234", ">2,5"), ["0.123", "1.234", ">2.5"]),
        (("1,234", "2,345"), ["1,234", "2,345"]),
        (("4,5", "1.5"), ["4,5", "1.5"]),
        (("4,5 and more, or less", "x"), ["4,5 and more, or less", "x"]),
        (("4,5", "1,234,567"), ["4.5", "1,234,567"]),
    ],
)
@pytest.mark.parametrize("profile", ["les", "systmone"])
def test_decimal_commas_are_read_where_the_file_proves_them(
    store: Store, imported: Imported, tmp_path: Path, values: tuple[str, ...], kept: list[str], profile: str
) -> None:
    head = "nhs_number;date_of_birth;date;code;value"
    if profile == "systmone":
        head = "NHS number;Date of birth;Event date;SNOMED code;Numeric value"
    rows = [f"9990000018;1950-01-01;2026-05-0{day};165581004;{value}" for day, value in enumerate(values, 1)]
    path = tmp_path / "values.csv"
    path.write_text("\n".join((head, *rows, "")), encoding="utf-8")
    notes = imported(path).answer.notes
    assert [value for (value,) in store.rows("SELECT value FROM activity ORDER BY day")] == kept
    assert any("decimal comma" in note for note in notes) == (tuple(kept) != values)


def test_explain_columns_names_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "tabs.txt"
    path.write_bytes(parted(LES, "\t").encode("utf-16"))
    (file,) = columns_answer([path], None).answer.data["files"]
    assert (file["encoding"], file["profile"], file["header_line"]) == ("UTF-16", "les", 1)
    assert file["notes"] == ["its cells are separated by tabs"]


def test_a_comma_in_a_file_with_semicolons_is_text(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "text.csv"
    path.write_text(
        "nhs_number;date_of_birth;date;code;term\n9990000018;1950-01-01;2026-05-01;165581004;a, b, c, d, e, f\n",
        encoding="utf-8",
    )
    assert imported(path).answer.data["files"][0]["accepted"] == 1
    assert store.rows("SELECT text FROM phrase WHERE text LIKE 'a%'") == [("a, b, c, d, e, f",)]
