"""Months, contract years, windows and working days, as commissioners count them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli import calendar
from lescli.calendar import (
    ContractPeriod,
    Month,
    Period,
    add_months,
    add_working_days,
    age_on,
    contract_year,
    contract_year_name,
    day_in_full,
    days_in_words,
    for_people,
    is_working_day,
    month_in_full,
    month_number,
    nth_working_day,
    parse_claim_period,
    parse_date,
)
from lescli.testing import read_table

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    "written",
    ["2026-05-01", "01/05/2026", "1/5/2026", "01.05.2026", "1-May-2026", "01 May 2026", "1 may 2026", " 2026-05-01 "],
)
def test_dates_are_read_day_first(written: str) -> None:
    assert parse_date(written) == date(2026, 5, 1)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "05/13/2026",
        "2023-02-30",
        "2026-5-1",
        "31/04/2026",
        "1-Mai-2026",
        "0001-01-01",
        "٢٠٢٦-٠٥-٠١",
        "1/5/26",
    ],
)
def test_a_text_that_is_not_a_date_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(ValueError, match=r".") as shown:
        parse_date(written)
    assert not written or written not in str(shown.value)


@given(DAYS)
def test_a_date_is_read_back_from_every_spelling(day: date) -> None:
    for written in (day.isoformat(), for_people(day), day_in_full(day), f"{day.day}/{day.month}/{day.year}"):
        assert parse_date(written) == day


@pytest.mark.parametrize(
    ("day", "people", "full", "month", "short"),
    [
        (date(2026, 1, 31), "31 Jan 2026", "31 January 2026", "January 2026", "Jan 26"),
        (date(2026, 5, 1), "01 May 2026", "1 May 2026", "May 2026", "May 26"),
        (date(2006, 9, 9), "09 Sep 2006", "9 September 2006", "September 2006", "Sep 06"),
        (date(2126, 12, 10), "10 Dec 2126", "10 December 2126", "December 2126", "Dec 26"),
    ],
)
def test_days_and_months_are_written_in_english(day: date, people: str, full: str, month: str, short: str) -> None:
    assert (for_people(day), day_in_full(day)) == (people, full)
    assert (month_in_full(str(Month.of(day))), Month.of(day).short) == (month, short)
    assert month_number(month.split()[0]) == month_number(short.split()[0].upper()) == day.month


def test_what_is_no_month_keeps_its_name() -> None:
    for named in ("2026-27-Q1", "2026-27", "2026", "2026-13", ""):
        assert month_in_full(named) == named
    assert [month_number(name) for name in ("Mai", "", "Ja", "Juno")] == [None, None, None, 6]


MONTHS_LATER = read_table("""
    from       | months | to
    2026-04-10 | 3      | 2026-07-10
    2026-11-30 | 3      | 2027-02-28
    2027-11-30 | 3      | 2028-02-29
    2026-08-31 | 6      | 2027-02-28
    2026-01-31 | 1      | 2026-02-28
    2026-01-31 | 2      | 2026-03-31
    2024-02-29 | 12     | 2025-02-28
    2024-02-29 | 48     | 2028-02-29
    2026-05-31 | -3     | 2026-02-28
    2026-01-15 | -1     | 2025-12-15
    2026-12-31 | 0      | 2026-12-31
    """)


@pytest.mark.parametrize("row", MONTHS_LATER, ids=lambda row: f"{row['from']} {row['months']}")
def test_adding_months_gives_the_same_day_or_the_months_last(row: dict[str, str]) -> None:
    assert add_months(parse_date(row["from"]), int(row["months"])).isoformat() == row["to"]


@given(DAYS, st.integers(-100, 100))
def test_adding_months_gives_the_right_month_and_no_later_day_of_it(day: date, months: int) -> None:
    later = add_months(day, months)
    assert Month.of(later) == Month.of(day).plus(months)
    assert later.day == min(day.day, Month.of(later).last.day)


PERIODS = read_table("""
    written                | start      | end
    2026-05                | 2026-05-01 | 2026-05-31
    2028-02                | 2028-02-01 | 2028-02-29
    2026-27                | 2026-04-01 | 2027-03-31
    2026-27-Q1             | 2026-04-01 | 2026-06-30
    2026-27-Q2             | 2026-07-01 | 2026-09-30
    2026-27-Q3             | 2026-10-01 | 2026-12-31
    2026-27-Q4             | 2027-01-01 | 2027-03-31
    2011-12                | 2011-12-01 | 2011-12-31
    2011-12-Q1             | 2011-04-01 | 2011-06-30
    2026-04-01..2026-06-30 | 2026-04-01 | 2026-06-30
    1/4/2026..30/6/2026    | 2026-04-01 | 2026-06-30
    2026-05-04..2026-05-04 | 2026-05-04 | 2026-05-04
    """)


@pytest.mark.parametrize("row", PERIODS, ids=lambda row: row["written"])
def test_periods(row: dict[str, str]) -> None:
    period = Period.parse(row["written"])
    assert (period.start.isoformat(), period.end.isoformat()) == (row["start"], row["end"])
    assert period.start in period
    assert period.end in period
    assert period.start - timedelta(days=1) not in period
    assert period.end + timedelta(days=1) not in period


QUARTERS = read_table("""
    written | contract   | calendar
    2026-Q1 | 2026-27-Q1 | 2025-26-Q4
    2026-Q2 | 2026-27-Q2 | 2026-27-Q1
    2026-Q3 | 2026-27-Q3 | 2026-27-Q2
    2026-Q4 | 2026-27-Q4 | 2026-27-Q3
    """)


@pytest.mark.parametrize("row", QUARTERS, ids=lambda row: row["written"])
def test_a_calendar_quarter_is_refused_with_the_two_it_could_mean(row: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="ambiguous") as shown:
        Period.parse(row["written"])
    assert f"write {row['contract']} for quarter" in str(shown.value)
    assert f"or {row['calendar']} for the calendar quarter" in str(shown.value)
    first = Period.parse(row["calendar"]).start
    assert for_people(first) in str(shown.value)
    assert first.year == 2026


@pytest.mark.parametrize(
    "written",
    ["", "2026", "2026-13", "2026-00", "2026-28", "2026-27-Q5", "2026-05-Q1", "2026-06-30..2026-04-01", "..", "May"],
)
def test_a_text_that_is_not_a_period_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Period.parse(written)


def test_months_of_a_period() -> None:
    months = Period(date(2026, 11, 30), date(2027, 2, 1)).months()
    assert [str(month) for month in months] == ["2026-11", "2026-12", "2027-01", "2027-02"]


@given(st.dates(date(2013, 4, 1), date(2099, 3, 31)))
def test_a_contract_year_is_april_to_march(day: date) -> None:
    year = contract_year(day)
    assert day in year
    assert (year.start.month, year.start.day, year.end.month, year.end.day) == (4, 1, 3, 31)
    assert Period.parse(contract_year_name(day)) == year


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1961-05-04", "2026-05-03", 64),
        ("1961-05-04", "2026-05-04", 65),
        ("1960-02-29", "2026-02-28", 65),
        ("1960-02-29", "2026-03-01", 66),
        ("1960-02-29", "2028-02-29", 68),
        ("2026-05-04", "2026-05-04", 0),
    ],
)
def test_age_in_whole_years(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


WORKING_DAYS = read_table("""
    day        | working | why
    2026-04-02 | yes     | Thursday
    2026-04-03 | no      | Good Friday
    2026-04-04 | no      | Saturday
    2026-04-05 | no      | Sunday
    2026-04-06 | no      | Easter Monday
    2026-05-04 | no      | early May bank holiday
    2026-05-25 | no      | spring bank holiday
    2026-08-31 | no      | summer bank holiday in England
    2026-08-03 | yes     | a bank holiday in Scotland only
    2026-11-30 | yes     | Saint Andrew, Scotland only
    2026-12-25 | no      | Christmas
    2026-12-28 | no      | Boxing Day in lieu
    2027-01-01 | no      | New Year
    2022-09-19 | no      | the late Queen's funeral
    """)


@pytest.mark.parametrize("row", WORKING_DAYS, ids=lambda row: f"{row['day']} {row['why']}")
def test_working_days_are_those_of_england(row: dict[str, str]) -> None:
    assert is_working_day(parse_date(row["day"])) is (row["working"] == "yes")


@pytest.mark.parametrize(
    ("month", "number", "day"),
    [
        ("2026-04", 1, "2026-04-01"),
        ("2026-04", 3, "2026-04-07"),
        ("2026-05", 1, "2026-05-01"),
        ("2026-05", 2, "2026-05-05"),
        ("2026-05", 15, "2026-05-22"),
        ("2027-01", 1, "2027-01-04"),
    ],
)
def test_nth_working_day(month: str, number: int, day: str) -> None:
    assert nth_working_day(Month.parse(month), number).isoformat() == day


def test_a_working_day_that_a_month_does_not_have_is_refused() -> None:
    assert nth_working_day(Month(2026, 2), 20) == date(2026, 2, 27)
    with pytest.raises(ValueError, match="2026-02 has only 20 working days"):
        nth_working_day(Month(2026, 2), 21)


@pytest.mark.parametrize(
    ("day", "number", "due"),
    [
        ("2026-04-01", 5, "2026-04-10"),
        ("2026-05-01", 1, "2026-05-05"),
        ("2026-12-24", 1, "2026-12-29"),
        ("2026-05-02", 0, "2026-05-02"),
    ],
)
def test_working_days_later(day: str, number: int, due: str) -> None:
    assert add_working_days(date.fromisoformat(day), number).isoformat() == due


@pytest.mark.parametrize(
    ("as_of", "day", "words"),
    [
        ("2026-05-06", "2026-05-06", "today"),
        ("2026-05-06", "2026-05-07", "tomorrow"),
        ("2026-05-06", "2026-05-08", "in 2 working days"),
        ("2026-05-08", "2026-05-09", "tomorrow"),
        ("2026-05-08", "2026-05-10", "in 2 days"),  # A Sunday: no working day is left.
        ("2026-05-08", "2026-05-11", "in 1 working day"),
        ("2026-05-22", "2026-05-27", "in 2 working days"),  # Over a bank holiday.
        ("2026-05-06", "2026-05-20", "in 10 working days"),
        ("2026-05-06", "2026-05-21", "in 15 days"),
        ("2026-05-06", "2026-05-05", "1 day late"),
        ("2026-05-06", "2026-02-24", "71 days late"),
    ],
)
def test_days_in_words(as_of: str, day: str, words: str) -> None:
    assert days_in_words(date.fromisoformat(day), date.fromisoformat(as_of)) == words


@pytest.mark.parametrize(
    ("utc", "london"),
    [
        ("2026-03-31T22:59", "2026-03-31"),
        ("2026-03-31T23:30", "2026-04-01"),
        ("2026-01-31T23:30", "2026-01-31"),
        ("2026-10-24T23:30", "2026-10-25"),
        ("2026-10-25T23:30", "2026-10-25"),
    ],
)
def test_today_is_the_date_in_london(utc: str, london: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(calendar, "datetime", Clock)
    assert calendar.today().isoformat() == london


@pytest.mark.parametrize(
    ("day", "every", "starts", "name", "first", "last"),
    [
        ("2026-03-31", "quarter", 4, "2025-26-Q4", "2026-01-01", "2026-03-31"),
        ("2026-04-01", "quarter", 4, "2026-27-Q1", "2026-04-01", "2026-06-30"),
        ("2026-09-30", "quarter", 10, "2025-26-Q4", "2026-07-01", "2026-09-30"),
        ("2026-10-01", "quarter", 10, "2026-27-Q1", "2026-10-01", "2026-12-31"),
        ("2027-02-28", "quarter", 12, "2026-27-Q1", "2026-12-01", "2027-02-28"),
        ("2026-12-31", "quarter", 1, "2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-03-31", "year", 4, "2025-26", "2025-04-01", "2026-03-31"),
        ("2026-10-01", "year", 10, "2026-27", "2026-10-01", "2027-09-30"),
        ("2026-12-31", "year", 1, "2026", "2026-01-01", "2026-12-31"),
        ("2099-05-01", "year", 4, "2099-00", "2099-04-01", "2100-03-31"),
    ],
)
def test_a_quarter_or_year_runs_from_the_month_that_the_contract_names(day, every, starts, name, first, last):
    period = ContractPeriod.of(date.fromisoformat(day), every, starts)
    assert (str(period), period.first.isoformat(), period.last.isoformat()) == (name, first, last)
    assert period.every == every
    assert parse_claim_period(name, starts) == period
    assert period.plus(1).first == period.last + timedelta(days=1)
    assert period.plus(1).plus(-1) == period
    assert str(ContractPeriod.of(period.last, every, starts)) == name


@pytest.mark.parametrize("text", ["2026", "2026-Q1", "2026-28", "2026-27-Q5", "2026-27-q1", "2026-13", "27", ""])
def test_a_name_that_is_no_month_quarter_or_year_is_refused(text):
    with pytest.raises(ValueError, match="not a month"):
        parse_claim_period(text)
