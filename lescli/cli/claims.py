"""`les claims`: what was claimed, corrected, paid and is owed."""

from __future__ import annotations

from ..errors import Exit
from .verb import Common, verb


@verb
def claims(common: Common) -> int:
    """List the submitted claims."""
    from ..questions.claims import claims_answer

    with common.open() as store:
        common.show(claims_answer(store, common.as_of))
    return Exit.DONE
