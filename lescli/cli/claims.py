"""`les claims`: what was claimed, corrected, paid and is owed."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, verb
from .run import complain


@verb
def claims(
    common: Common,
    owed: Annotated[bool, typer.Option("--owed", help="Those not settled on the day: owed, or paid too much.")] = False,
    to_reverse: Annotated[
        bool, typer.Option("--to-reverse", help="First the rows no longer supported, and those in doubt; exit 3.")
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
