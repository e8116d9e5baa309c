"""The ledger: claims are frozen once, corrected by reversing lines, and chained so that the past can be proved.

A claim's hash covers its body, all its rows and the hash of the claim before it (SHA-256), so the head of the chain
printed on any claim proves everything before it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from ..errors import LesError
from ..model import ClaimRow, Verdict
from .connection import Store
from .ledger_read import LedgerClaim, claim_id, entry_facts, find_claim

_START = "0" * 64


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
    texts = [_row_values(store, row) for row in rows]
    head = {
        "service": body["service"],
        "month": body["month"],
        "submitted_on": submitted_on.isoformat(),
        "by": by,
        "authorised_by": authorised_by,
        "total_pence": total,
    }
    previous = _chain_head(store, "claim")
    digest = _digest(previous, head, body, [text.chained for text in texts])
    number = store.connection.execute(
        "INSERT INTO claim (service, month, submitted_on, by, authorised_by, total_pence, body, previous, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*head.values(), json.dumps(body, ensure_ascii=False), previous, digest),
    ).lastrowid
    for place, text in enumerate(texts, start=1):
        generation = _generation(store, body["service"], text)
        store.connection.execute(
            "INSERT INTO claim_row (claim_id, row, service, item, patient_id, day, activity_id, code, verdict, reason,"
            " clause, fix, amount_pence, evidence, facts, generation)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                place,
                body["service"],
                text.row.item,
                text.patient_id,
                text.row.day.isoformat(),
                text.activity_id,
                text.row.code,
                text.row.verdict.value,
                text.row.reason,
                text.row.clause,
                text.row.fix,
                (text.row.unit_price_pence or 0) if text.row.verdict is Verdict.PAYABLE else 0,
                json.dumps(text.row.evidence),
                text.facts,
                generation,
            ),
        )
    found = find_claim(store, claim_id(body["service"], body["month"]))
    assert found is not None
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowText:
    row: ClaimRow
    patient_id: int | None
    activity_id: int | None
    facts: str

    @property
    def chained(self) -> list[Any]:
        row = self.row
        return [
            row.item,
            row.nhs_number,
            row.day.isoformat(),
            row.code,
            row.verdict.value,
            row.reason,
            row.clause,
            row.unit_price_pence,
            list(row.evidence),
            self.facts,
        ]


def _row_values(store: Store, row: ClaimRow) -> _RowText:
    found = store.rows("SELECT id FROM patient WHERE nhs_number = ?", row.nhs_number)
    # An item paid for the list names no patient; any other row is of one the store knows.
    patient = found[0][0] if row.nhs_number else None
    entry = row.entry_id
    facts = json.dumps(entry_facts(store, entry), ensure_ascii=False) if entry is not None else "{}"
    return _RowText(row=row, patient_id=patient, activity_id=entry, facts=facts)


def _generation(store: Store, service: str, text: _RowText) -> int:
    return int(
        store.rows(
            "SELECT count(*) FROM claim_row WHERE verdict = 'payable' AND service = ? AND item = ?"
            " AND ((patient_id IS ? AND day = ?) OR activity_id = ?)",
            service,
            text.row.item,
            text.patient_id,
            text.row.day.isoformat(),
            text.activity_id,
        )[0][0]
    )


def _chain_head(store: Store, table: str) -> str:
    found = store.rows(f"SELECT hash FROM {table} ORDER BY id DESC LIMIT 1")
    return str(found[0][0]) if found else _START


def _digest(previous: str, *parts: Any) -> str:
    text = json.dumps([previous, *parts], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8")).hexdigest()


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
    previous = _chain_head(store, "reversal")
    values = (number, amount, reason, on.isoformat())
    store.connection.execute(
        "INSERT INTO reversal (claim_row_id, amount_pence, reason, on_date, previous, hash) VALUES (?, ?, ?, ?, ?, ?)",
        (*values, previous, _digest(previous, list(values))),
    )
    return int(amount)


def pay(store: Store, wanted: str, *, amount_pence: int, on: date) -> bool:
    """Record a payment; False when the very same payment is already recorded."""
    found = store.rows("SELECT id FROM claim WHERE service || '-' || month = ?", wanted)
    if not found:
        raise LesError(f"there is no claim {wanted}", "`les claims` lists them")
    values = (found[0][0], amount_pence, on.isoformat())
    if store.rows("SELECT 1 FROM payment WHERE claim_id = ? AND amount_pence = ? AND on_date = ?", *values):
        return False
    previous = _chain_head(store, "payment")
    store.connection.execute(
        "INSERT INTO payment (claim_id, amount_pence, on_date, previous, hash) VALUES (?, ?, ?, ?, ?)",
        (*values, previous, _digest(previous, list(values))),
    )
    return True
