"""An encrypted store behaves like a plain one, and nothing in it can be read without its key."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lescli.errors import Exit, LesError, LockedError
from lescli.model import Practice
from lescli.store import Store, create_store, open_store, practice_data
from lescli.store.database.connection import connect
from lescli.store.database.encryption import Key, integrity_faults, make_key_file

pytestmark = pytest.mark.plain_only("makes stores of both kinds itself")

PRACTICE = Practice(ods_code="A82038", name="Test Surgery")
NAME, NUMBER = "Sentinelsson", "9990000018"


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Key:
    """A key in a file that LES_KEY_FILE names."""
    (tmp_path / "keys").mkdir()
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "keys" / "one.key"))
    return make_key_file(tmp_path / "keys" / "one.key")


def describe(store: Store, number: str) -> None:
    """Add a patient whose name and number no file may hold."""
    sql = (
        "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
        " VALUES (?, ?, 'Ann', '1950-02-01', 'female', '2026-05-01')"
    )
    store.connection.execute(sql, (number, NAME))


def names_in(folder: Path) -> list[str]:
    """The files of a folder that hold the name or the number in plain text."""
    sought = (NAME.encode(), NUMBER.encode())
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if any(word in path.read_bytes() for word in sought))


def test_an_encrypted_store_opens_with_the_key_that_is_found(tmp_path: Path, key: Key) -> None:
    create_store(tmp_path / "a.les", PRACTICE, key).close()
    assert PRACTICE.name.encode() not in (tmp_path / "a.les").read_bytes()
    with open_store(tmp_path / "a.les") as store:
        assert store.practice == PRACTICE
        assert store.key == key


def test_an_encrypted_store_behaves_like_a_plain_one(key: Key) -> None:
    with create_store(None, PRACTICE) as plain, create_store(None, PRACTICE, key) as encrypted:
        for pragma in ("foreign_keys", "recursive_triggers", "application_id", "user_version"):
            assert encrypted.rows(f"PRAGMA {pragma}") == plain.rows(f"PRAGMA {pragma}"), pragma
        assert encrypted.connection.isolation_level is None
        assert not encrypted.connection.in_transaction
        encrypted.tables.table("folder_service").insert({"name": "a", "toml": "", "sha256": ""})
        assert practice_data.folder_services(encrypted) == (("a", ""),)


def test_errors_of_sqlcipher_are_caught_as_errors_of_sqlite(key: Key) -> None:
    with create_store(None, PRACTICE, key) as store:
        with pytest.raises(sqlite3.IntegrityError):
            store.connection.execute("INSERT INTO practice VALUES ('A82038', 'Again')")
        with pytest.raises(sqlite3.OperationalError):
            store.connection.execute("SELECT * FROM nothing")


def test_a_failed_transaction_leaves_nothing(tmp_path: Path, key: Key) -> None:
    with create_store(tmp_path / "a.les", PRACTICE, key) as store:
        with pytest.raises(ZeroDivisionError), store.writing():
            describe(store, NUMBER)
            raise ZeroDivisionError
        with store.trying():
            describe(store, NUMBER)
        assert store.rows("SELECT * FROM patient") == []


@pytest.mark.parametrize("encrypted", [True, False])
def test_no_file_holds_a_name_during_or_after_a_transaction(tmp_path: Path, key: Key, encrypted: bool) -> None:
    """Search the store, its journal, temporary files and a copy; a plain store proves that the search works."""
    folder = tmp_path / "practice"
    folder.mkdir()
    with create_store(folder / "a.les", PRACTICE, key if encrypted else None) as store:
        # So small that SQLite needs files for everything.
        store.connection.execute("PRAGMA cache_size = 5")
        with store.writing():
            for number in range(9990000100, 9990000500):
                describe(store, str(number))
        with store.writing():
            store.connection.execute("UPDATE patient SET given_name = 'Bea', nhs_number = 'x' || nhs_number")
            describe(store, NUMBER)
            store.connection.execute("CREATE TEMP TABLE aside AS SELECT a.* FROM patient a, patient b")
            journal = folder / "a.les-journal"
            assert journal.stat().st_size > 4096
            held = _temporary_files()
            during = names_in(tmp_path)
        copy = connect(folder / "copy.les", store.key)
        store.connection.backup(copy)
        copy.close()
    if encrypted:
        assert (during, names_in(tmp_path), held) == ([], [], [])
        with open_store(folder / "copy.les") as copied:
            assert len(copied.rows("SELECT * FROM patient")) == 401
    else:
        assert during == ["a.les", "a.les-journal"]
        assert names_in(tmp_path) == ["a.les", "copy.les"]
        assert held or not sys.platform.startswith("linux")


def _temporary_files() -> list[str]:
    """SQLite's temporary files that this process has open. They are unlinked, so no folder lists them."""
    if not sys.platform.startswith("linux"):
        return []
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [link for link in links if "etilqs_" in link]


def test_trying_wrong_keys_on_a_store_with_a_journal_does_no_harm(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite applies the journal of a killed program before it knows whether the key is right."""
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with create_store(tmp_path / "a.les", PRACTICE, key) as store:
        store.connection.execute("PRAGMA cache_size = 5")
        with store.writing():
            for number in range(9990000100, 9990000500):
                describe(store, str(number))
        with store.trying():
            store.connection.execute("UPDATE patient SET given_name = 'Bea', nhs_number = 'x' || nhs_number")
            for name in ("a.les", "a.les-journal"):
                shutil.copy(tmp_path / name, crashed / name)
    right = os.environ["LES_KEY_FILE"]
    make_key_file(tmp_path / "wrong.key")
    for _ in range(2):
        monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "wrong.key"))
        with pytest.raises(LockedError):
            open_store(crashed / "a.les")
        monkeypatch.setenv("LES_KEY_FILE", right)
        with open_store(crashed / "a.les") as store:
            assert store.rows("SELECT count(*), max(given_name), max(nhs_number) FROM patient") == [
                (400, "Ann", "9990000499")
            ]
            assert integrity_faults(store) == ()


def test_each_of_two_hundred_changed_bits_is_found(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "a.les"
    create_store(path, PRACTICE, key).close()
    whole, chance = path.read_bytes(), random.Random(5)
    with open_store(path) as store:
        assert integrity_faults(store) == ()
    silent = []
    for bit in chance.sample(range(len(whole) * 8), 200):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        try:
            with open_store(path) as store:
                if not integrity_faults(store):
                    silent.append(bit)
        except LesError as fault:
            assert "damaged" in str(fault)
    assert silent == []


def test_a_plain_store_has_no_authentication_codes() -> None:
    with create_store(None, PRACTICE) as store:
        assert integrity_faults(store) == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (secrets.token_bytes(8192), Exit.LOCKED),  # It looks like a store under another key.
        (secrets.token_bytes(8191), Exit.REFUSED),
        (b"notes of a meeting", Exit.REFUSED),
        (b"SQLite format 3\0" + bytes(8176), Exit.REFUSED),
    ],
)
def test_a_file_that_is_no_store_is_left_unchanged(tmp_path: Path, key: Key, content: bytes, code: Exit) -> None:
    path = tmp_path / "a.les"
    path.write_bytes(content)
    with pytest.raises(LesError) as refused:
        open_store(path)
    assert refused.value.exit_code == code
    assert "damaged" in str(refused.value)
    assert path.read_bytes() == content


def test_without_the_extra_plain_stores_work_and_encrypted_ones_say_what_to_install(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_store(tmp_path / "a.les", PRACTICE, key).close()
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    create_store(tmp_path / "b.les", PRACTICE).close()
    with open_store(tmp_path / "b.les") as store:
        assert store.practice == PRACTICE
    with pytest.raises(LockedError, match=r"pip install 'lescli\[encrypted\]'"):
        open_store(tmp_path / "a.les")


def test_a_store_opens_twice_without_its_key_and_keeps_its_lock(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lescli.store.database.connection.LOCK_WAIT_SECONDS", 0.01)
    with create_store(tmp_path / "a.les", PRACTICE, key) as store:
        monkeypatch.delenv("LES_KEY_FILE")
        with open_store(tmp_path / "a.les") as again:
            assert again.practice == PRACTICE
            with store.writing(), pytest.raises(LockedError), again.writing():
                pass


def test_a_store_that_was_replaced_is_not_written_to(tmp_path: Path) -> None:
    with create_store(tmp_path / "a.les", PRACTICE) as store:
        create_store(tmp_path / "b.les", Practice(ods_code="B82038", name="Other")).close()
        (tmp_path / "b.les").replace(tmp_path / "a.les")
        with pytest.raises(LockedError, match="was replaced"), store.writing():
            describe(store, NUMBER)
    with open_store(tmp_path / "a.les") as store:
        assert store.rows("SELECT * FROM patient") == []


def test_the_empty_file_of_a_killed_init_is_overwritten_and_a_store_is_not(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "a.les"
    path.write_bytes(b"")
    create_store(path, PRACTICE, key).close()
    with pytest.raises(LesError, match="already a file"):
        create_store(path, PRACTICE, key)
    with open_store(path) as store:
        assert store.practice == PRACTICE


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is locked cannot be copied there")
@pytest.mark.parametrize("encrypted", [False, True])
def test_the_file_of_an_init_killed_in_its_commit_is_overwritten(tmp_path: Path, key: Key, encrypted: bool) -> None:
    path, under = tmp_path / "killed.les", key if encrypted else None
    with closing(connect(tmp_path / "a.les", under)) as writer:
        writer.execute("PRAGMA cache_size = 5")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("CREATE TABLE practice (a)")
        writer.executemany("INSERT INTO practice VALUES (randomblob(?))", [(3000,)] * 50)
        for suffix in ("", "-journal"):
            shutil.copy(tmp_path / f"a.les{suffix}", tmp_path / f"killed.les{suffix}")
        writer.execute("ROLLBACK")
    assert path.stat().st_size
    create_store(path, PRACTICE, under).close()
    with open_store(path) as store:
        assert store.practice == PRACTICE


def test_a_store_that_cannot_be_made_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lescli.store.database.migrate.MIGRATIONS", ("CREATE TABLE practice (a);", "no sql;"))
    with pytest.raises(sqlite3.OperationalError):
        create_store(tmp_path / "a.les", PRACTICE)
    assert list(tmp_path.iterdir()) == []


def test_two_inits_at_once_make_one_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.les"
    create_store(path, PRACTICE).close()
    # Another init makes the store after our check that there is none.
    monkeypatch.setattr("lescli.store.database.connection.check_free", lambda _: None)
    with pytest.raises(LesError, match="already a file"):
        create_store(path, Practice(ods_code="B82038", name="Other"))
    with open_store(path) as store:
        assert store.practice == PRACTICE
