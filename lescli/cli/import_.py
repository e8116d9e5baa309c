"""`les import`: read exports of the clinical system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit
from .progress import ProgressBar
from .run import complain
from .verb import Common, verb


@verb
def import_(
    common: Common,
    files: Annotated[
        list[Path], typer.Argument(help="Exports to read, or folders and zips of them.", metavar="FILE...")
    ],
    profile: Annotated[str, typer.Option("--profile", help="les, emis or gpconnect; recognised when not given.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count, write nothing.")] = False,
) -> int:
    """Read files; refused rows are kept in quarantine with their reasons."""
    from ..questions.importing import import_files

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
