"""`les register`: the register of one service, and what is written into it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, verb
from .register_change import Change


@verb
def register(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    add: Annotated[str, typer.Option("--add", help="Put a patient on it, or change details.", metavar="NHS")] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help="A detail.", metavar="K=V")] = None,
    from_: Annotated[str, typer.Option("--from", help="Since when they are on it, or the details hold.")] = "",
    end: Annotated[str, typer.Option("--end", help="Take a patient off it.", metavar="NHS")] = "",
    on: Annotated[str, typer.Option("--on", help="Their last day on it.", metavar="DATE")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it ends or changes.", metavar="TEXT")] = "",
    load: Annotated[Path | None, typer.Option("--load", help="A register CSV.", metavar="FILE.csv")] = None,
    amend: Annotated[int, typer.Option("--amend", help="Change the entry of this number.", metavar="N")] = 0,
    starts: Annotated[str, typer.Option("--starts", help="With --amend: its first day.", metavar="DATE")] = "",
    reopen: Annotated[bool, typer.Option("--reopen", help="With --amend: it has no end.")] = False,
    unset: Annotated[
        list[str] | None, typer.Option("--unset", help="With --amend: a detail to take away.", metavar="K")
    ] = None,
    remove: Annotated[int, typer.Option("--remove", help="Take away the entry of this number.", metavar="N")] = 0,
) -> int:
    """Show or change the register."""
    from ..operations.choose_services import one_service
    from ..operations.patients import register as question

    if sum(map(bool, (add, end, load, amend, remove))) > 1:
        raise UsageError("--add, --end, --load, --amend and --remove exclude one another")
    if bool(set_) and not (add or amend):
        raise UsageError("--set goes with --add NHS or --amend N")
    if not amend and (starts or reopen or unset):
        raise UsageError("--starts, --reopen and --unset go with --amend N")
    if end and not (on and reason.strip()):
        raise UsageError("--end needs --on DATE and --reason TEXT")
    if remove and not reason.strip():
        raise UsageError("--remove needs --reason TEXT")
    with common.open() as store:
        asked = one_service(store, service)
        if not (add or end or load or amend or remove):
            reply = question.register_answer(store, asked, common.as_of)
            code = Exit.NEEDS_PERSON if question.in_doubt(reply) else Exit.DONE
            common.show(reply, code)
            return code
        change = Change(common, store, asked, _pairs(set_ or []), reason.strip())
        start = parse_day("--from", from_) if from_ else None
        if add:
            change.add(add, start)
        elif end:
            change.end(end, parse_day("--on", on))
        elif load:
            change.load(load)
        elif remove:
            change.remove(remove)
        else:
            first = parse_day("--starts", starts) if starts else None
            last = parse_day("--on", on) if on else None
            change.amend(amend, first, last, start, reopen=reopen, unset=tuple(unset or ()))
    return Exit.DONE


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError("--set: write it as name=value")
        pairs[name.strip()] = value
    return pairs
