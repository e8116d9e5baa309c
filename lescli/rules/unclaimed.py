"""The standing of unclaimed work on a day: each activity has one, and each pound is counted in one sum only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ..calendar import Period
from ..model import Claim, ClaimedRow, ClaimRow, Records, ServiceSpec, Verdict
from .claim_row import days_paid, price_of
from .other_services import IN_ANOTHER
from .windows import first_claim_day, last_claim_day

RISK_DAYS = 31
"""Unclaimed work is at risk when its claim window closes within this many days."""


class Standing(StrEnum):
    """What can become of work that this service has not claimed.

    `not_over` is payable work of the current month, to be claimed when the month is over. `claimed_elsewhere` has been
    claimed under another service. `also_claimable` could be claimed under another service too, and its money is counted
    there. `expired` is lost, and `over_cap` is not paid.
    """

    READY = "ready"
    NOT_OVER = "not_over"
    AT_RISK = "at_risk"
    HELD_BACK = "held_back"
    UNPRICED = "unpriced"
    CLAIMED_ELSEWHERE = "claimed_elsewhere"
    ALSO_CLAIMABLE = "also_claimable"
    EXPIRED = "expired"
    OVER_CAP = "over_cap"


_STANDINGS = {
    Verdict.PAYABLE: Standing.READY,
    Verdict.CHECK: Standing.HELD_BACK,
    Verdict.UNPRICED: Standing.UNPRICED,
    Verdict.EXPIRED: Standing.EXPIRED,
    Verdict.OVER_CAP: Standing.OVER_CAP,
}
"""The standing that follows from each verdict, unless the month, the window or another service changes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A number of activities and what they are worth in whole pence."""

    count: int
    amount_pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """One unclaimed activity. `amount_pence` is the price on its day, or 0 when none is known.

    `last_day` is the last day it can be claimed, or None when there is no claim window.
    """

    row: ClaimRow
    standing: Standing
    amount_pence: int
    last_day: date | None

    @property
    def is_payable(self) -> bool:
        """Whether a claim submitted on the day asked about would be paid for it, and no other service counts it."""
        return self.row.verdict is Verdict.PAYABLE and self.standing is not Standing.ALSO_CLAIMABLE


def whole_period(spec: ServiceSpec, records: Records) -> Period:
    """From the first day that the practice can claim, or the contract year's start if earlier, to the end of the month
    (or of the quarter or year that is claimed).
    """
    year = spec.contract_year(records.as_of).start
    first = min(year, first_claim_day(spec, records) or year)
    return Period(spec.claim_period(first).first, spec.claim_period(records.as_of).last)


def unclaimed_work(spec: ServiceSpec, records: Records, claim: Claim) -> tuple[Unclaimed, ...]:
    """The rows of a claim that are neither claimed nor refused, in the claim's order."""
    return tuple(
        _unclaimed(spec, records, row) for row in claim.rows if row.verdict not in (Verdict.CLAIMED, Verdict.REFUSED)
    )


def total(work: Iterable[Unclaimed]) -> Total:
    """The number of activities and what they are worth together."""
    amounts = [one.amount_pence for one in work]
    return Total(count=len(amounts), amount_pence=sum(amounts))


def standing_of(spec: ServiceSpec, row: ClaimRow, as_of: date) -> Standing | None:
    """The standing of one row of a claim on a day; None when it is claimed or refused."""
    if row.verdict in (Verdict.PAYABLE, Verdict.CHECK):
        if is_claimed_elsewhere(row):
            return Standing.CLAIMED_ELSEWHERE
        last = last_claim_day(spec, row.day)
        # Work that is held back is money too, and its claim window also closes.
        if last is not None and last <= as_of + timedelta(days=RISK_DAYS):
            return Standing.AT_RISK
    # More entries for the month may still come, so it is claimed when it is over.
    if row.verdict is Verdict.PAYABLE and row.day >= spec.claim_period(as_of).first:
        return Standing.NOT_OVER
    return _STANDINGS.get(row.verdict)


def not_over(spec: ServiceSpec, claim: Claim) -> tuple[ClaimRow, ...]:
    """The payable rows of a claim whose month is not over on the day it was asked on: its own claim comes later."""
    if claim.as_of is None:
        return ()
    return tuple(row for row in claim.rows if standing_of(spec, row, claim.as_of) is Standing.NOT_OVER)


def is_claimed_elsewhere(row: ClaimRow) -> bool:
    """Whether another service has claimed the work, whatever other findings the row has."""
    return IN_ANOTHER in (row.reason, *(one.reason for one in row.also))


def worth(spec: ServiceSpec, records: Records, row: ClaimRow) -> int:
    """Whole pence for one row at the price of its day, whether or not it is payable; 0 when no price is known.

    Work that another service has claimed is worth nothing here, so that each pound is counted once.
    """
    if is_claimed_elsewhere(row):
        return 0
    item = spec.item(row.item)
    size = records.list_size(days_paid(spec, item, row.day).start) if item.kind == "capitation" else None
    if row.unit_price_pence is not None:
        return row.unit_price_pence
    return price_of(spec, item, row.day, size, row.tariff) or 0


def claimed_amount(spec: ServiceSpec, standing: Iterable[ClaimedRow], row: ClaimRow) -> int | None:
    """Whole pence claimed for a row; None when it was claimed by other means.

    A patient-month that was claimed at one level and is at another today has the amount of the level claimed.
    """
    if row.verdict is not Verdict.CLAIMED:
        return None
    kind = spec.item(row.item).kind
    same = [one for one in standing if (one.nhs_number, one.day) == (row.nhs_number, row.day)]
    exact = [one for one in same if one.item == row.item]
    alike = [one for one in same if kind == "per-patient-month" and spec.item(one.item).kind == kind]
    return next((one.amount_pence for one in (*exact, *alike)), None)


def _unclaimed(spec: ServiceSpec, records: Records, row: ClaimRow) -> Unclaimed:
    standing = standing_of(spec, row, records.as_of)
    assert standing is not None
    return Unclaimed(
        row=row,
        standing=standing,
        amount_pence=worth(spec, records, row),
        last_day=last_claim_day(spec, row.day),
    )
