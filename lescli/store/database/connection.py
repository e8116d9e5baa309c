"""Open, make and migrate a store, plain or encrypted, and own its transactions."""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakSet

from ...errors import LesError, LockedError
from ...files import make_private
from ...model import Practice
from ..audit_trail import follow
from .errors import LOCK_WAIT_SECONDS, clear_errors
from .migrate import already_there, check_ours, make, make_in_memory, migrate

if TYPE_CHECKING:
    from sqlite_utils import Database

    from .keys import Key


_CACHE_KIB = 64 * 1024


@contextmanager
def in_bulk(store: Store) -> Iterator[None]:
    """Settings under which a million rows go in: hold it around the transactions of an import.

    Pages enough in memory that indexes over months of entries are not read again and again. No look-up of the six
    tables each entry refers to: the numbers written were read from them in the same transaction, and `les verify`
    looks. No search for cycles of objects: none are made, and the search looks at every row that waits to be written.
    """
    before = store.rows("PRAGMA cache_size")[0][0]
    collecting = gc.isenabled()
    gc.disable()
    store.connection.execute(f"PRAGMA cache_size = {-_CACHE_KIB}")
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute("PRAGMA threads = 2")  # For sorting what an index is built of.
    try:
        yield
    finally:
        store.connection.execute("PRAGMA threads = 0")
        store.connection.execute("PRAGMA foreign_keys = ON")
        store.connection.execute(f"PRAGMA cache_size = {before}")
        if collecting:
            gc.enable()


@contextmanager
def part(store: Store) -> Iterator[Store]:
    """Inside `store.trying()` or `store.writing()`: what fails here leaves the rest of the transaction as it was."""
    store.connection.execute("SAVEPOINT part")
    try:
        yield store
    except BaseException:
        if store.connection.in_transaction:
            store.connection.execute("ROLLBACK TO part")
        raise
    finally:
        if store.connection.in_transaction:
            store.connection.execute("RELEASE part")


__all__ = ["LOCK_WAIT_SECONDS", "Store", "clear_errors", "connect", "connect_found", "create_store", "open_store"]

_open_stores: WeakSet[Store] = WeakSet()


class Store:
    """One practice's SQLite file. Use `open_store` or `create_store`; close it, or use it in a `with`."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, key: Key | None = None) -> None:
        self.connection = connection
        self.path = path
        self.key = key
        """The key of an encrypted store, None for a plain one."""
        # A relative path leads elsewhere once the folder of the process has changed.
        self._at = path.absolute() if path else None
        self.file = _place(self._at)
        """The file that was opened: what is at its path later may be another one."""
        self.closed = False
        self.before_commit: Callable[[Store], None] | None = None
        """Called at the end of every transaction that writes; the audit trail's entry goes in with the change."""
        _open_stores.add(self)

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

    def version(self) -> int:
        """Another number than before once another connection has changed the store; our own changes do not count."""
        return int(self.rows("PRAGMA data_version")[0][0])

    @contextmanager
    def writing(self) -> Iterator[Self]:
        """One transaction, all or nothing. It takes the write lock at once, so that no two writers deadlock."""
        with clear_errors(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                self._not_replaced()
                yield self
                if self.before_commit is not None:
                    self.before_commit(self)
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def _not_replaced(self) -> None:
        """What is written after a restore or a change of key would go into a file that nobody finds any more."""
        if _place(self._at) != self.file:
            raise LockedError(f"{self.path} was replaced while this command ran", "nothing was changed; run it again")

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
        _open_stores.discard(self)
        self.closed = True
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
        before = _place(path)
        connection, key = connect_found(path)
        store = Store(connection, path, key)
        # Replaced in between, the store would not notice later on that it writes into the old file.
        store.file = before
        try:
            check_ours(store)
            migrate(store)
        except BaseException:
            store.close()
            raise
    follow(store)
    return store


def create_store(path: Path | None, practice: Practice, key: Key | None = None) -> Store:
    """Make a new store, encrypted when a key is given; LesError when the file exists. `None` makes one in memory.

    It is made in one transaction: a process that is killed leaves an empty file at most, which is then written over.
    """
    if path is None:
        store = Store(connect(None, key), None, key)
        make_in_memory(store, practice, encrypted=key is not None)
        return store
    check_free(path)
    try:
        make_private(path.parent)
        # Made before SQLite sees it, so that the file is never readable by others, not even for a moment.
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        path.chmod(0o600)
    except OSError as fault:
        raise LesError(
            f"cannot make {path}: {fault.strerror}", "choose a folder you can write to with --store"
        ) from None
    with clear_errors(path):
        store = Store(connect(path, key), path, key)
        follow(store)
        try:
            make(store, practice)
        except LockedError:
            # Another process is making it, and its file stays.
            store.close()
            raise
        except BaseException:
            store.close()
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()
            raise
    return store


def check_free(path: Path) -> None:
    """LesError when there is a file already; an empty one is what a killed `les init` leaves, and does not count."""
    if path.is_file() and path.with_name(f"{path.name}-journal").exists():
        # Killed in the middle of its commit, it left a file that is empty again once SQLite has looked at it.
        with suppress(sqlite3.Error), closing(connect(path)) as connection:
            connection.execute("PRAGMA schema_version").fetchall()
    if path.exists() and (not path.is_file() or path.stat().st_size):
        raise already_there(path)


def connect(path: Path | None, key: Key | None = None) -> sqlite3.Connection:
    """A raw connection as every store has it, to an existing file or a new one; under the key, when there is one.

    `connect(FILE, store.key)` makes or opens a copy of the store under its own key.
    """
    if key is None:
        connection = sqlite3.connect(path or ":memory:", timeout=LOCK_WAIT_SECONDS, isolation_level=None)
    else:
        from .cipher import connect_encrypted

        connection = connect_encrypted(path, key, LOCK_WAIT_SECONDS)
    return _settled(connection)


def _settled(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA foreign_keys = ON")
    # So that the delete triggers of the ledger also see INSERT OR REPLACE.
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


def connect_found(path: Path) -> tuple[sqlite3.Connection, Key | None]:
    """A raw connection to an existing file, whoever made it, and the key that opened it (None: it is plain).

    LockedError (exit 4) when it is encrypted and no key that can be found opens it. Use it under `clear_errors`.
    """
    # SQLite is asked, and the file's first bytes are not: closing a file that this process also has open would drop
    # its locks. For the same reason a file that is open here under a key is never shown to the plain SQLite.
    known = _key_in_use(path)
    if known is not None:
        return connect(path, known), known
    connection = connect(path)
    try:
        connection.execute("PRAGMA schema_version").fetchall()
    except sqlite3.DatabaseError as fault:
        connection.close()
        if getattr(fault, "sqlite_errorname", "") != "SQLITE_NOTADB":
            raise
    else:
        return connection, None
    from .cipher import unlock

    connection, key = unlock(path, LOCK_WAIT_SECONDS)
    return _settled(connection), key


def _key_in_use(path: Path) -> Key | None:
    place = _place(path)
    return next((store.key for store in _open_stores if store.key is not None and store.file == place), None)


def _place(path: Path | None) -> tuple[int, int] | None:
    """Which file a path leads to now: another one after the file was replaced."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None
