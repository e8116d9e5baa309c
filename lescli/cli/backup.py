"""`les backup` and `les restore`: make a checked copy of the store, and put one back."""

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
        Path, typer.Argument(help="The copy. For a folder, or with --keep, a dated file in it.", metavar="FILE")
    ],
    keep: Annotated[
        int | None, typer.Option("--keep", help="In a folder: keep the last N dated backups.", metavar="N")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace an existing file.")] = False,
) -> int:
    """Copy the store, which may be in use. The copy gets its name only after it was checked."""
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
        common.tell(f"that folder has unfinished copies of records: {names}; delete them unless a backup is running")
    service = copied_by(target)
    if service:
        common.tell(f"that folder is copied to other machines by {service}, so patients' records leave this one")
    return Exit.DONE


@verb
def restore(
    common: Common,
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace the existing store, which is kept beside it.")] = False,
) -> int:
    """Put a backup in the store's place. The backup is checked first, and the old store is kept beside it."""
    from ..store.safety import restore as restoring
    from .audit_entry import moment

    done = restoring.restore(file, common.path, moment(), over=yes)
    practice = f"{done.practice.name} ({done.practice.ods_code})"
    common.done(f"restored the store of {practice} to {common.path}")
    if done.replaced_practice:
        common.tell(f"the store it replaced belonged to another practice, {done.replaced_practice.ods_code}")
    if done.laid_bare:
        common.tell("it is not encrypted, and the store it replaced was: `les encrypt` encrypts it again")
    if done.other_key:
        common.tell("it has another key than the store it replaced: keep both keys")
    if done.kept:
        common.tell(f"the store it replaced is kept at {done.kept}")
    return Exit.DONE
