"""While a plugin is asked, the store's connection reads and does nothing else, whatever is tried on it.

It keeps mistakes out, not malice: a plugin is Python in this process and could open the file itself. What it then
changes in the ledger is refused by the triggers or, once they are gone, found by `les verify`.
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
        connection.set_authorizer(_reads_only)
        yield
    finally:
        connection.set_authorizer(None)
        connection.execute("PRAGMA query_only = OFF")


def _reads_only(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY
