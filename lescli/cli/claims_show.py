"""`les claims show`: one claim, row by row."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, verb


@verb
def claims_show(
    common: Common, claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")]
) -> int:
    """Show a claim as it was frozen, and what happened since."""
    from ..operations.claims.view import claim_shown_answer

    with common.open() as store:
        common.show(claim_shown_answer(store, claim_id, common.as_of))
    return Exit.DONE
