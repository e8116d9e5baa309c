"""`les import`: read exports of the clinical system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit
from .run import complain
from .verb import Common, verb


@verb
def import_(
    common: Common,
    files: Annotated[list[Path], typer.Argument(help="Exports to read.", metavar="FILE...")],
    profile: Annotated[str, typer.Option("--profile", help="les, emis or gpconnect; recognised when not given.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count, write nothing.")] = False,
) -> int:
    """Read files; refused rows are kept in quarantine with their reasons."""
    from ..questions.importing import import_files

    common.ready()
    with common.open() as store:
        done = import_files(store, files, profile or None, dry_run=dry_run, progress=_progress(common))
    for line in done.refused:
        complain(line)
    if done.taken or common.format == "json":
        common.show(done.answer)
    if not done.taken:
        return Exit.REFUSED
    return Exit.NEEDS_PERSON if done.needs_person else Exit.DONE


class _progress:  # noqa: N801 (a function with a memory)
    """A counter on a terminal, for files long enough to wait for; nothing anywhere else."""

    def __init__(self, common: Common) -> None:
        self._on = sys.stderr.isatty() and not common.quiet

    def __call__(self, file: str, rows: int) -> None:
        if self._on:
            sys.stderr.write(f"\rreading: {rows:,} rows")
            sys.stderr.flush()
