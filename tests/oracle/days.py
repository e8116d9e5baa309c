"""Days counted on the fingers: months, windows, contract years, ages, weekends and the bank holidays of England."""

from __future__ import annotations

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)

_HOLIDAYS = """
2020: 01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28
2021: 01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28
2025: 01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26
2026: 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28
2027: 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28
2028: 01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26
"""
BANK_HOLIDAYS = {
    date.fromisoformat(f"{year}-{day}")
    for year, _, days in (line.partition(": ") for line in _HOLIDAYS.split("\n") if line)
    for day in days.split()
}
"""As gov.uk lists them for England and Wales, in the years the random practices live in."""


def is_leap(year: int) -> bool:
    """29 February exists in it."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def length_of_month(year: int, month: int) -> int:
    """Its days: thirty days hath September."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def months_later(day: date, months: int) -> date:
    """The same day number so many months later (or earlier), clipped to the end of that month."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return date(year, month, min(day.day, length_of_month(year, month)))


def first_of(month: str) -> date:
    """The first day of `2026-05`."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_of(month: str) -> date:
    """The last day of `2026-05`."""
    first = first_of(month)
    return date(first.year, first.month, length_of_month(first.year, first.month))


def month_of(day: date) -> str:
    """`2026-05`."""
    return f"{day.year:04d}-{day.month:02d}"


def months_between(first: date, last: date) -> list[str]:
    """Every month from that of one day to that of another."""
    found, day = [], date(first.year, first.month, 1)
    while day <= last:
        found.append(month_of(day))
        day = months_later(day, 1)
    return found


def days_between(first: date, last: date) -> list[date]:
    """Every day from one to another, both inside."""
    found, day = [], first
    while day <= last:
        found.append(day)
        day += ONE_DAY
    return found


def year_of(day: date) -> int:
    """The contract year, named by the year in which its 1 April lies."""
    return day.year if day.month >= 4 else day.year - 1


def age_on(born: date, day: date) -> int:
    """Birthdays had by that day; who was born on 29 February turns a year older on 1 March of other years."""
    had = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had else 1)


def in_core_hours(day: date) -> bool:
    """Monday to Friday and no bank holiday."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS
