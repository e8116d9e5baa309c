from __future__ import annotations

from datetime import date

import pytest

from lescli.readers import CheckedRow, Row, RowCheck
from lescli.readers import cells as cell
from lescli.readers.cells import TIMES_NOTE, day_of

DAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04 10:30",
        "2026-05-04T10:30",
        "2026-05-04T10:30:00.000",
        "2026-05-04 10:30:00,5",
        "04/05/2026 10:30:00",
        "04/05/2026 9:05",
        "04/05/2026  10:30",
        "04/05/2026, 10:30",
        "04.05.2026 10.30",
        "04 May 2026 10:30",
        "04-May-2026 10:30",
        "4-May-2026 10:30 pm",
        "04/05/2026 10:30:00 PM",
        "04/05/2026 10:30p.m.",
        "04/05/2026 10.30am",
        "04/05/2026 3 pm",
        "04/05/2026 12:00 AM",
        "04/05/2026 0:00 am",
        "04/05/2026 12:59:59 pm",
        # Midnight begins the day, and the last minute is of the day.
        "2026-05-04 00:00",
        "2026-05-04T00:00:00",
        "04/05/2026 23:59:59",
        "2026-05-04T10:30:00Z",
        "2026-05-04 10:30 UTC",
        "2026-05-04T10:30:00+01:00",
        "2026-05-04T22:59:59Z",
        "2026-05-04T23:30:00+0100",
        "2026-05-03T23:00:00Z",
        "2026-05-04 23:30 BST",
        "2026-05-05T01:00:00+05:00",
    ],
)
def test_the_day_is_taken_and_the_time_left_out(text: str) -> None:
    assert day_of(text) == DAY
    assert cell.day(f" '{text} ") == (DAY, "")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        # London's clocks: an hour ahead of UTC from 29 March to 25 October 2026.
        ("2026-03-31T22:59:59Z", date(2026, 3, 31)),
        ("2026-03-31T23:00:00Z", date(2026, 4, 1)),
        ("2026-03-31T23:30:00Z", date(2026, 4, 1)),
        ("2026-03-31 23:30", date(2026, 3, 31)),
        ("2026-03-31T23:30:00", date(2026, 3, 31)),
        ("2026-03-28T23:59:59Z", date(2026, 3, 28)),
        ("2026-10-24T23:00:00Z", date(2026, 10, 25)),
        ("2026-10-25T23:59:59Z", date(2026, 10, 25)),
        ("2026-12-31T23:59:59Z", date(2026, 12, 31)),
        ("1948-03-02T00:00:00+00:00", date(1948, 3, 2)),
        ("9999-12-31T23:59:59", date(9999, 12, 31)),
    ],
)
def test_a_time_zone_is_converted_to_london(text: str, day: date) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04 24:00",
        "2026-05-04 25:10",
        "2026-05-04 10:60",
        "2026-05-04 10:30:61",
        "04/05/2026 13:30 pm",
        "04/05/2026 0:30 pm",
        "04/05/2026 13 am",
        "9999-12-31T23:59:59-05:00",
        "2026-05-04T10:30:00+99:00",
    ],
)
def test_an_impossible_time_is_refused(text: str) -> None:
    found, wrong = cell.day(text)
    assert found is None
    assert wrong == "its time is not a time of day; write it as 10:30, or leave it out"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("2026-05-04 10", "not a date"),
        ("2026-05-04 10:3", "not a date"),
        ("2026-05-04 10:30 or so", "not a date"),
        ("10:30", "not a date"),
        ("10:30 04/05/2026", "not a date"),
        ("2026-07", "only the month is given"),
        ("31/02/2026 10:30", "there is no such day"),
        ("05/13/2026 10:30", "dates are read day first"),
        ("04-May-26 10:30", "its year has two digits"),
        ("31-Feb-26 10:30", "there is no such day"),
    ],
)
def test_a_time_does_not_make_a_bad_date_valid(text: str, wrong: str) -> None:
    found, said = cell.day(text)
    assert found is None
    assert said.startswith(wrong)
    assert text not in said


def test_times_are_noted_once_and_only_where_a_day_was_read() -> None:
    check = RowCheck(("nhs_number", "date_of_birth", "date", "code"))
    plain = check(Row(2, "", ("9990000018", "1950-02-01", "2026-05-04", "700139004")))
    assert isinstance(plain, CheckedRow)
    check(Row(3, "", ("9990000018", "1950-02-01", "2026-05-04 25:00", "700139004")))
    assert check.notes == ()
    assert check.day("2026-05-05 10:30") == "2026-05-05"
    assert check.day("2026-05-06 10:30") == "2026-05-06"
    assert check.notes == (TIMES_NOTE,)
