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

_START = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerClaim:
    """One submitted claim with what was reversed and paid since."""

    claim_id: str
    service: str
    month: str
    submitted_on: str
    by: str
    authorised_by: str | None
    total_pence: int
    paid_pence: int
    reversed_pence: int
    chain_head: str
    body: dict[str, Any]

    @property
    def owed_pence(self) -> int:
        """What the commissioner still owes; negative when it is to be paid back."""
        return self.total_pence - self.reversed_pence - self.paid_pence


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One row of a submitted claim; `changes` says how the entry it rests on has changed since, if it has."""

    row: int
    claim_id: str
    service: str
    nhs_number: str
    day: str
    code: str
    item: str
    verdict: str
    reason: str
    clause: str
    fix: str
    amount_pence: int
    evidence: tuple[str, ...]
    reversed_on: str | None
    reversal_reason: str | None
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment against a claim."""

    amount_pence: int
    on: str


def claim_id(service: str, month: str) -> str:
    """The id of the one claim of a service and month: `SERVICE-2026-05`."""
    return f"{service}-{month}"


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
    patient_id: int
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
    patient = store.rows("SELECT id FROM patient WHERE nhs_number = ?", row.nhs_number)[0][0]
    activity = next((int(e.split(":")[1]) for e in row.evidence if e.startswith("activity:")), None)
    facts = json.dumps(entry_facts(store, activity), ensure_ascii=False) if activity else "{}"
    return _RowText(row=row, patient_id=patient, activity_id=activity, facts=facts)


def entry_facts(store: Store, activity: int) -> dict[str, Any]:
    """What an entry says now, as far as a claim rests on it."""
    row = store.rows(
        "SELECT p.nhs_number, a.day, s.codes, a.value, kind.text, place.text, a.withdrawn FROM activity a"
        " JOIN patient p ON p.id = a.patient_id JOIN code_set s ON s.id = a.code_set_id"
        " LEFT JOIN phrase kind ON kind.id = a.consultation_type LEFT JOIN phrase place ON place.id = a.done_at"
        " WHERE a.id = ?",
        activity,
    )[0]
    names = ("patient", "date", "code", "value", "consultation type", "done at", "withdrawn")
    return dict(zip(names, row, strict=True))


def _generation(store: Store, service: str, text: _RowText) -> int:
    return int(
        store.rows(
            "SELECT count(*) FROM claim_row WHERE verdict = 'payable' AND service = ? AND item = ?"
            " AND ((patient_id = ? AND day = ?) OR activity_id = ?)",
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


_CLAIMS = """
SELECT c.service, c.month, c.submitted_on, c.by, c.authorised_by, c.total_pence,
  (SELECT coalesce(sum(amount_pence), 0) FROM payment WHERE claim_id = c.id),
  (SELECT coalesce(sum(v.amount_pence), 0) FROM reversal v JOIN claim_row r ON r.id = v.claim_row_id
   WHERE r.claim_id = c.id),
  c.hash, c.body
FROM claim c """


def claims(store: Store) -> tuple[LedgerClaim, ...]:
    """Every submitted claim, by month and service."""
    return tuple(map(_claim, store.rows(f"{_CLAIMS} ORDER BY c.month, c.service")))


def find_claim(store: Store, wanted: str) -> LedgerClaim | None:
    """The claim of an id, None when there is none."""
    return next(map(_claim, store.rows(f"{_CLAIMS} WHERE c.service || '-' || c.month = ?", wanted)), None)


def _claim(row: Any) -> LedgerClaim:
    return LedgerClaim(
        claim_id=claim_id(row[0], row[1]),
        service=row[0],
        month=row[1],
        submitted_on=row[2],
        by=row[3],
        authorised_by=row[4],
        total_pence=row[5],
        paid_pence=row[6],
        reversed_pence=row[7],
        chain_head=row[8],
        body=json.loads(row[9]),
    )


_ROWS = """
SELECT r.row, r.service || '-' || c.month, r.service, p.nhs_number, r.day, r.code, r.item, r.verdict, r.reason,
  r.clause, r.fix, r.amount_pence, r.evidence, v.on_date, v.reason, r.activity_id, r.facts
FROM claim_row r JOIN claim c ON c.id = r.claim_id JOIN patient p ON p.id = r.patient_id
LEFT JOIN reversal v ON v.claim_row_id = r.id """


def claim_rows(store: Store, wanted: str) -> tuple[LedgerRow, ...]:
    """The rows of one claim, in order."""
    return tuple(_row(store, row) for row in store.rows(f"{_ROWS} WHERE r.service || '-' || c.month = ?", wanted))


def discrepancies(store: Store, activities: set[int] | None = None) -> tuple[LedgerRow, ...]:
    """Claimed rows, not reversed, whose entry was changed or withdrawn since; all, or those of some entries."""
    rows = store.rows(f"{_ROWS} WHERE r.verdict = 'payable' AND v.id IS NULL ORDER BY c.month, r.service, r.row")
    wanted = (row for row in rows if activities is None or row[15] in activities)
    return tuple(found for row in wanted if (found := _row(store, row)).changes)


def _row(store: Store, row: Any) -> LedgerRow:
    changes: tuple[str, ...] = ()
    if row[7] == Verdict.PAYABLE.value and row[15] is not None:
        then, now = json.loads(row[16]), entry_facts(store, row[15])
        changes = tuple(name for name in then if then[name] != now[name])
    return LedgerRow(
        row=row[0],
        claim_id=row[1],
        service=row[2],
        nhs_number=row[3],
        day=row[4],
        code=row[5],
        item=row[6],
        verdict=row[7],
        reason=row[8],
        clause=row[9],
        fix=row[10],
        amount_pence=row[11],
        evidence=tuple(json.loads(row[12])),
        reversed_on=row[13],
        reversal_reason=row[14],
        changes=("withdrawn",) if "withdrawn" in changes else changes,
    )


def payments(store: Store, wanted: str) -> tuple[Payment, ...]:
    """The payments against one claim, in the order they were recorded."""
    return tuple(
        Payment(amount_pence=row[0], on=row[1])
        for row in store.rows(
            "SELECT p.amount_pence, p.on_date FROM payment p JOIN claim c ON c.id = p.claim_id"
            " WHERE c.service || '-' || c.month = ? ORDER BY p.id",
            wanted,
        )
    )


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
