"""What to know of a row that is taken back although the rules would still pay it: it comes again, or never again."""

from __future__ import annotations

from datetime import date

from ..calendar import for_people
from ..rules.windows import last_claim_day
from ..store import Store
from ..store.ledger_read import claim_rows
from .asking import catalog_of, under_local_terms
from .unsupported import look_again


def still_paid(store: Store, claim_id: str, row: int, as_of: date) -> str:
    """One line for whoever takes a standing row back, asked before it is; empty where nothing supports it any more.

    A reversal cannot be undone: the work is claimed anew while its window is open, or not at all.
    """
    held = next((one for one in claim_rows(store, claim_id) if one.row == row), None)
    again = look_again(store, as_of, claim_id)
    lost = {one.row.row for one in again.to_reverse}
    if held is None or again.failed or row in lost or held.reversed_on or not held.amount_pence:
        return ""
    specs = {service.name: under_local_terms(store, service).spec for service in catalog_of(store).services}
    last = last_claim_day(specs[held.service], date.fromisoformat(held.day))
    if last is None:
        return "the rules still pay it: unless the record is put right, the next claim takes it in again"
    if last < as_of:
        return f"the rules would still pay it, but its claim window closed on {for_people(last)}: it cannot come again"
    return f"the rules still pay it: unless the record is put right, a claim until {for_people(last)} takes it in again"
