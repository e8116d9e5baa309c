from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.readers.clinical_report.layout import iso_date, run_moment

RUN = date(2026, 11, 5)


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("02-Nov-2026", "2026-11-02"),
        ("2-nov-26", "2026-11-02"),
        ("05-Nov-26", "2026-11-05"),
        ("06-Nov-26", "1926-11-06"),
        ("01-Feb-50", "1950-02-01"),
        ("01-Jan-00", "2000-01-01"),
        ("29-Feb-24", "2024-02-29"),
        ("02/11/2026 09:14", "02/11/2026 09:14"),
        ("02/11/26 9:14 pm", "02/11/2026 9:14 pm"),
        ("02-Nov-26T09:14:00Z", "2026-11-02T09:14:00Z"),
        ("02/11/26", "02/11/2026"),
        ("2026-11-02", "2026-11-02"),
        ("", ""),
        ("31-Feb-26", "31-Feb-26"),
        ("Unknown", "Unknown"),
    ],
)
def test_dates_become_iso_or_are_unchanged(cell: str, iso: str) -> None:
    assert iso_date(cell, RUN) == iso


def test_without_a_run_date_two_digit_years_are_unchanged() -> None:
    assert iso_date("01-Feb-50", None) == "01-Feb-50"
    assert iso_date("01-Feb-1950", None) == "1950-02-01"


@given(st.dates(date(1927, 1, 1), RUN))
def test_a_two_digit_year_within_a_century_is_restored(day: date) -> None:
    assert iso_date(day.strftime("%d-%b-%y"), RUN) == day.isoformat()
    assert iso_date(day.strftime("%d-%b-%Y"), RUN) == day.isoformat()


@pytest.mark.parametrize(
    ("cells", "moment"),
    [
        (["Last Run:", "", "", "05/11/2026 09:14"], "2026-11-05T09:14"),
        (["Last run", "05/11/2026", "x"], "2026-11-05"),
        (["Last Run: 5-Nov-2026 7:05"], "2026-11-05T07:05"),
        (["Last Run:", "99/99/2026", "05/11/2026 09:14"], "2026-11-05T09:14"),
        (["Last Run:", "never"], None),
    ],
)
def test_the_moment_of_the_run(cells: list[str], moment: str | None) -> None:
    assert run_moment(cells) == moment
