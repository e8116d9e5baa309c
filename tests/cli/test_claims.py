"""`les claims` on the command line: what is owed, and what to take back, with the command that does it."""

from __future__ import annotations

import csv
import io
import shlex

import pytest

ANN = "9990000018"
MAY = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A. Admin")
LATER = ("--as-of", "2026-07-10")


@pytest.fixture
def died(les_here, store, activity_file):
    """May is claimed and paid, and then Ann turns out to have died before her injection."""
    assert les_here(*MAY, store=store).code == 0
    path = activity_file(f"{ANN},1948-03-02,2026-05-01", header="nhs_number,date_of_birth,died_on")
    assert les_here("import", path, store=store).code == 0
    return store


def test_the_reversals_to_make_are_listed_and_can_be_typed_as_they_stand(les_here, died):
    listed = les_here("claims", "--to-reverse", "--format", "csv", *LATER, store=died)
    assert listed.code == 3
    (row,) = csv.DictReader(io.StringIO(listed.out))
    assert (row["claim_id"], row["cause"], row["amount_pence"]) == ("denosumab-2026-05", "after-death", "2000")
    words = shlex.split(row["command"])
    assert les_here(*words[1:], "--as-of", "2026-07-10", store=died).code == 0
    again = les_here("claims", "--to-reverse", "--json", *LATER, store=died)
    assert (again.code, again.json["to_reverse"]) == (0, [])
    assert [claim["owed_pence"] for claim in again.json["claims"]] == [2000]


def test_the_list_of_claims_tells_them_and_is_done(les_here, died):
    done = les_here("claims", "--json", *LATER, store=died)
    assert done.code == 0
    (claim,) = done.json["claims"]
    assert (claim["state"], claim["days_owed"], claim["expected_on"]) == ("unpaid", 35, None)
    assert [one["command"] for one in claim["discrepancies"]] == [one["command"] for one in done.json["to_reverse"]]
    assert "no longer supported: 1 claimed row, £20.00" in done.err


def test_only_what_is_owed(les_here, died):
    paid = ("claims", "pay", "denosumab-2026-05", "--amount", "40.00", "--on", "2026-06-30")
    assert les_here(*paid, store=died).code == 0
    assert les_here("claims", "--owed", "--json", *LATER, store=died).json["claims"] == []
    assert "nothing is owed" in les_here("claims", "--owed", *LATER, store=died).out
    assert [one["state"] for one in les_here("claims", "--json", *LATER, store=died).json["claims"]] == ["settled"]


def test_a_reason_that_holds_a_number_of_a_patient_is_refused(les_here, died):
    reverse = ("claims", "reverse", "denosumab-2026-05", "--row", "2", "--reason")
    done = les_here(*reverse, "for 999 000 0018", store=died)
    assert done.code == 2
    assert "NHS number" in done.err
    assert les_here("claims", "--json", *LATER, store=died).json["claims"][0]["reversed_pence"] == 0


def test_money_taken_back_by_the_commissioner_settles_a_reversal(les_here, died):
    pay = ("claims", "pay", "denosumab-2026-05", "--amount")
    assert les_here(*pay, "40.00", "--on", "2026-06-30", store=died).code == 0
    assert (
        les_here("claims", "reverse", "denosumab-2026-05", "--row", "1", "--reason", "died", *LATER, store=died).code
        == 0
    )
    back = les_here(*pay, "-20.00", "--on", "2026-08-14", "--as-of", "2026-08-14", store=died)
    assert (back.code, back.err) == (0, "les: recorded £20.00 taken back for denosumab-2026-05: £0.00 owed\n")
    shown = les_here("claims", "show", "denosumab-2026-05", "--json", *LATER, store=died).json
    assert [one["amount_pence"] for one in shown["payments"]] == [4000, -2000]
    more = les_here(*pay, "\N{MINUS SIGN}£20.01", "--on", "2026-08-15", store=died)
    assert (more.code, "more would be taken back than was paid" in more.err) == (1, True)
    for nothing in ("-0.00", "0.00", "-", "--20.00"):
        assert les_here(*pay, nothing, "--on", "2026-08-15", store=died).code == 2
    assert les_here("verify", store=died).code == 0


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ("2026-06-04", "before the claim was submitted"),
        ("2026-06-05", ""),
        ("2026-07-10", ""),
        ("2026-07-11", "after the day asked on"),
    ],
)
def test_a_payment_on_a_day_that_may_be_a_slip_is_taken_and_told(les_here, died, on, told):
    done = les_here("claims", "pay", "denosumab-2026-05", "--amount", "40.00", "--on", on, *LATER, store=died)
    assert done.code == 0
    assert (told in done.err) and (("it is dated" in done.err) is bool(told))


@pytest.mark.parametrize(
    ("typed", "pence"),
    [("1,240.00", 124000), ("£1,240,000.00", 124000000), ("240", 24000), ("240.00", 24000)],
)
def test_an_amount_as_people_type_it(les_here, died, typed, pence):
    paid = ("claims", "pay", "denosumab-2026-05", "--amount", typed, "--on", "2026-06-30", *LATER)
    assert les_here(*paid, store=died).code in (0, 3)
    assert les_here("claims", "--json", *LATER, store=died).json["claims"][0]["paid_pence"] == pence


@pytest.mark.parametrize("typed", ["240,00", "1,24.00", ",240.00", "12,40,000", "2.4e2", "\N{FULLWIDTH DIGIT TWO}40"])
def test_an_amount_that_may_mean_another_is_refused(les_here, died, typed):
    done = les_here("claims", "pay", "denosumab-2026-05", "--amount", typed, "--on", "2026-06-30", store=died)
    assert (done.code, "write it as 240.00" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("day", "as_of", "told"),
    [
        ("2026-05-04", "2026-07-10", ""),  # Ann had died: nothing supports it
        ("2026-04-20", "2026-07-20", "unless the record is put right, a claim until 20 Jul 2026 will claim it again"),
        ("2026-04-20", "2026-07-21", "its claim window closed on 20 Jul 2026: it cannot be claimed again"),
    ],
)
def test_a_row_taken_back_that_the_rules_still_pay_is_told(les_here, died, day, as_of, told):
    rows = les_here("claims", "show", "denosumab-2026-05", "--json", *LATER, store=died).json["rows"]
    (row,) = [one["row"] for one in rows if one["verdict"] == "payable" and one["date"] == day]
    words = ("claims", "reverse", "denosumab-2026-05", "--row", row, "--reason", "a slip", "--as-of", as_of)
    done = les_here(*words, store=died)
    assert done.code == 0
    assert (told in done.err) and (("the rules" in done.err) is bool(told))
