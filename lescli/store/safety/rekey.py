"""Encrypt a store, change its key or decrypt it: a new file replaces the old one once the two are proven equal.

SQLCipher's own `PRAGMA rekey` changes the file page by page, and cannot encrypt a plain file. Here the old file stays
complete until the new one is, so a crash at any moment leaves one complete file that its own key opens.

Also here: where the new key comes from, a key file or a passphrase.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from ...errors import LesError, LockedError
from ...files import sync_folder
from ..database import encryption
from ..database.connection import connect, open_store
from ..database.encryption import Key, connect_encrypted, know, need_cipher
from ..database.errors import LOCK_WAIT_SECONDS, MAKE_ROOM, clear_errors
from .backup import enter

_FORMAT_4 = "PRAGMA cipher_default_compatibility = 4"
_TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY 1, 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key, its file (None for a passphrase), and whether we made that file just now."""

    key: Key
    file: Path | None = None
    made: bool = False


@contextmanager
def key_in_file(file: Path | None, name: str) -> Iterator[NewKey]:
    """The key in `file`, which is made when it does not exist; None means a free `name.key` in the key folder.

    Later commands find the file. If the block fails, a file that was made here is removed again.
    """
    need_cipher()
    place = (file or encryption.new_key_place(name)).absolute()
    with suppress(OSError):
        if place.is_file() and not place.stat().st_size:
            # A command was killed before it wrote the key, and left this empty file.
            place.unlink()
    made = not place.exists()
    key = encryption.make_key_file(place) if made else encryption.read_key_file(place)
    try:
        encryption.remember(place)
        yield NewKey(key=key, file=place, made=made)
    except BaseException:
        if made:
            place.unlink(missing_ok=True)
        raise


@contextmanager
def key_from_passphrase(store: Path) -> Iterator[NewKey]:
    """The key of a new passphrase, which a person types twice. The rest of the command does not ask again."""
    need_cipher()
    if not encryption.at_a_terminal():
        raise LockedError("there is no terminal to ask for the passphrase on", "use a key file: --key-file FILE")
    first = encryption.typed(f"New passphrase of {store}: ")
    if len(first) < encryption.PASSPHRASE_CHARACTERS or not first.isprintable():
        raise LesError(
            f"a passphrase needs at least {encryption.PASSPHRASE_CHARACTERS} visible characters",
            "four random words are easy to remember and hard to guess; nothing was changed",
        )
    if encryption.typed("The same again: ") != first:
        raise LesError("the two passphrases differ", "type the command again; nothing was changed")
    key = encryption.key_of(first)
    yield NewKey(key=key)
    encryption.know(store, key)


def named_by_environment() -> Path | None:
    """The key file that LES_KEY_FILE names. A practice that sets it wants every store encrypted."""
    named = os.environ.get("LES_KEY_FILE")
    return Path(named) if named else None


def rewrite(path: Path, key: Key | None) -> None:
    """Encrypt the store with the key, or decrypt it with None, all or nothing.

    LockedError (exit 4) while another program writes to it. The old file is gone afterwards; copies of it stay as they
    are.
    """
    # Replace the file that a link points to, not the link: otherwise the old file would stay.
    named, path = path, path.resolve()
    with open_store(path) as store:
        old, opened = store.key, store.file
    fresh = path.with_name(f"{path.name}.new")
    with clear_errors(path), closing(connect_encrypted(path, old, LOCK_WAIT_SECONDS)) as held:
        # Switch write-ahead logging off if somebody set it: SQLite would read the old log as part of the new file.
        held.execute("PRAGMA journal_mode = DELETE").fetchall()
        # From here on other writers wait. `Store.writing` then tells them that the file was replaced.
        held.execute("BEGIN IMMEDIATE")
        found = path.stat()
        if (found.st_dev, found.st_ino) != opened:
            raise LockedError(f"{path} was replaced while this command ran", "nothing was changed; run it again")
        with _new_file(fresh):
            _export(path, old, fresh, key)
            _prove_equal(held, fresh, key)
            enter(fresh, key, named)
            _replace(held, path, found, fresh)
    # LES_KEY_FILE may still name the old key, and the command has yet to write to the audit trail.
    know(path, key)


@contextmanager
def _new_file(fresh: Path) -> Iterator[None]:
    """Make the new file, which only its owner can read; remove it unless it took the old file's place."""
    fresh.unlink(missing_ok=True)  # A killed run may have left it.
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield
    except OSError as fault:
        raise LesError(f"{fresh} cannot be written: {fault.strerror}", MAKE_ROOM) from None
    finally:
        for left in (fresh, fresh.with_name(f"{fresh.name}-journal")):
            left.unlink(missing_ok=True)


def _export(path: Path, old: Key | None, fresh: Path, key: Key | None) -> None:
    with closing(connect_encrypted(path, old, LOCK_WAIT_SECONDS)) as source:
        source.execute(_FORMAT_4).fetchall()
        source.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(fresh), key.spec if key else ""))
        source.execute("BEGIN")
        with _clear_disk_error(path):
            source.execute("SELECT sqlcipher_export('fresh')").fetchall()
        for name in ("application_id", "user_version"):
            (value,) = source.execute(f"PRAGMA main.{name}").fetchone()
            source.execute(f"PRAGMA fresh.{name} = {value}")
        source.execute("COMMIT")


@contextmanager
def _clear_disk_error(path: Path) -> Iterator[None]:
    """Say that the disk is full or failing: `sqlcipher_export` reports that without SQLite's error code."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        if getattr(fault, "sqlite_errorname", "") != "SQLITE_ERROR":
            raise
        raise LesError(f"{path} could not be written anew: the disk is full or failing", MAKE_ROOM) from None


def _prove_equal(held: sqlite3.Connection, fresh: Path, key: Key | None) -> None:
    """Compare every table, trigger and row of the new file, read with its key, to the old; LesError if any differs."""
    with closing(connect(fresh, key)) as new:
        checks = ["PRAGMA application_id", "PRAGMA user_version", _TABLES]
        tables = [name for kind, name, *_ in held.execute(_TABLES) if kind == "table"]
        # Read the tables themselves, in their own order: an index could hide a difference.
        checks += [f'SELECT * FROM "{name}" NOT INDEXED' for name in tables]
        equal = all(_rows_equal(held.execute(sql), new.execute(sql)) for sql in checks)
        whole = new.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        whole = whole and (key is None or not new.execute("PRAGMA cipher_integrity_check").fetchall())
    if not (equal and whole):
        raise LesError("the new file is not equal to the old one", "nothing was changed; check the disk")


def _rows_equal(old: sqlite3.Cursor, new: sqlite3.Cursor) -> bool:
    return all(one == other for one, other in zip_longest(old, new))


def _replace(held: sqlite3.Connection, path: Path, found: os.stat_result, fresh: Path) -> None:
    """Put the new file in the old one's place, provided that nobody wrote to the old one since it was copied."""
    with fresh.open("r+b") as file:
        os.fsync(file.fileno())
    if os.name == "nt":
        # Windows cannot replace an open file, so release the lock first.
        held.close()
        now = path.stat()
        if (now.st_mtime_ns, now.st_size) != (found.st_mtime_ns, found.st_size):
            raise LockedError(f"another program has just written to {path}", "nothing was changed; run it again")
    try:
        fresh.replace(path)
    except PermissionError:
        raise LockedError(f"{path} is in use by another program", "close that program and run this again") from None
    sync_folder(path.parent)
