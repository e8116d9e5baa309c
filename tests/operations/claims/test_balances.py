"""Payments set against claims: the state of each claim, and how long money has been owed."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_anticoag
import lescli_denosumab
from lescli.errors import LesError
from lescli.operations.claims.list import Account, AccountRow, accounts_of, by_service, claims_answer
from lescli.services import service_of
from lescli.store import practice_data
from lescli.store.ledger import write
from lescli.store.ledger.read import claims
from lescli.store.verify.run import verify_open
from lescli.testing import Surgery


@pytest.fixture
def practice() -> Surgery:
    surgery = Surgery(
        service_of(lescli_denosumab, origin="package"),
        activity="patient | date\nAnn | 2026-05-04\nBen | 2026-05-05\nCat | 2026-06-02",
    )
    surgery.submit("2026-05", "2026-06-05")
    surgery.submit("2026-06", "2026-07-03")
    return surgery


def account(surgery: Surgery, as_of: str, claim_id: str = "denosumab-2026-05") -> Account:
    found = accounts_of(surgery.store, claims(surgery.store), date.fromisoformat(as_of))
    return next(one for one in found if one.claim.claim_id == claim_id)


def pay(surgery: Surgery, pence: int, on: str = "2026-07-01", claim_id: str = "denosumab-2026-05") -> None:
    with surgery.store.writing():
        write.pay(surgery.store, claim_id, amount_pence=pence, on=date.fromisoformat(on))


@pytest.mark.parametrize(
    ("paid", "state", "owed", "days"),
    [(0, "unpaid", 4000, 30), (3999, "part-paid", 1, 30), (4000, "settled", 0, None), (4001, "overpaid", -1, None)],
)
def test_each_state_of_a_claim(practice: Surgery, paid: int, state: str, owed: int, days: int | None) -> None:
    if paid:
        pay(practice, paid)
    found = account(practice, "2026-07-05")
    # The specification names no day of payment, so the days count from the submission.
    assert (found.state, found.claim.owed_pence, found.days_owed, found.expected_on) == (state, owed, days, None)


def test_a_reversal_after_payment_leaves_it_overpaid_and_after_a_whole_reversal_nothing_is_owed(
    practice: Surgery,
) -> None:
    pay(practice, 4000)
    with practice.store.writing():
        write.reverse(practice.store, "denosumab-2026-05", 1, reason="x", on=date(2026, 7, 2))
        write.reverse(practice.store, "denosumab-2026-06", 3, reason="x", on=date(2026, 7, 2))
    assert account(practice, "2026-07-05").state == "overpaid"
    assert account(practice, "2026-07-05", "denosumab-2026-06").state == "settled"


def test_days_owed_start_at_the_submission(practice: Surgery) -> None:
    assert account(practice, "2026-06-01").days_owed == 0
    assert account(practice, "2026-06-05").days_owed == 0
    assert account(practice, "2026-06-06").days_owed == 1


def test_a_quarterly_payment_is_expected_after_the_last_deadline() -> None:
    surgery = Surgery(
        service_of(lescli_anticoag, origin="package"),
        register="""
            patient | entered    | from       | level | indication          | planned_duration | target_inr
            Ann     | 2020-04-01 | 2020-04-01 | 3     | atrial fibrillation | lifelong         | 2.5
        """,
        activity="patient | date | code\nAnn | 2020-04-20 | inr",
    )
    surgery.submit("2020-04", "2020-05-10")
    found = account(surgery, "2020-07-21", "anticoag-2020-04")
    # The 15th working day of July, when June is reported.
    assert (found.expected_on, found.days_owed) == (date(2020, 7, 21), 0)
    assert account(surgery, "2020-07-22", "anticoag-2020-04").days_owed == 1
    assert account(surgery, "2020-06-01", "anticoag-2020-04").days_owed == 0
    surgery.submit("2020-05", "2020-09-01")
    # Submitted after that day: no payment is due before the submission.
    assert account(surgery, "2020-09-05", "anticoag-2020-05").expected_on == date(2020, 9, 1)


def test_sums_by_service_do_not_set_off_overpayments(practice: Surgery) -> None:
    pay(practice, 4500)
    (sums,) = by_service(accounts_of(practice.store, claims(practice.store), date(2026, 7, 10)))
    assert sums == AccountRow(
        service="denosumab",
        total_pence=6000,
        reversed_pence=0,
        paid_pence=4500,
        owed_pence=2000,
        overpaid_pence=500,
        oldest_days=7,
    )


def test_settled_claims_are_left_out_when_asked(practice: Surgery) -> None:
    pay(practice, 4000)
    every = claims_answer(practice.store, date(2026, 7, 10)).answer
    owed = claims_answer(practice.store, date(2026, 7, 10), owed_only=True).answer
    assert [one["claim_id"] for one in every.data["claims"]] == ["denosumab-2026-05", "denosumab-2026-06"]  # type: ignore[call-overload]
    assert [one["claim_id"] for one in owed.data["claims"]] == ["denosumab-2026-06"]  # type: ignore[call-overload]
    assert every.data["accounts"] == owed.data["accounts"]  # type: ignore[call-overload]


def test_the_rows_to_reverse_come_first_when_asked(practice: Surgery) -> None:
    practice.add(patients="patient | died\nAnn | 2026-05-03")
    found = claims_answer(practice.store, date(2026, 7, 10), reversals_first=True)
    assert found.to_reverse == 1
    assert [column.name for column in found.answer.grids[0].columns][:2] == ["claim_id", "row"]
    assert len(found.answer.grids[0].rows) == 1
    listed = claims_answer(practice.store, date(2026, 7, 10))
    assert [column.name for column in listed.answer.grids[0].columns][:2] == ["claim_id", "service"]
    assert listed.answer.grids[-1].title == "Claimed and no longer supported"
    assert "no longer supported: 1 claimed row, £20.00" in listed.answer.notes


def test_many_changes_give_a_few_notes_and_a_total() -> None:
    names = [f"P{number}" for number in range(15)]
    rows = [f"{name} | 2026-05-04" for name in names]
    surgery = Surgery(service_of(lescli_denosumab, origin="package"), activity="\n".join(["patient | date", *rows]))
    surgery.submit("2026-05", "2026-06-05")
    with surgery.store.writing():
        practice_data.sign(surgery.store, "denosumab", date(2026, 6, 1), "letter")
    notes = claims_answer(surgery.store, date(2026, 7, 10)).answer.notes
    assert len(notes) == 12
    assert notes[-2:] == (
        "and 5 more rows; `les claims --to-reverse` lists those to reverse",
        "no longer supported: 15 claimed rows, £300.00",
    )


def test_owed_money_is_that_of_the_day_asked_on(practice: Surgery) -> None:
    pay(practice, 4000)
    with practice.store.writing():
        write.reverse(practice.store, "denosumab-2026-06", 3, reason="x", on=date(2026, 7, 5))

    def owed(as_of: str) -> list[tuple[str, int]]:
        found = claims_answer(practice.store, date.fromisoformat(as_of), owed_only=True).answer
        return [(one["claim_id"], one["owed_pence"]) for one in found.data["claims"]]  # type: ignore[call-overload]

    may, june = ("denosumab-2026-05", 4000), ("denosumab-2026-06", 2000)
    asked = {day: owed(day) for day in ("2026-06-04", "2026-06-05", "2026-06-30", "2026-07-01", "2026-07-04")}
    assert asked == {
        "2026-06-04": [],
        "2026-06-05": [may],
        "2026-06-30": [may],
        "2026-07-01": [],
        "2026-07-04": [june],
    }
    assert owed("2026-07-05") == []


@pytest.mark.parametrize(
    ("as_of", "owed_only", "told"),
    [
        ("2026-06-30", True, "2 claims submitted, corrected or paid after 30 Jun 2026; left out here"),
        ("2026-06-30", False, "2 claims submitted, corrected or paid after 30 Jun 2026; counted here, but not"),
        ("2026-07-03", True, ""),
        ("2026-07-03", False, ""),
    ],
)
def test_later_claims_and_payments_are_noted(practice: Surgery, as_of: str, owed_only: bool, told: str) -> None:
    pay(practice, 4000)
    answer = claims_answer(practice.store, date.fromisoformat(as_of), owed_only=owed_only).answer
    assert [note.startswith(told) for note in answer.notes] == ([True] if told else [])
    if not owed_only:
        # The list of claims shows the whole ledger, whatever the day.
        assert [one["paid_pence"] for one in answer.data["claims"]] == [4000, 0]  # type: ignore[call-overload]


def test_money_taken_back_is_recorded_once_and_never_more_than_was_paid(practice: Surgery) -> None:
    def record(pence: int, on: str = "2026-07-01") -> bool:
        try:
            with practice.store.writing():
                return write.pay(practice.store, "denosumab-2026-05", amount_pence=pence, on=date.fromisoformat(on))
        except write.EqualPaymentError:
            return False

    with pytest.raises(LesError, match="more would be taken back than was paid"):
        record(-1)
    assert [record(4000), record(4000)] == [True, False]
    assert [record(-4000), record(-4000)] == [True, False]
    # The correction was itself a mistake: the claim was paid after all, once.
    assert [record(4000), record(4000)] == [True, False]
    assert [record(-2000, "2026-08-14"), record(-2000, "2026-08-15")] == [True, True]
    with pytest.raises(LesError, match="more would be taken back"):
        record(-1, "2026-08-16")
    assert account(practice, "2026-09-01").claim.paid_pence == 0
    assert verify_open(practice.store).faults == ()


def test_a_reversed_claim_whose_money_was_taken_back_is_settled(practice: Surgery) -> None:
    pay(practice, 4000)
    with practice.store.writing():
        write.reverse(practice.store, "denosumab-2026-05", 1, reason="x", on=date(2026, 7, 2))
    pay(practice, -2000, "2026-08-14")
    assert account(practice, "2026-08-14").state == "settled"
    before, after = (
        [one["state"] for one in claims_answer(practice.store, day, owed_only=True).answer.data["claims"]]  # type: ignore[call-overload]
        for day in (date(2026, 8, 13), date(2026, 8, 14))
    )
    assert (before, after) == (["overpaid", "unpaid"], ["unpaid"])
