"""`les clinician`: what a clinician is accredited for, and until when."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, verb


@verb
def clinician(
    common: Common,
    name: Annotated[str, typer.Argument(help="The name as the clinical system prints it.", metavar="NAME")],
    accreditation: Annotated[str, typer.Option("--accreditation", help="The accreditation, as a service names it.")],
    from_: Annotated[str, typer.Option("--from", help="Its first day.", metavar="DATE")],
    to: Annotated[str, typer.Option("--to", help="Its last day.", metavar="DATE")],
) -> int:
    """Record an accreditation."""
    from ..operations.accreditations import kind_of
    from ..store import practice_data

    first, last = parse_day("--from", from_), parse_day("--to", to)
    if last < first:
        raise UsageError("--to is before --from")
    if not name.strip() or not accreditation.strip():
        raise UsageError("the name or the accreditation is empty")
    with common.open() as store:
        kind = kind_of(store, accreditation.strip())
        with store.writing():
            practice_data.record_accreditation(store, name.strip(), kind, first, last)
    common.done("the accreditation is recorded")
    return Exit.DONE
