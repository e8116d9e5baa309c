"""`les audit`: who asked the store what, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, verb


@verb
def audit(
    common: Common,
    from_: Annotated[str, typer.Option("--from", help="The first day; default: all days.", metavar="DATE")] = "",
    to: Annotated[str, typer.Option("--to", help="The last day.", metavar="DATE")] = "",
) -> int:
    """List every command that opened the store: when, who, which verb, how many patients were shown, exit code."""
    from ..operations.audit import audit_answer

    start = parse_day("--from", from_) if from_ else None
    end = parse_day("--to", to) if to else None
    if start and end and end < start:
        raise UsageError("--to is before --from")
    with common.open() as store:
        common.show(audit_answer(store, start, end))
    return Exit.DONE
