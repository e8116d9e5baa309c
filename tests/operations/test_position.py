"""Unclaimed work is counted once, in one sum, on both sides of each deciding day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

import lescli_anticoag
import lescli_denosumab
import lescli_phlebotomy
from lescli.calendar import Month, Period
from lescli.errors import LesError
from lescli.operations.claim.preview import fresh
from lescli.operations.claim.submit import submit
from lescli.operations.claims.reverse import still_paid
from lescli.operations.patients.explain import explain_answer
from lescli.operations.position import Position, months_in_words, position_of
from lescli.operations.report import report_answer
from lescli.rules.unclaimed import Standing, Total
from lescli.services import service_of
from lescli.store.ledger import write
from lescli.testing import Surgery

DENOSUMAB = service_of(lescli_denosumab, origin="test")
WARFARIN = service_of(lescli_anticoag, origin="test")
BLOODS = service_of(lescli_phlebotomy, origin="test")
PRICED = "key | value | from\nprice.sample | 3.00 | 2025-04-01\nprice.sample | 4.00 | 2026-04-01"
SIGNED = "from | to\n2026-02-02 |"


def position(surgery: Surgery, as_of: str) -> Position:
    records = surgery.records(as_of)
    return position_of(surgery.store, surgery.service, records, surgery.service.register(records))


def standings(surgery: Surgery, as_of: str) -> dict[str, tuple[int, int]]:
    where = position(surgery, as_of)
    found = {standing.value: where.of(standing) for standing in Standing}
    return {name: (one.count, one.amount_pence) for name, one in found.items() if one.count}


def months(surgery: Surgery, as_of: str) -> list[tuple[str, int]]:
    waiting = position(surgery, as_of).months
    return [(str(one.month), sum(work.amount_pence for work in one.work if work.is_payable)) for one in waiting]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-06-08", {"ready": (1, 2000), "held_back": (1, 2000)}),  # 32 days are left
        ("2026-06-09", {"at_risk": (2, 4000)}),
        ("2026-07-10", {"at_risk": (2, 4000)}),
        ("2026-07-11", {"expired": (2, 4000)}),
        ("2026-12-31", {"expired": (2, 4000)}),
        ("2027-03-31", {"expired": (2, 4000)}),
    ],
)
def test_work_is_at_risk_before_its_window_closes_and_lost_afterwards(
    as_of: str, expected: dict[str, tuple[int, int]]
) -> None:
    surgery = Surgery(
        DENOSUMAB,
        activity="patient | date | consultation type\nAnn | 2026-04-10 | Home visit\nBen | 2026-04-10 | Telephone",
    )
    assert standings(surgery, as_of) == expected


def test_lost_money_is_the_same_in_status_report_and_explain() -> None:
    surgery = Surgery(DENOSUMAB, activity="patient | date\nAnn | 2026-04-10")
    ann = surgery.numbers["Ann"]
    for as_of, verdict in (("2026-07-10", "payable"), ("2026-07-11", "expired")):
        day = date.fromisoformat(as_of)
        for period in ("2026-04", "2026-27", "2026-27-Q1"):
            data = report_answer(surgery.store, surgery.service, Period.parse(period), day, rows=False).data
            assert isinstance(data, dict)
            (table,) = [one for one in data["tables"] if one["id"] == "verdicts"]
            assert [row[0] for row in table["rows"]] == [verdict], (as_of, period)
        told = explain_answer(surgery.store, surgery.service, ann, day).data
        assert isinstance(told, dict)
        assert [(one["verdict"], one["amount_pence"]) for one in told["claims"]] == [(verdict, 2000)]


def test_a_month_held_back_in_three_claims_is_one_pound_in_one_row() -> None:
    surgery = Surgery(DENOSUMAB, activity="patient | date\nAnn | 2026-04-10\nBen | 2026-05-10")
    # Nothing is submitted: each month has its own work, and the total is what one claim now would pay.
    assert months(surgery, "2026-07-01") == [("2026-04", 2000), ("2026-05", 2000), ("2026-06", 0)]
    assert position(surgery, "2026-07-01").payable == Total(count=2, amount_pence=4000)


def test_late_work_waits_for_the_next_month_that_is_not_submitted() -> None:
    surgery = Surgery(BLOODS, terms=PRICED, signed=SIGNED, activity="patient | date\nAnn | 2026-03-30")
    surgery.submit("2026-03", "2026-04-05")
    surgery.add(activity="patient | date\nBen | 2026-03-31\nCat | 2026-04-01")
    # The entry of the 31st came after March was submitted, so April claims it, late and at the price of its day.
    assert months(surgery, "2026-05-05") == [("2026-04", 300 + 400)]
    rows = [(row.day.isoformat(), str(row.verdict), row.unit_price_pence) for row in surgery.claim("2026-04").rows]
    assert rows == [
        ("2026-03-30", "claimed", None),
        ("2026-03-31", "payable", 300),
        ("2026-04-01", "payable", 400),
    ]
    surgery.submit("2026-04", "2026-05-05")
    assert months(surgery, "2026-05-05") == []
    # Every month is submitted, and something was found since: that is reported, in no month.
    surgery.add(activity="patient | date\nDan | 2026-03-31")
    assert months(surgery, "2026-05-05") == []
    assert [one.amount_pence for one in position(surgery, "2026-05-05").found_since] == [300]


def test_a_row_reversed_in_a_later_year_is_claimed_again_as_announced() -> None:
    surgery = Surgery(BLOODS, terms=PRICED, signed=SIGNED, activity="patient | date\nAnn | 2026-03-30")
    claim = surgery.submit("2026-03", "2026-04-05")
    assert "the next claim will claim it again" in still_paid(surgery.store, claim.claim_id, 1, date(2026, 5, 5))
    with surgery.store.writing():
        write.reverse(surgery.store, claim.claim_id, 1, reason="wrong", on=date(2026, 5, 5))
    assert months(surgery, "2026-05-05") == [("2026-04", 300)]
    (row,) = surgery.claim("2026-04", "2026-05-05").rows
    assert (str(row.verdict), row.unit_price_pence) == ("payable", 300)


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-01-30", "no row"), ("2026-02-02", "payable"), ("2026-03-31", "payable"), ("2026-05-29", "payable")],
)
def test_without_a_window_a_claim_looks_back_to_the_day_the_contract_was_signed(day: str, found: str) -> None:
    surgery = Surgery(BLOODS, terms=PRICED, signed=SIGNED, activity=f"patient | date\nAnn | {day}")
    rows = [row for row in surgery.claim("2026-05").rows if row.day.isoformat() == day]
    assert ([str(row.verdict) for row in rows] or ["no row"]) == [found]


@pytest.mark.parametrize(
    ("day", "since", "told"),
    [("2026-03-31", "", True), ("2026-04-01", "", False), ("2026-03-31", "2026-02", False)],
)
def test_a_claim_asks_whether_work_of_an_earlier_year_was_claimed_elsewhere(day: str, since: str, told: bool) -> None:
    terms = f"{PRICED}\nsetting.claims_from | {since} | 2026-02-01" if since else PRICED
    surgery = Surgery(BLOODS, terms=terms, activity=f"patient | date\nAnn | {day}")
    answer, _ = fresh(surgery.store, surgery.service, Month(2026, 5), date(2026, 6, 5))
    assert answer.data["total_pence"] > 0
    warned = [line for line in answer.warnings if "work of earlier contract years, from 2026-03 on" in line]
    assert bool(warned) is told
    if told:
        assert "£3.00 of it" in warned[0]
        assert "`les services set phlebotomy setting.claims_from=2026-04 --from 2026-04-01 --source TEXT`" in warned[0]


def test_late_work_of_a_contract_that_ended_can_still_be_claimed() -> None:
    surgery = Surgery(WARFARIN, register="patient | entered | level\nAnn | 2021-03-01 | 3")
    in_may = partial(submit, surgery.store, surgery.service, Month(2022, 5), date(2022, 6, 5), by="A")
    with pytest.raises(LesError, match="no specification was in force in that month"):
        in_may(authorised_by=None)
    surgery.add(activity="patient | date | code\nAnn | 2021-03-10 | inr")
    lines = in_may(authorised_by=None).data["lines"]
    assert [(line["activity_month"], line["late"], line["amount_pence"]) for line in lines] == [("2021-03", True, 1325)]


def test_explain_shows_work_of_a_year_that_is_over() -> None:
    surgery = Surgery(BLOODS, terms=PRICED, activity="patient | date\nAnn | 2026-03-31")
    told = explain_answer(surgery.store, surgery.service, surgery.numbers["Ann"], date(2026, 5, 5)).data
    assert isinstance(told, dict)
    assert [(one["date"], one["standing"], one["amount_pence"]) for one in told["claims"]] == [
        ("2026-03-31", "ready", 300)
    ]


def test_a_cap_of_the_year_counts_what_was_claimed_elsewhere_before_the_claim_looks() -> None:
    item = replace(DENOSUMAB.spec.items[0], cap=2)
    capped = replace(DENOSUMAB, spec=replace(DENOSUMAB.spec, items=(item,)))
    surgery = Surgery(
        capped,
        terms="key | value | from\nsetting.claims_from | 2026-06 | 2026-04-01",
        activity="patient | date\nAnn | 2026-04-10\nAnn | 2026-05-10\nAnn | 2026-10-10",
    )
    # October's claim looks from July on; April and May were paid by other means.
    assert [str(row.verdict) for row in surgery.claim("2026-10").rows] == ["over_cap"]
    assert standings(surgery, "2026-10-31") == {"over_cap": (1, 2000)}


def test_work_without_a_price_and_unset_terms_are_listed() -> None:
    surgery = Surgery(BLOODS, activity="patient | date\nAnn | 2026-05-05\nBen | 2026-05-06")
    assert standings(surgery, "2026-06-05") == {"unpriced": (2, 0)}
    where = position(surgery, "2026-06-05")
    assert where.unset == ("price.sample",)
    assert [str(one.month) for one in where.months] == ["2026-05"]


def test_consecutive_months_are_joined() -> None:
    assert months_in_words([]) == ""
    told = map(Month.parse, ("2025-11", "2025-12", "2026-01", "2026-03", "2026-05"))
    assert months_in_words(told) == "2025-11 to 2026-01, 2026-03, 2026-05"
