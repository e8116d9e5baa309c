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
    amount: Annotated[str, typer.Option("--amount", help="Pounds and pence.", metavar="240.00")],
    on: Annotated[str, typer.Option("--on", help="The day it was paid.", metavar="DATE")],
) -> int:
    """Record what the commissioner paid for a claim."""
    from ..questions.claims import the_claim
    from ..store import ledger

    pence = parse_pence("--amount", amount)
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
    state = f"£{owed / 100:.2f} owed" if owed >= 0 else f"£{-owed / 100:.2f} paid too much"
    common.done(f"recorded £{pence / 100:.2f} for {claim_id}: {state}")
    return Exit.NEEDS_PERSON if owed < 0 else Exit.DONE
