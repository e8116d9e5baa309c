"""`les import`: read exports of the clinical system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit
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
    from ..operations.columns import columns_answer

    found = columns_answer(files, profile or None)
    for line in found.refused:
        complain(line)
    if found.explained or common.format == "json":
        common.show(found.answer)
    if not found.explained:
        return Exit.REFUSED
    return Exit.NEEDS_PERSON if found.incomplete or found.refused else Exit.DONE
