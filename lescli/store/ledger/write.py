"""Write to the ledger: freeze claims, reverse rows, withdraw claims and record payments.

Nothing written is ever changed: a correction is a new line. `chain.py` links each line to the one before it, so the
chain head printed on a claim proves everything before that claim.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from ...amounts import pounds
from ...calendar import for_people
from ...errors import LesError
from ...model import ClaimRow, Verdict
from ..database.connection import Store
from . import chain
from .read import CLAIM_ID, LedgerClaim, PaidItem, claim_id, entry_facts, find_claim, next_sequence


def freeze(
    store: Store,
    body: dict[str, Any],
    rows: Sequence[ClaimRow],
    *,
    submitted_on: date,
    by: str,
    authorised_by: str | None,
) -> LedgerClaim:
    """Write a claim into the ledger for good. Call it inside `store.writing()`. `body` is the claim object as shown."""
    total = sum(row.unit_price_pence or 0 for row in rows if row.verdict is Verdict.PAYABLE)
    sequence = next_sequence(store, body["service"], body["month"])
    number, first = chain.next_id(store, "claim"), chain.next_id(store, "claim_row")
    values = (
        *(number, body["service"], body["month"], submitted_on.isoformat(), by, authorised_by, total),
        *(json.dumps(body, ensure_ascii=False), sequence),
    )
    texts = [_row_values(store, body["service"], row) for row in rows]
    lines = [(first + place, number, place + 1, *text) for place, text in enumerate(texts)]
    previous = chain.head(store)
    numbered = [(*line, row.nhs_number) for line, row in zip(lines, rows, strict=True)]
    chain.insert(store, "claim", values, previous=previous, hash=chain.digest(previous, "claim", values, numbered))
    columns = chain.COLUMNS["claim_row"]
    store.connection.executemany(
        f"INSERT INTO claim_row ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", lines
    )
    found = find_claim(store, claim_id(body["service"], body["month"], sequence))
    assert found is not None
    return found


def _row_values(store: Store, service: str, row: ClaimRow) -> tuple[Any, ...]:
    """The values of one claim row, for the columns of `chain.COLUMNS` from `service` on."""
    found = store.rows("SELECT id FROM patient WHERE nhs_number = ?", row.nhs_number)
    # An item paid by list size names no patient. Any other row names a patient that the store knows.
    patient = found[0][0] if row.nhs_number else None
    entry = row.entry_id
    payable = row.verdict is Verdict.PAYABLE
    return (
        *(service, row.item, patient, row.day.isoformat(), entry, row.code, row.verdict.value),
        *(row.reason, row.clause, row.fix, (row.unit_price_pence or 0) if payable else 0),
        json.dumps(row.evidence),
        json.dumps(entry_facts(store, entry), ensure_ascii=False) if entry is not None else "{}",
        _generation(store, service, row, patient),
    )


def _generation(store: Store, service: str, row: ClaimRow, patient: int | None) -> int:
    return int(
        store.rows(
            "SELECT count(*) FROM claim_row WHERE verdict = 'payable' AND service = ? AND item = ?"
            " AND ((patient_id IS ? AND day = ?) OR activity_id = ?)",
            service,
            row.item,
            patient,
            row.day.isoformat(),
            row.entry_id,
        )[0][0]
    )


def _append(store: Store, table: str, *values: Any, previous: str = "") -> str:
    """Write one line whose hash covers only its own values; returns the hash."""
    whole, before = (chain.next_id(store, table), *values), previous or chain.head(store)
    digest = chain.digest(before, table, whole)
    chain.insert(store, table, whole, previous=before, hash=digest)
    return digest


def reverse(store: Store, wanted: str, row: int, *, reason: str, on: date) -> int:
    """Reverse one claimed row and return its pence. Its work can then be claimed again."""
    found = store.rows(
        "SELECT r.id, r.verdict, r.amount_pence, v.id FROM claim_row r JOIN claim c ON c.id = r.claim_id"
        f" LEFT JOIN reversal v ON v.claim_row_id = r.id WHERE {CLAIM_ID} = ? AND r.row = ?",
        wanted,
        row,
    )
    if not found:
        raise LesError(f"the claim {wanted} has no row {row}", f"`les claims show {wanted}` lists its rows")
    number, verdict, amount, before = found[0]
    if verdict != Verdict.PAYABLE.value:
        raise LesError(f"row {row} of {wanted} was not claimed ({verdict})", "only a payable row can be reversed")
    if before is not None:
        raise LesError(f"row {row} of {wanted} is already reversed", "nothing was changed")
    _append(store, "reversal", number, amount, reason, on.isoformat())
    return int(amount)


def withdraw(store: Store, wanted: str, *, reason: str, on: date) -> int:
    """Withdraw an unpaid claim: reverse each row not yet reversed, then the claim itself; returns the number of rows.

    The month is open again afterwards. Call it inside `store.writing()`; LesError when the claim cannot be withdrawn.
    """
    claim = _existing_claim(store, wanted)
    if claim.withdrawn_on:
        raise LesError(f"{wanted} is already withdrawn, on {for_people(claim.withdrawn_on)}",
                       "nothing was changed")  # fmt: skip
    if claim.paid_pence:
        paid = f"{claim.paid_pence / 100:.2f}"
        raise LesError(
            f"{pounds(claim.paid_pence)} is paid for {wanted}, so it cannot be withdrawn",
            f"once that is paid back, record it with `les claims pay {wanted} --amount -{paid} --on DATE` and withdraw "
            "it then; or reverse single rows with `les claims reverse`",
        )
    if on < claim.submitted_on:
        raise LesError(
            f"{wanted} was submitted on {for_people(claim.submitted_on)}, after the day asked on",
            "give that day or a later one with --as-of",
        )
    rows = store.rows(
        "SELECT r.id, r.amount_pence FROM claim_row r JOIN claim c ON c.id = r.claim_id"
        f" LEFT JOIN reversal v ON v.claim_row_id = r.id WHERE {CLAIM_ID} = ? AND r.verdict = ? AND v.id IS NULL"
        " ORDER BY r.id",
        wanted,
        Verdict.PAYABLE.value,
    )
    previous = chain.head(store)
    for number, amount in rows:
        previous = _append(store, "reversal", number, amount, reason, on.isoformat(), previous=previous)
    _append(store, "withdrawal", _claim_number(store, wanted), reason, on.isoformat(), previous=previous)
    return len(rows)


class EqualPaymentError(LesError):
    """An equal payment is recorded for that claim and day already, and no reference tells the two apart."""


def pay(
    store: Store,
    wanted: str,
    *,
    amount_pence: int,
    on: date,
    reference: str = "",
    again: bool = False,
    is_ours: bool = False,
    items: Sequence[PaidItem] = (),
) -> bool:
    """Record a payment, or with a negative amount money taken back; False when it is already recorded.

    A reference tells payments of one claim apart. Without one, a second equal payment on the same day raises
    EqualPaymentError, unless `again` says that it is another one. `is_ours`: the reference is not the payer's, so it
    tells no two payments apart. `items` are what a remittance says that it is for. LesError when more would be taken
    back than was paid.
    """
    claim, number = _existing_claim(store, wanted), _claim_number(store, wanted)
    if claim.withdrawn_on:
        raise LesError(f"{wanted} was withdrawn, so nothing is paid for it", "`les claims` lists the claims that stand")
    if reference and _is_recorded(store, wanted, number, amount_pence, on, reference):
        return False
    if not again and (is_ours or not reference):
        _refuse_equal(store, wanted, number, amount_pence, on)
    if claim.paid_pence + amount_pence < 0:
        raise LesError("more would be taken back than was paid", f"`les claims show {wanted}` shows what was paid")
    told = [[one.item, one.quantity, one.amount_pence] for one in items]
    _append(store, "payment", number, amount_pence, on.isoformat(), reference, json.dumps(told) if told else "")
    return True


def _is_recorded(store: Store, wanted: str, number: int, amount: int, on: date, reference: str) -> bool:
    """Whether this very payment is recorded under the reference; LesError when another payment has the reference."""
    found = store.rows(
        "SELECT amount_pence, on_date FROM payment WHERE claim_id = ? AND reference = ? ORDER BY id DESC LIMIT 1",
        number,
        reference,
    )
    # Paid, taken back by mistake and paid again under one reference: those are three lines.
    if not found or found[0][0] == -amount:
        return False
    before, day = found[0]
    if before == amount and day == on.isoformat():
        return True
    raise LesError(
        f"that reference is already recorded for {pounds(before)} of {for_people(date.fromisoformat(day))}, paid for"
        f" {wanted}",
        "give this payment a reference of its own, or take the other one back first with its amount and a minus",
    )


def _refuse_equal(store: Store, wanted: str, number: int, amount: int, on: date) -> None:
    last = store.rows(
        "SELECT amount_pence FROM payment WHERE claim_id = ? AND on_date = ? AND abs(amount_pence) = ?"
        " ORDER BY id DESC LIMIT 1",
        number,
        on.isoformat(),
        abs(amount),
    )
    # Paid, taken back by mistake and paid again on one day: those are three lines.
    if last and last[0][0] == amount:
        raise EqualPaymentError(
            f"{pounds(amount)} of {for_people(on)} is already recorded for {wanted}",
            "if this is another payment, tell the two apart with --ref TEXT, or record it again with --yes",
        )


def _existing_claim(store: Store, wanted: str) -> LedgerClaim:
    claim = find_claim(store, wanted)
    if claim is None:
        raise LesError(f"there is no claim {wanted}", "`les claims` lists them")
    return claim


def _claim_number(store: Store, wanted: str) -> int:
    return int(store.rows(f"SELECT c.id FROM claim c WHERE {CLAIM_ID} = ?", wanted)[0][0])
