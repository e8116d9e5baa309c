"""The settings of a connection under which a million rows go in."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from .connection import Store

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
