"""`les claims reverse`: take one claimed row back."""

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
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the ledger.", metavar="TEXT")],
) -> int:
    """Write a reversing line; the row can be claimed again."""
    from ..operations.claims.list import the_claim
    from ..operations.claims.reverse import still_paid
    from ..outputs import nhs_numbers_in, pounds
    from ..store.ledger import write

    if not reason.strip():
        raise UsageError("--reason is empty", "say why the row is taken back")
    if nhs_numbers_in(reason):
        # It stands in the ledger for good, and in the pack of a verification.
        raise UsageError("--reason holds an NHS number", "the row itself says whose it is")
    with common.open() as store:
        the_claim(store, claim_id)
        told = still_paid(store, claim_id, row, common.as_of)
        with store.writing():
            amount = write.reverse(store, claim_id, row, reason=reason.strip(), on=common.as_of)
    common.done(f"row {row} of {claim_id} is reversed: {pounds(amount)}")
    if told:
        common.tell(told)
    return Exit.DONE
