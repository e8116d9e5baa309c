"""Each activity of ours that is not in the claim is named once, with the reason that holds today."""

from __future__ import annotations

from datetime import date

from lescli.specification.own_days import LocalTerm
from lescli.store.ledger import write
from lescli.store.ledger.read import claim_rows
from lescli.store.practice_data import add_term
from tests.operations.reconcile.conftest import Ask, practice

HEAD = "nhs_number,date\n"
MAY = "patient | date | id\nAnn | 2026-05-04 | a\nBen | 2026-05-05 | b\n"
TWICE = HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n{Ben},2026-05-05\n"


def test_a_row_taken_back_and_claimed_again_is_one_activity(ask: Ask) -> None:
    surgery = practice(MAY)
    with surgery.store.writing():
        write.reverse(surgery.store, "denosumab-2026-05", 2, reason="a slip", on=date(2026, 6, 10))
    surgery.submit("2026-06", "2026-07-05")
    told = ask(surgery, TWICE, as_of="2026-07-20")
    assert told.reasons == {("other-month", 1): 1, ("counted-twice", 1): 1}


def test_a_row_taken_back_that_is_refused_today_is_one_activity(ask: Ask) -> None:
    surgery = practice(MAY)
    with surgery.store.writing():
        write.reverse(surgery.store, "denosumab-2026-05", 2, reason="done elsewhere", on=date(2026, 6, 10))
    surgery.add(activity="patient | date | id | done at\nBen | 2026-05-05 | b | A82002\n")
    assert ask(surgery, TWICE).reasons == {("taken-back", 1): 1, ("counted-twice", 1): 1}


def test_a_duplicate_beside_a_row_taken_back_is_another_activity(ask: Ask) -> None:
    surgery = practice(MAY + "Ben | 2026-05-05 | c\n")
    with surgery.store.writing():
        row = next(
            one.row for one in claim_rows(surgery.store, "denosumab-2026-05") if one.amount_pence and one.row > 1
        )
        write.reverse(surgery.store, "denosumab-2026-05", row, reason="a slip", on=date(2026, 6, 10))
    assert ask(surgery, TWICE).reasons == {("taken-back", 1): 1, ("duplicate", 1): 1}


def test_an_entry_found_later_on_a_claimed_day_is_a_duplicate(ask: Ask) -> None:
    surgery = practice(MAY)
    surgery.add(activity="patient | date | id\nBen | 2026-05-05 | c\n")
    told = ask(surgery, TWICE)
    assert told.reasons == {("duplicate", 1): 1}
    assert told.fix("duplicate").startswith("tell them why we did not claim it")


def test_an_entry_that_is_gone_since_keeps_the_reason_it_had(ask: Ask) -> None:
    activity = (
        "patient | date | id | consultation type\nAnn | 2026-05-04 | a | Home visit\nBen | {} | b | Telephone call\n"
    )
    surgery = practice(activity.format("2026-05-05"))
    surgery.add(activity=activity.format("2026-05-15"))
    assert ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n").reasons == {("consultation-type", 1): 1}


def test_a_claimed_entry_that_moved_since(ask: Ask) -> None:
    """They have its new day: that is no second activity, and ours is to be taken back."""
    surgery = practice(MAY)
    surgery.add(activity="patient | date | id\nBen | 2026-05-15 | b\n")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-15\n")
    assert told.reasons == {("claimed", 1): 1, ("no-longer-supported", -1): 1}
    assert "on another day or as another item" in told.fix("claimed")


def test_a_price_that_was_set_since_takes_no_support_away(ask: Ask) -> None:
    surgery = practice(MAY)
    with surgery.store.writing():
        term = LocalTerm(key="price.injection", value="21.00", start=date(2026, 5, 1), source="letter")
        add_term(surgery.store, "denosumab", term)
    assert ask(surgery, HEAD + "{Ann},2026-05-04\n").reasons == {("not-in-theirs", -1): 1}
