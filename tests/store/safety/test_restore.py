"""A restore replaces a store in one step, and keeps the old store and its journal beside the new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lescli.errors import LesError, LockedError
from lescli.model import Practice
from lescli.store import Store, audit_trail, create_store, open_store
from lescli.store.database.connection import connect, connect_found
from lescli.store.database.location import left_behind
from lescli.store.database.migrate import apply_from
from lescli.store.safety import restore as restoring
from lescli.store.safety.backup import back_up
from lescli.store.safety.restore import restore
from lescli.store.schema.migrations import APPLICATION_ID, MIGRATIONS
from lescli.store.verify.run import verify
from tests.store_content import content_of

MOMENT = datetime(2026, 6, 5, 8, 30, tzinfo=UTC)
KEPT = "practice-replaced-20260605-083000.les"


class Killed(BaseException):
    """Stands for `kill -9`: none of our code may run after it."""


@pytest.fixture
def backup(whole: Path, tmp_path: Path) -> Path:
    """A backup, after which the store was changed."""
    with open_store(whole) as store:
        back_up(store, tmp_path / "backup.les")
        with store.writing():
            store.connection.execute("INSERT INTO signature VALUES ('b', '2026-04-01', NULL, '')")
    return tmp_path / "backup.les"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_is_restored_where_there_is_no_store(backup: Path, tmp_path: Path) -> None:
    before = backup.read_bytes()
    done = restore(backup, tmp_path / "new" / "practice.les", MOMENT)
    assert (done.practice.ods_code, done.kept, done.replaced_practice) == ("A82038", None, None)
    assert content_of(tmp_path / "new" / "practice.les") == content_of(backup)
    assert backup.read_bytes() == before
    assert names(tmp_path / "new") == {"practice.les"}
    if os.name == "posix":
        assert (tmp_path / "new" / "practice.les").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_store_is_replaced_only_on_request_and_then_kept(backup: Path, whole: Path, tmp_path: Path) -> None:
    old = content_of(whole)
    with pytest.raises(LesError, match="already a store"):
        restore(backup, whole, MOMENT)
    assert content_of(whole) == old
    done = restore(backup, whole, MOMENT, over=True)
    assert done.kept == tmp_path / KEPT
    assert content_of(tmp_path / KEPT) == old
    assert content_of(whole) == content_of(backup) != old
    again = restore(backup, whole, MOMENT, over=True)
    assert again.kept == tmp_path / "practice-replaced-20260605-083000-2.les"
    assert verify(whole).faults == ()


def test_a_store_of_another_practice_is_named(backup: Path, tmp_path: Path) -> None:
    create_store(tmp_path / "other.les", Practice(ods_code="B81001", name="Other")).close()
    with pytest.raises(LesError, match="it belongs to B81001, the backup to A82038"):
        restore(backup, tmp_path / "other.les", MOMENT)
    done = restore(backup, tmp_path / "other.les", MOMENT, over=True)
    assert done.replaced_practice == Practice(ods_code="B81001", name="Other")


def test_a_source_that_is_no_sound_store_is_refused(backup: Path, whole: Path, tmp_path: Path) -> None:
    old = content_of(whole)

    def refused(source: Path, why: str) -> None:
        with pytest.raises(LesError, match=why):
            restore(source, whole, MOMENT, over=True)
        assert content_of(whole) == old
        assert not [name for name in names(tmp_path) if name.startswith((".les-", KEPT[:16]))]

    refused(tmp_path / "none.les", "there is no file")
    refused(tmp_path, "there is no file")
    refused(whole, "the store itself")
    with pytest.raises(LesError, match="no ordinary file"):
        restore(backup, tmp_path, MOMENT, over=True)
    (tmp_path / "letter.les").write_text("Dear Sir", encoding="utf-8")
    refused(tmp_path / "letter.les", "not a store of les")
    with closing(sqlite3.connect(tmp_path / "theirs.les")) as theirs:
        theirs.execute("CREATE TABLE a (b)")
    refused(tmp_path / "theirs.les", "not a store of les")
    with closing(connect_found(backup)[0]) as connection:
        connection.execute("DROP TRIGGER claim_no_delete")
    refused(backup, "has a fault: the trigger claim_no_delete is missing")
    with closing(connect_found(backup)[0]) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    refused(backup, "newer version")


def test_a_source_with_a_journal_beside_it_is_refused(backup: Path, whole: Path) -> None:
    backup.with_name(f"{backup.name}-journal").write_bytes(b"x")
    with pytest.raises(LesError, match="there is a journal beside it"):
        restore(backup, whole, MOMENT, over=True)


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_store_in_use_is_left_alone(
    backup: Path, whole: Path, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lescli.store.database.connection.LOCK_WAIT_SECONDS", 0.01)
    with closing(connect_found(whole)[0]) as holder:
        holder.execute(f"BEGIN {how}")
        with pytest.raises(LockedError):
            restore(backup, whole, MOMENT, over=True)
    assert KEPT not in names(tmp_path)


def test_the_slower_of_two_restores_replaces_nothing(
    backup: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, others = restoring._locked, []

    def slower(store: Store) -> Practice | None:
        monkeypatch.setattr(restoring, "_locked", locked)
        others.append(restore(backup, whole, MOMENT, over=True))
        return locked(store)

    monkeypatch.setattr(restoring, "_locked", slower)
    with pytest.raises(LockedError, match="was replaced while this command ran"):
        restore(backup, whole, MOMENT, over=True)
    assert [other.kept for other in others] == [tmp_path / KEPT]
    assert {name for name in names(tmp_path) if "replaced" in name} == {KEPT}


def test_a_store_made_during_the_restore_is_not_replaced(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, ask = tmp_path / "new.les", restoring._ask

    def slower(*given: Any, **more: Any) -> None:
        create_store(place, Practice(ods_code="B81001", name="Theirs")).close()
        ask(*given, **more)

    monkeypatch.setattr(restoring, "_ask", slower)
    with pytest.raises(LockedError, match="has just made a store"):
        restore(backup, place, MOMENT, over=True)
    with open_store(place) as store:
        assert store.practice.ods_code == "B81001"


def interrupted(store: Path, where: Path) -> Path:
    """A store as a killed program leaves it: half a change in the file, and the journal to undo it beside it."""
    with closing(connect_found(store)[0]) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE phrase SET text = text || hex(randomblob(20000)) WHERE id > 0")
        writer.execute("UPDATE patient SET family_name = hex(randomblob(5000))")
        journal = store.with_name(f"{store.name}-journal")
        assert journal.stat().st_size > 512
        shutil.copy(journal, where.with_name(f"{where.name}-journal"))
        shutil.copy(store, where)
        writer.execute("ROLLBACK")
    return where


@pytest.mark.skipif(os.name == "nt", reason="a file that is locked cannot be copied there")
def test_a_journal_of_the_old_store_is_rolled_back_and_not_applied_to_the_new_one(
    backup: Path, whole: Path, tmp_path: Path
) -> None:
    old = content_of(whole)
    (tmp_path / "there").mkdir()
    place = interrupted(whole, tmp_path / "there" / "practice.les")
    done = restore(backup, place, MOMENT, over=True)
    assert done.kept is not None
    assert content_of(place) == content_of(backup)
    assert content_of(done.kept) == old
    assert names(place.parent) == {"practice.les", KEPT}


@pytest.mark.skipif(os.name == "nt", reason="a file that is locked cannot be copied there")
def test_a_journal_without_its_store_is_moved_aside(backup: Path, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    place = interrupted(whole, tmp_path / "there" / "practice.les")
    place.unlink()
    restore(backup, place, MOMENT)
    assert names(place.parent) == {"practice.les", f"{KEPT}-journal"}
    assert content_of(place) == content_of(backup)
    assert verify(place).faults == ()


@pytest.mark.plain_only("an encrypted file that is damaged does not open, so it is moved away by hand")
@pytest.mark.parametrize("content", [b"", b"nothing", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_store_is_replaced_and_kept_with_its_journal(backup: Path, tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "there" / "practice.les"
    place.parent.mkdir()
    place.write_bytes(content)
    place.with_name("practice.les-journal").write_bytes(b"journal")
    if content:
        with pytest.raises(LesError, match=r"already a store .*, which is damaged"):
            restore(backup, place, MOMENT)
    done = restore(backup, place, MOMENT, over=True)
    assert done.kept is not None
    assert done.kept.read_bytes() == content
    # SQLite removes a false journal of a file it can open, but would apply it to an empty file.
    assert not place.with_name("practice.les-journal").exists()
    assert done.kept.with_name(f"{KEPT}-journal").exists() or content
    assert content_of(place) == content_of(backup)


@pytest.mark.plain_only("the file of another program is a plain one")
def test_a_file_of_another_program_is_never_replaced(backup: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as theirs:
        theirs.execute("CREATE TABLE a (b)")
    with pytest.raises(LesError, match="not a store of les"):
        restore(backup, tmp_path / "theirs.db", MOMENT, over=True)


def test_the_old_store_is_kept_on_a_disk_without_hard_links(
    backup: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError(1, "not permitted")

    monkeypatch.setattr("lescli.store.safety.restore.os.link", none)
    old = content_of(whole)
    restore(backup, whole, MOMENT, over=True)
    assert content_of(tmp_path / KEPT) == old


@pytest.mark.skipif(os.name == "nt", reason="making links needs rights there")
def test_a_link_to_the_store_stays_a_link(backup: Path, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "link.les").symlink_to(whole)
    restore(backup, tmp_path / "link.les", MOMENT, over=True)
    assert (tmp_path / "link.les").is_symlink()
    assert content_of(whole) == content_of(backup)


@pytest.mark.plain_only("made as an earlier version made it, before there was encryption")
def test_a_backup_of_an_earlier_version_is_brought_up_to_date_and_its_file_is_not(tmp_path: Path) -> None:
    source = tmp_path / "old.les"
    with Store(connect(source), source) as store:
        store.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        apply_from(store, 0, 2)
        store.connection.execute("INSERT INTO practice VALUES ('A82038', 'Test')")
    before = source.read_bytes()
    restore(source, tmp_path / "practice.les", MOMENT)
    assert source.read_bytes() == before
    with open_store(tmp_path / "practice.les") as store:
        assert store.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert verify(tmp_path / "practice.les").faults == ()


def test_a_restore_killed_after_the_replacement_is_in_the_audit_trail(
    backup: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = restoring._put

    def killed(*given: Any) -> None:
        put(*given)
        raise Killed

    monkeypatch.setattr(restoring, "_put", killed)
    command = audit_trail.Command(path=whole, at=lambda: "2026-06-05T08:30:00Z", user="ann", verb="restore")
    with audit_trail.following(command), pytest.raises(Killed):
        restore(backup, whole, MOMENT, over=True)
    with open_store(whole) as store:
        assert [entry.verb for entry in audit_trail.entries(store, "", "~")] == ["import", "restore"]
        assert store.rows("SELECT 1 FROM signature WHERE service = 'b'") == []
    assert verify(whole).faults == ()


def test_a_restore_killed_before_the_replacement_leaves_a_second_name_that_is_reported(
    backup: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(part: Path, target: Path) -> None:
        raise Killed

    old = content_of(whole)
    assert left_behind(whole) == ()
    monkeypatch.setattr(restoring, "put_in_place", killed)
    with pytest.raises(Killed):
        restore(backup, whole, MOMENT, over=True)
    assert content_of(whole) == old
    assert left_behind(whole) == (tmp_path / KEPT,)
    monkeypatch.undo()
    assert restore(backup, whole, MOMENT, over=True).kept == tmp_path / KEPT.replace(".les", "-2.les")
    # Now it is a file of its own, the old store, and no longer a second name of the store.
    assert left_behind(whole) == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps lists of permissions instead")
def test_only_the_owner_can_read_the_store_that_is_kept(backup: Path, whole: Path) -> None:
    whole.chmod(0o644)
    kept = restore(backup, whole, MOMENT, over=True).kept
    assert kept is not None
    assert [oct(path.stat().st_mode & 0o777) for path in (whole, kept)] == ["0o600", "0o600"]


@pytest.mark.skipif(os.name == "nt", reason="making links needs rights there")
def test_a_journal_beside_the_target_of_a_link_is_found(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "link.les").symlink_to(backup)
    backup.with_name(f"{backup.name}-journal").write_bytes(b"something")
    with pytest.raises(LesError, match="there is a journal beside it"):
        restore(tmp_path / "link.les", tmp_path / "practice2.les", MOMENT)


def test_the_restored_store_has_an_audit_entry_of_its_restore(backup: Path, whole: Path) -> None:
    command = audit_trail.Command(path=whole, at=lambda: "2026-06-05T08:30:00Z", user="ann", verb="restore")
    with audit_trail.following(command):
        restore(backup, whole, MOMENT, over=True)
        audit_trail.write(command, 0, open_store)
    with open_store(whole) as store:
        assert [entry.verb for entry in audit_trail.entries(store, "", "~")] == ["import", "restore"]
    assert verify(whole).faults == ()


def test_a_restore_onto_a_network_share_is_refused(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lescli.store.database.location.network_share", lambda path: "nfs4")
    with pytest.raises(LesError, match="network share"):
        restore(backup, tmp_path / "practice.les", MOMENT)
