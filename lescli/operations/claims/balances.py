"""What is owed for submitted claims, by claim and by service, and for how long: payments set against claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...calendar import Month
from ...model import ServiceSpec
from ...rules.windows import paid_by
from ...store import Store
from ...store.ledger.read import LedgerClaim
from ..choose_services import catalog_of, under_local_terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How one claim stands on a day.

    `state` is unpaid, part-paid, settled, overpaid or withdrawn. `expected_on` is the day from which payment is waited
    for, None where the specification does not say when it pays; `days_owed` count from it, else from the submission,
    and are None where nothing is owed.
    """

    claim: LedgerClaim
    state: str
    expected_on: date | None
    days_owed: int | None


def accounts_of(store: Store, claims: Iterable[LedgerClaim], as_of: date) -> tuple[Account, ...]:
    """Each claim's account, in the order given; a service that does not load has no payment term."""
    specs = {service.name: under_local_terms(store, service).spec for service in catalog_of(store).services}
    return tuple(_account(claim, specs, as_of) for claim in claims)


def _account(claim: LedgerClaim, specs: Mapping[str, ServiceSpec], as_of: date) -> Account:
    owed, submitted = claim.owed_pence, date.fromisoformat(claim.submitted_on)
    spec = specs.get(claim.service)
    expected = paid_by(spec, Month.parse(claim.month)) if spec else None
    if expected is not None:
        # Nobody pays for a claim before it is there.
        expected = max(expected, submitted)
    waited = (as_of - (expected or submitted)).days
    state = "settled" if owed == 0 else "overpaid" if owed < 0 else "part-paid" if claim.paid_pence else "unpaid"
    if claim.withdrawn_on:
        state = "withdrawn"
    return Account(claim=claim, state=state, expected_on=expected, days_owed=max(0, waited) if owed > 0 else None)


def by_service(accounts: Iterable[Account]) -> list[dict[str, Any]]:
    """Sums by service in whole pence; what is owed and what was paid too much are not set off against each other."""
    listed = list(accounts)
    return [
        _sums(service, [account for account in listed if account.claim.service == service])
        for service in sorted({account.claim.service for account in listed})
    ]


def _sums(service: str, accounts: list[Account]) -> dict[str, Any]:
    owed = [account.claim.owed_pence for account in accounts]
    waited = [account.days_owed for account in accounts if account.days_owed is not None]
    return {
        "service": service,
        "total_pence": sum(account.claim.total_pence for account in accounts),
        "reversed_pence": sum(account.claim.reversed_pence for account in accounts),
        "paid_pence": sum(account.claim.paid_pence for account in accounts),
        "owed_pence": sum(pence for pence in owed if pence > 0),
        "overpaid_pence": -sum(pence for pence in owed if pence < 0),
        "oldest_days": max(waited, default=None),
    }
