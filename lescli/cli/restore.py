"""`les restore`: a backup in the store's place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, verb


@verb
def restore(
    common: Common,
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace the store that is there; it is kept beside.")] = False,
) -> int:
    """Put a backup where the store is, or is to be; it is checked first, and the old store is kept beside it."""
    from ..store.safety import restore as restoring
    from .audit_entry import moment

    done = restoring.restore(file, common.path, moment(), over=yes)
    practice = f"{done.practice.name} ({done.practice.ods_code})"
    common.done(f"restored the store of {practice} to {common.path}")
    if done.replaced_practice:
        common.tell(f"the store it replaced belonged to another practice, {done.replaced_practice.ods_code}")
    if done.laid_bare:
        common.tell("it is not encrypted, and the store it replaced was: `les encrypt` puts it under a key again")
    if done.other_key:
        common.tell("it is under another key than the store it replaced: keep both keys")
    if done.kept:
        common.tell(f"the store it replaced is kept at {done.kept}")
    return Exit.DONE
