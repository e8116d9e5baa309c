"""`les duties`: list what specifications ask of the practice beyond coded work, and record that it was done."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, not_to_come, parse_day, verb
from .run import complain


@verb
def duties(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service; default: all.", metavar="[S]")] = "",
    *,
    confirm: Annotated[str, typer.Option("--confirm", help="Record that this duty was met.", metavar="DUTY")] = "",
    withdraw: Annotated[
        str, typer.Option("--withdraw", help="Take back a confirmation of this duty that was wrong.", metavar="DUTY")
    ] = "",
    on: Annotated[str, typer.Option("--on", help="The day of the evidence.", metavar="DATE")] = "",
    by: Annotated[str, typer.Option("--by", help="Who confirms it.", metavar="NAME")] = "",
    note: Annotated[str, typer.Option("--note", help="On what evidence; with --withdraw: why.", metavar="TEXT")] = "",
    corrects: Annotated[
        str, typer.Option("--corrects", help="With --confirm: the day of the wrong one it replaces.", metavar="DATE")
    ] = "",
    history: Annotated[bool, typer.Option("--history", help="Also list every confirmation ever recorded.")] = False,
) -> int:
    """List the duties of every contract held, with when, by whom and on what evidence each was last confirmed.

    A confirmation is never changed. A wrong one is corrected with --corrects, or taken back with --withdraw.
    """
    from ..operations import duties as operation

    if not confirm and not withdraw:
        if on or by or note or corrects:
            raise UsageError("--on, --by, --note and --corrects go with --confirm", "see `les duties --help`")
        reply = operation.ask_duties(common.path, service, common.as_of, history=history)
        code = Exit.NEEDS_PERSON if reply.late or reply.failed else Exit.DONE
        common.show(reply.answer, code)
        for line in reply.failed:
            complain(line)
        return code
    if confirm and withdraw:
        raise UsageError("--confirm and --withdraw contradict each other", "leave one of them out")
    if not service:
        raise UsageError("which service's duty?", "write its name after `les duties`")
    if not (on and by.strip() and note.strip()):
        raise UsageError("a confirmation needs --on DATE, --by NAME and --note TEXT", "see `les duties --help`")
    day = parse_day("--on", on)
    if withdraw:
        if corrects:
            raise UsageError("--corrects goes with --confirm", "with --withdraw, --on is the day of the wrong one")
        common.done(operation.withdraw(common.path, service, withdraw, on=day, by=by, note=note, as_of=common.as_of))
        return Exit.DONE
    not_to_come(common, "--on", day, "the evidence")
    wrong = parse_day("--corrects", corrects) if corrects else None
    said = operation.confirm(
        common.path, service, confirm, on=day, by=by, note=note, as_of=common.as_of, corrects=wrong
    )
    common.done(said)
    return Exit.DONE
