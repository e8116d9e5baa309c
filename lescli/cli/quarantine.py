"""`les quarantine`: rows that an import refused, why, and what became of them."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, verb


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
) -> int:
    """List reasons with counts, or single rows. Close and reopen rows. Imports close corrected rows by themselves."""
    from ..operations.quarantine import quarantine_answer, settled_answer

    if settle or reopen:
        if rows or reason or file or settled or (settle and reopen):
            raise UsageError("--settle and --reopen go with --why and --by alone", "with --why and --by")
        return _decide(common, settle or [], reopen or [], why=why.strip(), by=by.strip())
    if why or by:
        raise UsageError("--why and --by belong to --settle or --reopen", "name a row to close or reopen")
    answer = settled_answer if settled else quarantine_answer
    with common.open() as store:
        common.show(answer(store, rows=rows, reason=reason, file=file))
    return Exit.DONE


def _decide(common: Common, settle: list[str], reopen: list[str], *, why: str, by: str) -> int:
    from ..outputs import counted
    from ..outputs.nhs_number_guard import nhs_numbers_in
    from ..store.quarantine.manual import close_rows, reopen_rows

    if not why or not by:
        raise UsageError("--why and --by are needed", "say why, and who decides it")
    if nhs_numbers_in(f"{why} {by}"):
        raise LesError("--why or --by holds an NHS number", "leave it out: the text is stored and listed to others")
    with common.open() as store, store.writing():
        if settle:
            count = close_rows(store, settle, on=common.as_of, by=by, why=why)
        else:
            count = reopen_rows(store, reopen, on=common.as_of, by=by, why=why)
    if settle:
        common.done(f"closed {counted(count, 'row')} of the quarantine; `les quarantine --settled` lists them")
    else:
        common.done(f"{counted(count, 'row')} back in quarantine; `les quarantine --rows` shows the list")
    return Exit.DONE
