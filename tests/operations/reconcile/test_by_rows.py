"""Rows: each row of theirs and of ours is matched, or has one reason, with what to send or do."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_anticoag
import lescli_larc
import lescli_near_patient_testing
from lescli.services import service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.store.ledger import write
from lescli.store.people.same_person import merge
from lescli.testing import Surgery
from tests.operations.reconcile.conftest import DENOSUMAB, OTHER_CODE, TWO_CODES, Ask, practice

ANTICOAG = service_of(lescli_anticoag, origin="package")
LARC = service_of(lescli_larc, origin="package")
NEAR = service_of(lescli_near_patient_testing, origin="package")
HEAD = "nhs_number,date\n"
MAY = "patient | date\nAnn | 2026-05-04\nBen | 2026-05-05\n"


def test_work_of_another_month_that_we_claimed_there(ask: Ask) -> None:
    surgery = practice(MAY + "Cat | 2026-04-07\nDan | 2026-04-08\n", submit="2026-04")
    surgery.submit("2026-05", "2026-06-05")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n{Cat},2026-04-07\n")
    assert told.reasons == {("other-month", 1): 1}
    assert "in our claim denosumab-2026-04" in told.fix("other-month")


def test_work_of_this_month_that_we_claimed_late_in_the_next(ask: Ask) -> None:
    surgery = practice(MAY)
    surgery.add(activity="patient | date\nCat | 2026-05-07")
    surgery.submit("2026-06", "2026-07-05")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n{Cat},2026-05-07\n", as_of="2026-07-20")
    assert told.reasons == {("other-month", 1): 1}
    assert "in our claim denosumab-2026-06" in told.fix("other-month")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-01-07", "work of 2026-01 that no claim of ours has: `les claim denosumab --month 2026-01 --rows`"),
        ("2026-01-08", "work of 2026-01 that neither a claim nor the record of ours has"),
        ("2026-04-30", "work of 2026-04 that neither a claim nor the record of ours has"),
        ("2026-06-01", "it is work of 2026-06, after this claim"),
        ("2026-06-03", "it is work of 2026-06, after this claim"),
    ],
)
def test_work_of_another_month_that_we_did_not_claim(ask: Ask, day: str, said: str) -> None:
    surgery = practice(MAY + "Cat | 2026-01-07\nCat | 2026-06-03\n")
    told = ask(surgery, f"{HEAD}{{Ann}},2026-05-04\n{{Ben}},2026-05-05\n{{Cat}},{day}\n")
    assert told.reasons == {("other-month", 1): 1}
    assert told.fix("other-month").startswith(said)


def test_late_work_that_they_do_not_have(ask: Ask) -> None:
    told = ask(practice(MAY + "Cat | 2026-04-07\n"), HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n")
    assert told.reasons == {("late", -1): 1}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("left | 2026-06-10", "left"),
        ("died | 2026-06-10", "left"),
        ("left | 2026-06-20", "not-in-theirs"),  # still registered on the day asked on
        ("left | 2026-06-21", "not-in-theirs"),
    ],
)
def test_a_patient_who_left_or_died_since(ask: Ask, cells: str, reason: str) -> None:
    column, day = cells.split(" | ")
    surgery = practice(MAY, patients=f"patient | {column}\nBen | {day}")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n")
    assert told.reasons == {(reason, -1): 1}
    assert ("registered and alive on the day" in told.fix(reason)) is (reason == "left")


def test_a_patient_whom_we_refused_because_they_had_left(ask: Ask) -> None:
    surgery = practice(MAY, patients="patient | left\nBen | 2026-05-01")
    assert ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n").reasons == {("not-registered", 1): 1}


def test_a_death_that_became_known_later_is_not_to_be_sent(ask: Ask) -> None:
    surgery = practice(MAY)
    surgery.add(patients="patient | died\nBen | 2026-05-01")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n")
    assert told.reasons == {("no-longer-supported", -1): 1}
    assert "`les claims --to-reverse`" in told.fix("no-longer-supported")


INVENTED = "key | value | from\nprice.implant-fitting | 80.00 | 2026-04-01\nprice.iucd-fitting | 81.00 | 2026-04-01\n"
INVENTED += "codes.implant | 46825001 | 2026-04-01\ncodes.iucd | 127783003 | 2026-04-01\n"


def test_a_patient_of_another_practice(ask: Ask) -> None:
    surgery = practice(
        "patient | date | code\nAnn | 2026-05-04 | implant\nFar | 2026-05-05 | implant\n",
        LARC,
        patients="patient | registered at\nFar | A81002",
        terms=INVENTED,
    )
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n")
    assert told.reasons == {("other-practice", -1): 1}
    assert "the patient's own practice" in told.fix("other-practice")


def test_work_done_at_another_place(ask: Ask) -> None:
    activity = "patient | date | done at\nAnn | 2026-05-04 |\nBen | 2026-05-05 | A81002\nCat | 2026-05-06 | A81003\n"
    surgery = practice(activity, terms="key | value | from\nsetting.accept_done_at+ | A81002 | 2026-04-01")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Cat},2026-05-06\n")
    assert told.reasons == {("done-elsewhere", -1): 1, ("done-elsewhere", 1): 1}
    ours, theirs = (one["fix"] for one in sorted(told.data["differences"], key=lambda one: one["difference"]))
    assert "the place that did the work" in ours
    assert "setting.accept_done_at" in theirs


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        ("{Ann},2026-05-04\n", "code-not-in-list"),  # none of its rows, and rows of another code
        ("{Ann},2026-05-04\n{Cat},2026-05-06\n", "not-in-theirs"),  # one of its rows
        ("{Dan},2026-05-07\n", "not-in-theirs"),  # no row of any code
    ],
)
def test_a_code_of_which_they_have_not_one_row(ask: Ask, theirs: str, reason: str) -> None:
    activity = f"patient | date | code\nAnn | 2026-05-04 |\nBen | 2026-05-05 | {OTHER_CODE}\n"
    activity += f"Cat | 2026-05-06 | {OTHER_CODE}\nDan | 2026-06-07 |\n"
    told = ask(practice(activity, terms=TWO_CODES), HEAD + theirs)
    assert {why for why, sign in told.reasons if sign < 0} == {reason}
    if reason == "code-not-in-list":
        assert f"whether the code {OTHER_CODE} is on their list" in told.fix(reason)


def test_a_duplicate_of_ours_that_they_count(ask: Ask) -> None:
    surgery = practice("patient | date | id\nAnn | 2026-05-04 | a\nAnn | 2026-05-04 | b\n")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Ann},2026-05-04\n")
    assert told.reasons == {("duplicate", 1): 1}
    assert (
        told.fix("duplicate") == "tell them why we did not claim it: the same patient, item and day is already counted"
    )


def test_rows_that_they_have_twice(ask: Ask) -> None:
    """Whatever the first of them is: ours, not claimed, of another month or of nobody we know."""
    surgery = practice(MAY + "Cat | 2026-04-07\n", submit="2026-04")
    surgery.submit("2026-05", "2026-06-05")
    surgery.add(patients="patient\nDan")
    lines = ("{Ann},2026-05-04", "{Ben},2026-05-05", "{Cat},2026-04-07", "{Dan},2026-05-09", "9990001057,2026-05-09")
    told = ask(surgery, HEAD + "".join(f"{line}\n{line}\n" for line in lines))
    assert told.reasons == {
        ("counted-twice", 1): 5,
        ("other-month", 1): 1,
        ("no-such-entry", 1): 1,
        ("patient-not-known", 1): 1,
    }


def test_one_person_claimed_under_two_numbers(ask: Ask) -> None:
    surgery = practice("patient | date\nOld | 2026-05-04\nNew | 2026-05-04\n")
    with surgery.store.writing():
        merge(surgery.store, surgery.numbers["Old"], surgery.numbers["New"], on=date(2026, 6, 10), reason="one person")
    told = ask(surgery, HEAD + "{Old},2026-05-04\n")
    assert told.reasons == {("duplicate", -1): 1}
    assert "`les claims reverse denosumab-2026-05 --row 2 --reason TEXT`" in told.fix("duplicate")


def test_a_number_that_was_merged_is_known_by_either(ask: Ask) -> None:
    surgery = practice("patient | date\nOld | 2026-05-04\nAnn | 2026-05-05\n")
    surgery.add(patients="patient\nNew")
    with surgery.store.writing():
        merge(surgery.store, surgery.numbers["Old"], surgery.numbers["New"], on=date(2026, 6, 10), reason="one person")
    for who in ("Old", "New"):
        assert ask(surgery, f"{HEAD}{{{who}}},2026-05-04\n{{Ann}},2026-05-05\n").reasons == {}


def test_a_row_taken_back_is_no_longer_ours(ask: Ask) -> None:
    surgery = practice(MAY)
    with surgery.store.writing():
        write.reverse(surgery.store, "denosumab-2026-05", 2, reason="a slip", on=date(2026, 6, 10))
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n")
    assert told.reasons == {("taken-back", 1): 1}
    assert (told.data["ours"], told.data["rows"][0]["side"]) == ({"quantity": 1, "amount_pence": 2000}, "theirs")
    assert "1 row of denosumab-2026-05 taken back since: not counted as ours" in told.notes
    # Claimed again in the next claim, it is found there.
    surgery.submit("2026-06", "2026-07-05")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n", as_of="2026-07-20")
    assert told.reasons == {("other-month", 1): 1}


def test_work_recorded_after_the_claim(ask: Ask) -> None:
    surgery = practice(MAY)
    surgery.add(activity="patient | date\nCat | 2026-05-07")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n{Cat},2026-05-07\n")
    assert told.reasons == {("found-later", 1): 1}


def test_an_entry_corrected_since_has_the_reason_of_today(ask: Ask) -> None:
    activity = "patient | date | consultation type | id\nAnn | 2026-05-04 | {} | a\nBen | 2026-05-05 | Home visit | b\n"
    surgery = practice(activity.format("Telephone call"))
    both = HEAD + "{Ann},2026-05-04\n{Ben},2026-05-05\n"
    assert ask(surgery, both).reasons == {("consultation-type", 1): 1}
    surgery.add(activity=activity.format("Home visit"))
    assert ask(surgery, both).reasons == {("found-later", 1): 1}


@pytest.mark.parametrize(("theirs", "ours", "row"), [("03", "04", 1), ("15", "04", 1), ("17", "28", 3)])
def test_the_same_work_on_another_day_is_not_sent_as_a_new_row(ask: Ask, theirs: str, ours: str, row: int) -> None:
    surgery = practice(MAY + "Ann | 2026-05-28\n")
    told = ask(surgery, f"{HEAD}{{Ann}},2026-05-{theirs}\n{{Ben}},2026-05-05\n")
    assert told.reasons == {("other-day", 1): 1, ("not-in-theirs", -1): 2}
    pairs = {one["fix"]: one["rows"] for one in told.data["differences"] if one["reason"] == "not-in-theirs"}
    assert sorted(pairs.values()) == [1, 1]
    assert any("do not send it as a new row" in fix for fix in pairs)
    # The nearest day is the one that they mean.
    (one,) = [one for one in told.data["rows"] if "do not send" in one["fix"]]
    assert (one["date"], one["side"], one["row"]) == (f"2026-05-{ours}", "ours", row)


def test_late_work_and_a_day_of_another_month_are_no_other_day(ask: Ask) -> None:
    surgery = practice("patient | date\nAnn | 2026-04-07\nBen | 2026-05-05\n")
    assert ask(surgery, HEAD + "{Ann},2026-05-20\n{Ben},2026-05-05\n").reasons == {
        ("no-such-entry", 1): 1,
        ("late", -1): 1,
    }
    told = ask(surgery, HEAD + "{Ann},2026-04-07\n{Ben},2026-06-01\n")
    assert told.reasons == {("other-month", 1): 1, ("not-in-theirs", -1): 1}
    assert told.fix("not-in-theirs").startswith("send them these rows")


def test_a_row_on_another_day_of_a_patient_whose_work_they_have_is_a_row_too_many(ask: Ask) -> None:
    told = ask(practice(MAY), HEAD + "{Ann},2026-05-04\n{Ann},2026-05-11\n{Ben},2026-05-05\n")
    assert told.reasons == {("no-such-entry", 1): 1}


def test_the_claim_that_is_not_submitted(ask: Ask) -> None:
    surgery = practice(MAY, submit="")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n")
    assert told.reasons == {("not-submitted", -1): 1}
    assert "`les claim denosumab --month 2026-05 --submit --by NAME`" in told.fix("not-submitted")


def test_a_withdrawn_claim_is_no_claim(ask: Ask) -> None:
    surgery = practice(MAY)
    with surgery.store.writing():
        write.withdraw(surgery.store, "denosumab-2026-05", reason="too early", on=date(2026, 6, 10))
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n")
    assert told.reasons == {("not-submitted", -1): 1}
    assert "denosumab-2026-05 withdrawn, and nothing is submitted in its place" in told.notes
    surgery.submit("2026-05", "2026-06-12")
    told = ask(surgery, HEAD + "{Ann},2026-05-04\n")
    assert (told.data["claim_id"], told.reasons) == ("denosumab-2026-05-2", {("not-in-theirs", -1): 1})


def test_amounts_of_rows(ask: Ask) -> None:
    """Paid at another price, paid for nothing of ours, and not paid."""
    text = "nhs_number,date,amount\n{Ann},2026-05-04,19.50\n{Cat},2026-05-09,£20.00\n"
    surgery = practice(MAY, patients="patient\nCat")
    told = ask(surgery, text)
    assert told.money == {"other-price": -50, "no-such-entry": 2000, "not-in-theirs": -2000}
    assert told.reasons[("other-price", 0)] == 1
    assert told.data["theirs"] == {"quantity": 2, "amount_pence": 3950}


@pytest.mark.parametrize("amount", ["", "0.00"])
def test_an_amount_that_is_missing_is_not_zero(ask: Ask, amount: str) -> None:
    told = ask(practice(MAY), "nhs_number,date,amount\n{Ann},2026-05-04,19.50\n{Ben},2026-05-05," + amount + "\n")
    if amount:
        assert told.money == {"other-price": -2050}
        return
    assert (told.reasons, told.data["theirs"]["amount_pence"]) == ({}, None)
    assert "injection: 1 of 2 lines without an amount, so its money is not compared" in told.notes


def test_rows_without_amounts_say_what_is_claimed_for_those_that_they_do_not_have(ask: Ask) -> None:
    told = ask(practice(MAY), HEAD + "{Ann},2026-05-04\n")
    (one,) = told.data["differences"]
    assert (one["difference_pence"], one["claimed_pence"]) == (None, 2000)
    assert told.data["theirs"] == {"quantity": 1, "amount_pence": None}
    assert "their file gives no amounts, so no money is compared" in told.notes
    assert "amount not given" in told.title


LEVELS = """
    patient | entered    | from       | level | indication          | planned_duration | target_inr
    Ann     | 2020-04-01 | 2020-04-01 | 3     | atrial fibrillation | lifelong         | 2.5
    Ben     | 2020-04-14 | 2020-04-14 | 4     | atrial fibrillation | lifelong         | 2.5
"""


@pytest.fixture
def levels() -> Surgery:
    """One patient a month at each level, and a home visit."""
    surgery = Surgery(
        ANTICOAG,
        patients="patient | registered\nAnn | 2010-01-01\nBen | 2020-04-14",
        register=LEVELS,
        activity="patient | date | code\nAnn | 2020-04-20 | inr\nBen | 2020-04-21 | inr\nAnn | 2020-04-22 | home-visit",
    )
    surgery.submit("2020-04", "2020-05-10")
    return surgery


def test_a_month_of_a_patient_has_any_day_of_the_month(ask: Ask, levels: Surgery) -> None:
    text = "nhs_number,date,item\n{Ann},2020-04-30,Level-3\n{Ben},20/04/2020,level-4\n{Ann},22-Apr-2020,Home visit\n"
    assert ask(levels, text, "2020-04", "2020-06-01").reasons == {}
    # A second day of the month is no second month, and a patient who came in the month is ours.
    told = ask(levels, text.replace("{Ben},20/04/2020,level-4", "{Ann},2020-04-02,level-3"), "2020-04", "2020-06-01")
    assert told.reasons == {("counted-twice", 1): 1, ("not-in-theirs", -1): 1}


def test_another_item_of_the_same_time(ask: Ask, levels: Surgery) -> None:
    text = "nhs_number,date,item\n{Ann},2020-04-30,level-4\n{Ben},2020-04-20,level-4\n{Ann},2020-04-22,home-visit\n"
    told = ask(levels, text, "2020-04", "2020-06-01")
    assert told.reasons == {("other-item", 1): 1, ("not-in-theirs", -1): 1}
    assert {(one["item"], one["difference"]) for one in told.data["differences"]} == {("level-4", 1), ("level-3", -1)}
    assert "do not send it as a new row" in told.fix("not-in-theirs")


def test_a_row_without_an_item_takes_what_the_others_leave(ask: Ask, levels: Surgery) -> None:
    text = (
        "nhs_number,date,item,amount\n{Ann},2020-04-22,,6.00\n{Ann},2020-04-22,level-3,13.25\n{Ben},2020-04-21,,17.75\n"
    )
    assert ask(levels, text, "2020-04", "2020-06-01").reasons == {}
    without = "nhs_number,date,item\n{Ann},2020-04-22,\n{Ann},2020-04-22,home-visit\n{Ben},2020-04-21,\n"
    assert ask(levels, without, "2020-04", "2020-06-01").reasons == {}
    told = ask(levels, text + "{Ben},2020-05-09,,\n", "2020-04", "2020-06-01")
    assert [(one["item"], one["reason"]) for one in told.data["differences"]] == [("", "other-month")]
    assert "rows without an item: 1 of 1 line without an amount, so its money is not compared" in told.notes


def test_an_item_that_the_patient_did_not_have(ask: Ask, levels: Surgery) -> None:
    text = "nhs_number,date,item\n{Ann},2020-04-01,level-3\n{Ben},2020-04-01,level-4\n{Ann},2020-04-22,home-visit\n"
    told = ask(levels, text + "{Ben},2020-04-21,home-visit\n", "2020-04", "2020-06-01")
    assert told.reasons == {("no-such-entry", 1): 1}


def test_the_amount_tells_which_item_of_a_day_they_mean(ask: Ask) -> None:
    surgery = practice(
        "patient | date | code\nAnn | 2026-05-04 | implant\nAnn | 2026-05-04 | iucd\n", LARC, terms=INVENTED
    )
    told = ask(surgery, "nhs_number,date,amount\n{Ann},2026-05-04,81.00\n")
    assert [(one["item"], one["difference_pence"]) for one in told.data["differences"]] == [("implant-fitting", -8000)]


def test_an_item_that_the_patient_did_not_have_that_day(ask: Ask) -> None:
    surgery = practice("patient | date | code\nAnn | 2026-05-04 | implant\n", LARC, terms=INVENTED)
    text = "nhs_number,date,item\n{Ann},2026-05-04,implant-fitting\n{Ann},2026-05-04,iucd-fitting\n"
    told = ask(surgery, text)
    assert told.reasons == {("no-such-entry", 1): 1}
    assert told.fix("no-such-entry").endswith("nothing of ours on that day is of this item")


BLOODS = """
[service]
name = "bloods"
title = "Bloods by list size"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2026-05-01"
clause = "1"

[register]
rule = "coded"
clause = "2"

[submission]
clause = "3"
by = "email"

[[item]]
name = "list"
title = "A month of the service"
kind = "block"
clause = "4"
unit = "month"

[[item.price]]
amount = "50.00"
from = "2026-05-01"
clause = "5"
"""


def test_what_is_paid_for_the_list_has_no_patient(ask: Ask) -> None:
    spec = parse_specification(BLOODS.encode(), where="bloods/service.toml")
    surgery = Surgery(service_of(DataOnlyPlugin(spec), origin="test"), patients="patient\nAnn")
    surgery.submit("2026-05", "2026-06-05")
    text = "nhs_number,date,item,amount\n,31/05/2026,list,50.00\n"
    assert ask(surgery, text).reasons == {}
    told = ask(surgery, text + ",30/06/2026,List,50.00\n{Ann},2026-05-04,list,50.00\n")
    assert told.reasons == {("other-month", 1): 1, ("no-such-entry", 1): 1}
    told = ask(surgery, text.replace("31/05", "30/04"))
    assert told.reasons == {("no-specification", 1): 1, ("not-in-theirs", -1): 1}


QUARTER = """
    patient | entered    | from       | level
    Ann     | 2025-04-01 | 2025-04-01 | 2
    Ben     | 2025-04-01 | 2025-04-01 | 3
"""
TARIFFS = """
    key                | value      | from
    codes.methotrexate | 9999999105 | 2025-04-01
    price.monitoring.2 | 30.00      | 2025-04-01
    price.monitoring.3 | 45.00      | 2025-04-01
"""


@pytest.mark.parametrize(("who", "pence"), [("Ann", 4500), ("Ben", 3000)])
def test_a_quarter_and_a_price_by_tariff(ask: Ask, who: str, pence: int) -> None:
    """What a missing row is worth is its own tariff, not that of most rows."""
    surgery = Surgery(NEAR, register=QUARTER, terms=TARIFFS)
    month = "2025-06" if NEAR.spec.every == "month" else "2025-26-Q1"
    surgery.submit(month, "2025-07-05")
    amount = {"Ann": "30.00", "Ben": "45.00"}[who]
    text = f"nhs_number,date,item,amount\n{{{who}}},2025-05-13,Monitoring of a patient, a quarter,{amount}\n"
    text = text.replace("Monitoring of a patient, a quarter", '"Monitoring of a patient, a quarter"')
    told = ask(surgery, text, month, "2025-08-01")
    assert (told.reasons, told.money) == ({("not-in-theirs", -1): 1}, {"not-in-theirs": -pence})


def test_a_closed_claim_window_is_said(ask: Ask) -> None:
    surgery = practice("patient | date\nAnn | 2026-06-04\nCat | 2026-04-03\n", submit="")
    surgery.submit("2026-06", "2026-07-05")
    told = ask(surgery, HEAD + "{Ann},2026-06-04\n{Cat},2026-04-03\n", "2026-06", "2026-07-20")
    assert told.reasons == {("expired", 1): 1}


def test_nothing_of_ours_is_claimed(ask: Ask) -> None:
    surgery = Surgery(DENOSUMAB, patients="patient\nAnn")
    assert ask(surgery, HEAD + "{Ann},2026-05-04\n").reasons == {("no-such-entry", 1): 1}
