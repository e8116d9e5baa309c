"""Encrypted stores: SQLCipher, and where the key comes from."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...errors import LesError, LockedError
from ...files import make_private
from ..schema.migrations import APPLICATION_ID

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


KEY_BYTES = 32
PASSPHRASE_CHARACTERS = 15
"""The minimum that NIST SP 800-63B-4 sets for a passphrase used alone; three or four random words reach it."""

REMEMBERED = "elsewhere.txt"

_ONLY_OWNER = 0o077
_HEX_KEY = re.compile(rf"[0-9a-fA-F]{{{KEY_BYTES * 2}}}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as SQLCipher takes it. Its repr hides it, so no log or traceback shows it."""

    spec: str = field(repr=False)


_known: dict[str, Key] = {}
"""Store path -> the key to try first, until this process ends."""


def key_of(passphrase: str) -> Key:
    """The key of a passphrase: the same one however the keyboard encodes accented letters."""
    return Key(unicodedata.normalize("NFC", passphrase))


def key_folder() -> Path:
    """The folder of the keys that les makes: this user's own, and not the folder of the store."""
    from platformdirs import user_config_path

    return user_config_path("les-keys", appauthor=False)


def read_key_file(path: Path) -> Key:
    """The key in a file of 64 hexadecimal digits; LockedError (exit 4) when others may read it or it holds no key."""
    _refuse_key_as_name(path)
    if path.exists() and not path.is_file():
        # Opening a pipe would wait for a writer, and it can be read only once.
        raise LockedError(f"the key file {path} is no ordinary file", "name the right one in LES_KEY_FILE")
    try:
        with path.open("rb") as file:
            _refuse_unless_private(path, os.fstat(file.fileno()))
            content = file.read(1024)
    except OSError as fault:
        raise LockedError(
            f"the key file {path} cannot be read: {fault.strerror}", "name the right one in LES_KEY_FILE"
        ) from None
    text = content.decode("utf-8-sig", errors="replace").strip()
    if not _HEX_KEY.fullmatch(text):
        raise LockedError(
            f"{path} is not a key file", f"it must hold {KEY_BYTES * 2} hexadecimal digits and nothing else"
        )
    return Key(f"x'{text.lower()}'")


def _refuse_key_as_name(path: Path) -> None:
    """LockedError when a key was given in place of its file's name: logs and process lists show such a name.

    The message does not repeat it.
    """
    if _HEX_KEY.fullmatch(path.name.strip()):
        raise LockedError(
            "a key was given in place of its file's name, so others may have seen it",
            "make a new key: name a file that does not exist",
        )


def _refuse_unless_private(path: Path, found: os.stat_result) -> None:
    if sys.platform == "win32":
        # os.stat does not show the access lists of Windows. Other users cannot open a user's own folders there.
        return
    if found.st_uid != os.geteuid():
        raise LockedError(f"the key file {path} belongs to another user", "copy it, so that it is yours")
    if found.st_mode & _ONLY_OWNER:
        raise LockedError(f"the key file {path} can be read by others", f"chmod 600 {path}")


def make_key_file(path: Path) -> Key:
    """Make a random key in a new file that only its owner can read; LesError when it cannot be made."""
    _refuse_key_as_name(path)
    try:
        make_private(path.parent)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_hex(KEY_BYTES).encode("ascii") + b"\n")
                file.flush()
                # If the key does not reach the disk, a power cut loses the whole store.
                os.fsync(file.fileno())
        except BaseException:
            # Half a key would stop the next attempt from making the file.
            path.unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise LesError(f"cannot make the key file {path}: {fault.strerror}", "name another with --key-file") from None
    try:
        return read_key_file(path)
    except LockedError:
        # Most USB sticks are like this: chmod has no effect. Do not leave a key that nobody knows of.
        path.unlink(missing_ok=True)
        raise LesError(
            f"the disk of {path} keeps no permissions, so others could read the key",
            "name a place on another disk with --key-file, or have this one mounted for you alone",
        ) from None


def new_key_place(name: str) -> Path:
    """A free path in the key folder: `name.key`, `name-2.key`, ..."""
    folder, number = key_folder(), 1
    while (place := folder / (f"{name}-{number}.key" if number > 1 else f"{name}.key")).exists():
        number += 1
    return place


def remember(path: Path) -> None:
    """Write the path of a key file into the key folder, so that later commands find it; never the key itself."""
    place, folder = str(path.resolve()), key_folder()
    if path.resolve().parent == folder.resolve() or place in _remembered(folder):
        return
    try:
        make_private(folder)
        handle = os.open(folder / REMEMBERED, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(f"{place}\n")
    except OSError as fault:
        raise LesError(f"cannot write to {folder}: {fault.strerror}", "check the folder's permissions") from None


def known_key_files() -> tuple[Path, ...]:
    """The key files in the key folder, and the remembered ones elsewhere that exist now."""
    folder = key_folder()
    elsewhere = (Path(place) for place in _remembered(folder))
    return (*sorted(folder.glob("*.key")), *(path for path in elsewhere if path.exists()))


def _remembered(folder: Path) -> list[str]:
    try:
        # A folder's name may not be valid UTF-8: keep its bytes as they are.
        return (folder / REMEMBERED).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def keys_to_try(path: Path) -> Iterator[Key]:
    """The keys that may open this store, one by one; LockedError when every key file found is unusable."""
    if known := _known.get(str(path.resolve())):
        yield known
    named = os.environ.get("LES_KEY_FILE")
    if named:
        yield read_key_file(Path(named))
        return
    unusable: list[LockedError] = []
    for file in known_key_files():
        try:
            key = read_key_file(file)
        except LockedError as fault:
            unusable.append(fault)
            continue
        yield key
    if at_a_terminal():
        # A command asks once, however often it opens the store. Say which key files were skipped: the store's key may
        # be in one of them, and then there is no passphrase to type.
        said = "".join(f"{fault}\n" for fault in unusable)
        key = key_of(typed(f"{said}Passphrase of {path}: "))
        know(path, key)
        yield key
    elif unusable:
        raise unusable[0]


def at_a_terminal() -> bool:
    """Whether a person at a terminal can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def know(path: Path, key: Key | None) -> None:
    """Until the process ends, try this key first on this store: the one just typed for it or given to it."""
    _known.pop(str(path.resolve()), None)
    if key is not None:
        _known[str(path.resolve())] = key


def typed(prompt: str) -> str:
    """What a person types, without showing it; KeyboardInterrupt when they end the input."""
    from getpass import getpass

    try:
        return getpass(prompt)
    except EOFError:
        raise KeyboardInterrupt from None
