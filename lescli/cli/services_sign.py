"""`les services sign` and `unsign`: which contracts the practice holds, since when."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, parse_day, verb


@verb
def services_sign(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    from_: Annotated[str, typer.Option("--from", help="Its first day.", metavar="DATE")],
    source: Annotated[str, typer.Option("--source", help="Where it stands.", metavar="TEXT")] = "",
) -> int:
    """Record a contract; work before it is not paid."""
    from ..operations.choose_services import one_service
    from ..store import practice_data

    day = parse_day("--from", from_)
    with common.open() as store:
        name = one_service(store, service).name
        with store.writing():
            changed = practice_data.sign(store, name, day, source.strip())
    common.done(f"{name}: the contract is recorded" if changed else f"{name}: it is held from then already, unchanged")
    return Exit.DONE


@verb
def services_unsign(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    on: Annotated[str, typer.Option("--on", help="Its last day.", metavar="DATE")],
) -> int:
    """Record that a contract was given up; work after that day is not paid."""
    from ..store import practice_data

    day = parse_day("--on", on)
    with common.open() as store, store.writing():
        changed = practice_data.unsign(store, service, day)
    said = "the end of the contract is recorded" if changed else "the contract ends on that day already, unchanged"
    common.done(f"{service}: {said}")
    return Exit.DONE
