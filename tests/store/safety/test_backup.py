"""A backup is complete and private or is not made, and it removes only older backups of the same practice."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lescli.errors import LesError, LockedError
from lescli.model import Practice
from lescli.store import Store, create_store, open_store
from lescli.store.database.connection import connect, connect_found
from lescli.store.database.encryption import Key, make_key_file
from lescli.store.safety import backup
from lescli.store.safety.backup import back_up, dated_name, make_folder, part_beside, thin_out
from tests.store_content import content_of

MOMENT = datetime(2026, 6, 5, 8, 30, tzinfo=UTC)


@pytest.fixture
def store(whole: Path) -> Iterator[Store]:
    with open_store(whole) as opened:
        yield opened


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(".les-"))


def test_a_backup_equals_the_store_and_only_its_owner_can_read_it(store: Store, whole: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.les"
    back_up(store, target)
    assert content_of(target) == content_of(whole)
    assert left_over(tmp_path) == []
    with open_store(target) as copy:
        assert copy.key == store.key
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_an_existing_file_is_replaced_only_on_request(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.les"
    target.write_text("a letter", encoding="utf-8")
    with pytest.raises(LesError, match="already a file"):
        back_up(store, target)
    assert target.read_text(encoding="utf-8") == "a letter"
    back_up(store, target, over=True)
    assert content_of(target)["practice"] == [("A82038", "Test")]


def test_the_store_is_never_its_own_backup(store: Store, whole: Path, tmp_path: Path) -> None:
    for over in (False, True):
        with pytest.raises(LesError, match="the store itself"):
            back_up(store, whole, over=over)
    os.link(whole, tmp_path / "link.les")
    with pytest.raises(LesError, match="the store itself"):
        back_up(store, tmp_path / "link.les", over=True)


def test_a_full_disk_is_reported_with_the_name_the_user_gave(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(path: Path, key: Key | None) -> sqlite3.Connection:
        connection = connect(path, key)
        connection.execute("PRAGMA max_page_count = 5")
        return connection

    monkeypatch.setattr(backup, "connect", small)
    with pytest.raises(LesError) as told:
        back_up(store, tmp_path / "copy.les")
    assert told.value.what == f"{tmp_path / 'copy.les'} could not be written: the disk is full or failing"
    assert left_over(tmp_path) == []


def test_a_backup_during_a_write_leaves_out_the_uncommitted_change(store: Store, tmp_path: Path) -> None:
    assert store.path is not None
    with closing(connect_found(store.path)[0]) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO signature VALUES ('b', '2026-04-01', NULL, '')")
        back_up(store, tmp_path / "copy.les")
        other.execute("COMMIT")
    assert len(content_of(tmp_path / "copy.les")["signature"]) == 1


def test_a_backup_of_a_locked_store_gives_up_after_a_while(store: Store, tmp_path: Path) -> None:
    assert store.path is not None
    store.connection.execute("PRAGMA busy_timeout = 10")
    with closing(connect_found(store.path)[0]) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LockedError):
            back_up(store, tmp_path / "copy.les")
    assert left_over(tmp_path) == []
    assert not (tmp_path / "copy.les").exists()


def test_a_damaged_store_replaces_no_backup(store: Store, tmp_path: Path) -> None:
    back_up(store, tmp_path / "copy.les")
    before = (tmp_path / "copy.les").read_bytes()
    store.connection.execute("DROP TRIGGER claim_no_delete")
    with pytest.raises(LesError, match=r"has a fault, so no backup was made: the trigger claim_no_delete is missing"):
        back_up(store, tmp_path / "copy.les", over=True)
    assert (tmp_path / "copy.les").read_bytes() == before
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("step", ["os.fsync", "Path.replace"])
def test_a_failure_of_the_disk_leaves_no_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"lescli.store.safety.backup.{step}", full)
    with pytest.raises(LesError, match="cannot be written: No space"):
        back_up(store, tmp_path / "copy.les")
    assert left_over(tmp_path) == []
    assert not (tmp_path / "copy.les").exists()


@pytest.mark.skipif(os.name == "nt", reason="making links needs rights there")
def test_a_target_that_is_no_ordinary_file_is_refused(store: Store, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere.les").symlink_to(tmp_path / "none")
    for name in ("pipe", "nowhere.les"):
        with pytest.raises(LesError, match="no ordinary file"):
            back_up(store, tmp_path / name, over=True)
    assert (tmp_path / "nowhere.les").is_symlink()


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_a_journal_beside_the_target_never_gets_into_the_backup(store: Store, tmp_path: Path, suffix: str) -> None:
    """A killed program leaves a journal. SQLite would apply it to any new file of that name."""
    target = tmp_path / "practice-A82038-20260605-083000.les"
    target.with_name(target.name + suffix).write_bytes(b"pages of another file")
    with pytest.raises(LesError, match="journal of another file"):
        back_up(store, target)
    back_up(store, tmp_path / "copy.les")
    assert not target.exists()
    assert dated_name(store, tmp_path, MOMENT) != target


@pytest.mark.plain_only("makes stores of both kinds itself")
@pytest.mark.parametrize("locked", [(False, False), (True, True), (True, False)])
def test_the_records_of_another_practice_are_never_replaced(tmp_path: Path, locked: tuple[bool, bool]) -> None:
    """Only where les can read the file: one under another key is treated like any other file."""
    key, theirs = make_key_file(tmp_path / "any.key"), tmp_path / "theirs.les"
    keys = [key if one else None for one in locked]
    create_store(theirs, Practice(ods_code="B81001", name="Theirs"), keys[1]).close()
    before = theirs.read_bytes()
    with create_store(tmp_path / "practice.les", Practice(ods_code="A82038", name="Ours"), keys[0]) as store:
        with pytest.raises(LesError, match="another practice, B81001"):
            back_up(store, theirs, over=True)
        assert theirs.read_bytes() == before
        back_up(store, tmp_path / "copy.les")
        back_up(store, tmp_path / "copy.les", over=True)
    assert left_over(tmp_path) == []


def test_a_backup_of_a_store_with_a_write_ahead_log_is_one_file(store: Store, tmp_path: Path) -> None:
    store.connection.execute("PRAGMA journal_mode = WAL")
    back_up(store, tmp_path / "copy.les")
    with closing(connect_found(tmp_path / "copy.les")[0]) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_missing_folder_is_reported(store: Store, tmp_path: Path) -> None:
    with pytest.raises(LesError, match="cannot write to"):
        back_up(store, tmp_path / "none" / "copy.les")


def test_a_dated_name_is_one_that_is_free(store: Store, tmp_path: Path) -> None:
    first = dated_name(store, tmp_path, MOMENT)
    assert first.name == "practice-A82038-20260605-083000.les"
    first.touch()
    assert dated_name(store, tmp_path, MOMENT).name == "practice-A82038-20260605-083001.les"


def test_only_older_dated_backups_of_this_practice_are_removed(store: Store, whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    make_folder(folder)
    names = [f"practice-A82038-2026060{day}-083000.les" for day in range(1, 5)]
    others = [
        *("practice-A82039-20260601-083000.les", "practice-A82038-20260601-083000.les.bak", "notes.txt"),
        *("practice-A82038-20260601-083000-keep.les", "practice-A82038-replaced-20260601-083000.les"),
    ]
    for name in (*names, *others):
        shutil.copy(whole, folder / name)
    foreign = folder / "practice-A82038-20260401-083000.les"
    foreign.write_text("a letter that somebody saved under such a name", encoding="utf-8")
    others.append(foreign.name)
    (folder / "practice-A82038-20260501-083000.les").mkdir()
    newest = folder / names[0]  # The clock was set back, but this is the backup just made.
    removed = thin_out(store, newest, 3)
    assert [path.name for path in removed] == [names[1]]
    assert thin_out(store, newest, 3) == ()
    assert thin_out(store, newest, 1) == (folder / names[2], folder / names[3])
    assert {path.name for path in folder.iterdir()} == {names[0], *others, "practice-A82038-20260501-083000.les"}
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_backup_that_another_has_just_removed_is_no_error(
    store: Store, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = [tmp_path / f"practice-A82038-2026010{day}-083000.les" for day in range(1, 4)]
    for path in older:
        shutil.copy(whole, path)
    looked = backup.is_plain_store

    def removes(path: Path) -> bool:
        if path == older[0]:
            path.unlink()
        found = looked(path)
        if path == older[1]:
            path.unlink()
        return found

    monkeypatch.setattr(backup, "is_plain_store", removes)
    thin_out(store, tmp_path / "practice-A82038-20260605-083000.les", 1)
    assert [path for path in older if path.exists()] == []


def test_thinning_out_never_removes_the_store_itself(whole: Path, tmp_path: Path) -> None:
    named = whole.rename(tmp_path / "practice-A82038-20260101-083000.les")
    with open_store(named) as store:
        newest = dated_name(store, tmp_path, MOMENT)
        back_up(store, newest)
        assert thin_out(store, newest, 1) == ()
    assert named.exists()


def test_an_unfinished_backup_is_removed_with_its_journal(tmp_path: Path) -> None:
    with part_beside(tmp_path / "a.les") as part:
        part.with_name(f"{part.name}-journal").touch()
        if sys.platform != "win32":
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == []
