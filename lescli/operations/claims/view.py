"""`les claims show`: one claim as it was frozen, row by row, with what happened to it since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ...outputs import Answer, Column, Grid, Kind
from ...store import Store
from ...store.ledger import read as ledger
from ...store.ledger.read import LedgerClaim, LedgerRow
from ..patients.doubts import rows_in_doubt
from ..values import as_cells, as_json
from .list import advice, rows_to_look_at, the_claim
from .support import Discrepancy, look_again

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
_PAYMENTS = (
    Column("on", "Paid on", Kind.DATE),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("reference", "Reference"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenRow:
    """One row of a claim as it was frozen, with the fields of docs/reference/json.md, as all values here."""

    row: int
    nhs_number: str
    date: date
    code: str
    item: str
    verdict: str
    reason: str
    clause: str
    fix: str
    amount_pence: int
    evidence: tuple[str, ...]
    reversed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """One row that was taken back."""

    row: int
    amount_pence: int
    reason: str | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """When the whole claim was taken back, and why."""

    on: date
    reason: str | None


def claim_shown_answer(store: Store, claim_id: str, as_of: date) -> Answer:
    """One claim as it was frozen, row by row, with what happened since. It names patients."""
    claim = the_claim(store, claim_id)
    rows = ledger.claim_rows(store, claim_id)
    paid = ledger.payments(store, claim_id)
    again = look_again(store, as_of, claim_id)
    since = {one.row.row: one.reason for one in again.found}
    for one in (one for one in rows_in_doubt(store) if one.claim_id == claim_id):
        told = f"look at it first: {one.reason}"
        since[one.row] = "; ".join(filter(None, (since.get(one.row), told)))
    data = {
        **claim.body,
        "schema": "les-claim-shown/1",
        "chain_head": claim.chain_head,
        "chain_before": claim.chain_before,
        "by": claim.by,
        "authorised_by": claim.authorised_by,
        "submitted_on": claim.submitted_on.isoformat(),
        "rows": [as_json(_row(row)) for row in rows],
        "payments": [as_json(one) for one in paid],
        "withdrawal": _withdrawal(claim),
        "reversals": [
            as_json(Reversal(row=r.row, amount_pence=r.amount_pence, reason=r.reversal_reason, on=r.reversed_on))
            for r in rows
            if r.reversed_on
        ],
        "discrepancies": [as_json(one.shown()) for one in again.found],
        "in_doubt": [as_json(one) for one in rows_to_look_at(store, again) if one.claim_id == claim_id],
    }
    return Answer(
        data=data,
        title=f"Claim {claim_id}, submitted {claim.submitted_on} by {claim.by}{_withdrawn(claim)}; "
        f"chain head {claim.chain_head}",
        grids=(
            Grid(
                title="Rows",
                columns=_ROWS,
                rows=tuple(_cells(row, since) for row in rows),
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
            Grid(
                title="Payments",
                columns=_PAYMENTS,
                rows=as_cells(paid, _PAYMENTS),
                empty="nothing was paid yet",
            ),
        ),
        notes=(*(f"row {one.row.row}: {one.reason}; {_advice(one)}" for one in again.found), *again.failed),
        identifiable=True,
    )


def _withdrawal(claim: LedgerClaim) -> dict[str, object] | None:
    if claim.withdrawn_on is None:
        return None
    return as_json(Withdrawal(on=claim.withdrawn_on, reason=claim.withdrawal_reason))


def _withdrawn(claim: LedgerClaim) -> str:
    return f", withdrawn {claim.withdrawn_on} ({claim.withdrawal_reason})" if claim.withdrawn_on else ""


def _advice(one: Discrepancy) -> str:
    if one.supported is None and not one.to_look_at:
        return f"if it is no longer supported, reverse it with `{one.command}`"
    return "nothing is to be reversed" if one.supported else advice(one)


def _row(row: LedgerRow) -> FrozenRow:
    return FrozenRow(
        row=row.row,
        nhs_number=row.nhs_number,
        date=row.day,
        code=row.code,
        item=row.item,
        verdict=row.verdict,
        reason=row.reason,
        clause=row.clause,
        fix=row.fix,
        amount_pence=row.amount_pence,
        evidence=row.evidence,
        reversed=row.reversed_on is not None,
    )


def _cells(row: LedgerRow, since: Mapping[int, str]) -> tuple[object, ...]:
    reversed_on = f"{row.reversed_on}: {row.reversal_reason}" if row.reversed_on else ""
    head = (row.row, row.nhs_number, row.day, row.code, row.item, row.verdict, row.reason, row.clause)
    return (*head, row.amount_pence or None, reversed_on, since.get(row.row, ""))
