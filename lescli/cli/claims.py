"""`les claims`: what was claimed, paid and is owed. With `show`, `pay`, `reverse` and `withdraw`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, parse_pence, verb
from .run import complain

if TYPE_CHECKING:
    from datetime import date

    from ..store import Store

_LONGEST_REFERENCE = 100


@verb
def claims(
    common: Common,
    owed: Annotated[
        bool, typer.Option("--owed", help="Only claims not settled on that day: owed, or paid too much.")
    ] = False,
    to_reverse: Annotated[
        bool, typer.Option("--to-reverse", help="List rows without support or in doubt first; exit 3 if any.")
    ] = False,
) -> int:
    """List the submitted claims with their payments, and the rows that have lost their support."""
    from ..operations.claims.list import claims_answer

    with common.open() as store:
        found = claims_answer(store, common.as_of, owed_only=owed, reversals_first=to_reverse)
    code = Exit.NEEDS_PERSON if found.failed or (to_reverse and (found.to_reverse or found.in_doubt)) else Exit.DONE
    common.show(found.answer, code)
    for line in found.failed:
        complain(line)
    return code


@verb
def claims_show(
    common: Common, claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")]
) -> int:
    """Show a claim as it was frozen, and what has happened to it since."""
    from ..operations.claims.view import claim_shown_answer

    with common.open() as store:
        common.show(claim_shown_answer(store, claim_id, common.as_of))
    return Exit.DONE


@verb
def claims_pay(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    amount: Annotated[
        str, typer.Option("--amount", help="Pounds and pence; negative if taken back.", metavar="240.00")
    ],
    on: Annotated[str, typer.Option("--on", help="The day it was paid.", metavar="DATE")],
    ref: Annotated[str, typer.Option("--ref", help="The bank's reference.", metavar="TEXT")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Record it even if an equal payment of that day exists.")] = False,
) -> int:
    """Record what the commissioner paid for a claim. A negative amount is money taken back."""
    from ..operations.claims.list import the_claim
    from ..outputs import nhs_numbers_in, pounds

    pence, day, reference = _pence(amount), parse_day("--on", on), " ".join(ref.split())
    if len(reference) > _LONGEST_REFERENCE or not reference.isprintable() or nhs_numbers_in(reference):
        # The ledger keeps it for good.
        raise UsageError(f"--ref: no NHS number, at most {_LONGEST_REFERENCE} characters", "give the bank's reference")
    with common.open() as store:
        the_claim(store, claim_id)
        new = _paid(store, claim_id, pence, day, reference, again=yes)
        claim = the_claim(store, claim_id)
    if not new:
        why = "that payment is already recorded under that reference" if reference else "that payment is not recorded"
        common.done(f"{claim_id}: {why}, unchanged")
        return Exit.DONE
    owed = claim.owed_pence
    state = f"{pounds(owed)} owed" if owed >= 0 else f"{pounds(-owed)} paid too much"
    what = pounds(pence) if pence > 0 else f"{pounds(-pence)} taken back"
    common.done(f"recorded {what} for {claim_id}: {state}")
    if day.isoformat() < claim.submitted_on:
        common.tell(
            f"it is dated before the claim was submitted; if that is a slip, take it back: --amount {-pence / 100:.2f}"
        )
    if day > common.as_of:
        common.tell("it is dated after the day asked on; `les claims --owed` counts it from its own day")
    return Exit.NEEDS_PERSON if owed < 0 else Exit.DONE


def _pence(amount: str) -> int:
    typed = amount.strip()
    # Word processors turn a hyphen into a minus sign.
    unsigned = typed.removeprefix("-").removeprefix("\N{MINUS SIGN}")
    pence = parse_pence("--amount", unsigned) * (1 if unsigned == typed else -1)
    if not pence:
        raise UsageError("--amount is zero")
    return pence


def _paid(store: Store, claim_id: str, pence: int, day: date, reference: str, *, again: bool) -> bool:
    """Record the payment; False if it was not recorded. On a terminal the person is asked about an equal earlier
    payment.
    """
    from ..store.ledger import write

    try:
        with store.writing():
            return write.pay(store, claim_id, amount_pence=pence, on=day, reference=reference, again=again)
    except write.EqualPaymentError as fault:
        if sys.stdin is None or not sys.stdin.isatty():
            raise
        # The store is not locked while the person decides.
        if not typer.confirm(f"{fault.what}. Is this another payment?", default=False, err=True):
            return False
        with store.writing():
            return write.pay(store, claim_id, amount_pence=pence, on=day, reference=reference, again=True)


@verb
def claims_reverse(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    row: Annotated[int, typer.Option("--row", help="The row, as `les claims show` numbers it.", metavar="N")],
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded in the ledger.", metavar="TEXT")],
) -> int:
    """Reverse one row, which can then be claimed again."""
    from ..operations.claims.list import the_claim
    from ..operations.claims.reverse import still_paid
    from ..outputs import nhs_numbers_in, pounds
    from ..store.ledger import write

    if not reason.strip():
        raise UsageError("--reason is empty", "say why the row is taken back")
    if nhs_numbers_in(reason):
        # The ledger keeps it for good, and a verification pack shows it.
        raise UsageError("--reason holds an NHS number", "leave it out: the row shows whose it is")
    with common.open() as store:
        the_claim(store, claim_id)
        told = still_paid(store, claim_id, row, common.as_of)
        with store.writing():
            amount = write.reverse(store, claim_id, row, reason=reason.strip(), on=common.as_of)
    common.done(f"row {row} of {claim_id} is reversed: {pounds(amount)}")
    if told:
        common.tell(told)
    return Exit.DONE


@verb
def claims_withdraw(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded in the ledger.", metavar="TEXT")],
    yes: Annotated[bool, typer.Option("--yes", help="Withdraw even if money in it cannot be submitted again.")] = False,
) -> int:
    """Take back an unpaid claim: every row is reversed, and the month is open again."""
    from ..operations.claims.list import the_claim
    from ..operations.claims.reverse import withdraw
    from ..outputs import counted, nhs_numbers_in, pounds

    if not reason.strip():
        raise UsageError("--reason is empty", "say why the claim is taken back")
    if nhs_numbers_in(reason):
        # The ledger keeps it for good.
        raise UsageError("--reason holds an NHS number", "leave it out: the rows show whose they are")
    with common.open() as store:
        before = the_claim(store, claim_id)
        rows, told = withdraw(store, before, reason=reason.strip(), on=common.as_of, is_sure=yes)
    taken = pounds(before.total_pence - before.reversed_pence)
    common.done(f"{claim_id} is withdrawn: {counted(rows, 'row')} reversed, {taken}")
    common.tell(
        f"{before.month} is open again; if the claim was already sent, tell the commissioner that it is withdrawn; "
        f"{told}"
    )
    return Exit.DONE
