"""Open encrypted stores with SQLCipher, find the key that fits, and tell encrypted files from plain ones.

An encrypted store has the same connection, pragmas and errors as a plain one. Only this module knows `sqlcipher3`,
which comes with the extra `lescli[encrypted]`. A plain store never imports it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...errors import LesError, LockedError
from ..schema.migrations import APPLICATION_ID
from .keys import Key, keys_to_try

if TYPE_CHECKING:
    from .connection import Store


PAGE_BYTES = 4096
"""The size of SQLCipher's pages. An encrypted file is always a whole number of pages."""

_PLAIN_HEADER = b"SQLite format 3\0"
_ERRORS = (
    *("DatabaseError", "IntegrityError", "OperationalError", "ProgrammingError"),
    *("InterfaceError", "DataError", "InternalError", "NotSupportedError"),
)


def connect_encrypted(path: Path | None, key: Key | None, wait_seconds: float) -> sqlite3.Connection:
    """An SQLCipher connection in autocommit mode. It does not check that the key fits: see `opens`.

    Without a key, SQLCipher reads the file as a plain one. LockedError (exit 4) when the extra is not installed.
    """
    driver = _driver(path)
    connection = driver.connect(str(path) if path else ":memory:", timeout=wait_seconds, isolation_level=None)
    # Before anything else: SQLCipher writes to stderr itself, and could say more there than we allow.
    connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
    if key is not None:
        connection.set_key(key.spec)
        # Name version 4 of the file format, so that a later SQLCipher still reads and writes it.
        connection.execute("PRAGMA cipher_compatibility = 4").fetchall()
    # Temporary tables and sorts stay in memory, so they never reach the disk unencrypted. (SQLCipher could also lock
    # and wipe its memory. That would not help: Python holds the rows by then, and we do not protect running programs.)
    connection.execute("PRAGMA temp_store = MEMORY")
    return cast(sqlite3.Connection, connection)


def need_cipher() -> None:
    """LockedError (exit 4) when the extra is not installed. Call it before making a key."""
    _driver(None)


def opens(connection: sqlite3.Connection) -> bool:
    """Whether the connection's key opens the file. A file that is in use raises SQLite's usual error."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError as fault:
        if is_not_a_database(fault):
            return False
        raise
    return True


def is_not_a_database(fault: sqlite3.Error) -> bool:
    """Whether SQLite says that a file is no database, as it does of an encrypted one without its key."""
    return getattr(fault, "sqlite_errorname", None) == "SQLITE_NOTADB"


def integrity_faults(store: Store) -> tuple[str, ...]:
    """One line for each page of an encrypted store that was altered or damaged; none for a plain store.

    It reads every page and checks its authentication code, so it finds a single changed bit.
    """
    if store.key is None:
        return ()
    return tuple(str(row[0]) for row in store.rows("PRAGMA cipher_integrity_check"))


def version() -> str | None:
    """SQLCipher's version and that of the SQLite inside it, or None when the extra is not installed."""
    try:
        driver = _driver(None)
    except LockedError:
        return None
    with closing(driver.connect(":memory:")) as connection:
        ((told,),) = connection.execute("PRAGMA cipher_version")
    return f"{told} (SQLite {driver.sqlite_version})"


def _driver(path: Path | None) -> Any:
    try:
        from sqlcipher3 import dbapi2
    except ImportError:
        what = f"{path} is encrypted, and this installation cannot read that (or the file is damaged)"
        if path is None:
            what = "this installation cannot encrypt a store"
        raise LockedError(what, "pip install 'lescli[encrypted]'") from None
    # sqlcipher3 has its own exception classes. Make them subclasses of sqlite3's, so that `clear_errors` and
    # sqlite-utils, which catch sqlite3's, catch these too.
    for name in _ERRORS:
        theirs, ours = getattr(dbapi2, name), getattr(sqlite3, name)
        if not issubclass(theirs, ours):
            theirs.__bases__ = (*theirs.__bases__, ours)
    return dbapi2


def unlock(path: Path, wait_seconds: float) -> tuple[sqlite3.Connection, Key]:
    """Open a file that plain SQLite cannot read; the connection and the key that opened it.

    LockedError (exit 4) when none of the keys found opens it, LesError when it cannot be an encrypted store.
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
            f"{path} is encrypted and its key was not found (or it is not a store)",
            "name its key file in LES_KEY_FILE, or run this where its passphrase can be asked for",
        )
    raise LockedError(
        f"{path} does not open: the key is wrong, or the file is damaged or is not a store",
        "name its key file in LES_KEY_FILE, or type its passphrase again; a damaged store is restored from a backup",
    )


def is_plain_store(path: Path) -> bool:
    """Whether the first bytes of a file say that it is an unencrypted store of les, which anybody can read."""
    with path.open("rb") as file:
        start = file.read(72)
    return start.startswith(_PLAIN_HEADER) and start[68:72] == APPLICATION_ID.to_bytes(4, "big")


def may_be_encrypted(path: Path) -> bool:
    """Whether a file that SQLite cannot read may be an encrypted store: whole pages, without a plain header.

    Without the key we cannot know more: every byte of an encrypted file looks random.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(_PLAIN_HEADER))
    return size > 0 and size % PAGE_BYTES == 0 and start != _PLAIN_HEADER
