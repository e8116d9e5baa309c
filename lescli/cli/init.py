"""`les init`: make the practice's store."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .verb import Common, verb


@verb
def init(
    common: Common,
    practice: Annotated[str, typer.Option("--practice", help="The practice's ODS code.", metavar="ODS")],
    name: Annotated[str, typer.Option("--name", help="The practice's name.", metavar="TEXT")],
) -> int:
    """Make the store."""
    from ..codes import parse_practice
    from ..model import Practice
    from ..store import create_store

    try:
        code = parse_practice(practice)
    except ValueError as fault:
        raise UsageError(f"--practice: {fault}") from None
    if not name.strip() or not name.isprintable():
        raise UsageError("--name: the practice's name is empty or not printable")
    with create_store(common.path, Practice(ods_code=code, name=name.strip())):
        pass
    common.done(f"made the store {common.path}")
    common.tell("next: `les services sign SERVICE --from DATE` for each contract, then `les import FILE`")
    common.tell(
        "earlier months were claimed by other means? say so once a service: "
        "`les services set SERVICE setting.claims_from=2026-05 --from 2026-05-01 --source TEXT`"
    )
    return Exit.DONE
