"""Each SQLite error becomes one clear line with its exit code, even if the driver gives only a message."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lescli.errors import LesError, LockedError, ReadOnlyError
from lescli.store.database.errors import clear_errors

WORDS = {
    "database is locked": LockedError,
    "database table is locked": LockedError,
    "database or disk is full": LesError,
    "disk I/O error": LesError,
    "attempt to write a readonly database": ReadOnlyError,
    "unable to open database file": ReadOnlyError,
    "file is not a database": LesError,
    "database disk image is malformed": LesError,
}


@pytest.mark.parametrize("words", WORDS)
def test_an_error_without_a_name_is_recognised_by_its_message(words: str) -> None:
    with pytest.raises(LesError) as told, clear_errors(Path("practice.les")):
        raise sqlite3.OperationalError(words)
    assert type(told.value) is WORDS[words]
    assert str(told.value).startswith("practice.les ")


def test_any_other_error_is_raised_unchanged() -> None:
    with pytest.raises(sqlite3.OperationalError), clear_errors(Path("practice.les")):
        raise sqlite3.OperationalError("no such table: claim")
