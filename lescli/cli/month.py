"""`les month`: the whole month of every signed service, for a person or for a night."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, InterruptedByPerson, LesError, UsageError
from .options import Common, parse_month, verb
from .run import complain


@verb
def month(
    common: Common,
    month: Annotated[str, typer.Argument(help="The month, such as 2026-05 or last-month.", metavar="M")],
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
    from ..operations.month import MonthQuestion, do_month, write_month
    from ..operations.month_failed import clear_failure, note_failure
    from ..outputs.formats import tell_left_beside

    if submit and not by.strip():
        raise UsageError("--submit needs --by NAME", "say who submits the claims")
    if (by or authorised_by) and not submit:
        raise UsageError("--by and --authorised-by go with --submit", "add --submit, or leave them out")
    period = parse_month(month, common.as_of)
    if period.every != "month":
        raise UsageError(
            f"`les month` takes one month, not a {period.every}",
            "give its last month: what is claimed by the quarter or year is claimed with it",
        )
    question = MonthQuestion(
        month=period,
        as_of=common.as_of,
        out=out,
        inbox=inbox,
        by=by.strip() if submit else None,
        authorised_by=authorised_by.strip() or None,
    )
    asked = f"les month {period}, asked on {common.as_of.isoformat()},"
    again = _typed("month", str(period), "--store", _whole(common.path), "--out", _whole(out))
    again += f" {_typed('--inbox', _whole(inbox))}" if inbox else ""
    again += f" {_typed('--submit', '--by', by.strip())}" if submit else ""
    # A night that loses its power can write nothing more, so this is written first.
    note_failure(common.path, (f"{asked} has begun and not ended: it is running, or it was stopped", f"next: {again}"))
    try:
        done = do_month(common.path, question)
        code = Exit.NEEDS_PERSON if done.needs else Exit.DONE
        if done.patients:
            # Before the files are there: the trail must not miss a file that names patients.
            common.names_patients(done.patients, code)
        is_new = write_month(done)
    except BaseException as fault:
        why = str(fault) if isinstance(fault, LesError) else f"a fault of the program ({type(fault).__name__})"
        why = "it was interrupted" if isinstance(fault, KeyboardInterrupt) else why
        note_failure(common.path, (f"{asked} was not done:", why, f"next: {again}"))
        if isinstance(fault, KeyboardInterrupt):
            what = "interrupted; what was imported and submitted stays, and the same command does the rest"
            raise InterruptedByPerson(what) from None
        raise
    if done.failed:
        note_failure(common.path, (f"{asked} was not done to its end:", *done.failed, f"next: {again}"))
    else:
        clear_failure(common.path)
    common.show(done.answer, code)
    for line in done.needs:
        complain(line)
    for line in done.warnings:
        common.tell(line)
    tell_left_beside(done.folder, quiet=common.quiet)
    if is_new:
        common.tell(f"the files are in {done.folder}; begin with index.html; nothing was sent")
    else:
        common.tell(f"nothing has changed: {done.folder} is as it was")
    return code


def _whole(path: Path) -> str:
    """The path from the root: the morning's command is typed in another folder than the night's."""
    return str(path.absolute())


def _typed(*words: str) -> str:
    typed = subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
    return f"les {typed}" if words[0] == "month" else typed
