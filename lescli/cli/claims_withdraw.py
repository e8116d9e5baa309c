"""`les claims withdraw`: take a submitted claim back whole."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .verb import Common, verb


@verb
def claims_withdraw(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the ledger.", metavar="TEXT")],
) -> int:
    """Take an unpaid claim back: every row is reversed, and the month can be submitted again."""
    from ..outputs import counted, nhs_numbers_in, pounds
    from ..questions.claims import the_claim
    from ..store import ledger

    if not reason.strip():
        raise UsageError("--reason is empty", "say why the claim is taken back")
    if nhs_numbers_in(reason):
        # It stands in the ledger for good.
        raise UsageError("--reason holds an NHS number", "the rows themselves say whose they are")
    with common.open() as store:
        before = the_claim(store, claim_id)
        with store.writing():
            rows = ledger.withdraw(store, claim_id, reason=reason.strip(), on=common.as_of)
    taken = pounds(before.total_pence - before.reversed_pence)
    common.done(f"{claim_id} is withdrawn: {counted(rows, 'row')} reversed, {taken}")
    common.tell(
        f"{before.month} is open again; if the claim was already sent, tell the commissioner that it is withdrawn, and "
        f"submit the month again with `les claim {before.service} --month {before.month} --submit --by NAME`"
    )
    return Exit.DONE
