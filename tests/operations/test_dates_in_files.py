"""Dates with a time, two-digit years and the order of day and month, through the import of every profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from lescli.operations.imports import ImportAnswer
from lescli.readers.cells import TIMES_NOTE
from lescli.store import Store

Imported = Callable[..., ImportAnswer]

DATES = ("date_of_birth", "registered_on", "left_on", "died_on", "date", "recorded_on")
ROW = "9990000018,{},{},{},{},{},{},700139004\n"
LES = "nhs_number,date_of_birth,registered_on,left_on,died_on,date,recorded_on,code\n" + ROW
EMIS = (
    "Last Run:,,,05/06/2026 09:14,,,,\nPatient Details,,,,,Denosumab,,\n"
    "NHS Number,Date of Birth,Date of Registration,Date of Deduction,Date of Death,Date,Date Recorded,Concept ID\n"
    + ROW
)
SYSTMONE = (
    "NHS number,Date of birth,Registration date,Deduction date,Date of death,Event date,Date recorded,SNOMED code\n"
    + ROW
)
TEXTS = {"les": LES, "emis": EMIS, "systmone": SYSTMONE}
DAYS = ("1948-03-02", "2010-01-05", "2026-05-31", "2026-06-01", "2026-05-04", "2026-05-05")
FORMS = {
    "iso": "%Y-%m-%d 10:30",
    "T": "%Y-%m-%dT00:00:00",
    "slashed": '"%d/%m/%Y, 23:59:59"',
    "words": "%d %b %Y 10:30",
    "dashed": "%d-%b-%Y 09:05:00 PM",
}


def dates_in(store: Store) -> list[tuple[object, ...]]:
    return [
        *store.rows("SELECT date_of_birth, died_on FROM patient"),
        *store.rows("SELECT start_on, end_on FROM registration"),
        *store.rows("SELECT day, recorded_on FROM activity"),
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("profile", TEXTS)
def test_a_time_in_every_date_column_is_left_out_and_said_once(
    new_store: Callable[[], Store], imported: Imported, tmp_path: Path, profile: str, form: str
) -> None:
    plain, timed = tmp_path / "plain.csv", tmp_path / "timed.csv"
    plain.write_text(TEXTS[profile].format(*DAYS), encoding="utf-8")
    timed.write_text(
        TEXTS[profile].format(*(datetime.fromisoformat(day).strftime(FORMS[form]) for day in DAYS)), encoding="utf-8"
    )
    left, right = new_store(), new_store()
    assert not any(TIMES_NOTE in note for note in imported(plain, into=left).answer.notes)
    answer = imported(timed, into=right).answer
    assert answer.data["quarantine"] == []
    assert dates_in(right) == dates_in(left)
    assert dates_in(left)[-1] == ("2026-05-04", "2026-05-05")
    assert [note for note in answer.notes if TIMES_NOTE in note] == [f"timed.csv: {TIMES_NOTE}"]


@pytest.mark.parametrize("column", DATES)
@pytest.mark.parametrize("profile", TEXTS)
def test_a_wrong_time_is_put_aside_whichever_column_it_stands_in(
    store: Store, imported: Imported, tmp_path: Path, profile: str, column: str
) -> None:
    path = tmp_path / "wrong.csv"
    days = [f"{day} 25:10" if name == column else day for name, day in zip(DATES, DAYS, strict=True)]
    path.write_text(TEXTS[profile].format(*days), encoding="utf-8")
    (row,) = imported(path).answer.data["quarantine"]
    assert row["reasons"] == [f"{column}: its time is not a time of day; write it as 10:30, or leave it out"]


def test_the_same_entry_with_and_without_its_time_is_one(store: Store, imported: Imported, tmp_path: Path) -> None:
    for number, day in enumerate(("2026-05-04", "2026-05-04 10:30", "04/05/2026 10:30:00")):
        path = tmp_path / f"{number}.csv"
        path.write_text(
            f"nhs_number,date_of_birth,date,code\n9990000018,1948-03-02,{day},700139004\n", encoding="utf-8"
        )
        imported(path)
    assert store.rows("SELECT day FROM activity") == [("2026-05-04",)]


def test_a_moment_in_a_workbook_is_its_day_and_said(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "moments.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["nhs_number", "date_of_birth", "date", "code"])
        sheet.write_row(1, 0, ["9990000018", "1948-03-02", datetime.fromisoformat("2026-05-04T23:59"), "700139004"])
    answer = imported(path).answer
    assert store.rows("SELECT day FROM activity") == [("2026-05-04",)]
    assert f"moments.xlsx: {TIMES_NOTE}" in answer.notes


def test_a_two_digit_birth_year_25_is_read_as_1925(store: Store, imported: Imported, tmp_path: Path) -> None:
    path = tmp_path / "m14.csv"
    path.write_text(
        "LES,,,,,,,,,,,\nLast Run:,,,05/06/2026 09:14,,,,,,,,\nPatient Details,,,,,,,,Denosumab,,,\n"
        "NHS Number,Family Name,Given Name,Date of Birth,Gender,Date of Registration,Date of Deduction,Date of Death,"
        "Code Term,SNOMED CT Concept ID,Date,Consultation Type\n"
        "999 000 0018,Archer,Ann,02-Mar-25,Female,05-Jan-2010,,,Denosumab,700139004,04-May-26,Home visit\n",
        encoding="utf-8",
    )
    imported(path)
    assert store.rows("SELECT date_of_birth FROM patient") == [("1925-03-02",)]
    assert store.rows("SELECT day FROM activity") == [("2026-05-04",)]


@pytest.mark.parametrize("profile", TEXTS)
def test_dates_that_are_month_first_refuse_the_file(
    store: Store, imported: Imported, tmp_path: Path, profile: str
) -> None:
    head, _, row = TEXTS[profile].rstrip("\n").rpartition("\n")
    rows = [
        row.format("1948-03-02", "2010-01-05", "", "", "05/04/2026", ""),
        row.format("1948-03-02", "2010-01-05", "", "", "05/13/2026", ""),
    ]
    path = tmp_path / "american.csv"
    path.write_text("\n".join((head, *rows, "")), encoding="utf-8")
    answer = imported(path)
    line = head.count("\n") + 3
    assert answer.refused == (
        f"american.csv, line {line}: its dates are month first, so days may be taken for months; export dates as "
        "31-May-2026 or 2026-05-31; if that one date is a slip, correct it at its source",
    )
    assert store.rows("SELECT * FROM activity") == []


@pytest.mark.parametrize(
    ("other", "accepted"),
    [
        # One day-first date proves the order, so the other is a slip.
        ("25/04/2026", 1),
        # Nothing else could be misread.
        ("2026-05-04", 1),
        ("04/04/2026", 1),
        ("04-May-2026", 1),
    ],
)
def test_one_month_first_date_is_quarantined_when_the_others_prove_the_order(
    store: Store, imported: Imported, tmp_path: Path, other: str, accepted: int
) -> None:
    path = tmp_path / "slip.csv"
    rows = [LES.splitlines()[1].format("1948-03-02", "", "", "", day, "") for day in (other, "05/13/2026")]
    path.write_text("\n".join((LES.splitlines()[0], *rows, "")), encoding="utf-8")
    (file,) = imported(path).answer.data["files"]
    assert (file["accepted"], file["quarantined"]) == (accepted, 1)
