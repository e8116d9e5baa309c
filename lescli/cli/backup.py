"""`les backup`: a copy of the store, checked after it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, verb


@verb
def backup(
    common: Common,
    file: Annotated[
        Path, typer.Argument(help="The copy; with --keep, or when it is a folder, a dated one in it.", metavar="FILE")
    ],
    keep: Annotated[
        int | None, typer.Option("--keep", help="In a folder: keep the last N dated backups.", metavar="N")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace a file that is there.")] = False,
) -> int:
    """Copy the store while it may be in use; the copy gets its name once it is found whole."""
    from ..files import unfinished
    from ..outputs import counted
    from ..store.database.location import copied_by
    from ..store.safety.backup import back_up, dated_name, make_folder, thin_out
    from .audit_entry import moment

    if keep is not None and (keep < 1 or file.is_file()):
        raise UsageError("--keep goes with a folder, and keeps at least one backup")
    folder = file.is_dir() or keep is not None
    with common.open() as store:
        if folder:
            make_folder(file)
        target = dated_name(store, file, moment()) if folder else file
        back_up(store, target, over=yes)
        removed = thin_out(store, target, keep) if keep else ()
    left = f", {counted(len(removed), 'older one')} removed" if removed else ""
    common.done(f"backed up to {target}, and checked{left}")
    left_over = unfinished(target.absolute().parent)
    if left_over:
        names = ", ".join(path.name for path in left_over)
        common.tell(f"unfinished copies of records lie in that folder: {names}; delete them unless a backup runs now")
    service = copied_by(target)
    if service:
        common.tell(f"that folder is copied to other machines by {service}: patients' records leave this one")
    return Exit.DONE
