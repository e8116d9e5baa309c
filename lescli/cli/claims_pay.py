"""`les claims pay`: record a payment."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .verb import Common, parse_day, parse_pence, verb


@verb
def claims_pay(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    amount: Annotated[str, typer.Option("--amount", help="Pounds and pence; minus: taken back.", metavar="240.00")],
    on: Annotated[str, typer.Option("--on", help="The day it was paid.", metavar="DATE")],
) -> int:
    """Record what the commissioner paid for a claim; with a minus, what it took back."""
    from ..outputs import pounds
    from ..questions.claims import the_claim
    from ..store import ledger

    typed = amount.strip()
    # A typed minus may be the one that word processors make of it.
    unsigned = typed.removeprefix("-").removeprefix("\N{MINUS SIGN}")
    pence = parse_pence("--amount", unsigned) * (1 if unsigned == typed else -1)
    if not pence:
        raise UsageError("--amount: a payment of nothing")
    day = parse_day("--on", on)
    with common.open() as store:
        the_claim(store, claim_id)
        with store.writing():
            new = ledger.pay(store, claim_id, amount_pence=pence, on=day)
        claim = the_claim(store, claim_id)
    if not new:
        common.done(f"that payment of {claim_id} is already recorded, unchanged")
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
