"""Make the tables of a new store, refuse files that are no store of les, and update stores of earlier versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import LesError
from ...model import Practice
from ..schema.migrations import AFTERWARDS, APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from .connection import Store


_empty: list[bytes] = []
"""The bytes of a new store in memory, once this process has made one."""


def make(store: Store, practice: Practice) -> None:
    """Write the tables and the practice's row into an empty file, all or nothing; LesError when it is not empty."""
    with _references_unchecked(store), store.writing():
        if store.connection.execute("PRAGMA schema_version").fetchone()[0]:
            raise already_there(store.path)
        store.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        apply_from(store, 0)
        store.connection.execute("INSERT INTO practice VALUES (?, ?)", (practice.ods_code, practice.name))


def make_in_memory(store: Store, practice: Practice, *, encrypted: bool) -> None:
    """`make` for a store in memory. A process makes the tables once and copies them: tests make thousands of stores."""
    if encrypted:
        make(store, practice)
        return
    if not _empty:
        make(store, practice)
        store.connection.execute("DELETE FROM practice")
        _empty.append(store.connection.serialize())
    store.connection.deserialize(_empty[0])
    store.connection.execute("INSERT INTO practice VALUES (?, ?)", (practice.ods_code, practice.name))


def already_there(path: Path | None) -> LesError:
    """The error for making a store where there is already a file."""
    return LesError(f"there is already a file at {path}", "choose another with --store; nothing was changed")


def check_ours(store: Store) -> None:
    """LesError for another program's database and for a store of a newer les; it changes nothing."""
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
    with _references_unchecked(store), store.writing():
        # Read again under the lock: another process may have migrated while this one waited.
        apply_from(store, store.connection.execute("PRAGMA user_version").fetchone()[0])
        if store.connection.execute("PRAGMA foreign_key_check").fetchone():
            raise LesError(f"{store.path} is damaged: a row refers to one that does not exist", "restore a backup")


def apply_from(store: Store, version: int, to: int = len(MIGRATIONS)) -> None:
    """Run the migrations after `version`, up to `to`. Call it in a transaction, or on a store in memory."""
    for migration in MIGRATIONS[version:to]:
        for statement in _statements(migration):
            store.connection.execute(statement)
        if migration in AFTERWARDS:
            AFTERWARDS[migration](store)
    store.connection.execute(f"PRAGMA user_version = {to}")


@contextmanager
def _references_unchecked(store: Store) -> Iterator[None]:
    """Switch foreign key checks off: migrations replace tables that others refer to. `migrate` checks at its end."""
    store.connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        store.connection.execute("PRAGMA foreign_keys = ON")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, because `executescript` would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    # The last statement may lack its semicolon; SQLite runs it all the same.
    if statement.strip():
        yield statement
