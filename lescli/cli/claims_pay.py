"""`les claims pay`: record a payment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, parse_pence, verb

if TYPE_CHECKING:
    from datetime import date

    from ..store import Store


@verb
def claims_pay(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    amount: Annotated[str, typer.Option("--amount", help="Pounds and pence; minus: taken back.", metavar="240.00")],
    on: Annotated[str, typer.Option("--on", help="The day it was paid.", metavar="DATE")],
    ref: Annotated[str, typer.Option("--ref", help="Its reference, as the bank has it.", metavar="TEXT")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Record it even if an equal one of that day is there.")] = False,
) -> int:
    """Record what the commissioner paid for a claim; with a minus, what it took back."""
    from ..operations.claims.list import the_claim
    from ..outputs import nhs_numbers_in, pounds

    pence, day, reference = _pence(amount), parse_day("--on", on), " ".join(ref.split())
    if len(reference) > _LONGEST or not reference.isprintable() or nhs_numbers_in(reference):
        # It stands in the ledger for good.
        raise UsageError(f"--ref: no NHS number, at most {_LONGEST} characters", "give the bank's reference")
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


_LONGEST = 100


def _pence(amount: str) -> int:
    typed = amount.strip()
    # A typed minus may be the one that word processors make of it.
    unsigned = typed.removeprefix("-").removeprefix("\N{MINUS SIGN}")
    pence = parse_pence("--amount", unsigned) * (1 if unsigned == typed else -1)
    if not pence:
        raise UsageError("--amount: a payment of nothing")
    return pence


def _paid(store: Store, claim_id: str, pence: int, day: date, reference: str, *, again: bool) -> bool:
    """Whether it was recorded now. On a terminal somebody is asked whether an equal payment is another one."""
    from ..store.ledger import write

    try:
        with store.writing():
            return write.pay(store, claim_id, amount_pence=pence, on=day, reference=reference, again=again)
    except write.EqualPaymentError as fault:
        if sys.stdin is None or not sys.stdin.isatty():
            raise
        # The store is not held while somebody thinks.
        if not typer.confirm(f"{fault.what}. Is this another payment?", default=False, err=True):
            return False
        with store.writing():
            return write.pay(store, claim_id, amount_pence=pence, on=day, reference=reference, again=True)
