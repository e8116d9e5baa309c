"""Read the ledger: claims as they were frozen, and what was reversed, paid, withdrawn or changed since.

Also here: what other services claimed, and claimed rows beside today's entries for post-payment verification.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...model import Activity, ClaimedElsewhere, Verdict
from ..database.connection import Store
from ..people.same_person import WHO, known_as
from ..records.latest import COLUMNS, PATIENT_OF, with_words
from ..records.rows import activity_of, day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerClaim:
    """One submitted claim, with what was reversed, paid and withdrawn since.

    `chain_head` is its hash in the ledger's chain, and `chain_before` the hash that it is chained to.
    """

    claim_id: str
    service: str
    month: str
    submitted_on: date
    by: str
    authorised_by: str | None
    total_pence: int
    paid_pence: int
    reversed_pence: int
    chain_head: str
    chain_before: str
    body: dict[str, Any]
    withdrawn_on: date | None = None
    withdrawal_reason: str | None = None

    @property
    def owed_pence(self) -> int:
        """What the commissioner still owes; negative when the practice has to pay money back."""
        return self.total_pence - self.reversed_pence - self.paid_pence


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One row of a submitted claim; `changes` names the facts of its entry that have changed since.

    `nhs_number` is the number it was claimed under, and never changes; `person` is the patient's number now.
    """

    row: int
    claim_id: str
    service: str
    nhs_number: str
    day: date
    code: str
    item: str
    verdict: str
    reason: str
    clause: str
    fix: str
    amount_pence: int
    evidence: tuple[str, ...]
    reversed_on: date | None
    reversal_reason: str | None
    changes: tuple[str, ...]
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidItem:
    """How many of an item a payment is for, and the money; both are negative when it was taken back."""

    item: str
    quantity: int
    amount_pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment for a claim, negative when money was taken back; `reference` is empty when none was given.

    `items` are what a remittance said that it is for. They need not come to the whole amount.
    """

    amount_pence: int
    on: date
    reference: str
    items: tuple[PaidItem, ...] = ()


def claim_id(service: str, month: str, sequence: int = 1) -> str:
    """The id of a claim: `SERVICE-2026-05`, or `SERVICE-2026-05-2` for the next one after that was withdrawn."""
    return f"{service}-{month}" if sequence == 1 else f"{service}-{month}-{sequence}"


CLAIM_ID = "c.service || '-' || c.month || iif(c.sequence = 1, '', '-' || c.sequence)"
"""`claim_id` in SQL, for a claim `c`."""


def entry_facts(store: Store, activity: int) -> dict[str, Any]:
    """What an entry says now: the facts that a claim depends on."""
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
  c.hash, c.previous, c.body, c.sequence, w.on_date, w.reason
FROM claim c LEFT JOIN withdrawal w ON w.claim_id = c.id AND w.on_date <= ?1 """


def claims(store: Store, until: date = date.max) -> tuple[LedgerClaim, ...]:
    """Every claim submitted by a day, with what was reversed and paid by then, in order of month and service."""
    found = store.rows(
        f"{_CLAIMS} WHERE c.submitted_on <= ?1 ORDER BY c.month, c.service, c.sequence", until.isoformat()
    )
    return tuple(map(_claim, found))


def find_claim(store: Store, wanted: str) -> LedgerClaim | None:
    """The claim with an id; None when there is none."""
    found = store.rows(f"{_CLAIMS} WHERE {CLAIM_ID} = ?2", date.max.isoformat(), wanted)
    return next(map(_claim, found), None)


def standing_claim(store: Store, service: str, month: str) -> LedgerClaim | None:
    """The claim of a service and month that was not withdrawn; None while the month is open."""
    found = store.rows(
        f"{_CLAIMS} WHERE c.service = ?2 AND c.month = ?3 AND w.id IS NULL", date.max.isoformat(), service, month
    )
    return next(map(_claim, found), None)


def next_sequence(store: Store, service: str, month: str) -> int:
    """The sequence number of the next claim of a service and month, from 1."""
    return int(store.rows("SELECT count(*) + 1 FROM claim WHERE service = ? AND month = ?", service, month)[0][0])


def _claim(row: Any) -> LedgerClaim:
    return LedgerClaim(
        claim_id=claim_id(row[0], row[1], row[11]),
        service=row[0],
        month=row[1],
        submitted_on=date.fromisoformat(row[2]),
        by=row[3],
        authorised_by=row[4],
        total_pence=row[5],
        paid_pence=row[6],
        reversed_pence=row[7],
        chain_head=row[8],
        chain_before=row[9],
        body=json.loads(row[10]),
        withdrawn_on=day_of(row[12]),
        withdrawal_reason=row[13],
    )


_ROWS = f"""
SELECT r.row, {CLAIM_ID}, r.service, coalesce(p.nhs_number, ''), r.day, r.code, r.item, r.verdict,
  r.reason, r.clause, r.fix, r.amount_pence, r.evidence, v.on_date, v.reason, r.activity_id, r.facts,
  coalesce(p.known_as, p.nhs_number, '')
FROM claim_row r JOIN claim c ON c.id = r.claim_id LEFT JOIN patient p ON p.id = r.patient_id
LEFT JOIN reversal v ON v.claim_row_id = r.id """

_NOT_REVERSED = "WHERE r.verdict = 'payable' AND v.id IS NULL ORDER BY c.month, r.service, c.sequence, r.row"


def claim_rows(store: Store, wanted: str) -> tuple[LedgerRow, ...]:
    """The rows of one claim, in order."""
    return tuple(_row(store, row) for row in store.rows(f"{_ROWS} WHERE {CLAIM_ID} = ?", wanted))


def standing_rows(store: Store) -> tuple[LedgerRow, ...]:
    """Every claimed row that was not reversed, in order of month, service and row."""
    rows = store.rows(f"{_ROWS} {_NOT_REVERSED}")
    return tuple(_row(store, row) for row in rows)


def discrepancies(store: Store, activities: set[int] | None = None) -> tuple[LedgerRow, ...]:
    """Claimed rows, not reversed, whose entry was changed or withdrawn since; only of `activities`, if given."""
    rows = store.rows(f"{_ROWS} {_NOT_REVERSED}")
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
        day=date.fromisoformat(row[4]),
        code=row[5],
        item=row[6],
        verdict=row[7],
        reason=row[8],
        clause=row[9],
        fix=row[10],
        amount_pence=row[11],
        evidence=tuple(json.loads(row[12])),
        reversed_on=day_of(row[13]),
        reversal_reason=row[14],
        changes=("withdrawn",) if "withdrawn" in changes else changes,
        person=row[17],
    )


def payments(store: Store, wanted: str) -> tuple[Payment, ...]:
    """The payments for one claim, in the order they were recorded."""
    return tuple(
        Payment(amount_pence=row[0], on=date.fromisoformat(row[1]), reference=row[2], items=_items(row[3]))
        for row in store.rows(
            "SELECT p.amount_pence, p.on_date, p.reference, p.items FROM payment p JOIN claim c ON c.id = p.claim_id"
            f" WHERE {CLAIM_ID} = ? ORDER BY p.id",
            wanted,
        )
    )


def _items(text: str) -> tuple[PaidItem, ...]:
    found = json.loads(text) if text else []
    return tuple(PaidItem(item=item, quantity=quantity, amount_pence=pence) for item, quantity, pence in found)


_CLAIMED = f"""
SELECT r.id, r.service, r.item, r.code, coalesce({WHO}, ''), r.day, r.activity_id,
  CASE WHEN r.patient_id IS NULL THEN c.body END
FROM claim_row r JOIN claim c ON c.id = r.claim_id LEFT JOIN patient p ON p.id = r.patient_id
WHERE r.verdict = 'payable' AND r.id NOT IN (SELECT claim_row_id FROM reversal) ORDER BY r.id
"""


def claimed_elsewhere(store: Store, service: str) -> tuple[ClaimedElsewhere, ...]:
    """Claimed rows of other services, not reversed, except for work that this service had claimed before them."""
    if not store.rows("SELECT 1 FROM claim WHERE service <> ? LIMIT 1", service):
        return ()
    own: set[tuple[Any, ...]] = set()
    found = []
    for _, holder, item, code, number, day, entry, body in store.rows(_CLAIMED):
        works = {(item, code, number, day)} | ({(entry,)} if entry is not None else set())
        if holder == service:
            own |= works
        elif own.isdisjoint(works):
            found.append(
                ClaimedElsewhere(
                    service=holder,
                    item=item,
                    code=code,
                    nhs_number=number,
                    day=date.fromisoformat(day),
                    entry_id=entry,
                    title=_title(body),
                )
            )
    return tuple(found)


def _title(body: str | None) -> str:
    return str(json.loads(body).get("specification", {}).get("title", "")) if body else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedClaim:
    """One submitted claim, as a verification pack shows it."""

    claim_id: str
    month: str
    submitted_on: date
    by: str
    authorised_by: str | None
    total_pence: int
    chain_head: str
    specification_sha256: str
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRow:
    """One claimed row of it; `entry` is its entry as it is now, withdrawn or not, and None for a row without one.

    `since` holds (fact, value when claimed, value now) for each fact that differs.
    """

    claim: VerifiedClaim
    row: LedgerRow
    entry: Activity | None
    withdrawn: bool
    since: tuple[tuple[str, str, str], ...]


def claimed_rows(store: Store, service: str, names: Iterable[str]) -> tuple[VerifiedRow, ...]:
    """Every payable row in the claims of those months, quarters and years, reversed since or not, in order."""
    wanted = set(names)
    found: list[VerifiedRow] = []
    for claim in claims(store):
        if claim.service != service or claim.month not in wanted:
            continue
        head = VerifiedClaim(
            claim_id=claim.claim_id,
            month=claim.month,
            submitted_on=claim.submitted_on,
            by=claim.by,
            authorised_by=claim.authorised_by,
            total_pence=claim.total_pence,
            chain_head=claim.chain_head,
            specification_sha256=str(claim.body.get("specification", {}).get("sha256", "")),
            withdrawn_on=claim.withdrawn_on,
        )
        frozen = _frozen(store, claim.claim_id)
        found += [
            _verified(store, head, row, *frozen[row.row])
            for row in claim_rows(store, claim.claim_id)
            if row.verdict == Verdict.PAYABLE
        ]
    return tuple(found)


def _frozen(store: Store, claim_id: str) -> dict[int, tuple[int | None, dict[str, Any]]]:
    """Row number -> the entry that the row pays for, and what the entry said when it was claimed."""
    rows = store.rows(
        f"SELECT r.row, r.activity_id, r.facts FROM claim_row r JOIN claim c ON c.id = r.claim_id WHERE {CLAIM_ID} = ?",
        claim_id,
    )
    return {row[0]: (row[1], json.loads(row[2])) for row in rows}


def _verified(
    store: Store, claim: VerifiedClaim, row: LedgerRow, activity: int | None, then: dict[str, Any]
) -> VerifiedRow:
    if activity is None:
        return VerifiedRow(claim=claim, row=row, entry=None, withdrawn=False, since=())
    now = entry_facts(store, activity)
    changed = [name for name in then if then[name] != now[name]]
    if "patient" in changed and "patient" not in row.changes and not now["withdrawn"]:
        changed.remove("patient")  # It is the same person, under another number.
    since = tuple((name, _text(then[name]), _text(now[name])) for name in changed)
    found = store.rows(f"{COLUMNS} FROM activity a {PATIENT_OF} WHERE a.id = ?", activity)
    (entry,) = with_words(store, found)
    return VerifiedRow(claim=claim, row=row, entry=activity_of(entry), withdrawn=bool(now["withdrawn"]), since=since)


def _text(value: object) -> str:
    return "" if value is None else str(value)
