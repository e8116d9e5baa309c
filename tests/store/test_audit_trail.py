"""The audit trail has one entry for each command, written with its first change or before it shows patients."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lescli.errors import LockedError, ReadOnlyError
from lescli.model import Practice
from lescli.store import audit_trail, create_store, open_store, practice_data
from lescli.store.audit_trail import Command, following
from lescli.store.database.connection import connect_found
from lescli.store.ledger import chain

PRACTICE = Practice(ods_code="A82038", name="Test")
ALL = ("", "9999")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_store(tmp_path / "practice.les", PRACTICE).close()
    return tmp_path / "practice.les"


@pytest.fixture
def command(path: Path) -> Iterator[Command]:
    moments = iter(f"2026-06-05T08:00:{second:02d}Z" for second in range(60))
    one = Command(path=path, at=lambda: next(moments), user="ann", verb="services sign", asked="--from", named="a b")
    with following(one):
        yield one


def steps(path: Path) -> list[tuple[object, ...]]:
    with open_store(path) as store:
        return store.rows("SELECT id, command, at, asked, patients, identifiable, exit_code FROM audit ORDER BY id")


def sign(path: Path, service: str = "a", start: str = "2026-04-01") -> None:
    with open_store(path) as store, store.writing():
        store.connection.execute("INSERT INTO signature VALUES (?, ?, NULL, '')", (service, start))


def test_a_change_and_its_entry_are_one_transaction(path: Path, command: Command) -> None:
    sign(path)
    audit_trail.write(command, 0, open_store)
    assert steps(path) == [(1, 1, "2026-06-05T08:00:00Z", "a b --from", 0, 0, 0)]


def test_a_store_is_made_with_its_entry(tmp_path: Path) -> None:
    command = Command(path=tmp_path / "new.les", at=lambda: "2026-06-05T08:00:00Z", user="ann", verb="init")
    with following(command):
        create_store(command.path, PRACTICE).close()
    assert [step[3:] for step in steps(command.path)] == [("", 0, 0, 0)]


def test_a_change_that_is_rolled_back_leaves_no_entry_of_success(path: Path, command: Command) -> None:
    with open_store(path) as store, pytest.raises(ZeroDivisionError), store.writing():
        store.connection.execute("INSERT INTO signature VALUES ('a', '2026-04-01', NULL, '')")
        _ = 1 / 0
    assert steps(path) == []
    audit_trail.write(command, 1, open_store)
    assert [step[3:] for step in steps(path)] == [("--from", 0, 0, 1)], "a name is kept only when the command succeeded"


def test_a_commit_that_fails_leaves_no_entry(path: Path, command: Command) -> None:
    with open_store(path) as store:
        # Deferred, so that the commit finds the dangling reference, after the entry was written.
        store.connection.execute("PRAGMA defer_foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError), store.writing():
            store.connection.execute("PRAGMA defer_foreign_keys = ON")
            store.connection.execute("INSERT INTO register_detail VALUES (99, '2026-04-01', 'a', 'b')")
    audit_trail.write(command, 1, open_store)
    assert [(step[0], step[1], step[6]) for step in steps(path)] == [(1, 1, 1)]


def test_several_changes_make_one_entry_and_a_failure_adds_a_row_to_it(path: Path, command: Command) -> None:
    sign(path, "a")
    sign(path, "b")
    audit_trail.write(command, 0, open_store)
    assert len(steps(path)) == 1
    command.shows(7)
    audit_trail.write(command, 0, open_store)
    audit_trail.write(command, 3, open_store)
    audit_trail.write(command, 3, open_store)
    assert [step[:2] + step[4:] for step in steps(path)] == [(1, 1, 0, 0, 0), (2, 1, 7, 1, 0), (3, 1, 7, 1, 3)]
    with open_store(path) as store:
        (entry,) = audit_trail.entries(store, *ALL)
    assert (entry.at, entry.patients, entry.identifiable, entry.exit_code) == ("2026-06-05T08:00:00Z", 7, True, 3)


def test_a_script_and_another_store_write_no_entry(path: Path, command: Command, tmp_path: Path) -> None:
    create_store(tmp_path / "other.les", PRACTICE).close()
    sign(tmp_path / "other.les")
    assert not command.opened
    assert steps(tmp_path / "other.les") == []
    with following(Command(path=tmp_path / "none.les", at=str, user="", verb="")):
        sign(path)
    assert steps(path) == []


def test_an_entry_waits_for_the_lock_only_as_long_as_given(path: Path, command: Command) -> None:
    with open_store(path) as store:
        holder, _ = connect_found(path)
        holder.execute("BEGIN IMMEDIATE")
        assert store.practice == PRACTICE
        with pytest.raises(LockedError):
            audit_trail.write(command, 0, open_store, wait_seconds=0)
        holder.execute("ROLLBACK")
        holder.close()


def test_a_read_only_store_raises_its_own_error(path: Path, command: Command) -> None:
    with open_store(path) as store:
        store.connection.execute("PRAGMA query_only = ON")
        with pytest.raises(ReadOnlyError):
            audit_trail.write(command, 0, open_store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET patients = 0",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
        "UPDATE seal SET claim = 9",
        "DELETE FROM seal",
        "REPLACE INTO seal SELECT * FROM seal",
        "INSERT INTO seal SELECT 2, claim, claim_row, reversal, payment, digest FROM seal",
    ],
)
def test_the_audit_trail_and_the_seal_cannot_be_changed(path: Path, command: Command, statement: str) -> None:
    sign(path)
    with open_store(path) as store, pytest.raises(sqlite3.IntegrityError):
        store.connection.execute(statement)


def test_the_hash_of_an_entry_covers_every_column_and_the_entry_before(path: Path, command: Command) -> None:
    sign(path)
    audit_trail.write(command, 3, open_store)
    with open_store(path) as store:
        columns = [row[1] for row in store.rows("PRAGMA table_info(audit)")]
        assert columns == [*chain.COLUMNS["audit"], "previous", "hash"]
        rows = store.rows("SELECT * FROM audit ORDER BY id")
    previous = chain.START
    for *values, before, digest in rows:
        assert before == previous
        previous = chain.digest(previous, "audit", values)
        assert digest == previous


def test_entries_of_a_span_and_the_newest_backup_are_found(path: Path) -> None:
    with open_store(path) as store:
        assert audit_trail.newest(store, "backup") is None
    for day, verb, code in ((4, "backup", 0), (5, "recall", 0), (6, "backup", 1)):
        one = Command(path=path, at=lambda day=day: f"2026-06-{day:02d}T08:00:00Z", user="ann", verb=verb)  # type: ignore[misc]
        with following(one):
            audit_trail.write(one, code, open_store)
    with open_store(path) as store:
        span = ("2026-06-05T08:00:00Z", "2026-06-06T08:00:00Z")
        assert [entry.verb for entry in audit_trail.entries(store, *span)] == ["recall"]
        assert audit_trail.newest(store, "backup") == "2026-06-04T08:00:00Z"


def test_a_change_through_sqlite_utils_writes_an_entry(path: Path, command: Command) -> None:
    with open_store(path) as store, store.writing():
        practice_data.sign(store, "a", date(2026, 4, 1), "letter")
    assert len(steps(path)) == 1
