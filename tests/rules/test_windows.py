"""Claim windows and deadlines, on both sides of their last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import lescli_denosumab
from lescli.calendar import Month, Period, parse_date
from lescli.model import PaymentTerm
from lescli.rules.windows import last_claim_day, looked_at, paid_by, submit_by
from lescli.services import service_of
from lescli.testing import Surgery, read_table

SPEC = lescli_denosumab.les_service()
NO_WINDOW = replace(SPEC, window_months=None)

LAST_DAYS = read_table("""
    done       | last day
    2026-04-10 | 2026-07-10
    2026-04-30 | 2026-07-30
    2026-05-31 | 2026-08-31
    2026-11-30 | 2027-02-28
    2026-11-28 | 2027-02-28
    2027-11-29 | 2028-02-29
    2026-12-31 | 2027-03-31
    """)


@pytest.mark.parametrize("row", LAST_DAYS, ids=lambda row: row["done"])
def test_last_claim_day(row: dict[str, str]) -> None:
    assert last_claim_day(SPEC, parse_date(row["done"])) == parse_date(row["last day"])


def test_without_a_window_there_is_no_last_day() -> None:
    assert last_claim_day(NO_WINDOW, date(2026, 4, 10)) is None


@pytest.mark.parametrize(
    ("month", "window", "first"),
    [
        ("2026-05", 3, "2026-02-01"),
        ("2026-02", 3, "2025-11-01"),
        ("2026-05-15..2026-06-14", 3, "2026-02-01"),
        ("2026-05", None, "2026-04-01"),
        ("2026-04", None, "2026-04-01"),
        ("2026-03", None, "2025-04-01"),
        # A year later the first year of the contract is still looked at.
        ("2027-04", None, "2026-04-01"),
        ("2029-04", None, "2026-04-01"),
    ],
)
def test_looked_at(month: str, window: int | None, first: str) -> None:
    period, spec = Period.parse(month), replace(SPEC, window_months=window)
    surgery = Surgery(service_of(lescli_denosumab, origin="test"))
    looked = looked_at(spec, period, surgery.records(period.end))
    assert looked == Period(date.fromisoformat(first), period.end)


@pytest.mark.parametrize(
    ("signed", "since", "first"),
    [
        ("", "", "2026-04-01"),
        ("2026-06-15 | ", "", "2026-06-01"),  # its whole month: a patient-month has the first as its date
        ("2026-01-01 | ", "", "2026-04-01"),
        ("2026-06-15 | 2026-07-31\n2026-09-01 | ", "", "2026-06-01"),
        ("2026-06-15 | ", "2026-08", "2026-08-01"),
        ("2026-06-15 | ", "2026-05", "2026-06-01"),
        ("2027-04-01 | ", "", "2027-04-01"),  # signed after it ended: no day could be claimed, the year is looked at
    ],
)
def test_without_a_claim_window_the_first_claimable_day_is_looked_at(signed: str, since: str, first: str) -> None:
    surgery = Surgery(
        replace(service_of(lescli_denosumab, origin="test"), spec=NO_WINDOW),
        signed=f"from | to\n{signed}" if signed else "",
        terms=f"key | value | from\nsetting.claims_from | {since} | 2026-04-01" if since else "",
    )
    looked = looked_at(surgery.service.spec, Period.parse("2027-04"), surgery.records("2027-04-30"))
    assert looked.start == date.fromisoformat(first)


def test_an_activity_in_its_window_is_looked_at_by_the_claim_of_its_last_month() -> None:
    surgery = Surgery(service_of(lescli_denosumab, origin="test"))
    for row in LAST_DAYS:
        last = parse_date(row["last day"])
        assert parse_date(row["done"]) in looked_at(SPEC, Period.of_month(Month.of(last)), surgery.records(last))


@pytest.mark.parametrize(
    ("day", "working_day", "month", "due"),
    [
        (10, None, "2026-05", "2026-06-10"),
        (10, None, "2026-12", "2027-01-10"),
        (None, 15, "2026-04", "2026-05-22"),
        (None, 1, "2026-12", "2027-01-04"),
        (None, None, "2026-05", None),
    ],
)
def test_submit_by(day: int | None, working_day: int | None, month: str, due: str | None) -> None:
    spec = replace(SPEC, submission=replace(SPEC.submission, day=day, working_day=working_day))
    found = submit_by(spec, Month.parse(month))
    assert (found and found.isoformat()) == due


@pytest.mark.parametrize(
    ("every", "within_days", "month", "expected"),
    [
        ("month", 0, "2026-05", "2026-06-10"),
        ("month", 30, "2026-05", "2026-07-10"),
        ("quarter", 0, "2026-04", "2026-07-10"),
        ("quarter", 0, "2026-06", "2026-07-10"),
        ("quarter", 0, "2026-07", "2026-10-10"),
        ("quarter", 0, "2027-01", "2027-04-10"),
        ("quarter", 0, "2027-03", "2027-04-10"),
    ],
)
def test_paid_by(every: str, within_days: int, month: str, expected: str) -> None:
    spec = replace(SPEC, payment=PaymentTerm(every=every, clause="4", within_days=within_days))
    assert paid_by(spec, Month.parse(month)) == parse_date(expected)


def test_paid_by_without_a_deadline_is_the_end_of_the_month_and_without_a_term_nothing() -> None:
    no_deadline = replace(SPEC.submission, day=None)
    spec = replace(SPEC, submission=no_deadline, payment=PaymentTerm(every="quarter", clause="4"))
    assert paid_by(spec, Month.parse("2026-05")) == date(2026, 6, 30)
    assert paid_by(replace(SPEC, payment=None), Month.parse("2026-05")) is None
