"""Another key for a store, its first one, or none: a new file takes the place of the old one once it is proven equal.

SQLCipher's own `PRAGMA rekey` changes the file page by page, and cannot make a plain file an encrypted one. Here the
old file is whole until the new one is, so a crash at any moment leaves one of the two, and the key of each opens it.
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
from ..database import keys
from ..database.cipher import connect_encrypted, need_cipher
from ..database.connection import connect, open_store
from ..database.errors import LOCK_WAIT_SECONDS, clear_errors
from ..database.keys import Key, know
from .backup import enter


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


_FORMAT_4 = "PRAGMA cipher_default_compatibility = 4"


def rewrite(path: Path, key: Key | None) -> None:
    """Put the store under the key, or make it plain with None; it is all or nothing.

    LockedError (exit 4) while another program writes to it. The old file is gone afterwards; copies of it are not.
    """
    # A link stays one: it is the file it leads to that must not be left as it was.
    named, path = path, path.resolve()
    with open_store(path) as store:
        old, opened = store.key, store.file
    fresh = path.with_name(f"{path.name}.new")
    with clear_errors(path), closing(connect_encrypted(path, old, LOCK_WAIT_SECONDS)) as held:
        # Whatever somebody set: a log of the old file beside the new one would be read as the new one's own.
        held.execute("PRAGMA journal_mode = DELETE").fetchall()
        # Whoever wants to write waits from here on, and finds afterwards that the file is another one (Store.writing).
        held.execute("BEGIN IMMEDIATE")
        found = path.stat()
        if (found.st_dev, found.st_ino) != opened:
            raise LockedError(f"{path} was replaced while this command ran", "nothing was changed; run it again")
        with _empty(fresh):
            _export(path, old, fresh, key)
            _prove_equal(held, fresh, key)
            enter(fresh, key, named)
            _replace(held, path, found, fresh)
    # LES_KEY_FILE may name the old one still, and the command has its entry in the audit trail to write.
    know(path, key)


@contextmanager
def _empty(fresh: Path) -> Iterator[None]:
    """The new file, that only its owner may read; it is removed if it does not take the old one's place."""
    fresh.unlink(missing_ok=True)  # of a run that was killed
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield
    except OSError as fault:
        raise LesError(f"{fresh} cannot be written: {fault.strerror}", "nothing was changed") from None
    finally:
        for left in (fresh, fresh.with_name(f"{fresh.name}-journal")):
            left.unlink(missing_ok=True)


def _export(path: Path, old: Key | None, fresh: Path, key: Key | None) -> None:
    with closing(connect_encrypted(path, old, LOCK_WAIT_SECONDS)) as source:
        source.execute(_FORMAT_4).fetchall()
        source.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(fresh), key.spec if key else ""))
        source.execute("BEGIN")
        with _told_of_the_disk(path):
            source.execute("SELECT sqlcipher_export('fresh')").fetchall()
        for name in ("application_id", "user_version"):
            (value,) = source.execute(f"PRAGMA main.{name}").fetchone()
            source.execute(f"PRAGMA fresh.{name} = {value}")
        source.execute("COMMIT")


@contextmanager
def _told_of_the_disk(path: Path) -> Iterator[None]:
    """SQLCipher's function says in words of its own why it could not write: without SQLite's number of the error."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        if getattr(fault, "sqlite_errorname", "") != "SQLITE_ERROR":
            raise
        raise LesError(
            f"{path} could not be written anew: the disk is full or failing", "nothing was changed"
        ) from None


_TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY 1, 2"


def _prove_equal(held: sqlite3.Connection, fresh: Path, key: Key | None) -> None:
    """Every table, trigger and row of the new file, read under its key, is that of the old one; LesError otherwise."""
    with closing(connect(fresh, key)) as new:
        checks = ["PRAGMA application_id", "PRAGMA user_version", _TABLES]
        tables = [name for kind, name, *_ in held.execute(_TABLES) if kind == "table"]
        # Not by an index: in the table's own order, and the table is what must be equal.
        checks += [f'SELECT * FROM "{name}" NOT INDEXED' for name in tables]
        equal = all(_same(held.execute(sql), new.execute(sql)) for sql in checks)
        whole = new.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        whole = whole and (key is None or not new.execute("PRAGMA cipher_integrity_check").fetchall())
    if not (equal and whole):
        raise LesError("the new file is not equal to the old one", "nothing was changed; check the disk")


def _same(old: sqlite3.Cursor, new: sqlite3.Cursor) -> bool:
    return all(one == other for one, other in zip_longest(old, new))


def _replace(held: sqlite3.Connection, path: Path, found: os.stat_result, fresh: Path) -> None:
    """The new file takes the place of the old one, which nobody can have written to since it was copied."""
    with fresh.open("r+b") as file:
        os.fsync(file.fileno())
    if os.name == "nt":
        # An open file cannot be replaced there, so the lock must go first.
        held.close()
        now = path.stat()
        if (now.st_mtime_ns, now.st_size) != (found.st_mtime_ns, found.st_size):
            raise LockedError(f"{path} was written to meanwhile", "nothing was changed; run it again")
    try:
        fresh.replace(path)
    except PermissionError:
        raise LockedError(f"{path} is in use by another program", "close it and run this again") from None
    sync_folder(path.parent)
