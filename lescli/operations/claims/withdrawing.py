"""Take a claim back whole, with what of it can and cannot be submitted again; refused where money would be lost."""

from __future__ import annotations

from datetime import date

from ...calendar import Month
from ...errors import LesError, LockedError
from ...outputs import counted, pounds
from ...store import Store
from ...store.ledger import write
from ...store.ledger.read import LedgerClaim, claim_rows
from ..choose_services import one_service
from ..claim.submit import could_submit
from .reverse import fates, left_behind


def withdraw(store: Store, claim: LedgerClaim, *, reason: str, on: date, is_sure: bool) -> tuple[int, str]:
    """How many rows were reversed, and what of them can be submitted again, in one line.

    The claim is asked for again inside the transaction. What would not come again is refused unless `is_sure`.
    """
    with store.writing():
        taken = [row for row in claim_rows(store, claim.claim_id) if row.amount_pence and not row.reversed_on]
        count = write.withdraw(store, claim.claim_id, reason=reason, on=on)
        try:
            found = fates(store, taken, on)
            lost, pence, why = left_behind(found)
        except LockedError:
            raise
        except LesError as fault:
            if is_sure:
                return count, f"what of it can be submitted again is not known: {fault}"
            raise LesError(
                f"{claim.claim_id} was not withdrawn, for its rules cannot be asked what could be submitted again: "
                f"{fault.what}",
                _INSTEAD.format(claim=claim.claim_id),
            ) from fault
        if lost and not is_sure:
            raise LesError(
                f"{claim.claim_id} was not withdrawn, for {pounds(pence)} of {counted(lost, 'row')} could not be "
                f"submitted again as things stand ({why})",
                _INSTEAD.format(claim=claim.claim_id),
            )
        again = sum(one.again_pence for one in found)
        told = [f"not to be submitted again as things stand: {pounds(pence)} of {counted(lost, 'row')} ({why})"]
        return count, "; ".join((*(told if lost else ()), _submit_again(store, claim, again, on)))


_INSTEAD = (
    "leave the claim as it is, take single rows back with `les claims reverse {claim} --row N --reason TEXT`, or add "
    "--yes to withdraw it all the same"
)


def _submit_again(store: Store, claim: LedgerClaim, again: int, on: date) -> str:
    try:
        could_submit(store, one_service(store, claim.service), Month.parse(claim.month), on)
    except LockedError:
        raise
    except LesError as fault:
        if not again:
            return f"nothing of {claim.month} can be submitted now"
        return f"{pounds(again)} can be submitted again, but not yet: {fault}"
    what = f"the {pounds(again)}" if again else "the month"
    return f"submit {what} again with `les claim {claim.service} --month {claim.month} --submit --by NAME`"
