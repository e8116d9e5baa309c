"""`les quarantine`: rows that were not taken in, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit
from .verb import Common, verb


@verb
def quarantine(
    common: Common,
    rows: Annotated[bool, typer.Option("--rows", help="The rows as they stood; they may name patients.")] = False,
) -> int:
    """List by reason with counts, or row by row."""
    from ..questions.quarantine import quarantine_answer

    with common.open() as store:
        common.show(quarantine_answer(store, rows=rows))
    return Exit.DONE
