"""`les claims`: each claim with its corrections and payments, what is owed, and rows that are no longer supported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ...calendar import for_people, parse_claim_period
from ...errors import LesError, did_you_mean
from ...model import ServiceSpec
from ...outputs import Answer, Column, Grid, Kind, counted, pounds
from ...rules.windows import paid_by
from ...store import Store
from ...store.ledger import read as ledger
from ...store.ledger.read import LedgerClaim
from ..choose_services import catalog_of, under_local_terms
from ..patients.doubts import ClaimedInDoubt, rows_in_doubt
from ..values import LEFT_OUT, as_cells, as_json
from .support import Discrepancy, DiscrepancyRow, LookedAgain, changed_entries, look_again

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
    Column("state", "State"),
    Column("withdrawn_on", "Withdrawn", Kind.DATE),
    Column("withdrawal_reason", "Why withdrawn"),
    Column("expected_on", "Expected", Kind.DATE),
    Column("days_owed", "Days owed", Kind.COUNT),
    Column("references", "Payment references"),
    Column("chain_head", "Chain head", Kind.CODE),
)
_ACCOUNTS = (
    Column("service", "Service"),
    Column("total_pence", "Claimed", Kind.PENCE),
    Column("reversed_pence", "Reversed", Kind.PENCE),
    Column("paid_pence", "Paid", Kind.PENCE),
    Column("owed_pence", "Owed", Kind.PENCE),
    Column("overpaid_pence", "Paid too much", Kind.PENCE),
    Column("oldest_days", "Longest owed, days", Kind.COUNT),
)
_TO_REVERSE = (
    Column("claim_id", "Claim"),
    Column("row", "Row", Kind.COUNT),
    Column("item", "Item"),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("cause", "Cause"),
    Column("reason", "Why"),
    Column("command", "To reverse it", Kind.CODE),
)
_IN_DOUBT = (
    Column("claim_id", "Claim"),
    Column("row", "Row", Kind.COUNT),
    Column("item", "Item"),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("reason", "Why"),
    Column("file", "File"),
)
_MOST_NOTES = 10
_FINISHED = ("settled", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The state of one claim on a day.

    `state` is unpaid, part-paid, settled, overpaid or withdrawn. `expected_on` is the day when payment is due, or None
    when the specification gives none. `days_owed` counts from `expected_on`, or from the submission without it. It is
    None when nothing is owed.
    """

    claim: LedgerClaim
    state: str
    expected_on: date | None
    days_owed: int | None


def accounts_of(
    store: Store, claims: Iterable[LedgerClaim], as_of: date, specs: Mapping[str, ServiceSpec] | None = None
) -> tuple[Account, ...]:
    """Each claim's account, in the order given. A service that does not load, or is not in `specs`, has no payment day.

    `specs` saves loading every service again.
    """
    if specs is None:
        specs = {service.name: under_local_terms(store, service).spec for service in catalog_of(store).services}
    return tuple(_account(claim, specs, as_of) for claim in claims)


def _account(claim: LedgerClaim, specs: Mapping[str, ServiceSpec], as_of: date) -> Account:
    owed, submitted = claim.owed_pence, claim.submitted_on
    spec = specs.get(claim.service)
    expected = paid_by(spec, parse_claim_period(claim.month, spec.year_starts)) if spec else None
    if expected is not None:
        # No payment can be due before the claim is submitted.
        expected = max(expected, submitted)
    waited = (as_of - (expected or submitted)).days
    state = "settled" if owed == 0 else "overpaid" if owed < 0 else "part-paid" if claim.paid_pence else "unpaid"
    if claim.withdrawn_on:
        state = "withdrawn"
    return Account(claim=claim, state=state, expected_on=expected, days_owed=max(0, waited) if owed > 0 else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim with its account, with the fields of docs/reference/json.md in their order, as all values here."""

    claim_id: str
    service: str
    month: str
    submitted_on: date
    by: str
    authorised_by: str | None
    total_pence: int
    paid_pence: int
    reversed_pence: int
    owed_pence: int
    state: str
    withdrawn_on: date | None
    withdrawal_reason: str | None
    expected_on: date | None
    days_owed: int | None
    references: tuple[str, ...]
    chain_head: str
    chain_before: str
    discrepancies: tuple[DiscrepancyRow, ...] = field(default=(), metadata=LEFT_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """The sums of one service."""

    service: str
    total_pence: int
    reversed_pence: int
    paid_pence: int
    owed_pence: int
    overpaid_pence: int
    oldest_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsShown:
    """Every claim, the sums, and the claimed rows that are no longer supported or in doubt."""

    schema: str = "les-claims/1"
    as_of: date
    claims: tuple[ClaimRow, ...]
    accounts: tuple[AccountRow, ...]
    to_reverse: tuple[DiscrepancyRow, ...]
    in_doubt: tuple[ClaimedInDoubt, ...]


def by_service(accounts: Iterable[Account]) -> list[AccountRow]:
    """Totals by service in pence. Overpayments are not set off against what is owed."""
    listed = list(accounts)
    return [
        _sums(service, [account for account in listed if account.claim.service == service])
        for service in sorted({account.claim.service for account in listed})
    ]


def _sums(service: str, accounts: list[Account]) -> AccountRow:
    owed = [account.claim.owed_pence for account in accounts]
    waited = [account.days_owed for account in accounts if account.days_owed is not None]
    return AccountRow(
        service=service,
        total_pence=sum(account.claim.total_pence for account in accounts),
        reversed_pence=sum(account.claim.reversed_pence for account in accounts),
        paid_pence=sum(account.claim.paid_pence for account in accounts),
        owed_pence=sum(pence for pence in owed if pence > 0),
        overpaid_pence=-sum(pence for pence in owed if pence < 0),
        oldest_days=max(waited, default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsAnswer:
    """The answer, the number of rows to reverse and to look at, and a line for each service that could not be asked."""

    answer: Answer
    to_reverse: int
    in_doubt: int
    failed: tuple[str, ...]


def claims_answer(store: Store, as_of: date, *, owed_only: bool = False, reversals_first: bool = False) -> ClaimsAnswer:
    """Every submitted claim with its account, and the rows that are no longer supported.

    With `owed_only` settled and withdrawn claims are left out, and so is everything submitted, reversed or paid after
    `as_of`. `reversals_first` puts the rows first, because CSV prints the first table.
    """
    again = look_again(store, as_of)
    every, until = ledger.claims(store), ledger.claims(store, as_of)
    accounts = accounts_of(store, until if owed_only else every, as_of)
    shown = [account for account in accounts if not owed_only or account.state not in _FINISHED]
    rows = tuple(_claim(store, account, again.found) for account in shown)
    sums = by_service(accounts)
    to_reverse = tuple(one.shown() for one in again.to_reverse)
    claims = Grid(
        title="",
        columns=_CLAIMS,
        rows=as_cells(rows, _CLAIMS),
        empty="nothing is owed and nothing was paid too much" if accounts else "nothing was submitted yet",
    )
    reversals = Grid(
        title="Claimed and no longer supported",
        columns=_TO_REVERSE,
        rows=as_cells(to_reverse, _TO_REVERSE),
        empty="every claimed row is still supported",
    )
    doubtful = rows_to_look_at(store, again)
    looks = Grid(
        title="Claimed and in doubt",
        columns=_IN_DOUBT,
        rows=as_cells(doubtful, _IN_DOUBT),
        empty="every claimed entry is in the newest export of its period",
    )
    by_services = Grid(title="By service", columns=_ACCOUNTS, rows=as_cells(sums, _ACCOUNTS))
    grids = [claims, by_services] if len(sums) > 1 else [claims]
    if reversals_first:
        grids[:0] = [reversals, looks]
    elif again.to_reverse:
        grids.append(reversals)
    if doubtful and not reversals_first:
        grids.append(looks)
    answer = Answer(
        data=as_json(
            ClaimsShown(as_of=as_of, claims=rows, accounts=tuple(sums), to_reverse=to_reverse, in_doubt=tuple(doubtful))
        ),
        title=_title(as_of, len(rows), len(accounts) if owed_only else None),
        grids=tuple(grids),
        notes=(*_notes(again.found), *_later(every, until, as_of, owed_only=owed_only)),
    )
    return ClaimsAnswer(answer=answer, to_reverse=len(again.to_reverse), in_doubt=len(doubtful), failed=again.failed)


def rows_to_look_at(store: Store, again: LookedAgain) -> list[ClaimedInDoubt]:
    """Claimed rows in doubt: their entry is missing from the newest export, or their patient may have two numbers."""
    rows = [
        ClaimedInDoubt(
            service=one.row.service,
            claim_id=one.row.claim_id,
            row=one.row.row,
            item=one.row.item,
            amount_pence=one.row.amount_pence,
            reason="its patient may have two numbers: see `les patients`",
            file="",
        )
        for one in again.to_look_at
    ]
    return [*rows_in_doubt(store), *rows]


def _title(as_of: date, shown: int, of: int | None) -> str:
    day = for_people(as_of)
    return f"Claims on {day}: {shown}" if of is None else f"Claims not settled on {day}: {shown} of {of}"


def _claim(store: Store, account: Account, every: Iterable[Discrepancy]) -> ClaimRow:
    claim = account.claim
    paid = ledger.payments(store, claim.claim_id)
    return ClaimRow(
        claim_id=claim.claim_id,
        service=claim.service,
        month=claim.month,
        submitted_on=claim.submitted_on,
        by=claim.by,
        authorised_by=claim.authorised_by,
        total_pence=claim.total_pence,
        paid_pence=claim.paid_pence,
        reversed_pence=claim.reversed_pence,
        owed_pence=claim.owed_pence,
        state=account.state,
        withdrawn_on=claim.withdrawn_on,
        withdrawal_reason=claim.withdrawal_reason,
        expected_on=account.expected_on,
        days_owed=account.days_owed,
        references=tuple(dict.fromkeys(one.reference for one in paid if one.reference)),
        chain_head=claim.chain_head,
        chain_before=claim.chain_before,
        discrepancies=tuple(one.shown() for one in every if one.row.claim_id == claim.claim_id),
    )


def _notes(found: tuple[Discrepancy, ...]) -> Iterable[str]:
    for one in found[:_MOST_NOTES]:
        yield f"row {one.row.row} of {one.row.claim_id}: {one.reason}; {advice(one)}"
    if len(found) > _MOST_NOTES:
        yield f"and {counted(len(found) - _MOST_NOTES, 'more row')}; `les claims --to-reverse` lists those to reverse"
    lost = [one.row.amount_pence for one in found if one.supported is False]
    if lost:
        yield f"no longer supported: {counted(len(lost), 'claimed row')}, {pounds(sum(lost))}"


def _later(
    every: tuple[LedgerClaim, ...], until: tuple[LedgerClaim, ...], as_of: date, *, owed_only: bool
) -> Iterable[str]:
    """A note with the number of claims submitted, corrected or paid after `as_of`; none when there are none."""
    more = len(set(map(_standing, every)) - set(map(_standing, until)))
    if more:
        what = "left out here" if owed_only else "counted here, but not in `les claims --owed`"
        yield f"{counted(more, 'claim')} submitted, corrected or paid after {for_people(as_of)}; {what}"


def _standing(claim: LedgerClaim) -> tuple[str, int, int, date | None]:
    return claim.claim_id, claim.reversed_pence, claim.paid_pence, claim.withdrawn_on


def advice(one: Discrepancy) -> str:
    """What to do about a row, worded as the end of a sentence."""
    if one.supported is False:
        return f"reverse it with `{one.command}`"
    if one.to_look_at:
        return "do not reverse it before that is settled"
    return f"look at it with `les claims show {one.row.claim_id}`"


def the_claim(store: Store, claim_id: str) -> LedgerClaim:
    """The claim with an id. When there is none, LesError says what ids look like."""
    claim = ledger.find_claim(store, claim_id)
    if claim is None:
        near = did_you_mean(claim_id, [one.claim_id for one in ledger.claims(store)])
        raise LesError(
            "there is no claim of that id", f"{near or 'ids look like SERVICE-2026-05;'} `les claims` lists them"
        )
    return claim


def discrepancies_of(store: Store, activities: set[int]) -> list[dict[str, Any]]:
    """Claimed rows that rest on entries just changed or withdrawn."""
    return [as_json(one.shown()) for one in changed_entries(store, activities)] if activities else []
