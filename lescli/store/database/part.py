"""One part of a transaction that is undone alone: a dry run of many files, of which one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .connection import Store


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
