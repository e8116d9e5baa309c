"""`les month`: the whole month of every signed service, for a person or for a night."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, parse_month, verb
from .run import complain


@verb
def month(
    common: Common,
    month: Annotated[str, typer.Argument(help="The month, such as 2026-05.", metavar="M")],
    out: Annotated[Path, typer.Option("--out", help="Where the month's folder is made.", metavar="FOLDER")],
    inbox: Annotated[
        Path | None, typer.Option("--inbox", help="Import what lies in this folder first.", metavar="FOLDER")
    ] = None,
    submit: Annotated[bool, typer.Option("--submit", help="Submit the claims that can be.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who submits them.", metavar="NAME")] = "",
    authorised_by: Annotated[str, typer.Option("--authorised-by", help="Who authorised them.", metavar="NAME")] = "",
) -> int:
    """Do the month: import, claim, write every file, and submit only with --submit. Safe to run again.

    What was imported moves to `done` or `refused` inside the inbox. The folder has an index page that says first what
    needs a person.
    """
    from ..operations.month import MonthQuestion, do_month
    from ..operations.month_failed import clear_failure, note_failure

    if submit and not by.strip():
        raise UsageError("--submit needs --by NAME", "say who submits the claims")
    if (by or authorised_by) and not submit:
        raise UsageError("--by and --authorised-by go with --submit", "add --submit, or leave them out")
    period = parse_month(month)
    question = MonthQuestion(
        month=period,
        as_of=common.as_of,
        out=out,
        inbox=inbox,
        by=by.strip() if submit else None,
        authorised_by=authorised_by.strip() or None,
    )
    try:
        done = do_month(common.path, question, common.tell)
    except LesError as fault:
        note_failure(common.path, _morning(str(period), common, (str(fault),)))
        raise
    code = Exit.NEEDS_PERSON if done.needs else Exit.DONE
    if done.patients:
        common.names_patients(done.patients, code)
    for line in done.needs:
        complain(line)
    if done.needs:
        note_failure(common.path, _morning(str(period), common, done.needs))
    else:
        clear_failure(common.path)
    common.show(done.answer, code)
    if done.is_new:
        common.tell(f"the files are in {done.folder}; begin with index.html; nothing was sent")
    else:
        common.tell(f"nothing has changed: {done.folder} is as it was")
    return code


def _morning(month: str, common: Common, lines: tuple[str, ...]) -> tuple[str, ...]:
    return (f"les month {month}, asked on {common.as_of.isoformat()}, needs a person:", *lines)
