"""A new contract year is another block of the same file: each day's work is judged by the terms of that day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lescli.calendar import Month, Period
from lescli.model import Verdict
from lescli.rules.windows import last_claim_day, looked_at, submit_by
from lescli.testing import Surgery, assert_claim, assert_recall, problems_of
from tests.specification.next_year import NEXT_YEAR, TERMS, TOML, as_text, served

OLD, NEW = served(NEXT_YEAR), served()


def test_the_last_months_of_the_old_year_are_claimed_beside_the_first_of_the_new() -> None:
    surgery = Surgery(
        NEW,
        activity="""
            patient | date       | code
            Ann     | 2027-03-31 |
            Bob     | 2027-04-01 |
            Cyd     | 2027-04-01 | 22778000
            Dan     | 2027-03-31 | 22778000
            """,
    )
    expected = """
        patient | date       | verdict | reason   | price
        Ann     | 2027-03-31 | payable | accepted | 20.00
        Bob     | 2027-04-01 | payable | accepted | 22.50
        Cyd     | 2027-04-01 | payable | accepted | 22.50
        """
    assert_claim(surgery, expected, month="2027-04", as_of="2027-05-12")


@pytest.mark.parametrize(
    ("as_of", "march", "april"),
    [
        ("2027-06-01", "payable | accepted", "payable | accepted"),
        ("2027-06-02", "payable | accepted", "expired | expired"),
        ("2027-06-30", "payable | accepted", "expired | expired"),
        ("2027-07-01", "expired | expired", "expired | expired"),
    ],
)
def test_late_work_has_the_window_of_its_own_day(as_of: str, march: str, april: str) -> None:
    """March 31 can be claimed for three months, April 1 for two."""
    surgery = Surgery(NEW, activity="patient | date\nAnn | 2027-03-31\nBob | 2027-04-01")
    expected = f"patient | verdict | reason\nAnn | {march}\nBob | {april}"
    assert_claim(surgery, expected, month="2027-06", as_of=as_of)


def test_an_expired_row_has_the_clause_and_the_last_day_of_its_own_window() -> None:
    surgery = Surgery(NEW, activity="patient | date\nAnn | 2027-03-31\nBob | 2027-04-01")
    expected = """
        patient | clause                          | fix
        Ann     | 4                               | none: forms must be submitted within 3 months of the activity
        Bob     | contract variation 2, section 4 | none: it could be claimed until 01 Jun 2027
        """
    assert_claim(surgery, expected, month="2027-06", as_of="2027-07-01")


@pytest.mark.parametrize(
    ("month", "first"), [("2027-03", "2026-12-01"), ("2027-06", "2027-03-01"), ("2027-07", "2027-05-01")]
)
def test_a_claim_looks_back_by_the_longest_window_that_reaches_it(month: str, first: str) -> None:
    surgery = Surgery(NEW)
    days = looked_at(NEW.spec, Period.of_month(Month.parse(month)), surgery.records("2027-08-01"))
    assert days.start == date.fromisoformat(first)


def test_the_deadline_is_that_of_the_claimed_month() -> None:
    assert submit_by(NEW.spec, Month(2027, 3)) == date(2027, 4, 10)
    assert submit_by(NEW.spec, Month(2027, 4)) == date(2027, 5, 12)


def test_the_interval_is_that_of_the_day_it_is_counted_from() -> None:
    surgery = Surgery(NEW, activity="patient | date\nAnn | 2027-03-31\nBob | 2027-04-01")
    expected = "patient | due\nBob | 2027-09-01\nAnn | 2027-09-30"
    assert_recall(surgery, expected, as_of="2027-08-01")


def test_a_cap_begins_with_its_contract_year() -> None:
    days = ("2027-03-01", "2027-03-02", "2027-03-03", "2027-04-01", "2027-04-02", "2027-04-03")
    surgery = Surgery(NEW, activity="patient | date\n" + "\n".join(f"Ann | {day}" for day in days))
    claim = surgery.claim("2027-04", "2027-05-05")
    assert [row.verdict for row in claim.rows] == [Verdict.PAYABLE] * 5 + [Verdict.OVER_CAP]
    assert claim.rows[-1].clause == "contract variation 2, section 4"


def test_a_new_check_judges_only_days_of_the_new_terms() -> None:
    surgery = Surgery(
        NEW,
        patients="patient | born\nKim | 2010-01-01",
        activity="patient | date\nKim | 2027-03-31\nKim | 2027-04-01",
    )
    expected = """
        date       | verdict | reason
        2027-03-31 | payable | accepted
        2027-04-01 | refused | age
        """
    assert_claim(surgery, expected, month="2027-04", as_of="2027-05-05")


@pytest.mark.parametrize(
    ("terms", "until"),
    [
        ("window_months | 3 | 2027-04-01", "2027-07-01"),
        ("window_months | 1 | 2027-04-01\nwindow_months | 3 | 2027-04-01", "2027-07-01"),
        ("window_months | none | 2027-04-01", None),
        ("window_months | 1 | 2027-04-02", "2027-06-01"),
        ("window_months | 1 | 2027-03-31", "2027-06-01"),
    ],
)
def test_the_practices_own_term_counts_from_its_day_until_a_later_one(terms: str, until: str | None) -> None:
    """Of two from one day the practice's counts, and of two of the practice's the one recorded last."""
    surgery = Surgery(NEW, terms=f"key | value | from\n{terms}")
    last = last_claim_day(surgery.service.spec, date(2027, 4, 1))
    assert last == (date.fromisoformat(until) if until else None)


def test_a_code_added_by_the_practice_stays_when_the_document_adds_another() -> None:
    surgery = Surgery(NEW, terms="key | value | from\ncodes.injection+ | 73211009 | 2026-10-01")
    codes = surgery.service.spec.codelist("injection").codes_on(date(2027, 4, 1))
    assert [code.code for code in codes] == ["700139004", "73211009", "22778000"]


def test_a_service_with_dated_terms_keeps_the_contract() -> None:
    assert problems_of(NEW) == []


def test_nothing_is_paid_twice_over_the_change() -> None:
    days = ("2027-02-10", "2027-03-31", "2027-04-01", "2027-05-31")
    surgery = Surgery(NEW, activity="patient | date\n" + "\n".join(f"P{n} | {day}" for n, day in enumerate(days)))
    paid: list[Any] = []
    for month, as_of in (("2027-03", "2027-04-10"), ("2027-04", "2027-05-12"), ("2027-05", "2027-06-12")):
        paid += [row for row in surgery.claim(month, as_of).rows if row.verdict is Verdict.PAYABLE]
        surgery.submit(month, as_of)
    assert sorted((row.day.isoformat(), row.unit_price_pence) for row in paid) == [
        ("2027-02-10", 2000),
        ("2027-03-31", 2000),
        ("2027-04-01", 2250),
        ("2027-05-31", 2250),
    ]
    later = surgery.claim("2027-06", "2027-07-12")
    assert {row.verdict for row in later.rows} == {Verdict.CLAIMED}


@pytest.mark.parametrize("as_of", ["2026-07-10", "2027-03-31"])
def test_nothing_changes_before_the_new_terms_begin(as_of: str) -> None:
    activity = "patient | date\nAnn | 2026-05-04\nBob | 2026-12-30\nAnn | 2027-03-30"
    before, after = (Surgery(service, activity=activity) for service in (OLD, NEW))
    month = as_of[:7]
    assert before.claim(month, as_of) == after.claim(month, as_of)
    assert before.recall(as_of) == after.recall(as_of)


def test_the_printed_terms_stay_where_no_day_is_asked_for() -> None:
    assert (NEW.spec.window_months, NEW.spec.submission.day, NEW.spec.item("injection").cap) == (3, 10, None)
    assert NEW.spec.on(date(2027, 3, 31)) == NEW.spec
    new = NEW.spec.on(date(2027, 4, 1))
    assert (new.window_months, new.submission.day, new.item("injection").cap) == (2, 12, 2)
    assert new.on(date(2027, 3, 31)) == NEW.spec
    assert last_claim_day(new, date(2027, 3, 31)) == date(2027, 6, 30)


def test_the_name_stays_and_the_digest_changes() -> None:
    assert NEW.spec.name == "denosumab"
    assert NEW.spec.sha256 != OLD.spec.sha256
    assert as_text().startswith(TOML.read_text(encoding="utf-8"))
    assert TERMS in as_text()
