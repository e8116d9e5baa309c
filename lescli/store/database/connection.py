"""Open a store or make a new one, plain or encrypted, and run its transactions."""

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

    from .encryption import Key


_READS = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))


@contextmanager
def only_reading(store: Store) -> Iterator[None]:
    """Inside it, every statement but a SELECT fails with "not authorized", also inside a transaction."""
    connection = store.connection
    # The authorizer does not see incremental writes into a cell (`blobopen`); this pragma refuses them.
    connection.execute("PRAGMA query_only = ON")
    try:
        with _read_transaction(store):
            connection.set_authorizer(_reads_only)
            try:
                yield
            finally:
                connection.set_authorizer(None)
    finally:
        connection.execute("PRAGMA query_only = OFF")


@contextmanager
def _read_transaction(store: Store) -> Iterator[None]:
    """Keep a transaction open. `Connection.backup` asks no authorizer, but cannot overwrite a store that is being read.

    The plugin also sees the store as it was at one moment.
    """
    if store.connection.in_transaction:
        yield
        return
    store.connection.execute("BEGIN")
    try:
        # BEGIN alone takes no lock; the first read does.
        store.rows("SELECT 1 FROM sqlite_master LIMIT 1")
        yield
    finally:
        if store.connection.in_transaction:
            store.connection.execute("ROLLBACK")


def _reads_only(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


__all__ = ["LOCK_WAIT_SECONDS", "Store", "clear_errors", "connect", "connect_found", "create_store", "open_store"]

_CACHE_KIB = 64 * 1024


_open_stores: WeakSet[Store] = WeakSet()


class Store:
    """One practice's SQLite file. Get it from `open_store` or `create_store`; close it, or use it in a `with`."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, key: Key | None = None) -> None:
        self.connection = connection
        self.path = path
        self.key = key
        """The key of an encrypted store, None for a plain one."""
        # A relative path would name another file once the process changes its working directory.
        self._absolute_path = path.absolute() if path else None
        self.file = _file_id(self._absolute_path)
        """The device and inode of the file that was opened: another file may be at the same path later."""
        self.closed = False
        self.before_commit: Callable[[Store], None] | None = None
        """Called before each commit of `writing`, so that the command's audit line is part of the same transaction."""
        _open_stores.add(self)

    @property
    def practice(self) -> Practice:
        """The practice the store belongs to."""
        row = self.connection.execute("SELECT ods_code, name FROM practice").fetchone()
        return Practice(ods_code=row[0], name=row[1])

    @property
    def tables(self) -> Database:
        """The store as an sqlite-utils database, for ordinary rows.

        Imported only here: importing it takes longer than most commands run.
        """
        from sqlite_utils import Database

        # Otherwise plugins of other packages would run on our connection.
        return Database(self.connection, execute_plugins=False)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """All rows of a query."""
        with clear_errors(self.path):
            return self.connection.execute(sql, values).fetchall()

    def version(self) -> int:
        """A number that changes when another connection changes the store; our own changes do not count."""
        return int(self.rows("PRAGMA data_version")[0][0])

    @contextmanager
    def writing(self) -> Iterator[Self]:
        """One transaction, all or nothing. It takes the write lock at once, so that two writers cannot deadlock."""
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
        """LockedError after a restore or a change of key: we would write to the old file, which nobody opens again."""
        if _file_id(self._absolute_path) != self.file:
            raise LockedError(f"{self.path} was replaced while this command ran", "nothing was changed; run it again")

    @contextmanager
    def trying(self) -> Iterator[Self]:
        """A transaction that is always rolled back, for dry runs."""
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


@contextmanager
def in_bulk(store: Store) -> Iterator[None]:
    """Settings that let a million rows go in quickly. Put it around the transactions of an import.

    - A large page cache, so that indexes over months of entries are not read again and again.
    - No foreign key checks of the six tables that each entry refers to: the import read their ids in the same
      transaction, and `les verify` checks them.
    - No garbage collection of cycles: an import makes none, and the collector would look at every row that waits to
      be written.
    """
    before = store.rows("PRAGMA cache_size")[0][0]
    collecting = gc.isenabled()
    gc.disable()
    store.connection.execute(f"PRAGMA cache_size = {-_CACHE_KIB}")
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute("PRAGMA threads = 2")  # For sorting while it builds an index.
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
    """Part of a transaction, inside `store.trying()` or `store.writing()`: if it fails, only this part is undone."""
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
        before = _file_id(path)
        connection, key = connect_found(path)
        store = Store(connection, path, key)
        # If the file was replaced while we opened it, `writing` must notice: so compare with the file from before.
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
    """Make a new store, encrypted when a key is given; LesError when the file exists. Path `None` makes one in memory.

    It is made in one transaction: a killed process leaves at most an empty file, which the next `les init` overwrites.
    """
    if path is None:
        store = Store(connect(None, key), None, key)
        make_in_memory(store, practice, encrypted=key is not None)
        return store
    check_free(path)
    try:
        make_private(path.parent)
        # Make the file before SQLite does, so that others cannot read it even for a moment.
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
            # Another process is making this store: leave its file alone.
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
    """LesError when the file exists already. An empty one does not count: a killed `les init` leaves one."""
    if path.is_file() and path.with_name(f"{path.name}-journal").exists():
        # Killed in the middle of its commit, it left a file that is empty again once SQLite has looked at it.
        with suppress(sqlite3.Error), closing(connect(path)) as connection:
            connection.execute("PRAGMA schema_version").fetchall()
    if path.exists() and (not path.is_file() or path.stat().st_size):
        raise already_there(path)


def connect(path: Path | None, key: Key | None = None) -> sqlite3.Connection:
    """A connection with a store's settings to an existing or a new file, encrypted when there is a key.

    `connect(FILE, store.key)` opens or makes a copy of the store under the same key.
    """
    if key is None:
        connection = sqlite3.connect(path or ":memory:", timeout=LOCK_WAIT_SECONDS, isolation_level=None)
    else:
        from .encryption import connect_encrypted

        connection = connect_encrypted(path, key, LOCK_WAIT_SECONDS)
    return _settled(connection)


def _settled(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA foreign_keys = ON")
    # Without this, INSERT OR REPLACE would not fire the ledger's delete triggers.
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


def connect_found(path: Path) -> tuple[sqlite3.Connection, Key | None]:
    """A connection to an existing file, whichever program made it, and the key that opened it (None: it is plain).

    LockedError (exit 4) when it is encrypted and none of the keys found opens it. Call it inside `clear_errors`.
    """
    # Ask SQLite instead of reading the first bytes: if this process has the file open already, closing it again here
    # would drop SQLite's locks on it. For the same reason, a file that is open here under a key is never opened plain.
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
    from .encryption import unlock

    connection, key = unlock(path, LOCK_WAIT_SECONDS)
    return _settled(connection), key


def _key_in_use(path: Path) -> Key | None:
    place = _file_id(path)
    return next((store.key for store in _open_stores if store.key is not None and store.file == place), None)


def _file_id(path: Path | None) -> tuple[int, int] | None:
    """The device and inode of the file at a path, which differ once the file was replaced; None when there is none."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None
