from __future__ import annotations

from datetime import date

import pytest

from lescli.readers import CheckedRow, Row, RowCheck, open_reading
from lescli.readers.reading import COLUMNS as COLUMNS_READ
from lescli.readers.row_check import born_on, is_short

RUN = date(2026, 6, 5)
COLUMNS = ("nhs_number", "date_of_birth", "registered_on", "left_on", "died_on", "date", "code")


@pytest.mark.parametrize(
    ("cell", "known", "born"),
    [
        ("02/03/25", date(2010, 1, 5), date(1925, 3, 2)),
        ("02-Mar-25", date(2025, 3, 1), date(1925, 3, 2)),
        # On the very day it may be either, and the day after too.
        ("02-Mar-25", date(2025, 3, 2), None),
        ("02-Mar-25", date(2025, 3, 3), None),
        ("02-Mar-48", date(2026, 6, 5), date(1948, 3, 2)),
        ("02-Mar-49", date(1949, 3, 2), date(1949, 3, 2)),
        # Nobody is known to have been 121.
        ("05-Jun-05", RUN, date(2005, 6, 5)),
        ("05-Jun-06", RUN, None),
        ("06-Jun-05", RUN, None),
        ("29-Feb-00", RUN, date(2000, 2, 29)),
        ("02-Mar-25 00:00", date(2010, 1, 5), date(1925, 3, 2)),
        ("31-Feb-25", date(2010, 1, 5), None),
        ("02-Mar-1925", date(2010, 1, 5), None),
        ("unknown", date(2010, 1, 5), None),
    ],
)
def test_the_one_century_that_fits(cell: str, known: date, born: date | None) -> None:
    assert born_on(cell, (None, known)) == born


def test_without_other_dates_the_century_is_not_known() -> None:
    assert born_on("02/03/25", (None, None)) is None
    assert [is_short(each) for each in ("02/03/25", "2-Mar-25 00:00", "02/03/1925", "", "x")] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "born", "wrong"),
    [
        ({"registered_on": "2010-01-05"}, date(1925, 3, 2), ""),
        ({"left_on": "2010-01-05"}, date(1925, 3, 2), ""),
        ({"died_on": "2010-01-05"}, date(1925, 3, 2), ""),
        ({"date": "2010-01-05", "code": "700139004"}, date(1925, 3, 2), ""),
        ({"date": "2026-05-04", "code": "700139004"}, None, "date_of_birth: its year has two digits"),
        ({}, None, "date_of_birth: its year has two digits"),
        ({"date_of_birth": "02/03/26", "died_on": "2025-01-01", "registered_on": "1924-05-01"}, None, "date_of_birth:"),
        # A birth after what happened to the patient is never taken in silence.
        ({"date_of_birth": "02/03/2025", "registered_on": "2010-01-05"}, None, "registered_on: it is before the date"),
        ({"date_of_birth": "02/03/2025", "registered_on": "2025-03-02"}, date(2025, 3, 2), ""),
        ({"date_of_birth": "02/03/2025", "registered_on": "2025-03-01"}, None, "registered_on: it is before the date"),
        ({"date_of_birth": "02/03/2025", "left_on": "2025-03-01"}, None, "left_on: it is before the date of birth"),
        ({"date_of_birth": "02/03/2025", "died_on": "2025-03-01"}, None, "died_on: it is before the date of birth"),
        (
            {"date_of_birth": "02/03/2025", "date": "2025-03-01", "code": "700139004"},
            None,
            "date: it is before the date of birth",
        ),
    ],
)
def test_a_row_shows_its_century_or_goes_to_quarantine(changes: dict[str, str], born: date | None, wrong: str) -> None:
    cells = {"nhs_number": "9990000018", "date_of_birth": "02/03/25"} | changes
    checked = RowCheck(COLUMNS)(Row(2, "", tuple(cells.get(column, "") for column in COLUMNS)))
    if wrong:
        assert not isinstance(checked, CheckedRow)
        assert checked[0].startswith(wrong)
    else:
        assert isinstance(checked, CheckedRow)
        assert checked.patient.date_of_birth == born


EMIS = """LES,,,,,,
Last Run:,,,05/06/2026 09:14,,,
Patient Details,,,,,Denosumab,
NHS Number,Date of Birth,Date of Registration,Date of Deduction,Date of Death,SNOMED CT Concept ID,Date
{number},{birth},{registered},{left},{died},700139004,{day}
"""


@pytest.mark.parametrize(
    ("birth", "dates", "born"),
    [
        # The measured case: registered in 2010, so not born in 2025.
        ("02-Mar-25", {"registered": "05-Jan-2010"}, date(1925, 3, 2)),
        ("02/03/25", {"registered": "05-Jan-10"}, date(1925, 3, 2)),
        ("02-Mar-25", {"registered": "05-Jan-2010", "left": "01-May-26"}, date(1925, 3, 2)),
        ("02-Mar-25", {"died": "01-May-10", "day": "01-Apr-10"}, date(1925, 3, 2)),
        ("02-Mar-05", {"died": "01-May-1990", "day": "01-Apr-1990"}, date(1905, 3, 2)),
        # No day of the row tells, so a child and somebody of 101 look the same.
        ("02-Mar-25", {}, None),
        ("02-Mar-25", {"registered": "05-Jan-26"}, None),
        # Nobody is born after the day the report ran, nor after the entry.
        ("04-May-26", {}, None),
        ("05-May-26", {}, date(1926, 5, 5)),
        ("06-Jun-26", {}, date(1926, 6, 6)),
        ("02-Mar-48", {}, date(1948, 3, 2)),
        # The entry itself tells.
        ("02-Mar-25", {"day": "04-May-2019"}, date(1925, 3, 2)),
    ],
)
def test_a_report_shows_its_centuries_by_row_and_run_date(
    write, read, numbers, birth: str, dates: dict[str, str], born: date | None
) -> None:
    cells = {"registered": "", "left": "", "died": "", "day": "04-May-26"} | dates
    _, rows, bad = read(write(EMIS.format(number=numbers[0], birth=birth, **cells)))
    assert [row.patient.date_of_birth for row in rows] == ([born] if born else [])
    assert bad == (
        []
        if born
        else [
            (
                "date_of_birth: its year has two digits and the file does not tell which century; "
                "export dates with four-digit years",
            )
        ]
    )


def test_other_dates_of_a_report_may_be_up_to_the_end_of_its_year(write, numbers) -> None:
    path = write(
        EMIS.format(number=numbers[0], birth="02-Mar-48", registered="05-Jan-10", left="", died="", day="31-Dec-26")
    )
    (row,) = open_reading(path).rows
    named = dict(zip(COLUMNS_READ, row.cells, strict=True))
    assert (named["registered_on"], named["date"]) == ("2010-01-05", "2026-12-31")
