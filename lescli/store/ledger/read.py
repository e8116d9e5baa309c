"""Reading the ledger: the claims as they were frozen, what happened to them since, and what no longer supports them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...model import Verdict
from ..database.connection import Store
from ..people.same_person import known_as


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
    withdrawn_on: str | None = None
    withdrawal_reason: str | None = None

    @property
    def owed_pence(self) -> int:
        """What the commissioner still owes; negative when it is to be paid back."""
        return self.total_pence - self.reversed_pence - self.paid_pence


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One row of a submitted claim; `changes` says how the entry it rests on has changed since, if it has.

    `nhs_number` is the one it was claimed under, and stays; `person` is the one the patient is known by now.
    """

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
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment against a claim, negative where money went back; `reference` is empty where none was given."""

    amount_pence: int
    on: str
    reference: str


def claim_id(service: str, month: str, sequence: int = 1) -> str:
    """The id of a claim: `SERVICE-2026-05`, and `SERVICE-2026-05-2` for the one after that was withdrawn."""
    return f"{service}-{month}" if sequence == 1 else f"{service}-{month}-{sequence}"


CLAIM_ID = "c.service || '-' || c.month || iif(c.sequence = 1, '', '-' || c.sequence)"
"""The same in SQL, of a claim `c`."""


def entry_facts(store: Store, activity: int) -> dict[str, Any]:
    """What an entry says now, as far as a claim rests on it."""
    row = store.rows(
        "SELECT p.nhs_number, a.day, s.codes, nullif(a.value, ''), nullif(kind.text, ''), nullif(place.text, ''),"
        " a.withdrawn FROM activity a"
        " JOIN patient p ON p.id = a.patient_id JOIN code_set s ON s.id = a.code_set_id"
        " JOIN entry_kind k ON k.id = a.kind_id JOIN phrase kind ON kind.id = k.consultation_type"
        " JOIN phrase place ON place.id = k.done_at"
        " WHERE a.id = ?",
        activity,
    )[0]
    names = ("patient", "date", "code", "value", "consultation type", "done at", "withdrawn")
    return dict(zip(names, row, strict=True))


_CLAIMS = """
SELECT c.service, c.month, c.submitted_on, c.by, c.authorised_by, c.total_pence,
  (SELECT coalesce(sum(amount_pence), 0) FROM payment WHERE claim_id = c.id AND on_date <= ?1),
  (SELECT coalesce(sum(v.amount_pence), 0) FROM reversal v JOIN claim_row r ON r.id = v.claim_row_id
   WHERE r.claim_id = c.id AND v.on_date <= ?1),
  c.hash, c.body, c.sequence, w.on_date, w.reason
FROM claim c LEFT JOIN withdrawal w ON w.claim_id = c.id AND w.on_date <= ?1 """


def claims(store: Store, until: date = date.max) -> tuple[LedgerClaim, ...]:
    """Every claim submitted until a day, with what was reversed and paid until then, by month and service."""
    found = store.rows(
        f"{_CLAIMS} WHERE c.submitted_on <= ?1 ORDER BY c.month, c.service, c.sequence", until.isoformat()
    )
    return tuple(map(_claim, found))


def find_claim(store: Store, wanted: str) -> LedgerClaim | None:
    """The claim of an id, None when there is none."""
    found = store.rows(f"{_CLAIMS} WHERE {CLAIM_ID} = ?2", date.max.isoformat(), wanted)
    return next(map(_claim, found), None)


def standing_claim(store: Store, service: str, month: str) -> LedgerClaim | None:
    """The claim of a service and month that was not withdrawn; None while the month is open."""
    found = store.rows(
        f"{_CLAIMS} WHERE c.service = ?2 AND c.month = ?3 AND w.id IS NULL", date.max.isoformat(), service, month
    )
    return next(map(_claim, found), None)


def next_sequence(store: Store, service: str, month: str) -> int:
    """Which claim of a service and month the next one is."""
    return int(store.rows("SELECT count(*) + 1 FROM claim WHERE service = ? AND month = ?", service, month)[0][0])


def _claim(row: Any) -> LedgerClaim:
    return LedgerClaim(
        claim_id=claim_id(row[0], row[1], row[10]),
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
        withdrawn_on=row[11],
        withdrawal_reason=row[12],
    )


_ROWS = f"""
SELECT r.row, {CLAIM_ID}, r.service, coalesce(p.nhs_number, ''), r.day, r.code, r.item, r.verdict,
  r.reason, r.clause, r.fix, r.amount_pence, r.evidence, v.on_date, v.reason, r.activity_id, r.facts,
  coalesce(p.known_as, p.nhs_number, '')
FROM claim_row r JOIN claim c ON c.id = r.claim_id LEFT JOIN patient p ON p.id = r.patient_id
LEFT JOIN reversal v ON v.claim_row_id = r.id """

_STANDING = "WHERE r.verdict = 'payable' AND v.id IS NULL ORDER BY c.month, r.service, c.sequence, r.row"


def claim_rows(store: Store, wanted: str) -> tuple[LedgerRow, ...]:
    """The rows of one claim, in order."""
    return tuple(_row(store, row) for row in store.rows(f"{_ROWS} WHERE {CLAIM_ID} = ?", wanted))


def standing_rows(store: Store) -> tuple[LedgerRow, ...]:
    """Every claimed row that was not reversed, by month, service and row."""
    rows = store.rows(
        f"{_ROWS} WHERE r.verdict = 'payable' AND v.id IS NULL ORDER BY c.month, r.service, c.sequence, r.row"
    )
    return tuple(_row(store, row) for row in rows)


def discrepancies(store: Store, activities: set[int] | None = None) -> tuple[LedgerRow, ...]:
    """Claimed rows, not reversed, whose entry was changed or withdrawn since; all, or those of some entries."""
    rows = store.rows(
        f"{_ROWS} WHERE r.verdict = 'payable' AND v.id IS NULL ORDER BY c.month, r.service, c.sequence, r.row"
    )
    wanted = (row for row in rows if activities is None or row[15] in activities)
    return tuple(found for row in wanted if (found := _row(store, row)).changes)


def _row(store: Store, row: Any) -> LedgerRow:
    changes: tuple[str, ...] = ()
    if row[7] == Verdict.PAYABLE.value and row[15] is not None:
        then, now = json.loads(row[16]), entry_facts(store, row[15])
        changes = tuple(name for name in then if then[name] != now[name])
        if "patient" in changes and known_as(store, then["patient"]) == known_as(store, now["patient"]):
            changes = tuple(name for name in changes if name != "patient")
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
        person=row[17],
    )


def payments(store: Store, wanted: str) -> tuple[Payment, ...]:
    """The payments against one claim, in the order they were recorded."""
    return tuple(
        Payment(amount_pence=row[0], on=row[1], reference=row[2])
        for row in store.rows(
            "SELECT p.amount_pence, p.on_date, p.reference FROM payment p JOIN claim c ON c.id = p.claim_id"
            f" WHERE {CLAIM_ID} = ? ORDER BY p.id",
            wanted,
        )
    )
