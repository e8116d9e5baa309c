"""An unpaid claim can be withdrawn as a whole and its month claimed again; the database refuses anything else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from lescli.errors import LesError
from lescli.model import ClaimRow, Practice, Verdict
from lescli.store import Store, create_store
from lescli.store.ledger import chain, write
from lescli.store.ledger.read import claim_rows, claims, find_claim, payments, standing_claim
from lescli.store.verify.run import verify_open

PATIENT = "9990000018"
SUBMITTED, LATER = date(2026, 6, 5), date(2026, 6, 6)


def row(day: int, verdict: Verdict = Verdict.PAYABLE) -> ClaimRow:
    return ClaimRow(
        key=f"i/{day}",
        nhs_number=PATIENT,
        day=date(2026, 5, day),
        item="i",
        code="c",
        verdict=verdict,
        reason="accepted",
        clause="4",
        unit_price_pence=2000,
        evidence=("register:1",),
    )


def freeze(store: Store, *rows: ClaimRow, month: str = "2026-05", **body: Any) -> str:
    with store.writing():
        made = {"service": "s", "month": month, **body}
        return write.freeze(store, made, rows, submitted_on=SUBMITTED, by="A", authorised_by=None).claim_id


def withdraw(store: Store, claim: str, on: date = LATER) -> int:
    with store.writing():
        return write.withdraw(store, claim, reason="too early", on=on)


def pay(store: Store, claim: str, pence: int, day: int = 30, reference: str = "", *, again: bool = False) -> bool:
    with store.writing():
        on = date(2026, 6, day)
        return write.pay(store, claim, amount_pence=pence, on=on, reference=reference, again=again)


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        made.connection.execute(
            "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
            f" VALUES ('{PATIENT}', 'A', 'B', '1950-01-01', 'female', '')"
        )
        yield made


def test_a_withdrawn_month_is_claimed_again_and_both_claims_stay_in_the_chain(store: Store) -> None:
    assert freeze(store, row(4), row(5), row(6, Verdict.CHECK)) == "s-2026-05"
    with store.writing():
        write.reverse(store, "s-2026-05", 2, reason="wrong", on=LATER)
    assert withdraw(store, "s-2026-05") == 1
    assert standing_claim(store, "s", "2026-05") is None
    assert freeze(store, row(4), row(5)) == "s-2026-05-2"
    assert withdraw(store, "s-2026-05-2") == 2
    assert freeze(store, row(4), row(5)) == "s-2026-05-3"
    assert [(c.claim_id, c.owed_pence, c.withdrawn_on) for c in claims(store)] == [
        ("s-2026-05", 0, date(2026, 6, 6)),
        ("s-2026-05-2", 0, date(2026, 6, 6)),
        ("s-2026-05-3", 4000, None),
    ]
    assert [r.reversal_reason for r in claim_rows(store, "s-2026-05")] == ["too early", "wrong", None]
    standing = standing_claim(store, "s", "2026-05")
    assert standing is not None
    assert standing.claim_id == "s-2026-05-3"
    assert verify_open(store).faults == ()
    assert len([link for table in chain.LINKED for link in chain.links(store, table)]) == 3 + 4 + 2


def test_a_claim_without_payable_rows_can_be_withdrawn(store: Store) -> None:
    freeze(store, row(4, Verdict.CHECK))
    assert withdraw(store, "s-2026-05") == 0
    assert freeze(store) == "s-2026-05-2"
    assert verify_open(store).faults == ()


def test_as_of_an_earlier_day_a_withdrawn_claim_still_counts(store: Store) -> None:
    freeze(store, row(4))
    withdraw(store, "s-2026-05", date(2026, 6, 8))
    assert [c.withdrawn_on for c in claims(store, date(2026, 6, 7))] == [None]
    assert [c.withdrawn_on for c in claims(store, date(2026, 6, 8))] == [date(2026, 6, 8)]


def test_a_paid_claim_is_withdrawn_only_after_the_money_was_paid_back(store: Store) -> None:
    freeze(store, row(4), row(5))
    pay(store, "s-2026-05", 1500)
    pay(store, "s-2026-05", 500, 29)
    before = store.rows("SELECT count(*) FROM reversal")
    with pytest.raises(LesError, match=r"£20\.00 is paid for s-2026-05.*--amount -20\.00"):
        withdraw(store, "s-2026-05")
    assert store.rows("SELECT count(*) FROM reversal") == before
    pay(store, "s-2026-05", -2000)
    assert withdraw(store, "s-2026-05") == 2
    assert verify_open(store).faults == ()


def test_a_refused_withdrawal_says_why(store: Store) -> None:
    freeze(store, row(4))
    with pytest.raises(LesError, match="was submitted on 05 Jun 2026, after the day asked on"):
        withdraw(store, "s-2026-05", date(2026, 6, 4))
    with pytest.raises(LesError, match="there is no claim s-2026-05-2"):
        withdraw(store, "s-2026-05-2")
    withdraw(store, "s-2026-05", SUBMITTED)
    with pytest.raises(LesError, match="already withdrawn, on 05 Jun 2026"):
        withdraw(store, "s-2026-05")
    with pytest.raises(LesError, match="was withdrawn, so nothing is paid for it"):
        pay(store, "s-2026-05", 100)
    with pytest.raises(LesError, match="already reversed"):
        write.reverse(store, "s-2026-05", 1, reason="r", on=LATER)


NOT_ALLOWED = {
    "a second standing claim": "INSERT INTO claim SELECT 9, service, month, submitted_on, by, NULL, 0, '{}', 2, '', ''"
    " FROM claim WHERE id = 1",
    "a second standing claim of the same number": "INSERT INTO claim SELECT 9, service, month, submitted_on, by, NULL,"
    " 0, '{}', 1, '', '' FROM claim WHERE id = 1",
    "a number left out": "INSERT INTO claim SELECT 9, service, month, submitted_on, by, NULL, 0, '{}', 3, '', ''"
    " FROM claim WHERE id = 2",
    "a withdrawal with rows that stand": "INSERT INTO withdrawal VALUES (9, 1, 'r', '2026-06-06', '', '')",
    "a withdrawal of a paid claim": "INSERT INTO withdrawal VALUES (9, 3, 'r', '2026-06-06', '', '')",
    "a second withdrawal": "INSERT INTO withdrawal VALUES (9, 2, 'r', '2026-06-06', '', '')",
    "a row of a withdrawn claim": "INSERT INTO claim_row SELECT 9, 2, 9, service, item, patient_id, '2026-05-20',"
    " activity_id, code, verdict, reason, clause, fix, amount_pence, evidence, facts, 0 FROM claim_row WHERE id = 1",
    "a payment of a withdrawn claim": "INSERT INTO payment VALUES (9, 2, 1, '2026-06-06', '', '', '', '')",
    "a change of a withdrawal": "UPDATE withdrawal SET reason = 'x'",
    "a withdrawal taken away": "DELETE FROM withdrawal",
    "a withdrawal in the place of another": "INSERT OR REPLACE INTO withdrawal VALUES (1, 1, 'r', '', '', '')",
}


@pytest.mark.parametrize("statement", NOT_ALLOWED.values(), ids=NOT_ALLOWED.keys())
def test_the_triggers_refuse_wrong_claims_and_withdrawals(store: Store, statement: str) -> None:
    freeze(store, row(4))
    freeze(store, row(5), month="2026-06")
    withdraw(store, "s-2026-06")
    freeze(store, month="2026-07")
    pay(store, "s-2026-07", 100)
    before = [store.rows(f"SELECT * FROM {table}") for table in chain.COLUMNS]
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute(statement)
    assert [store.rows(f"SELECT * FROM {table}") for table in chain.COLUMNS] == before


BROKEN = {
    "DELETE FROM withdrawal": "2 claims of the month are not withdrawn",
    "UPDATE claim SET sequence = 3 WHERE id = 2": "not numbered one after the other",
    "DELETE FROM reversal": "a row of its claim is not reversed",
    "UPDATE withdrawal SET claim_id = 9": "its claim or date is missing or invalid",
    "UPDATE withdrawal SET reason = 'x'": "withdrawal 1 is not as it was written",
    "INSERT INTO payment VALUES (9, 1, 1, '2026-06-06', '', '', '', '')": "something is paid for the claim",
}


@pytest.mark.parametrize(("statement", "told"), BROKEN.items(), ids=BROKEN.keys())
def test_wrong_claims_and_withdrawals_are_found_without_the_triggers(store: Store, statement: str, told: str) -> None:
    freeze(store, row(4))
    withdraw(store, "s-2026-05")
    freeze(store, row(4))
    store.connection.execute("PRAGMA foreign_keys = OFF")
    for (trigger,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        store.connection.execute(f"DROP TRIGGER {trigger}")
    store.connection.execute(statement)
    assert any(told in fault.text for fault in verify_open(store).faults if fault.check == "ledger")


def test_a_reference_tells_equal_payments_apart(store: Store) -> None:
    freeze(store, row(4), row(5), row(6), row(7))
    claim = "s-2026-05"
    assert pay(store, claim, 4000, reference="BACS 1")
    assert not pay(store, claim, 4000, reference="BACS 1")
    assert pay(store, claim, 4000, reference="BACS 2")
    assert [(one.amount_pence, one.reference) for one in payments(store, claim)] == [(4000, "BACS 1"), (4000, "BACS 2")]
    for pence, day in ((3999, 30), (4000, 29)):
        with pytest.raises(LesError, match=r"already recorded for £40\.00 of 30 Jun 2026"):
            pay(store, claim, pence, day, reference="BACS 2")
    # Taken back under the same reference, and then paid again.
    assert pay(store, claim, -4000, reference="BACS 2")
    assert pay(store, claim, 4000, reference="BACS 2")
    assert verify_open(store).faults == ()


def test_an_equal_payment_without_a_reference_needs_confirmation(store: Store) -> None:
    freeze(store, row(4), row(5))
    claim = "s-2026-05"
    assert pay(store, claim, 1000, reference="BACS 1")
    with pytest.raises(write.EqualPaymentError):
        pay(store, claim, 1000)
    assert pay(store, claim, 1000, 29)
    assert pay(store, claim, 1001)
    assert pay(store, claim, 1000, again=True)
    assert verify_open(store).faults == ()
    found = find_claim(store, claim)
    assert found is not None
    assert found.paid_pence == 4001


def test_the_very_same_reference_twice_is_found(store: Store) -> None:
    freeze(store, row(4), row(5))
    pay(store, "s-2026-05", 1000, reference="BACS 1")
    whole = (2, 1, 1000, "2026-06-30", "BACS 1", "")
    previous = chain.head(store)
    chain.insert(store, "payment", whole, previous=previous, hash=chain.digest(previous, "payment", whole))
    assert [fault.text for fault in verify_open(store).faults] == ["payments: claim 1 has the same payment 2 times"]
