"""An encrypted store is a store: the same tables, errors and copies, and nothing of it can be read without its key."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lescli.model import Practice
from lescli.store import create_store, open_store
from lescli.store.connection import connect
from lescli.store.keys import Key, make_key_file

PRACTICE = Practice(ods_code="A82038", name="Sentinel Surgery")


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Key:
    """A key in a file that every command finds."""
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "one.key"))
    return make_key_file(tmp_path / "one.key")


def test_an_encrypted_store_opens_by_the_key_that_is_found(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "a.les"
    create_store(path, PRACTICE, key).close()
    assert PRACTICE.name.encode() not in path.read_bytes()
    with open_store(path) as store:
        assert store.practice == PRACTICE
        assert store.key == key


def test_a_copy_made_by_sqlites_backup_is_under_the_same_key(tmp_path: Path, key: Key) -> None:
    with create_store(tmp_path / "a.les", PRACTICE, key) as store:
        copy = connect(tmp_path / "b.les", store.key)
        store.connection.backup(copy)
        copy.close()
    assert PRACTICE.name.encode() not in (tmp_path / "b.les").read_bytes()
    with open_store(tmp_path / "b.les") as store:
        assert store.practice == PRACTICE


def test_errors_are_sqlites_own_with_a_key_too(key: Key) -> None:
    with create_store(None, PRACTICE, key) as store, pytest.raises(sqlite3.IntegrityError):
        store.connection.execute("INSERT INTO practice VALUES ('A82038', 'Again')")
