"""`les import` and `les quarantine`: files read in, and the rows that an import refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, ProgressBar, verb
from .run import complain


@verb
def import_(
    common: Common,
    files: Annotated[
        list[Path], typer.Argument(help="Exports to read, or folders and zips of them.", metavar="FILE...")
    ],
    profile: Annotated[
        str,
        typer.Option(
            "--profile", help="les, emis, systmone, gpconnect, or a TOML file of your own; default: recognised."
        ),
    ] = "",
    explain_columns: Annotated[
        bool, typer.Option("--explain-columns", help="Show what each column means; read no rows.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count; write nothing.")] = False,
) -> int:
    """Read files. Refused rows go to quarantine with their reasons."""
    if explain_columns:
        return _explain_columns(common, files, profile)
    from ..operations.imports import import_files

    bar = ProgressBar(wanted=not common.quiet)
    with common.open() as store:
        try:
            done = import_files(store, files, profile or None, dry_run=dry_run, progress=bar, as_of=common.as_of)
        finally:
            bar.clear()
    for line in done.refused:
        complain(line)
    if common.verbose:
        for line in done.detail:
            common.tell(line)
    if done.taken or common.format == "json":
        common.show(done.answer)
    if not done.taken:
        return Exit.REFUSED
    return Exit.NEEDS_PERSON if done.needs_person else Exit.DONE


def _explain_columns(common: Common, files: list[Path], profile: str) -> int:
    from ..operations.import_view import columns_answer

    found = columns_answer(files, profile or None)
    for line in found.refused:
        complain(line)
    if found.explained or common.format == "json":
        common.show(found.answer)
    if not found.explained:
        return Exit.REFUSED
    return Exit.NEEDS_PERSON if found.incomplete or found.refused else Exit.DONE


@verb
def quarantine(
    common: Common,
    rows: Annotated[
        bool, typer.Option("--rows", help="The rows as they were in the file; they may name patients.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Only rows with this in a reason.", metavar="TEXT")] = "",
    file: Annotated[str, typer.Option("--file", help="Only files with this in their name.", metavar="NAME")] = "",
    settled: Annotated[bool, typer.Option("--settled", help="Rows that were settled, and how.")] = False,
    settle: Annotated[
        list[str] | None, typer.Option("--settle", help="Close a row by hand: its number, or FILE:LINE.", metavar="ROW")
    ] = None,
    reopen: Annotated[
        list[str] | None, typer.Option("--reopen", help="Put back a row that was closed wrongly.", metavar="ROW")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Why it is closed or reopened.", metavar="TEXT")] = "",
    by: Annotated[str, typer.Option("--by", help="Who decides it.", metavar="NAME")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --settle or --reopen: count the rows; change nothing.")
    ] = False,
) -> int:
    """List reasons with counts, or single rows. Close and reopen rows. Imports close corrected rows by themselves."""
    from ..operations.quarantine import quarantine_answer, settled_answer

    if settle or reopen:
        if settle and reopen:
            raise UsageError("--settle and --reopen contradict each other", "leave one of them out")
        if rows or reason or file or settled:
            raise UsageError("--settle and --reopen go with --why and --by alone", "leave the other options out")
        return _decide(common, settle or [], reopen or [], why=why.strip(), by=by.strip(), dry_run=dry_run)
    if why or by or dry_run:
        raise UsageError("--why, --by and --dry-run belong to --settle or --reopen", "name a row to close or reopen")
    answer = settled_answer if settled else quarantine_answer
    with common.open() as store:
        common.show(answer(store, rows=rows, reason=reason, file=file))
    return Exit.DONE


def _decide(common: Common, settle: list[str], reopen: list[str], *, why: str, by: str, dry_run: bool) -> int:
    from ..outputs import counted
    from ..outputs.table import nhs_numbers_in
    from ..store.quarantine.manual import close_rows, reopen_rows

    if not why or not by:
        raise UsageError("--why and --by are needed", "say why, and who decides it")
    if nhs_numbers_in(f"{why} {by}"):
        raise LesError("--why or --by holds an NHS number", "leave it out: the text is stored and listed to others")
    with common.open() as store, store.trying() if dry_run else store.writing():
        if settle:
            count = close_rows(store, settle, on=common.as_of, by=by, why=why)
        else:
            count = reopen_rows(store, reopen, on=common.as_of, by=by, why=why)
    if dry_run:
        common.done(f"{counted(count, 'row')} would be {'closed' if settle else 'back in quarantine'}")
    elif settle:
        common.done(f"closed {counted(count, 'row')} of the quarantine; `les quarantine --settled` lists them")
    else:
        common.done(f"{counted(count, 'row')} back in quarantine; `les quarantine --rows` shows the list")
    return Exit.DONE
