"""The key of a store that is about to be encrypted: a new key file, one that is there, or a passphrase typed twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ...errors import LesError, LockedError
from ..database import keys
from ..database.cipher import need_cipher
from ..database.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key, the file it stands in (None for a passphrase), and whether that file was made for it."""

    key: Key
    file: Path | None = None
    made: bool = False


@contextmanager
def key_in_file(file: Path | None, name: str) -> Iterator[NewKey]:
    """The key in a file, made when it is not there; None is `name.key` in the key folder, under a name that is free.

    A file that was made is removed again when what the key was for fails. Every command finds the file afterwards.
    """
    need_cipher()
    place = (file or keys.new_key_place(name)).absolute()
    with suppress(OSError):
        if place.is_file() and not place.stat().st_size:
            # All that is left of a command that was killed before it wrote the key.
            place.unlink()
    made = not place.exists()
    key = keys.make_key_file(place) if made else keys.read_key_file(place)
    try:
        keys.remember(place)
        yield NewKey(key=key, file=place, made=made)
    except BaseException:
        if made:
            place.unlink(missing_ok=True)
        raise


@contextmanager
def key_from_passphrase(store: Path) -> Iterator[NewKey]:
    """A passphrase that a person types twice; the rest of the command does not ask for it again."""
    need_cipher()
    if not keys.at_a_terminal():
        raise LockedError("there is no terminal to ask for the passphrase on", "use a key file: --key-file FILE")
    first = keys.typed(f"New passphrase of {store}: ")
    if len(first) < keys.PASSPHRASE_CHARACTERS or not first.isprintable():
        raise LesError(
            f"a passphrase has at least {keys.PASSPHRASE_CHARACTERS} characters that can be seen",
            "four random words are easy to remember and hard to guess; nothing was changed",
        )
    if keys.typed("The same again: ") != first:
        raise LesError("the two passphrases differ", "nothing was changed")
    key = keys.key_of(first)
    yield NewKey(key=key)
    keys.know(store, key)


def named_by_environment() -> Path | None:
    """The key file that LES_KEY_FILE names: a practice that set it means every store to be encrypted."""
    named = os.environ.get("LES_KEY_FILE")
    return Path(named) if named else None
