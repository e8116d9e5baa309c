"""Dates, months, contract years, periods and working days, as commissioners count them.

Only `today` reads the clock, and only the command line calls it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import ClassVar, Self

# `strftime` would write them in the language that the computer is set to.
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_NUMBERS = {name[:3].casefold(): number for number, name in enumerate(MONTHS, start=1)}
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SLASHED = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})")
_NAMED = re.compile(r"([0-9]{1,2})[- ]([A-Za-z]{3,9})[- ]([0-9]{4})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"([0-9]{4})-([0-9]{2})(?:-Q([1-4]))?")
_CALENDAR_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_CALENDAR_PERIOD = re.compile(r"([0-9]{4})(?:-Q([1-4]))?")
JANUARY, APRIL = 1, 4
"""A contract year starts in April unless the specification names another month."""
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
"""The months of each period that a specification can count by."""
EARLIEST_YEAR = 1850
LATEST_YEAR = 2200
NEAR_DAYS = 14
"""A day this near is counted in working days, because that is the time left to do the work."""
STALE_DAYS = 7
"""An export that is older than this no longer shows what was done, so a newer one is asked for."""


def parse_date(text: str) -> date:
    """Read `2026-05-01`, `01/05/2026` or `1-May-2026`; the day always comes before the month except in the first.

    Raises ValueError with a message that does not repeat the text, because it may be a date of birth.
    """
    cell = text.strip()
    if found := _ISO.fullmatch(cell):
        year, month, day = (int(part) for part in found.groups())
    elif found := _SLASHED.fullmatch(cell):
        day, month, year = (int(part) for part in found.groups())
        if month > 12 >= day:
            raise ValueError("dates are read day first, and there is no such month; write it as 2026-05-31")
    elif found := _NAMED.fullmatch(cell):
        day, year = int(found[1]), int(found[3])
        month = month_number(found[2]) or 0
        if not month:
            raise ValueError("there is no month of that name; write dates as 2026-05-31, 31/05/2026 or 31-May-2026")
    else:
        raise ValueError("not a date; write dates as 2026-05-31, 31/05/2026 or 31-May-2026")
    if year < EARLIEST_YEAR:
        raise ValueError(f"the year is before {EARLIEST_YEAR}")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("there is no such day in the calendar") from None


def parse_written_date(text: str) -> date:
    """Read a date from which other dates are counted, as `parse_date` does, but refuse dates that mean "never".

    Nothing can be added to 9999-12-31, so one such date would stop a whole service.
    """
    day = parse_date(text)
    if day.year > LATEST_YEAR:
        raise ValueError(f"the year is after {LATEST_YEAR}")
    return day


def month_number(name: str) -> int | None:
    """The number of a month by its name or the first letters of it: 9 for `Sep` and `september`, None for `Mai`."""
    return _NUMBERS.get(name[:3].casefold())


def for_people(day: date) -> str:
    """A date as people read it, the same in every locale: `01 May 2026`."""
    return f"{day.day:02d} {MONTHS[day.month - 1][:3]} {day.year:04d}"


def day_in_full(day: date) -> str:
    """A date as the NHS writes it to patients: `5 November 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04d}"


def moment_for_people(moment: str) -> str:
    """A local date, or date and time, from ISO text as people read it: `04 Jul 2026` or `04 Jul 2026, 00:00`."""
    day, _, time = moment.partition("T")
    return for_people(date.fromisoformat(day)) + (f", {time}" if time else "")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month, written `2026-05`."""

    every: ClassVar[str] = "month"
    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-05`; ValueError says what is wrong with any other text."""
        found = _MONTH.fullmatch(text.strip())
        if not found:
            raise ValueError("that is not a month; write it as 2026-05")
        year, month = int(found[1]), int(found[2])
        if not 1 <= month <= 12 or year < EARLIEST_YEAR:
            raise ValueError("that is not a month: months go from 01 to 12, as in 2026-05")
        return cls(year, month)

    @classmethod
    def of(cls, day: date) -> Self:
        """The month that a day is in."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """The month's first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The month's last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def plus(self, months: int) -> Self:
        """The month a number of months later, or earlier if the number is negative."""
        count = self.year * 12 + self.month - 1 + months
        return type(self)(count // 12, count % 12 + 1)

    @property
    def short(self) -> str:
        """The month as a chart has room for: `Apr 26`."""
        return f"{MONTHS[self.month - 1][:3]} {self.year % 100:02d}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def month_in_full(named: str) -> str:
    """A month as people write it, `May 2026`. A quarter or a year, as a text that is none, stays as it is."""
    with suppress(ValueError):
        month = Month.parse(named)
        return f"{MONTHS[month.month - 1]} {month.year:04d}"
    return named


@dataclass(frozen=True, slots=True, order=True)
class ContractPeriod:
    """A quarter or a whole contract year, written `2026-27-Q1` or `2026-27`.

    `months` is 3 or 12. `starts` is the first month of the contract year. A contract year that is a calendar year is
    written `2026`, and its first quarter `2026-Q1`.
    """

    begins: Month
    months: int
    starts: int = APRIL

    @classmethod
    def of(cls, day: date, every: str, starts: int = APRIL) -> Self:
        """The quarter or year of the contract that a day is in; `every` is `quarter` or `year`."""
        year, months = Month.of(contract_year(day, starts).start), MONTHS_OF[every]
        since = (day.year - year.year) * 12 + day.month - year.month
        return cls(year.plus(since - since % months), months, starts)

    @property
    def every(self) -> str:
        """`quarter` or `year`."""
        return "year" if self.months == MONTHS_OF["year"] else "quarter"

    @property
    def first(self) -> date:
        """The first day."""
        return self.begins.first

    @property
    def last(self) -> date:
        """The last day."""
        return self.begins.plus(self.months - 1).last

    def plus(self, count: int) -> Self:
        """The quarter or year that many later, or earlier if the number is negative."""
        return type(self)(self.begins.plus(count * self.months), self.months, self.starts)

    def __str__(self) -> str:
        name = contract_year_name(self.first, self.starts)
        if self.every == "year":
            return name
        since = (self.begins.month - self.starts) % 12
        return f"{name}-Q{since // self.months + 1}"


ClaimPeriod = Month | ContractPeriod
"""What one claim is for. It has a first and a last day, the next one by `plus`, and its name as text."""


def claim_period_of(day: date, every: str, starts: int = APRIL) -> ClaimPeriod:
    """The month, quarter or year of the contract that a day is in."""
    return Month.of(day) if every == "month" else ContractPeriod.of(day, every, starts)


def parse_claim_period(text: str, starts: int = APRIL) -> ClaimPeriod:
    """Read `2026-05`, `2026-27-Q1` or `2026-27`, and for a contract year from January `2026-Q1` or `2026`."""
    cell = text.strip()
    found = _YEAR.fullmatch(cell)
    if found and not found[3] and 1 <= int(found[2]) <= 12:
        return Month.parse(cell)
    found = (_CALENDAR_PERIOD if starts == JANUARY else _YEAR).fullmatch(cell)
    quarter = found[found.re.groups] if found else None
    if found and EARLIEST_YEAR <= int(found[1]) < LATEST_YEAR:
        begins = Month(int(found[1]), starts).plus(3 * (int(quarter or 1) - 1))
        period = ContractPeriod(begins, MONTHS_OF["quarter" if quarter else "year"], starts)
        if str(period) == cell:
            return period
    if _MONTH.fullmatch(cell):
        return Month.parse(cell)  # It says what is wrong with the month.
    raise ValueError("that is not a month; write it as 2026-05, a quarter as 2026-27-Q1 or a year as 2026-27")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of days, first and last included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("the period ends before it starts")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    @classmethod
    def of_month(cls, month: Month) -> Period:
        """A whole calendar month."""
        return cls(month.first, month.last)

    @classmethod
    def of_claim(cls, period: ClaimPeriod) -> Period:
        """The days that one claim is for."""
        return cls(period.first, period.last)

    @classmethod
    def parse(cls, text: str, starts: int = APRIL) -> Period:
        """Read `2026-05`, `2026-27`, `2026-27-Q1` or `2026-04-01..2026-06-30`; refuse `2026-Q1` as ambiguous.

        It is unambiguous only for a contract year from January.
        """
        cell = text.strip()
        if ".." in cell:
            start, _, end = cell.partition("..")
            return cls(parse_date(start), parse_date(end))
        if starts != JANUARY and (found := _CALENDAR_QUARTER.fullmatch(cell)):
            raise ValueError(_two_meanings(int(found[1]), int(found[2])))
        with suppress(ValueError):
            return cls.of_claim(parse_claim_period(cell, starts))
        raise ValueError(
            "that is not a period; write a month 2026-05, a contract year 2026-27, a quarter 2026-27-Q1 "
            "or two dates 2026-04-01..2026-06-30"
        )

    @property
    def ends(self) -> tuple[date, date]:
        """The period's first and last day."""
        return self.start, self.end

    def months(self) -> tuple[Month, ...]:
        """The calendar months that the period touches, in order."""
        months = [Month.of(self.start)]
        while months[-1] < Month.of(self.end):
            months.append(months[-1].plus(1))
        return tuple(months)

    def __str__(self) -> str:
        return f"{self.start.isoformat()}..{self.end.isoformat()}"


def _two_meanings(year: int, quarter: int) -> str:
    """Why `2026-Q1` is refused: a contract manager reads it as April to June, everyone else as January to March."""
    contract = f"{contract_year_name(date(year, 4, 1))}-Q{quarter}"
    first = date(year, 3 * quarter - 2, 1)
    calendar = f"{contract_year_name(first)}-Q{(first.month - 4) // 3 % 4 + 1}"
    return (
        f"`{year}-Q{quarter}` is ambiguous: write {contract} for quarter {quarter} of the contract year, or {calendar} "
        f"for the calendar quarter that begins on {for_people(first)}"
    )


def contract_year(day: date, starts: int = APRIL) -> Period:
    """The contract year that a day is in: 1 April to 31 March, or twelve months from another month."""
    first = Month(day.year if day.month >= starts else day.year - 1, starts)
    return Period(first.first, first.plus(11).last)


def contract_year_name(day: date, starts: int = APRIL) -> str:
    """The name of the contract year that a day is in: `2026-27`, or `2026` if it is a calendar year."""
    start = contract_year(day, starts).start.year
    return f"{start:04d}" if starts == JANUARY else f"{start:04d}-{(start + 1) % 100:02d}"


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day if it is shorter (30 Nov + 3 -> 28 Feb).

    Always count from the original date: 31 Jan + 1 + 1 gives 28 Mar, but 31 Jan + 2 gives 31 Mar.
    """
    month = Month.of(day).plus(months)
    return date(month.year, month.month, min(day.day, month.last.day))


def age_on(born: date, day: date) -> int:
    """Age on a day in whole years. Someone born on 29 February turns a year older on 1 March of a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_working_day(day: date) -> bool:
    """Whether a day is Monday to Friday and not a bank holiday in England (by `holidays`, which agrees with GOV.UK)."""
    return day.weekday() < 5 and not is_bank_holiday(day)


def is_bank_holiday(day: date) -> bool:
    """Whether a day is a bank holiday in England, of which some are on a Saturday."""
    return day in _bank_holidays(day.year)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    # Imported here, because importing the package takes longer than most commands.
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))


def nth_working_day(month: Month, number: int) -> date:
    """The n-th working day of a month; ValueError when the month has fewer."""
    day, seen = month.first, 0
    while day <= month.last:
        seen += is_working_day(day)
        if seen == number:
            return day
        day += timedelta(days=1)
    raise ValueError(f"{month} has only {seen} working days")


def add_working_days(day: date, number: int) -> date:
    """The day a number of working days after a day; that day itself is not counted."""
    while number > 0:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def days_in_words(day: date, as_of: date) -> str:
    """How far away a deadline is: `today`, `tomorrow`, `in 3 working days`, `in 40 days` or `71 days late`."""
    away = (day - as_of).days
    if away < 0:
        return "1 day late" if away == -1 else f"{-away} days late"
    if away <= 1:
        return "tomorrow" if away else "today"
    if away > NEAR_DAYS:
        return f"in {away} days"
    working = sum(is_working_day(as_of + timedelta(days=passed)) for passed in range(1, away + 1))
    if not working:
        return f"in {away} days"
    return "in 1 working day" if working == 1 else f"in {working} working days"


def today() -> date:
    """Today's date in London, where 23:30 UTC on 31 March is already 1 April."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Europe/London")).date()
