"""Claimed rows as a checker of payments needs them: as they were frozen, and the entry behind each as it stands now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...calendar import Month
from ...model import Activity
from ..database.connection import Store
from ..records.rows import activity_of
from ..records.selecting import COLUMNS, WORDS
from .read import CLAIM_ID, LedgerRow, claim_rows, claims, entry_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedClaim:
    """One submitted claim of the period."""

    claim_id: str
    month: str
    submitted_on: str
    by: str
    authorised_by: str | None
    total_pence: int
    chain_head: str
    specification_sha256: str
    withdrawn_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRow:
    """One claimed row of it; `entry` is what it rests on as it stands now, withdrawn or not, None where it has none.

    `since` are (what, as claimed, now) of what differs.
    """

    claim: VerifiedClaim
    row: LedgerRow
    entry: Activity | None
    withdrawn: bool
    since: tuple[tuple[str, str, str], ...]


def claimed_rows(store: Store, service: str, months: tuple[Month, ...]) -> tuple[VerifiedRow, ...]:
    """Every row claimed for payment in the claims of those months, reversed since or not, by month and row."""
    wanted = {str(month) for month in months}
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
            if row.verdict == "payable"
        ]
    return tuple(found)


def _frozen(store: Store, claim_id: str) -> dict[int, tuple[int | None, dict[str, Any]]]:
    """The entry each row pays for and what it said when it was claimed, by row."""
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
        changed.remove("patient")  # The same person, known by another number.
    since = tuple((name, _text(then[name]), _text(now[name])) for name in changed)
    (entry,) = store.rows(f"{COLUMNS} FROM activity a {WORDS} WHERE a.id = ?", activity)
    return VerifiedRow(claim=claim, row=row, entry=activity_of(entry), withdrawn=bool(now["withdrawn"]), since=since)


def _text(value: object) -> str:
    return "" if value is None else str(value)
