"""`les claims`: what was claimed, corrected and paid, and what is still owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ..errors import LesError
from ..outputs import Answer, Column, Grid, Kind
from ..store import Store
from ..store import ledger_read as ledger
from ..store.ledger_read import LedgerClaim, LedgerRow
from .unsupported import unsupported

_CLAIMS = (
    Column("claim_id", "Claim"),
    Column("service", "Service"),
    Column("month", "Month"),
    Column("submitted_on", "Submitted", Kind.DATE),
    Column("by", "By"),
    Column("authorised_by", "Authorised by"),
    Column("total_pence", "Claimed", Kind.PENCE),
    Column("reversed_pence", "Reversed", Kind.PENCE),
    Column("paid_pence", "Paid", Kind.PENCE),
    Column("owed_pence", "Owed", Kind.PENCE),
    Column("chain_head", "Chain head"),
)
_ROWS = (
    Column("row", "Row", Kind.COUNT),
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("date", "Date", Kind.DATE),
    Column("code", "Code", Kind.CODE),
    Column("item", "Item"),
    Column("verdict", "Verdict"),
    Column("reason", "Reason"),
    Column("clause", "Clause"),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("reversed", "Reversed"),
    Column("changed", "Changed since"),
)


def claims_answer(store: Store, as_of: date) -> Answer:
    """Every submitted claim with what was reversed, paid and is owed, and what supports it no longer."""
    claims = ledger.claims(store)
    changed = [_discrepancy(row) for row in ledger.discrepancies(store)] + unsupported(store, as_of)
    data = []
    for claim in claims:
        one = _claim(claim)
        own = [row for row in changed if row["claim_id"] == claim.claim_id]
        if own:
            one["discrepancies"] = own
        data.append(one)
    notes = [
        f"row {row['row']} of {row['claim_id']}: {row['reason']}; look at it with `les claims show {row['claim_id']}`"
        for row in changed
    ]
    return Answer(
        data={"schema": "les-claims/1", "claims": data},
        title=f"Claims: {len(claims)}",
        grids=(
            Grid(
                title="",
                columns=_CLAIMS,
                rows=tuple(
                    tuple(date.fromisoformat(row[c.name]) if c.kind is Kind.DATE else row[c.name] for c in _CLAIMS)
                    for row in data
                ),
                empty="nothing was submitted yet",
            ),
        ),
        notes=tuple(notes),
    )


def _claim(claim: LedgerClaim) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id,
        "service": claim.service,
        "month": claim.month,
        "submitted_on": claim.submitted_on,
        "by": claim.by,
        "authorised_by": claim.authorised_by,
        "total_pence": claim.total_pence,
        "paid_pence": claim.paid_pence,
        "reversed_pence": claim.reversed_pence,
        "owed_pence": claim.owed_pence,
        "chain_head": claim.chain_head,
    }


def the_claim(store: Store, claim_id: str) -> LedgerClaim:
    """The claim of an id; LesError lists how ids look when there is none."""
    claim = ledger.find_claim(store, claim_id)
    if claim is None:
        raise LesError("there is no claim of that id", "ids look like SERVICE-2026-05; `les claims` lists them")
    return claim


def claim_shown_answer(store: Store, claim_id: str, as_of: date) -> Answer:
    """One claim as it was frozen, row by row, with what happened since. It names patients."""
    claim = the_claim(store, claim_id)
    rows = ledger.claim_rows(store, claim_id)
    gone = {row["row"]: row for row in unsupported(store, as_of) if row["claim_id"] == claim_id}
    data = {
        **claim.body,
        "schema": "les-claim-shown/1",
        "by": claim.by,
        "authorised_by": claim.authorised_by,
        "submitted_on": claim.submitted_on,
        "rows": [_row(row) for row in rows],
        "payments": [{"amount_pence": p.amount_pence, "on": p.on} for p in ledger.payments(store, claim_id)],
        "reversals": [
            {"row": r.row, "amount_pence": r.amount_pence, "reason": r.reversal_reason, "on": r.reversed_on}
            for r in rows
            if r.reversed_on
        ],
        "discrepancies": [
            *(_discrepancy(r) for r in rows if r.changes and not r.reversed_on),
            *gone.values(),
        ],
    }
    return Answer(
        data=data,
        title=f"Claim {claim_id}, submitted {claim.submitted_on} by {claim.by}; chain head {claim.chain_head}",
        grids=(
            Grid(
                title="Rows",
                columns=_ROWS,
                rows=tuple(_cells(row, gone) for row in rows),
                empty="no activity was claimed",
            ),
            Grid(
                title="Account",
                columns=(Column("what", "What"), Column("amount_pence", "Amount", Kind.PENCE)),
                rows=(
                    ("claimed", claim.total_pence),
                    ("reversed", -claim.reversed_pence),
                    ("paid", -claim.paid_pence),
                    ("owed", claim.owed_pence),
                ),
            ),
        ),
        notes=_reversals_to_make(rows, gone),
        identifiable=True,
    )


def _reversals_to_make(rows: Sequence[LedgerRow], gone: Mapping[int, dict[str, Any]]) -> tuple[str, ...]:
    why = {row.row: _change(row) for row in rows if row.changes and not row.reversed_on}
    why |= {number: str(row["reason"]) for number, row in gone.items()}
    return tuple(
        f"row {row.row}: {why[row.row]}; if it is no longer supported, reverse it with "
        f"`les claims reverse {row.claim_id} --row {row.row} --reason TEXT`"
        for row in rows
        if row.row in why
    )


def _row(row: LedgerRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "nhs_number": row.nhs_number,
        "date": row.day,
        "code": row.code,
        "item": row.item,
        "verdict": row.verdict,
        "reason": row.reason,
        "clause": row.clause,
        "fix": row.fix,
        "amount_pence": row.amount_pence,
        "evidence": list(row.evidence),
        "reversed": row.reversed_on is not None,
    }


def _cells(row: LedgerRow, gone: Mapping[int, dict[str, Any]]) -> tuple[object, ...]:
    day = date.fromisoformat(row.day)
    reversed_on = f"{row.reversed_on}: {row.reversal_reason}" if row.reversed_on else ""
    head = (row.row, row.nhs_number, day, row.code, row.item, row.verdict, row.reason, row.clause)
    since = _change(row) if row.changes else gone[row.row]["reason"] if row.row in gone else ""
    return (*head, row.amount_pence or None, reversed_on, since)


def _change(row: LedgerRow) -> str:
    if row.changes == ("withdrawn",):
        return "the entry it rests on was withdrawn from the record"
    return f"the entry it rests on has changed ({', '.join(row.changes)})"


def _discrepancy(row: LedgerRow) -> dict[str, Any]:
    return {
        "service": row.service,
        "claim_id": row.claim_id,
        "row": row.row,
        "change": "withdrawn" if row.changes == ("withdrawn",) else "changed",
        "reason": _change(row),
    }


def discrepancies_of(store: Store, activities: set[int]) -> list[dict[str, Any]]:
    """Claimed rows that rest on entries just changed or withdrawn."""
    return [_discrepancy(row) for row in ledger.discrepancies(store, activities)] if activities else []
