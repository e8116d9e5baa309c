"""`les rekey`: give an encrypted store another key."""

from __future__ import annotations

from ..errors import Exit, LesError
from .new_key import KeyFile, Passphrase, chosen_key, tell_of_key
from .options import Common, verb


@verb
def rekey(common: Common, key_file: KeyFile = None, passphrase: Passphrase = False) -> int:
    """Put the store under a new key; backups made before stay under the old one."""
    from ..store.safety.rekey import rewrite

    with common.open() as store:
        if store.key is None:
            raise LesError(f"{common.path} is not encrypted", "`les encrypt` does that first")
        old, name = store.key, store.practice.ods_code
    with chosen_key(common, name, key_file, passphrase=passphrase) as chosen:
        if chosen.key == old:
            raise LesError("that is the key the store has", "name a file that is not there, and a new key is made")
        rewrite(common.path, chosen.key)
    common.done(f"the store {common.path} is under another key")
    tell_of_key(common, chosen)
    common.tell("keep the old key as well: backups made before still need it")
    return Exit.DONE
