"""A change of key leaves the complete old file or the complete new one at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from lescli.errors import LesError, LockedError
from lescli.model import Practice
from lescli.store import audit_trail, create_store, open_store
from lescli.store.database import encryption
from lescli.store.database.connection import connect
from lescli.store.database.encryption import Key, make_key_file
from lescli.store.safety import rekey
from lescli.store.safety.rekey import rewrite

with suppress(ImportError):  # Windows has no `resource`.
    import resource

pytestmark = pytest.mark.plain_only("makes stores of both kinds itself")

PRACTICE = Practice(ods_code="A82038", name="Test Surgery")
NAME = "Sentinelsson"


class Killed(BaseException):
    """Stands for `kill -9`: none of our code may run after it."""


@pytest.fixture
def old(tmp_path: Path) -> Key:
    return make_key_file(tmp_path / "keys" / "old.key")


@pytest.fixture
def new(tmp_path: Path) -> Key:
    return make_key_file(tmp_path / "keys" / "new.key")


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every command finds both keys, and waits only briefly for a lock."""
    monkeypatch.delenv("LES_KEY_FILE", raising=False)
    monkeypatch.setattr(encryption, "key_folder", lambda: tmp_path / "keys")
    monkeypatch.setattr(encryption, "at_a_terminal", lambda: False)
    monkeypatch.setattr(rekey, "LOCK_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(encryption, "_known", {})
    (tmp_path / "practice").mkdir()
    yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "practice" / "a.les"


def make(path: Path, key: Key | None) -> None:
    """Make a store with a patient, and with rows in tables with every kind of primary key."""
    with create_store(path, PRACTICE, key) as store, store.writing():
        run = store.connection.execute
        run(
            "INSERT INTO patient (id, nhs_number, family_name, given_name, date_of_birth, sex, housebound, facts_from)"
            " VALUES (7, '9990000018', ?, 'A', '1950-02-01', 'male', 1, '')",
            (NAME,),
        )
        run("INSERT INTO folder_service VALUES ('b', 'x', 'y'), ('a', 'x', 'y')")
        run("INSERT INTO accreditation VALUES ('C', 'k', '2026-01-01', '2026-12-31')")
        run("INSERT INTO term VALUES (5, 's', 'k', 'v', 0, '2026-04-01', '')")


def content(path: Path) -> list[object]:
    """All tables, triggers and rows of the store."""
    with open_store(path) as store:
        tables = store.rows("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2")
        rows = [store.rows(f"SELECT * FROM {name} NOT INDEXED") for kind, name, _ in tables if kind == "table"]
        marks = store.rows("PRAGMA user_version") + store.rows("PRAGMA application_id")
    return [tables, rows, marks]


def key_of(path: Path) -> Key | None:
    with open_store(path) as store:
        return store.key


def alone(path: Path) -> bool:
    return [one.name for one in path.parent.iterdir()] == [path.name]


def named(path: Path) -> bool:
    return NAME.encode() in path.read_bytes()


def test_the_new_file_has_an_audit_entry_before_it_replaces_the_old_one(
    path: Path, new: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(path, None)
    replace = rekey._replace

    def killed(*given: Any) -> None:
        replace(*given)
        raise Killed

    monkeypatch.setattr(rekey, "_replace", killed)
    command = audit_trail.Command(path=path, at=lambda: "2026-06-05T08:30:00Z", user="ann", verb="encrypt")
    with audit_trail.following(command), pytest.raises(Killed):
        rewrite(path, new)
    with open_store(path) as store:
        assert store.key == new
        assert [(entry.verb, entry.exit_code) for entry in audit_trail.entries(store, "", "~")] == [("encrypt", 0)]


@contextmanager
def full_at(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="files cannot be limited there")
@pytest.mark.parametrize("size", [0, 70, 8192, 100_000])
def test_a_full_disk_is_reported_and_leaves_the_old_file(path: Path, new: Key, size: int) -> None:
    make(path, None)
    before = path.read_bytes()
    with pytest.raises(LesError, match=r"disk is full or failing; make room .*; nothing was changed"), full_at(size):
        rewrite(path, new)
    assert path.read_bytes() == before
    assert alone(path)


@pytest.mark.skipif(sys.platform == "win32", reason="files cannot be limited there")
@pytest.mark.parametrize("size", [0, 50])
def test_a_full_disk_leaves_no_half_written_key(tmp_path: Path, size: int) -> None:
    with pytest.raises(LesError, match="cannot make the key file"), full_at(size):
        make_key_file(tmp_path / "keys" / "a.key")
    assert not (tmp_path / "keys" / "a.key").exists()
    make_key_file(tmp_path / "keys" / "a.key")


def test_a_plain_store_is_encrypted_and_decrypted_again(path: Path, old: Key) -> None:
    make(path, None)
    before = content(path)
    assert named(path)
    rewrite(path, old)
    assert not named(path)
    assert (content(path), key_of(path), alone(path)) == (before, old, True)
    rewrite(path, None)
    assert named(path)
    assert (content(path), key_of(path), alone(path)) == (before, None, True)


def test_the_new_key_opens_the_store_and_the_old_one_does_not(path: Path, old: Key, new: Key, tmp_path: Path) -> None:
    make(path, old)
    before = content(path)
    rewrite(path, new)
    assert (content(path), key_of(path), alone(path)) == (before, new, True)
    encryption._known.clear()  # As in another process.
    (tmp_path / "keys" / "new.key").unlink()
    with pytest.raises(LockedError):
        open_store(path)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_only_the_owner_may_read_the_new_file(path: Path, old: Key) -> None:
    make(path, None)
    rewrite(path, old)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["_export", "_prove_equal", "_replace", "replaced"])
@pytest.mark.parametrize("to_plain", [True, False])
def test_killed_at_any_step_it_leaves_the_old_store_or_the_new_one(
    path: Path, old: Key, new: Key, monkeypatch: pytest.MonkeyPatch, step: str, to_plain: bool
) -> None:
    make(path, old)
    before = content(path)
    key = None if to_plain else new
    with monkeypatch.context() as patch:

        def killed(*_: object) -> None:
            raise Killed

        if step == "replaced":
            patch.setattr(rekey, "sync_folder", killed)
        else:
            patch.setattr(rekey, step, killed)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(Killed):
            rewrite(path, key)
    assert (content(path), key_of(path)) == (before, key if step == "replaced" else old)
    rewrite(path, key)
    assert (content(path), key_of(path), alone(path)) == (before, key, True)


def test_a_new_file_that_differs_never_replaces_the_old_one(
    path: Path, old: Key, new: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rekey._export
    spoilt = [
        "DELETE FROM patient",
        "UPDATE patient SET given_name = 'B'",
        "INSERT INTO folder_service VALUES ('c', '', '')",
        "DROP TRIGGER {trigger}",
        "PRAGMA user_version = 1",
    ]
    make(path, old)
    before = path.read_bytes()
    with open_store(path) as store:
        trigger = store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")[0][0]
    for sql in spoilt:

        def export(path: Path, old: Key | None, fresh: Path, key: Key | None, sql: str = sql) -> None:
            whole(path, old, fresh, key)
            with closing(connect(fresh, key)) as connection:
                connection.execute(sql.format(trigger=trigger))

        monkeypatch.setattr(rekey, "_export", export)
        with pytest.raises(LesError, match="not equal"):
            rewrite(path, new)
        assert path.read_bytes() == before
        assert alone(path)


def test_a_store_that_another_program_writes_to_is_left_unchanged(path: Path, old: Key, new: Key) -> None:
    make(path, old)
    with open_store(path) as other, other.writing():
        with pytest.raises(LockedError, match="in use"):
            rewrite(path, new)
        other.connection.execute("UPDATE practice SET name = 'Written'")
    assert key_of(path) == old
    assert alone(path)


def test_a_plain_store_that_another_process_writes_to_is_left_unchanged(path: Path, old: Key) -> None:
    make(path, None)
    holds = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE'); print(1, flush=True)"
    command = [sys.executable, "-c", f"{holds}; sys.stdin.read()", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(LockedError, match="in use"):
            rewrite(path, old)
        other.communicate()
    assert named(path)
    rewrite(path, old)
    assert not named(path)


def test_a_write_ahead_log_of_the_old_file_is_not_applied_to_the_new_one(
    path: Path, old: Key, new: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program switched the store to SQLite's write-ahead log, and still has it open."""
    make(path, old)
    monkeypatch.setattr(rekey, "LOCK_WAIT_SECONDS", 0.01)
    with closing(connect(path, old)) as other:
        assert other.execute("PRAGMA journal_mode = WAL").fetchall() == [("wal",)]
        other.execute("INSERT INTO folder_service VALUES ('z', 'x', 'y')")
        with pytest.raises(LockedError, match="in use by another program"):
            rewrite(path, new)
        assert other.execute("SELECT count(*) FROM folder_service").fetchall() == [(3,)]
    before = content(path)
    with closing(connect(path, old)) as other:
        other.execute("PRAGMA journal_mode = WAL")
    rewrite(path, new)
    assert (content(path), key_of(path), alone(path)) == (before, new, True)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_stays_and_the_file_it_points_to_is_encrypted(path: Path, old: Key, tmp_path: Path) -> None:
    make(path, None)
    link = tmp_path / "link.les"
    link.symlink_to(path)
    rewrite(link, old)
    assert link.is_symlink()
    assert not named(path)
    assert key_of(link) == old


def test_a_waiting_writer_is_told_that_the_file_was_replaced(path: Path, old: Key, new: Key) -> None:
    make(path, old)
    before = content(path)
    with open_store(path) as other:
        rewrite(path, new)
        with pytest.raises(LockedError, match="was replaced"), other.writing():
            other.connection.execute("UPDATE practice SET name = 'Lost'")
    assert content(path) == before


def test_nobody_can_write_between_the_copy_and_the_replacement(
    path: Path, old: Key, new: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(path, old)
    monkeypatch.setattr("lescli.store.database.connection.LOCK_WAIT_SECONDS", 0.01)
    tried = []
    exchange = rekey._replace

    def replace(*given: object) -> None:
        with open_store(path) as other, pytest.raises(LockedError), other.writing():
            tried.append("entered")
        tried.append("held up")
        exchange(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(rekey, "_replace", replace)
    rewrite(path, new)
    assert tried == ["held up"]
    assert key_of(path) == new


def test_a_full_disk_leaves_the_old_store(path: Path, old: Key, new: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path, old)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(rekey, "_export", full)
    with pytest.raises(LesError, match="nothing was changed"):
        rewrite(path, new)
    assert path.read_bytes() == before
    assert alone(path)
