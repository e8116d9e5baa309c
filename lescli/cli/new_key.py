"""The options that say which key a store gets, and what a person must know once it has it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from .options import Common

if TYPE_CHECKING:
    from ..store.safety.new_key import NewKey

KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="The key's file; made when it is not there.", metavar="FILE"),
]
Passphrase = Annotated[bool, typer.Option("--passphrase", help="Ask for a passphrase instead of a key file.")]


def chosen_key(common: Common, name: str, file: Path | None, *, passphrase: bool) -> AbstractContextManager[NewKey]:
    """What the options ask for; without any, a new file called `name` in the key folder."""
    from ..store.safety.new_key import key_from_passphrase, key_in_file

    if passphrase and file is not None:
        raise UsageError("--key-file and --passphrase are two ways", "choose one")
    return key_from_passphrase(common.path) if passphrase else key_in_file(file, name)


def tell_of_key(common: Common, chosen: NewKey) -> None:
    """Where the key is and what its loss means, for the person who now has to look after it."""
    from ..store.safety.new_key import named_by_environment

    named = named_by_environment()
    if chosen.file is None:
        common.tell("keep the passphrase where it survives a fire: without it nobody can read the store or its backups")
        if named is not None:
            common.tell("LES_KEY_FILE names a key file: take it away, or the passphrase will not be asked for")
        return
    common.tell(
        f"its key is in {chosen.file}: copy that file to a safe place apart from the store; without it nobody can read "
        "the store or its backups"
    )
    if chosen.file.parent.resolve() == common.path.absolute().parent.resolve():
        common.tell("the key lies in the store's own folder: who copies the folder has both; move the key elsewhere")
    if named is not None and named.absolute() != chosen.file:
        common.tell("LES_KEY_FILE names another key file: let it name this one, or take it away")
