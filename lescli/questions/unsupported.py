"""Claimed work whose support has gone since: what the rules would not pay today, beside the entries that changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..calendar import Month, Period
from ..errors import LesError
from ..model import ClaimRow, Verdict
from ..rules.reasons import reason_of
from ..services import Service
from ..store import Store
from ..store.ledger_read import LedgerRow, standing_rows
from .asking import catalog_of, register_of, under_local_terms

_Key = tuple[str, str, str]
# The window closing, or an earlier claim, takes nothing away from what was claimed in time.
_GONE = (Verdict.REFUSED, Verdict.CHECK)


def unsupported(store: Store, as_of: date) -> list[dict[str, Any]]:
    """One line for each standing row that the rules, asked again today, would not pay; a broken service is left out."""
    found: list[dict[str, Any]] = []
    for service in catalog_of(store).services:
        rows = [row for row in standing_rows(store) if row.service == service.name]
        if not rows:
            continue
        try:
            fresh = _asked_again(store, under_local_terms(store, service), rows, as_of)
        except LesError:
            continue
        for row in rows:
            reason = _gone(service, fresh.get((row.item, row.nhs_number, row.day)))
            # An entry that itself changed is told by the ledger, with what changed.
            if reason and not row.changes:
                found.append(
                    {
                        "service": row.service,
                        "claim_id": row.claim_id,
                        "row": row.row,
                        "change": "changed",
                        "reason": reason,
                    }
                )
    return found


def _asked_again(store: Store, service: Service, rows: list[LedgerRow], as_of: date) -> dict[_Key, ClaimRow]:
    days = [date.fromisoformat(row.day) for row in rows]
    period = Period(Month.of(min(days)).first, Month.of(max(days)).last)
    records, register = register_of(store, service, as_of)
    claim = service.claim(records, register, period)
    # Of several entries of a day the one that counts is the one already claimed.
    return {
        (row.item, row.nhs_number, row.day.isoformat()): row
        for row in claim.rows
        if row.verdict is Verdict.CLAIMED and row.reason == "claimed"
    }


def _gone(service: Service, row: ClaimRow | None) -> str:
    if row is None:
        return "nothing in the record or the register supports it any more"
    lost = [one for one in row.also if one.verdict in _GONE]
    return f"it would not be paid today: {reason_of(service.spec, lost[0].reason).text}" if lost else ""
