"""Open, make and migrate a store; own its transactions; turn SQLite's errors into one clear line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..errors import LesError, LockedError
from ..model import Practice
from .schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from sqlite_utils import Database

LOCK_WAIT_SECONDS = 5.0


class Store:
    """One practice's SQLite file. Use `open_store` or `create_store`; close it, or use it in a `with`."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.connection = connection
        self.path = path

    @property
    def practice(self) -> Practice:
        """The practice the store belongs to."""
        row = self.connection.execute("SELECT ods_code, name FROM practice").fetchone()
        return Practice(ods_code=row[0], name=row[1])

    @property
    def tables(self) -> Database:
        """The store under sqlite-utils, for ordinary rows. Imported here: it costs more than most commands take."""
        from sqlite_utils import Database

        # Otherwise other packages' plugins run on our connection.
        return Database(self.connection, execute_plugins=False)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """All rows of a query."""
        with clear_errors(self.path):
            return self.connection.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Self]:
        """One transaction, all or nothing. It takes the write lock at once, so that no two writers deadlock."""
        with clear_errors(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def trying(self) -> Iterator[Self]:
        """A transaction that is always undone: what a dry run does."""
        with clear_errors(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open_store(path: Path) -> Store:
    """Open an existing store, bringing one of an earlier version up to date."""
    if not path.exists():
        raise LesError(
            f"there is no store at {path}",
            "make one with `les init --practice ODS --name TEXT`, or name it with --store",
        )
    if path.is_dir():
        raise LesError(f"{path} is a folder, not a store", "name the store's file with --store")
    with clear_errors(path):
        store = Store(_connect(path), path)
        try:
            _check_ours(store)
            _migrate(store)
        except BaseException:
            store.close()
            raise
    return store


def create_store(path: Path | None, practice: Practice) -> Store:
    """Make a new store; LesError when the file exists. `None` makes one in memory, for tests."""
    if path is None:
        store = Store(_connect(None), None)
        _make(store, practice)
        return store
    if path.exists():
        raise LesError(f"there is already a file at {path}", "choose another with --store; nothing was changed")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made before SQLite sees it, so that the file is never readable by others, not even for a moment.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as fault:
        raise LesError(
            f"cannot make {path}: {fault.strerror}", "choose a folder you can write to with --store"
        ) from None
    with clear_errors(path):
        store = Store(_connect(path), path)
        try:
            _make(store, practice)
        except BaseException:
            store.close()
            path.unlink(missing_ok=True)
            raise
    return store


def _connect(path: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(path or ":memory:", timeout=LOCK_WAIT_SECONDS, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    # So that the delete triggers of the ledger also see INSERT OR REPLACE.
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


def _make(store: Store, practice: Practice) -> None:
    store.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _migrate(store)
    with store.writing():
        store.connection.execute("INSERT INTO practice VALUES (?, ?)", (practice.ods_code, practice.name))


def _check_ours(store: Store) -> None:
    found = store.connection.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        raise LesError(f"{store.path} is not a store of les", "name the right file with --store; nothing was changed")
    version = store.connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise LesError(f"{store.path} was made by a newer version of les", "install that version, or a later one")


def _migrate(store: Store) -> None:
    version = store.connection.execute("PRAGMA user_version").fetchone()[0]
    if version == len(MIGRATIONS):
        return
    with store.writing():
        # Read again under the lock: another process may have migrated while this one waited.
        version = store.connection.execute("PRAGMA user_version").fetchone()[0]
        for migration in MIGRATIONS[version:]:
            for statement in _statements(migration):
                store.connection.execute(statement)
        store.connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def clear_errors(path: Path | None) -> Iterator[None]:
    """SQLite's own words, in one line that says what, where and how to mend it; they never hold a cell's value."""
    try:
        yield
    except sqlite3.Error as fault:
        name = getattr(fault, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise LockedError(
                f"{path} is in use by another program", f"waited {LOCK_WAIT_SECONDS:.0f} seconds; try again"
            ) from None
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise LesError(f"{path} is not a store of les, or it is damaged", "restore a backup") from None
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            raise LesError(f"{path} could not be written: the disk is full or failing", "nothing was changed") from None
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
            raise LesError(f"{path} cannot be opened for writing", "check the permissions of file and folder") from None
        raise
