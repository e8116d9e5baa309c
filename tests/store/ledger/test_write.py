"""Claims, reversals and payments are written once, and the ledger refuses to change them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date

import pytest

from lescli.errors import LesError
from lescli.model import ClaimRow, Practice, Verdict
from lescli.store import Store, create_store
from lescli.store.ledger import write
from lescli.store.ledger.read import PaidItem, claims, find_claim, payments
from lescli.store.verify.run import verify_open

PATIENT = "9990000018"
BODY = {"service": "s", "month": "2026-05"}


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        made.connection.execute(
            "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
            " VALUES (?, 'A', 'B', '1950-01-01', 'female', '')",
            (PATIENT,),
        )
        yield made


def claim_row(day: int = 4, verdict: Verdict = Verdict.PAYABLE) -> ClaimRow:
    return ClaimRow(
        key=f"i/{day}",
        nhs_number=PATIENT,
        day=date(2026, 5, day),
        item="i",
        code="c",
        verdict=verdict,
        reason="accepted",
        clause="4",
        unit_price_pence=2000 if verdict is Verdict.PAYABLE else None,
        evidence=("register:1",),
    )


def freeze(store: Store, *rows: ClaimRow, month: str = "2026-05") -> None:
    with store.writing():
        write.freeze(store, {**BODY, "month": month}, rows, submitted_on=date(2026, 6, 5), by="A", authorised_by=None)


STATEMENTS = [
    "UPDATE claim SET total_pence = 0",
    "UPDATE claim_row SET amount_pence = 0",
    "DELETE FROM claim_row",
    "DELETE FROM claim",
    "INSERT OR REPLACE INTO claim SELECT * FROM claim",
    "INSERT OR REPLACE INTO claim_row SELECT * FROM claim_row",
    "REPLACE INTO payment SELECT * FROM payment",
    "UPDATE payment SET amount_pence = 0",
    "DELETE FROM payment",
    "UPDATE reversal SET amount_pence = 0",
    "DELETE FROM reversal",
    "INSERT INTO claim SELECT id + 1, service, month, submitted_on, by, authorised_by, total_pence, body, 1, previous,"
    " hash FROM claim",
    "INSERT INTO claim SELECT id + 1, service, month, submitted_on, by, authorised_by, total_pence, body, 2, previous,"
    " hash FROM claim",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_rows_of_the_ledger_cannot_be_changed(store: Store, statement: str) -> None:
    freeze(store, claim_row(4), claim_row(5))
    with store.writing():
        write.reverse(store, "s-2026-05", 1, reason="r", on=date(2026, 6, 6))
        write.pay(store, "s-2026-05", amount_pence=100, on=date(2026, 6, 6))
    before = [store.rows(f"SELECT * FROM {table}") for table in ("claim", "claim_row", "payment", "reversal")]
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute(statement)
    assert before == [store.rows(f"SELECT * FROM {table}") for table in ("claim", "claim_row", "payment", "reversal")]


def test_the_same_work_is_claimed_once_and_again_only_after_a_reversal(store: Store) -> None:
    freeze(store, claim_row(4))
    with pytest.raises(sqlite3.IntegrityError, match="already claimed"):
        freeze(store, claim_row(4), month="2026-06")
    assert find_claim(store, "s-2026-06") is None
    with store.writing():
        assert write.reverse(store, "s-2026-05", 1, reason="wrong patient", on=date(2026, 6, 6)) == 2000
    freeze(store, claim_row(4), month="2026-06")
    with pytest.raises(sqlite3.IntegrityError):
        freeze(store, claim_row(4), month="2026-07")
    with store.writing():
        write.reverse(store, "s-2026-06", 1, reason="again", on=date(2026, 6, 7))
    freeze(store, claim_row(4), month="2026-07")
    assert [(c.claim_id, c.total_pence, c.reversed_pence, c.owed_pence) for c in claims(store)] == [
        ("s-2026-05", 2000, 2000, 0),
        ("s-2026-06", 2000, 2000, 0),
        ("s-2026-07", 2000, 0, 2000),
    ]


def test_only_a_paid_row_is_reversed_and_only_once(store: Store) -> None:
    freeze(store, claim_row(4), claim_row(5, Verdict.REFUSED))
    with pytest.raises(LesError, match="has no row 3"):
        write.reverse(store, "s-2026-05", 3, reason="r", on=date(2026, 6, 6))
    with pytest.raises(LesError, match="was not claimed"):
        write.reverse(store, "s-2026-05", 2, reason="r", on=date(2026, 6, 6))
    write.reverse(store, "s-2026-05", 1, reason="r", on=date(2026, 6, 6))
    with pytest.raises(LesError, match="already reversed"):
        write.reverse(store, "s-2026-05", 1, reason="r", on=date(2026, 6, 6))


def test_a_payment_is_recorded_once_and_reduces_what_is_owed(store: Store) -> None:
    freeze(store, claim_row(4), claim_row(5))
    assert write.pay(store, "s-2026-05", amount_pence=1500, on=date(2026, 6, 30))
    with pytest.raises(write.EqualPaymentError, match=r"£15\.00 of 30 Jun 2026 is already recorded.*--ref TEXT.*--yes"):
        write.pay(store, "s-2026-05", amount_pence=1500, on=date(2026, 6, 30))
    assert write.pay(store, "s-2026-05", amount_pence=1500, on=date(2026, 7, 1))
    assert claims(store)[0].owed_pence == 1000


def test_each_claim_is_chained_to_the_one_before(store: Store) -> None:
    freeze(store, claim_row(4))
    freeze(store, claim_row(5), month="2026-06")
    first, second = store.rows("SELECT previous, hash FROM claim ORDER BY id")
    assert first[0] == "0" * 64
    assert second[0] == first[1]
    assert len({first[1], second[1]}) == 2


def test_a_payment_keeps_what_it_is_for(store: Store) -> None:
    freeze(store, claim_row(4), claim_row(5))
    items = (PaidItem(item="i", quantity=1, amount_pence=2000),)
    write.pay(store, "s-2026-05", amount_pence=2000, on=date(2026, 6, 30), reference="B1", items=items)
    write.pay(store, "s-2026-05", amount_pence=500, on=date(2026, 6, 30))
    assert [one.items for one in payments(store, "s-2026-05")] == [items, ()]
    assert verify_open(store).faults == ()


@pytest.mark.parametrize("pence", [write.MOST_PENCE, -write.MOST_PENCE, 2**63])
def test_a_sum_that_no_payment_has_is_refused(store: Store, pence: int) -> None:
    freeze(store, claim_row(4))
    with pytest.raises(LesError, match=r"an amount is £1,000,000,000\.00 or more"):
        write.pay(store, "s-2026-05", amount_pence=pence, on=date(2026, 6, 30))
    assert write.pay(store, "s-2026-05", amount_pence=write.MOST_PENCE - 1, on=date(2026, 6, 30))
