"""Make the tables of a new store, tell whether a file is a store of ours, and bring an earlier one up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import LesError
from ..model import Practice
from .schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from .connection import Store


def make(store: Store, practice: Practice) -> None:
    """The tables and the practice's row, in an empty file."""
    store.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrate(store)
    with store.writing():
        store.connection.execute("INSERT INTO practice VALUES (?, ?)", (practice.ods_code, practice.name))


def check_ours(store: Store) -> None:
    """LesError for another program's database, or a store of a newer les; nothing is changed."""
    found = store.connection.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        raise LesError(f"{store.path} is not a store of les", "name the right file with --store; nothing was changed")
    version = store.connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise LesError(f"{store.path} was made by a newer version of les", "install that version, or a later one")


def migrate(store: Store) -> None:
    """Bring a store of an earlier version up to date, all or nothing."""
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
