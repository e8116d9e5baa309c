"""`les claims withdraw`: take a submitted claim back whole."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, verb


@verb
def claims_withdraw(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the ledger.", metavar="TEXT")],
    yes: Annotated[bool, typer.Option("--yes", help="Also where money of it could not be submitted again.")] = False,
) -> int:
    """Take an unpaid claim back: every row is reversed, and the month is open again."""
    from ..operations.claims.list import the_claim
    from ..operations.claims.withdrawing import withdraw
    from ..outputs import counted, nhs_numbers_in, pounds

    if not reason.strip():
        raise UsageError("--reason is empty", "say why the claim is taken back")
    if nhs_numbers_in(reason):
        # It stands in the ledger for good.
        raise UsageError("--reason holds an NHS number", "the rows themselves say whose they are")
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
