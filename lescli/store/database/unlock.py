"""Open an encrypted store whose key nobody named: each that can be found is tried."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ...errors import LesError, LockedError
from ..schema.migrations import APPLICATION_ID
from .cipher import connect_encrypted, opens
from .keys import Key, keys_to_try

PAGE_BYTES = 4096
"""SQLCipher's page: an encrypted file is always a whole number of them."""

_PLAIN_HEADER = b"SQLite format 3\0"


def unlock(path: Path, wait_seconds: float) -> tuple[sqlite3.Connection, Key]:
    """A connection to a file that SQLite cannot read, and the key that opened it.

    LockedError (exit 4) when no key that can be found opens it, LesError when it cannot be an encrypted store.
    """
    if not may_be_encrypted(path):
        raise LesError(f"{path} is not a store of les, or it is damaged", "restore a backup")
    tried = 0
    for key in keys_to_try(path):
        connection = connect_encrypted(path, key, wait_seconds)
        try:
            if opens(connection):
                return connection, key
        except BaseException:
            connection.close()
            raise
        connection.close()
        tried += 1
    if not tried:
        raise LockedError(
            f"{path} is encrypted and its key was not found (or it is no store)",
            "name its key file in LES_KEY_FILE, or run this where its passphrase can be asked for",
        )
    raise LockedError(
        f"{path} does not open: the key is another one, or the file is damaged or no store",
        "name its key file in LES_KEY_FILE, or type its passphrase again; a damaged store is restored from a backup",
    )


def is_plain_store(path: Path) -> bool:
    """Whether a file says in its first bytes that it is a store of les, which whoever gets hold of it can read."""
    with path.open("rb") as file:
        start = file.read(72)
    return start.startswith(_PLAIN_HEADER) and start[68:72] == APPLICATION_ID.to_bytes(4, "big")


def may_be_encrypted(path: Path) -> bool:
    """Whether a file that SQLite cannot read can be an encrypted store: whole pages, and no header of a plain one.

    More cannot be told without the key: every byte of an encrypted file looks random.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(_PLAIN_HEADER))
    return size > 0 and size % PAGE_BYTES == 0 and start != _PLAIN_HEADER
