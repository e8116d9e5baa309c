"""The inbox of a month: what is imported, what waits, what is put aside, and what a kill or a lock leaves behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lescli.errors import LesError, LockedError
from lescli.operations import imports, inbox
from lescli.operations.inbox import check_inbox, import_inbox, is_in_use, waiting_in
from lescli.store import Store

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
ROW = "9990000018,Alder,1950-02-01,2026-05-05,700139004,Home visit\n"
OTHER = "9990000018,Alder,1950-02-01,2026-05-20,700139004,Home visit\n"
AS_OF = date(2026, 6, 5)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of writers")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """An inbox with one export."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "may.csv").write_text(HEADER + ROW, encoding="utf-8")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", [".may.csv", "~$may.xlsx", "may.csv.part", "may.csv.crdownload", "may.tmp"])
def test_hidden_and_unfinished_files_wait(box: Path, name: str) -> None:
    (box / name).write_text(HEADER + ROW, encoding="utf-8")
    assert [path.name for path in waiting_in(box)] == ["may.csv"]


def test_what_was_done_or_refused_is_not_read_again(store: Store, box: Path) -> None:
    import_inbox(store, box, AS_OF)
    (box / "refused").mkdir()
    (box / "refused" / "bad.csv").write_text("x", encoding="utf-8")
    assert import_inbox(store, box, AS_OF) == ()


@on_linux
def test_a_file_that_another_program_writes_is_left_and_said(store: Store, box: Path) -> None:
    held = box / "may.csv"
    code = f"import time; file = open({str(held)!r}, 'a'); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        (one,) = import_inbox(store, box, AS_OF)
        writer.kill()
    assert (one.was_read, one.accepted) == (False, 0)
    assert "stays in the inbox" in one.why
    assert names(box) == ["may.csv"]
    assert not is_in_use(held)
    (one,) = import_inbox(store, box, AS_OF)
    assert (one.accepted, names(box)) == (1, ["done/may.csv"])


def test_a_file_open_in_an_office_program_is_left(store: Store, box: Path) -> None:
    (box / ".~lock.may.csv#").write_text("A. Admin", encoding="utf-8")
    (one,) = import_inbox(store, box, AS_OF)
    assert "holds it open" in one.why
    assert (box / "may.csv").is_file()


def test_a_file_that_grows_while_it_is_read_stays(store: Store, box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = imports.import_files

    def grows(*given: Any, **more: Any) -> Any:
        done = real(*given, **more)
        with (box / "may.csv").open("a", encoding="utf-8") as file:
            file.write(OTHER)
        return done

    monkeypatch.setattr(inbox, "import_files", grows)
    (one,) = import_inbox(store, box, AS_OF)
    assert "it changed while it was read" in one.why
    assert names(box) == ["may.csv"]
    monkeypatch.undo()
    (one,) = import_inbox(store, box, AS_OF)
    assert (one.accepted, names(box)) == (1, ["done/may.csv"])


def test_a_kill_between_import_and_move_loses_nothing(store: Store, box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(inbox, "_move", killed)
    with pytest.raises(KeyboardInterrupt):
        import_inbox(store, box, AS_OF)
    assert names(box) == ["may.csv"]
    monkeypatch.undo()
    (one,) = import_inbox(store, box, AS_OF)
    assert (one.accepted, one.why, names(box)) == (0, "", ["done/may.csv"])


@pytest.mark.parametrize("fault", [LockedError("the store is in use"), LesError("the disk is full")])
def test_a_zip_whose_second_file_meets_a_lock_stays(
    store: Store, box: Path, monkeypatch: pytest.MonkeyPatch, fault: LesError
) -> None:
    (box / "may.csv").unlink()
    with zipfile.ZipFile(box / "all.zip", "w") as packed:
        packed.writestr("1.csv", HEADER + ROW)
        packed.writestr("2.csv", HEADER + OTHER)
    real: Callable[..., Any] = imports._import_one
    calls: list[int] = []

    def locked(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise fault
        return real(*given)

    monkeypatch.setattr(imports, "_import_one", locked)
    with pytest.raises(type(fault)):
        import_inbox(store, box, AS_OF)
    assert names(box) == ["all.zip"]
    monkeypatch.undo()
    (one,) = import_inbox(store, box, AS_OF)
    assert (one.accepted, names(box)) == (1, ["done/all.zip"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_what_is_put_aside_is_the_owners_alone(store: Store, box: Path) -> None:
    (box / "notes.txt").write_text("hello", encoding="utf-8")
    import_inbox(store, box, AS_OF)
    assert names(box) == ["done/may.csv", "refused/notes.txt", "refused/notes.txt.reason.txt"]
    for name, mode in (("done", 0o700), ("refused", 0o700), ("refused/notes.txt.reason.txt", 0o600)):
        assert stat.S_IMODE((box / name).stat().st_mode) == mode


def test_a_refused_file_of_the_same_name_keeps_its_own_reason(store: Store, box: Path) -> None:
    for text in ("hello", "hello again"):
        (box / "notes.txt").write_text(text, encoding="utf-8")
        import_inbox(store, box, AS_OF)
    assert names(box / "refused") == ["notes-2.txt", "notes-2.txt.reason.txt", "notes.txt", "notes.txt.reason.txt"]
    assert (box / "refused" / "notes.txt").read_text("utf-8") == "hello"


def test_an_inbox_that_is_not_there_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(LesError, match="the --inbox folder does not exist; make it"):
        check_inbox(tmp_path / "none", tmp_path / "p.les", tmp_path / "months")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_an_inbox_from_which_nothing_can_be_moved_is_refused(box: Path) -> None:
    box.chmod(0o500)
    try:
        with pytest.raises(LesError, match="may not be read and written"):
            check_inbox(box, box.parent / "p.les", box.parent / "months")
    finally:
        box.chmod(0o700)


def test_a_folder_in_the_inbox_is_left_and_said(store: Store, box: Path) -> None:
    (box / "old").mkdir()
    (box / "old" / "april.csv").write_text(HEADER + OTHER, encoding="utf-8")
    folder, _ = sorted(import_inbox(store, box, AS_OF), key=lambda one: one.was_read)
    assert (folder.file, folder.was_read) == ("old", False)
    assert "it is a folder" in folder.why
    assert names(box) == ["done/may.csv", "old/april.csv"]
