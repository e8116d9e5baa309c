"""Make the store's connection read-only while a plugin is asked.

This stops mistakes, not malice: a plugin is Python code in this process, and could remove the guard or open the file
itself. The ledger's triggers would then refuse its changes; if it drops the triggers, `les verify` finds the changes.
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
