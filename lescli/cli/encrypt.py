"""`les encrypt`, `decrypt` and `rekey`: the key of a store, and the options that name one."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, verb

if TYPE_CHECKING:
    from ..store.safety.rekey import NewKey


KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="The key file; made if it does not exist.", metavar="FILE"),
]
Passphrase = Annotated[bool, typer.Option("--passphrase", help="Ask for a passphrase instead of a key file.")]


def chosen_key(common: Common, name: str, file: Path | None, *, passphrase: bool) -> AbstractContextManager[NewKey]:
    """The key that the options ask for. Without options, a new file called `name` in the key folder."""
    from ..store.safety.rekey import key_from_passphrase, key_in_file

    if passphrase and file is not None:
        raise UsageError("--key-file and --passphrase are two ways", "choose one")
    return key_from_passphrase(common.path) if passphrase else key_in_file(file, name)


def tell_of_key(common: Common, chosen: NewKey) -> None:
    """Tell the person who must now look after the key where it is, and what its loss means."""
    from ..store.safety.rekey import named_by_environment

    named = named_by_environment()
    if chosen.file is None:
        common.tell("keep the passphrase where it survives a fire: without it nobody can read the store or its backups")
        if named is not None:
            common.tell("LES_KEY_FILE names a key file: unset it, or the passphrase will not be asked for")
        return
    common.tell(
        f"its key is in {chosen.file}: copy that file to a safe place apart from the store; without it nobody can read "
        "the store or its backups"
    )
    if chosen.file.parent.resolve() == common.path.absolute().parent.resolve():
        common.tell(
            "the key is in the store's own folder: anyone who copies the folder has both; move the key elsewhere"
        )
    if named is not None and named.absolute() != chosen.file:
        common.tell("LES_KEY_FILE names another key file: set it to this one, or unset it")


@verb
def encrypt(common: Common, key_file: KeyFile = None, passphrase: Passphrase = False) -> int:
    """Encrypt the store in its place. The plain file is removed once the encrypted one is proven equal."""
    from ..store.database.location import plain_beside
    from ..store.safety.rekey import named_by_environment, rewrite

    with common.open() as store:
        if store.key is not None:
            raise LesError(f"{common.path} is encrypted already", "`les rekey` gives it another key")
        name = store.practice.ods_code
    file = key_file or (None if passphrase else named_by_environment())
    with chosen_key(common, name, file, passphrase=passphrase) as chosen:
        rewrite(common.path, chosen.key)
    common.done(f"encrypted the store {common.path}")
    tell_of_key(common, chosen)
    common.tell("earlier backups, copies and exports are not encrypted: delete those you do not need")
    with suppress(OSError):
        left = plain_beside(common.path)
        if left:
            common.tell(f"files beside the store that are not encrypted: {', '.join(one.name for one in left)}")
    return Exit.DONE


@verb
def decrypt(
    common: Common,
    yes: Annotated[
        bool, typer.Option("--yes", help="Agree that names and NHS numbers are written unprotected.")
    ] = False,
) -> int:
    """Decrypt the store to a plain file, which anyone who gets hold of it can read."""
    from ..store.safety.rekey import rewrite

    with common.open() as store:
        if store.key is None:
            raise LesError(f"{common.path} is not encrypted", "use it as it is; nothing was changed")
    if not yes:
        raise LesError("a plain store can be read by anyone who gets hold of the file", "to do it anyway, add --yes")
    rewrite(common.path, None)
    common.done(f"the store {common.path} is no longer encrypted")
    common.tell("keep its key: backups made before still need it")
    return Exit.DONE


@verb
def rekey(common: Common, key_file: KeyFile = None, passphrase: Passphrase = False) -> int:
    """Encrypt the store with a new key. Earlier backups stay under the old one."""
    from ..store.safety.rekey import rewrite

    with common.open() as store:
        if store.key is None:
            raise LesError(f"{common.path} is not encrypted", "`les encrypt` does that first")
        old, name = store.key, store.practice.ods_code
    with chosen_key(common, name, key_file, passphrase=passphrase) as chosen:
        if chosen.key == old:
            raise LesError("the store has that key already", "to make a new key, name a file that does not exist")
        rewrite(common.path, chosen.key)
    common.done(f"the store {common.path} has a new key")
    tell_of_key(common, chosen)
    common.tell("keep the old key as well: backups made before still need it")
    return Exit.DONE
