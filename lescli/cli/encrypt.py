"""`les encrypt` and `les decrypt`: put a plain store under a key, and take an encrypted one out of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from ..errors import Exit, LesError
from .new_key import KeyFile, Passphrase, chosen_key, tell_of_key
from .options import Common, verb


@verb
def encrypt(common: Common, key_file: KeyFile = None, passphrase: Passphrase = False) -> int:
    """Encrypt the store where it is; the plain file is removed once the encrypted one is proven equal."""
    from ..store.database.machine import plain_beside
    from ..store.safety.new_key import named_by_environment
    from ..store.safety.rekey import rewrite

    with common.open() as store:
        if store.key is not None:
            raise LesError(f"{common.path} is encrypted already", "`les rekey` gives it another key")
        name = store.practice.ods_code
    file = key_file or (None if passphrase else named_by_environment())
    with chosen_key(common, name, file, passphrase=passphrase) as chosen:
        rewrite(common.path, chosen.key)
    common.done(f"encrypted the store {common.path}")
    tell_of_key(common, chosen)
    common.tell("backups, copies and exports made before are as readable as they were: remove what is not needed")
    with suppress(OSError):
        left = plain_beside(common.path)
        if left:
            common.tell(f"beside the store, for one: {', '.join(one.name for one in left)}")
    return Exit.DONE


@verb
def decrypt(
    common: Common,
    yes: Annotated[bool, typer.Option("--yes", help="Names and NHS numbers may be written unprotected.")] = False,
) -> int:
    """Write the store as a plain file again, which anyone who gets hold of it can read."""
    from ..store.safety.rekey import rewrite

    with common.open() as store:
        if store.key is None:
            raise LesError(f"{common.path} is not encrypted", "nothing was changed")
    if not yes:
        raise LesError("a plain store can be read by anyone who gets hold of the file", "add --yes if that is meant")
    rewrite(common.path, None)
    common.done(f"the store {common.path} is no longer encrypted")
    common.tell("keep its key: backups made before still need it")
    return Exit.DONE
