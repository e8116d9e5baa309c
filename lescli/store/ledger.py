"""The ledger: claims are frozen once, corrected by reversing lines, and chained so that the past can be proved.

A claim's hash covers every column of its own and of its rows, and the hash of what was written before it: a claim, a
reversal or a payment (`chain.py`). So the head printed on any claim proves everything before it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from ..errors import LesError
from ..model import ClaimRow, Verdict
from . import chain
from .connection import Store
from .ledger_read import LedgerClaim, claim_id, entry_facts, find_claim


def freeze(
    store: Store,
    body: dict[str, Any],
    rows: Sequence[ClaimRow],
    *,
    submitted_on: date,
    by: str,
    authorised_by: str | None,
) -> LedgerClaim:
    """Write a claim into the ledger; call it inside `store.writing()`. `body` is the claim object as shown."""
    total = sum(row.unit_price_pence or 0 for row in rows if row.verdict is Verdict.PAYABLE)
    number, first = chain.next_id(store, "claim"), chain.next_id(store, "claim_row")
    values = (
        *(number, body["service"], body["month"], submitted_on.isoformat(), by, authorised_by, total),
        json.dumps(body, ensure_ascii=False),
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
    found = find_claim(store, claim_id(body["service"], body["month"]))
    assert found is not None
    return found


def _row_values(store: Store, service: str, row: ClaimRow) -> tuple[Any, ...]:
    """The values of `chain.COLUMNS` for one row, after its place."""
    found = store.rows("SELECT id FROM patient WHERE nhs_number = ?", row.nhs_number)
    # An item paid for the list names no patient; any other row is of one the store knows.
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


def _link(store: Store, table: str, *values: Any) -> None:
    """Write a row that needs no more than its own values."""
    whole, previous = (chain.next_id(store, table), *values), chain.head(store)
    chain.insert(store, table, whole, previous=previous, hash=chain.digest(previous, table, whole))


def reverse(store: Store, wanted: str, row: int, *, reason: str, on: date) -> int:
    """Write the line that takes one paid row back, and return its pence; the row can then be claimed again."""
    found = store.rows(
        "SELECT r.id, r.verdict, r.amount_pence, v.id FROM claim_row r JOIN claim c ON c.id = r.claim_id"
        " LEFT JOIN reversal v ON v.claim_row_id = r.id WHERE c.service || '-' || c.month = ? AND r.row = ?",
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
    _link(store, "reversal", number, amount, reason, on.isoformat())
    return int(amount)


def pay(store: Store, wanted: str, *, amount_pence: int, on: date) -> bool:
    """Record a payment, or with a negative amount one that was taken back; False when it is already recorded.

    LesError where more would be taken back than was paid.
    """
    claim = find_claim(store, wanted)
    if claim is None:
        raise LesError(f"there is no claim {wanted}", "`les claims` lists them")
    number = store.rows("SELECT id FROM claim WHERE service || '-' || month = ?", wanted)[0][0]
    last = store.rows(
        "SELECT amount_pence FROM payment WHERE claim_id = ? AND on_date = ? AND abs(amount_pence) = ?"
        " ORDER BY id DESC LIMIT 1",
        number,
        on.isoformat(),
        abs(amount_pence),
    )
    # Paid, taken back as a mistake, and paid after all on one day is three entries; the same twice is one.
    if last and last[0][0] == amount_pence:
        return False
    if claim.paid_pence + amount_pence < 0:
        raise LesError("more would be taken back than was paid", f"`les claims show {wanted}` shows what was paid")
    _link(store, "payment", number, amount_pence, on.isoformat())
    return True
