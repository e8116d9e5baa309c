"""`les register`: the register of one service, and what is written into it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .verb import Common, parse_day, parse_patient, verb


@verb
def register(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    add: Annotated[str, typer.Option("--add", help="Put a patient on it, or amend.", metavar="NHS")] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help="A detail.", metavar="K=V")] = None,
    from_: Annotated[str, typer.Option("--from", help="Since when they are on it, or the details hold.")] = "",
    end: Annotated[str, typer.Option("--end", help="Take a patient off it.", metavar="NHS")] = "",
    on: Annotated[str, typer.Option("--on", help="Their last day on it.", metavar="DATE")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it ends.", metavar="TEXT")] = "",
    load: Annotated[Path | None, typer.Option("--load", help="A register CSV.", metavar="FILE.csv")] = None,
) -> int:
    """Show or change the register."""
    from ..outputs import counted
    from ..questions import register as question
    from ..questions.asking import one_service

    if sum(map(bool, (add, end, load))) > 1:
        raise UsageError("--add, --end and --load exclude one another")
    if bool(set_) and not add:
        raise UsageError("--set goes with --add NHS")
    with common.open() as store:
        asked = one_service(store, service)
        if add:
            row = question.HandRow(
                nhs_number=parse_patient("--add", add),
                entered_on=None,
                ended_on=None,
                end_reason="",
                details=question.checked_details(asked.spec, _pairs(set_ or [])),
                start=parse_day("--from", from_) if from_ else None,
            )
            _, replaced = question.write_rows(store, asked, [row], common.as_of)
            if replaced:
                values = counted(replaced, "value")
                common.tell(f"{values} replaced; to keep what held before, give the day of the change with --from")
            common.done(f"{service}: the register entry is written")
        elif end:
            if not on or not reason.strip():
                raise UsageError("--end needs --on DATE and --reason TEXT")
            day = parse_day("--on", on)
            question.end_patient(store, asked, parse_patient("--end", end), day, reason.strip())
            common.done(f"{service}: the register entry is ended")
        elif load:
            rows = question.load_rows(asked.spec, load)
            patients, _ = question.write_rows(store, asked, rows, common.as_of)
            common.done(f"{service}: loaded {counted(len(rows), 'row')} for {counted(patients, 'patient')}")
        else:
            common.show(question.register_answer(store, asked, common.as_of))
    return Exit.DONE


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError("--set: write it as name=value")
        pairs[name.strip()] = value
    return pairs
