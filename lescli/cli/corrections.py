"""`les claims reverse` and `les claims withdraw`: take back one claimed row, or a whole claim."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, verb


@verb
def claims_reverse(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    row: Annotated[int, typer.Option("--row", help="The row, as `les claims show` numbers it.", metavar="N")],
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded in the ledger.", metavar="TEXT")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do.")] = False,
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
        with store.trying() if dry_run else store.writing():
            amount = write.reverse(store, claim_id, row, reason=reason.strip(), on=common.as_of)
    common.done(f"row {row} of {claim_id} {'would be' if dry_run else 'is'} reversed: {pounds(amount)}")
    if told:
        common.tell(told)
    return Exit.DONE


@verb
def claims_withdraw(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded in the ledger.", metavar="TEXT")],
    yes: Annotated[bool, typer.Option("--yes", help="Withdraw even if money in it cannot be submitted again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do.")] = False,
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
        rows, told = withdraw(store, before, reason=reason.strip(), on=common.as_of, is_sure=yes, dry_run=dry_run)
    taken = pounds(before.total_pence - before.reversed_pence)
    if dry_run:
        common.done(f"{claim_id} would be withdrawn: {counted(rows, 'row')} reversed, {taken}")
        common.tell(f"{before.month} would be open again; {told}")
        return Exit.DONE
    common.done(f"{claim_id} is withdrawn: {counted(rows, 'row')} reversed, {taken}")
    common.tell(
        f"{before.month} is open again; if the claim was already sent, tell the commissioner that it is withdrawn; "
        f"{told}"
    )
    return Exit.DONE
