"""Figures: the reasons that may be behind a difference come to it exactly, in number and in money."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_anticoag
import lescli_near_patient_testing
from lescli.services import service_of
from lescli.store.ledger import write
from lescli.store.people.same_person import merge
from lescli.testing import Surgery
from tests.operations.reconcile.conftest import DENOSUMAB, OTHER_CODE, TWO_CODES, Ask, practice

ANTICOAG = service_of(lescli_anticoag, origin="package")
NEAR = service_of(lescli_near_patient_testing, origin="package")
HEAD = "item,quantity\n"
MAY = "patient | date\nAnn | 2026-05-04\nBen | 2026-05-05\nCat | 2026-05-06\n"


def test_late_work_of_ours(ask: Ask) -> None:
    told = ask(practice(MAY + "Dan | 2026-04-07\n"), HEAD + "injection,3\n")
    assert told.reasons == {("late", -1): 1}


def test_work_of_this_month_that_we_claimed_late_in_the_next(ask: Ask) -> None:
    surgery = practice(MAY + "Eve | 2026-06-02\n")
    surgery.add(activity="patient | date\nDan | 2026-05-07\nDan | 2026-05-14")
    surgery.submit("2026-06", "2026-07-05")
    told = ask(surgery, HEAD + "injection,5\n", as_of="2026-07-20")
    assert told.reasons == {("other-month", 1): 2}
    assert "in our claim denosumab-2026-06" in told.fix("other-month")


def test_what_explains_the_number_exactly_comes_first(ask: Ask) -> None:
    activity = "patient | date | consultation type\nAnn | 2026-05-04 | Home visit\nBen | 2026-05-05 | Telephone call\n"
    surgery = practice(activity + "Cat | 2026-05-06 | Telephone call\n", patients="patient | left\nDan | 2026-05-01")
    surgery.add(activity="patient | date\nDan | 2026-05-07")
    assert ask(surgery, HEAD + "injection,2\n").reasons == {("not-registered", 1): 1}
    assert ask(surgery, HEAD + "injection,3\n").reasons == {("consultation-type", 1): 2}
    assert ask(surgery, HEAD + "injection,5\n").reasons == {
        ("consultation-type", 1): 2,
        ("not-registered", 1): 1,
        ("no-such-entry", 1): 1,
    }


def test_what_the_record_says_of_one_activity_comes_before_our_verdicts(ask: Ask) -> None:
    activity = "patient | date | consultation type\nAnn | 2026-05-04 | Home visit\n"
    for name, day in (("Ben", 5), ("Cat", 6), ("Dan", 7)):
        activity += f"{name} | 2026-05-{day:02d} | Telephone call\n"
    surgery = practice(activity)
    surgery.add(activity="patient | date\nEve | 2026-05-08\nFay | 2026-05-11")
    assert ask(surgery, HEAD + "injection,2\n").reasons == {("found-later", 1): 1}
    assert ask(surgery, HEAD + "injection,5\n").reasons == {("found-later", 1): 2, ("consultation-type", 1): 2}


def test_a_verdict_on_work_of_another_month_explains_nothing(ask: Ask) -> None:
    activity = "patient | date | consultation type\nAnn | 2026-05-04 | Home visit\nBen | 2026-04-07 | Telephone call\n"
    assert ask(practice(activity), HEAD + "injection,2\n").reasons == {("no-such-entry", 1): 1}


@pytest.mark.parametrize("column", ["left", "died"])
def test_a_patient_who_left_or_died_since(ask: Ask, column: str) -> None:
    surgery = practice(MAY, patients=f"patient | {column}\nBen | 2026-06-10")
    assert ask(surgery, HEAD + "injection,2\n").reasons == {("left", -1): 1}
    assert ask(surgery, HEAD + "injection,1\n").reasons == {("left", -1): 1, ("not-in-theirs", -1): 1}


def test_work_done_at_another_place(ask: Ask) -> None:
    activity = "patient | date | done at\nAnn | 2026-05-04 |\nBen | 2026-05-05 | A82002\nCat | 2026-05-06 | A82003\n"
    surgery = practice(activity, terms="key | value | from\nsetting.accept_done_at+ | A82002 | 2026-04-01")
    assert ask(surgery, HEAD + "injection,1\n").reasons == {("done-elsewhere", -1): 1}
    assert ask(surgery, HEAD + "injection,3\n").reasons == {("done-elsewhere", 1): 1}


def test_a_code_whose_rows_are_as_many_as_they_lack(ask: Ask) -> None:
    activity = "patient | date | code\nAnn | 2026-05-04 |\nBen | 2026-05-05 |\nCat | 2026-05-06 |\n"
    activity += f"Dan | 2026-05-07 | {OTHER_CODE}\nEve | 2026-05-08 | {OTHER_CODE}\n"
    surgery = practice(activity, terms=TWO_CODES)
    told = ask(surgery, HEAD + "injection,3\n")
    assert told.reasons == {("code-not-in-list", -1): 2}
    assert f"whether the code {OTHER_CODE} is on their list" in told.fix("code-not-in-list")
    for quantity in (0, 1, 4):
        assert ask(surgery, f"{HEAD}injection,{quantity}\n").reasons == {("not-in-theirs", -1): 5 - quantity}


def test_two_codes_with_as_many_rows_explain_nothing(ask: Ask) -> None:
    activity = f"patient | date | code\nAnn | 2026-05-04 |\nBen | 2026-05-05 | {OTHER_CODE}\n"
    told = ask(practice(activity, terms=TWO_CODES), HEAD + "injection,1\n")
    assert told.reasons == {("not-in-theirs", -1): 1}


def test_duplicates_of_ours(ask: Ask) -> None:
    surgery = practice("patient | date | id\nAnn | 2026-05-04 | a\nAnn | 2026-05-04 | b\nOld | 2026-05-05 | c\n"
                       "New | 2026-05-05 | d\n")  # fmt: skip
    assert ask(surgery, HEAD + "injection,4\n").reasons == {("duplicate", 1): 1}
    with surgery.store.writing():
        merge(surgery.store, surgery.numbers["Old"], surgery.numbers["New"], on=date(2026, 6, 10), reason="one person")
    assert ask(surgery, HEAD + "injection,2\n").reasons == {("duplicate", -1): 1}


def test_a_row_that_the_record_no_longer_supports(ask: Ask) -> None:
    surgery = practice(MAY)
    surgery.add(patients="patient | died\nBen | 2026-05-01")
    assert ask(surgery, HEAD + "injection,2\n").reasons == {("no-longer-supported", -1): 1}


def test_a_row_taken_back_and_work_found_later(ask: Ask) -> None:
    surgery = practice(MAY)
    with surgery.store.writing():
        write.reverse(surgery.store, "denosumab-2026-05", 2, reason="a slip", on=date(2026, 6, 10))
    surgery.add(activity="patient | date\nDan | 2026-05-07\nEve | 2026-05-08")
    assert ask(surgery, HEAD + "injection,5\n").reasons == {("taken-back", 1): 1, ("found-later", 1): 2}
    assert ask(surgery, HEAD + "injection,3\n").reasons == {("taken-back", 1): 1}


def test_the_claim_that_is_not_submitted(ask: Ask) -> None:
    surgery = practice(MAY, submit="")
    assert ask(surgery, HEAD + "injection,1\n").reasons == {("not-submitted", -1): 2}
    assert ask(surgery, "item,quantity,amount\ninjection,1,20.00\n").money == {"not-submitted": -4000}


def test_without_amounts_there_is_no_money(ask: Ask) -> None:
    told = ask(practice(MAY), HEAD + "injection,2\n")
    assert told.data["theirs"] == {"quantity": 2, "amount_pence": None}
    assert told.money == {"not-in-theirs": None}
    assert "their file gives no amounts, so no money is compared" in told.notes


@pytest.mark.parametrize(
    ("figures", "money"),
    [
        ("injection,3,57.00", {"other-price": -300}),
        ("injection,2,38.00", {"not-in-theirs": -2000, "other-price": -200}),
        ("injection,4,80.00", {"no-such-entry": 2000}),
        ("injection,4,76.00", {"no-such-entry": 2000, "other-price": -400}),
        ("injection,0,0.00", {"not-in-theirs": -6000}),
        ("injection,0,5.00", {"not-in-theirs": -6000, "amount-without-work": 500}),
        ("injection,0,", {"not-in-theirs": None}),
        ("injection,3,0.00", {"other-price": -6000}),
    ],
)
def test_money_that_differs(ask: Ask, figures: str, money: dict[str, int | None]) -> None:
    assert ask(practice(MAY), f"item,quantity,amount\n{figures}\n").money == money


@pytest.mark.parametrize("amount", ["50.00", "40.00", "0.01"])
def test_work_that_only_they_have_is_worth_what_they_pay(ask: Ask, amount: str) -> None:
    """Two at £20.00 are £40.00. Another sum is no other price, because we have none of the work."""
    surgery = Surgery(DENOSUMAB, activity="patient | date\nAnn | 2026-06-05")
    told = ask(surgery, f"item,quantity,amount\ninjection,2,{amount}\n")
    assert told.money == {"no-such-entry": round(float(amount) * 100)}


def test_work_that_only_they_have_is_shared_out_at_our_price(ask: Ask) -> None:
    surgery = Surgery(
        DENOSUMAB, patients="patient | left\nAnn | 2026-05-01", activity="patient | date\nAnn | 2026-05-04"
    )
    told = ask(surgery, "item,quantity,amount\ninjection,2,41.00\n")
    assert told.money == {"not-registered": 2000, "no-such-entry": 2100}


QUARTER = """
    patient | entered    | from       | level
    Ann     | 2025-04-01 | 2025-04-01 | 2
    Ben     | 2025-04-01 | 2025-04-01 | 3
    Cat     | 2025-04-01 | 2025-04-01 | 3
"""
TARIFFS = """
    key                | value      | from
    codes.methotrexate | 9999999105 | 2025-04-01
    price.monitoring.2 | 30.00      | 2025-04-01
    price.monitoring.3 | 45.00      | 2025-04-01
"""


@pytest.mark.parametrize(
    ("figures", "money"),
    [
        ("2,90.00", {"not-in-theirs": -3000}),
        ("2,75.00", {"not-in-theirs": -4500}),
        ("1,30.00", {"not-in-theirs": -9000}),
        ("1,45.00", {"not-in-theirs": -7500}),
        ("2,60.00", {"not-in-theirs": -4500, "other-price": -1500}),
        ("4,150.00", {"no-such-entry": 3000}),
        ("4,165.00", {"no-such-entry": 4500}),
    ],
)
def test_a_missing_activity_may_be_of_any_tariff(ask: Ask, figures: str, money: dict[str, int]) -> None:
    """Ours are one at £30.00 and two at £45.00: no other price is needed where the missing ones explain the money."""
    surgery = Surgery(NEAR, register=QUARTER, terms=TARIFFS)
    month = "2025-06" if NEAR.spec.every == "month" else "2025-26-Q1"
    surgery.submit(month, "2025-07-05")
    assert ask(surgery, f"item,quantity,amount\nmonitoring,{figures}\n", month, "2025-08-01").money == money


LEVELS = """
    patient | entered    | from       | level | indication          | planned_duration | target_inr
    Ann     | 2020-04-01 | 2020-04-01 | 3     | atrial fibrillation | lifelong         | 2.5
    Ben     | 2020-04-01 | 2020-04-01 | 4     | atrial fibrillation | lifelong         | 2.5
"""


@pytest.fixture
def levels() -> Surgery:
    surgery = Surgery(
        ANTICOAG,
        register=LEVELS,
        activity="patient | date | code\nAnn | 2020-04-20 | inr\nBen | 2020-04-21 | inr\nAnn | 2020-04-22 | home-visit",
    )
    surgery.submit("2020-04", "2020-05-10")
    return surgery


def test_an_item_that_their_file_leaves_out_is_not_paid(ask: Ask, levels: Surgery) -> None:
    text = "item,quantity,amount\nlevel-3,1,13.25\nHome visit,1,6.00\n"
    told = ask(levels, text, "2020-04", "2020-06-01")
    assert [(one["item"], one["difference_pence"]) for one in told.data["differences"]] == [("level-4", -1775)]
    assert told.data["theirs"]["amount_pence"] == 1925


def test_amounts_given_in_part_are_compared_for_whole_items_only(ask: Ask, levels: Surgery) -> None:
    text = "item,quantity,amount\nlevel-3,1,13.00\nlevel-4,1,\nhome-visit,1,6.00\nhome-visit,1,\n"
    told = ask(levels, text, "2020-04", "2020-06-01")
    assert [(one["item"], one["reason"], one["difference_pence"]) for one in told.data["differences"]] == [
        ("home-visit", "no-such-entry", None),
        ("level-3", "other-price", -25),
    ]
    assert told.data["theirs"] == {"quantity": 4, "amount_pence": None}
    assert "home-visit: 1 of 2 lines without an amount, so its money is not compared" in told.notes
    assert "level-4: 1 of 1 line without an amount, so its money is not compared" in told.notes


def test_several_lines_of_an_item_are_added(ask: Ask) -> None:
    assert ask(practice(MAY), HEAD + "injection,1\nDenosumab injection,2\n").reasons == {}


def test_a_price_that_is_not_known_leaves_the_money_to_their_work(ask: Ask) -> None:
    import lescli_phlebotomy

    surgery = Surgery(
        service_of(lescli_phlebotomy, origin="package"), activity="patient | date\nAnn | 2026-05-05\nBen | 2026-05-06\n"
    )
    told = ask(surgery, "item,quantity,amount\nsample,2,5.00\n")
    assert (told.reasons, told.money) == ({("no-price", 1): 2}, {"no-price": 500})
