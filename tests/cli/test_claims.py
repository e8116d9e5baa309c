"""`les claims` on the command line: what is owed, and what is to be taken back, with the command that does it."""

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
