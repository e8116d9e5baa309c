"""While a plugin is asked, the store's connection reads and does nothing else, whatever is tried on it.

It keeps mistakes out, not malice: a plugin is Python in this process, could take the guard off or open the file itself.
What it then changes in the ledger is refused by the triggers or, once they are gone, found by `les verify`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .connection import Store

_READS = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))


@contextmanager
def only_reading(store: Store) -> Iterator[None]:
    """Every statement but a SELECT fails in there with "not authorized", inside a transaction as outside one."""
    connection = store.connection
    # The authorizer is not asked about incremental writes into a cell (`blobopen`), which this refuses.
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
    """One is open all the while: nothing is copied over a store that is being read, as `backup` would without asking.

    The plugin also sees the store as it stood at one moment.
    """
    if store.connection.in_transaction:
        yield
        return
    store.connection.execute("BEGIN")
    try:
        # Only now the lock is held.
        store.rows("SELECT 1 FROM sqlite_master LIMIT 1")
        yield
    finally:
        if store.connection.in_transaction:
            store.connection.execute("ROLLBACK")


def _reads_only(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY
