"""Take back one claimed row or a whole claim, and say which of its work can be claimed again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ...calendar import Month, Period, for_people, parse_claim_period
from ...errors import LesError, LockedError
from ...model import ClaimRow, ServiceSpec, Verdict
from ...outputs import counted, pounds
from ...rules.claim_row import reason_of
from ...rules.windows import last_claim_day
from ...services import Service
from ...store import Store
from ...store.ledger import write
from ...store.ledger.read import LedgerClaim, LedgerRow, claim_rows, find_claim
from ..choose_services import claimed_for, one_service, register_of
from ..claim.submit import could_submit
from .support import UNSUPPORTED

_FINAL = (Verdict.EXPIRED, Verdict.OVER_CAP)

_INSTEAD = (
    "leave the claim as it is, take single rows back with `les claims reverse {claim} --row N --reason TEXT` (`les "
    "claims show {claim}` lists them by number), or add --yes to withdraw it anyway"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One reversed row, and what a claim made on the day would do with its work.

    `again_pence` is what that claim would pay for it. `fresh` is None when the rules no longer find the work.
    """

    row: LedgerRow
    fresh: ClaimRow | None
    again_pence: int
    last_day: date | None
    text: str

    @property
    def comes_again(self) -> bool:
        """Whether a new claim would pay at least as much for it."""
        return self.again_pence >= self.row.amount_pence


def fates(store: Store, rows: Sequence[LedgerRow], as_of: date) -> tuple[Fate, ...]:
    """The fate of some rows of one claim. Call it in the transaction that reversed them.

    LesError when the service cannot be asked.
    """
    if not rows:
        return ()
    service = one_service(store, rows[0].service)
    days = [row.day for row in rows]
    period = Period(Month.of(min(days)).first, Month.of(max(days)).last)
    records, register = register_of(store, service, as_of)
    found = list(service.claim(records, register, period).rows)
    # Try payable rows first: when several rows have the same day, the payable one matches what was claimed.
    found.sort(key=lambda row: row.verdict is not Verdict.PAYABLE)
    return tuple(_fate(service, row, _taken(service.spec, found, row)) for row in rows)


def _taken(spec: ServiceSpec, found: list[ClaimRow], row: LedgerRow) -> ClaimRow | None:
    """The new row for the same work, removed from `found` so that it matches only one claimed row."""
    same = [one for one in found if (one.nhs_number, one.day) == (row.person, row.day)]
    kinds = {item.name: item.kind for item in spec.items}
    exact = [one for one in same if one.item == row.item]
    # A patient's month claimed at one level may be payable again at another.
    monthly = [one for one in same if kinds.get(row.item) == kinds[one.item] == "per-patient-month"]
    paid = [one for one in (*exact, *monthly) if one.verdict is Verdict.PAYABLE]
    for one in (*paid, *exact, *monthly):
        found.remove(one)
        return one
    return None


def _fate(service: Service, row: LedgerRow, fresh: ClaimRow | None) -> Fate:
    last = last_claim_day(service.spec, row.day)
    again = (fresh.unit_price_pence or 0) if fresh is not None and fresh.verdict is Verdict.PAYABLE else 0
    text = _why(service.spec, fresh, last)
    return Fate(row=row, fresh=fresh, again_pence=again, last_day=last, text=text)


def _why(spec: ServiceSpec, fresh: ClaimRow | None, last: date | None) -> str:
    if fresh is None:
        return UNSUPPORTED
    if fresh.verdict is Verdict.PAYABLE:
        return "the price is lower now"
    if fresh.verdict is Verdict.EXPIRED and last is not None:
        return f"its claim window closed on {for_people(last)}"
    return reason_of(spec, fresh.reason).text


def still_paid(store: Store, claim_id: str, row: int, as_of: date) -> str:
    """A warning to show before a claimed row is reversed, because the rules would still pay it; "" when they would not.

    A reversal cannot be undone. The work can be claimed anew only while its claim window is open.
    """
    claim = find_claim(store, claim_id)
    held = [one for one in claim_rows(store, claim_id) if one.row == row]
    if claim is None or not held or not held[0].amount_pence or held[0].reversed_on:
        return ""
    try:
        with store.trying():
            write.reverse(store, claim_id, row, reason="asked", on=as_of)
            (fate,) = fates(store, held, max(as_of, claim.submitted_on))
    except LockedError:
        raise
    except LesError as fault:
        # A claim outlives its service: the row must be possible to take back all the same.
        return f"les cannot tell whether the rules would still pay it: {fault}"
    if fate.fresh is None or fate.fresh.verdict not in (Verdict.PAYABLE, Verdict.UNPRICED, *_FINAL):
        return ""
    if fate.fresh.verdict in _FINAL:
        return f"the rules would still pay it, but {fate.text}: it cannot be claimed again"
    until = "the next claim" if fate.last_day is None else f"a claim until {for_people(fate.last_day)}"
    if fate.fresh.verdict is Verdict.UNPRICED:
        return f"its price is not set: once it is, {until} will claim it again"
    return f"the rules still pay it: unless the record is put right, {until} will claim it again"


def left_behind(found: Iterable[Fate]) -> tuple[int, int, str]:
    """The number of rows that would not be paid again, their pence, and each reason once."""
    short = [one for one in found if not one.comes_again]
    pence = sum(one.row.amount_pence - one.again_pence for one in short)
    return len(short), pence, "; ".join(_reasons(short))


def _reasons(short: Sequence[Fate]) -> Iterator[str]:
    closed = [one for one in short if one.fresh is not None and one.fresh.verdict is Verdict.EXPIRED]
    days = sorted({one.last_day for one in closed if one.last_day})
    if days:
        first = f"from {for_people(days[0])} to " if len(days) > 1 else "on "
        yield f"{_many(closed)}: the claim window closed {first}{for_people(days[-1])}"
    others = [one for one in short if one not in closed or one.last_day is None]
    for text in dict.fromkeys(one.text for one in others):
        yield f"{_many([one for one in others if one.text == text])}: {text}"


def _many(some: Sequence[Fate]) -> str:
    return f"{counted(len(some), 'row')}, {pounds(sum(one.row.amount_pence - one.again_pence for one in some))}"


def withdraw(
    store: Store, claim: LedgerClaim, *, reason: str, on: date, is_sure: bool, dry_run: bool = False
) -> tuple[int, str]:
    """Withdraw a claim. Returns the number of rows reversed and a line that says what can be submitted again.

    The claim is worked out again inside the transaction. If some of it could not be claimed again, the withdrawal is
    refused unless `is_sure`. A dry run undoes everything.
    """
    with store.trying() if dry_run else store.writing():
        taken = [row for row in claim_rows(store, claim.claim_id) if row.amount_pence and not row.reversed_on]
        count = write.withdraw(store, claim.claim_id, reason=reason, on=on)
        try:
            found = fates(store, taken, on)
            lost, pence, why = left_behind(found)
        except LockedError:
            raise
        except LesError as fault:
            if is_sure:
                return count, f"les cannot tell what can be submitted again: {fault}"
            raise LesError(
                f"{claim.claim_id} was not withdrawn, because its rules cannot say what could be submitted again: "
                f"{fault.what}",
                _INSTEAD.format(claim=claim.claim_id),
            ) from fault
        if lost and not is_sure:
            raise LesError(
                f"{claim.claim_id} was not withdrawn, because {pounds(pence)} of {counted(lost, 'row')} could not be "
                f"submitted again ({why})",
                _INSTEAD.format(claim=claim.claim_id),
            )
        again = sum(one.again_pence for one in found)
        told = [f"cannot be submitted again: {pounds(pence)} of {counted(lost, 'row')} ({why})"]
        return count, "; ".join((*(told if lost else ()), _submit_again(store, claim, again, on)))


def _submit_again(store: Store, claim: LedgerClaim, again: int, on: date) -> str:
    try:
        service = one_service(store, claim.service)
        could_submit(
            store, service, claimed_for(service.spec, parse_claim_period(claim.month, service.spec.year_starts)), on
        )
    except LockedError:
        raise
    except LesError as fault:
        if not again:
            return f"nothing of {claim.month} can be submitted now"
        return f"{pounds(again)} can be submitted again, but not yet: {fault}"
    what = f"the {pounds(again)}" if again else "the month"
    return f"submit {what} again with `les claim {claim.service} --month {claim.month} --submit --by NAME`"
