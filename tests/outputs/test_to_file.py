from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.outputs.to_file import check_place, write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX file modes")


def test_the_file_has_the_bytes_and_no_temporary_file_is_left(tmp_path: Path) -> None:
    out = tmp_path / "claim.csv"
    write_whole(out, b"first")
    write_whole(out, b"second")
    assert out.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [out]


@posix
def test_only_the_owner_reads_it_even_where_others_read_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "recall.csv"
    out.write_bytes(b"old")
    out.chmod(0o644)
    write_whole(out, b"new")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize("failing", ["fsync", "replace", "interrupt"])
def test_a_failure_leaves_the_old_file_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    out = tmp_path / "claim.csv"
    out.write_bytes(b"old")

    def full(*_: object) -> None:
        raise KeyboardInterrupt if failing == "interrupt" else OSError(errno.ENOSPC, "full")

    if failing == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyboardInterrupt if failing == "interrupt" else LesError) as caught:
        write_whole(out, b"new")
    if failing != "interrupt":
        assert str(caught.value) == "the disk of the --out file is full; make room or name another disk"
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("missing/9990000018.csv", "the folder of the --out file does not exist"),
        ("folder.csv", "the --out file is a folder"),
        ("file.txt/9990000018.csv", "the folder of the --out file is not a folder"),
        (f"{'x' * 300}.csv", "the name of the --out file is too long"),
    ],
)
@pytest.mark.parametrize("ask", ["check", "write"])
def test_an_impossible_place_is_refused_without_its_name(tmp_path: Path, place: str, message: str, ask: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file.txt").touch()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(LesError, match=message) as caught:
        if ask == "check":
            check_place(tmp_path / place)
        else:
            write_whole(tmp_path / place, b"")
    assert caught.value.fix
    assert "\n" not in str(caught.value)
    assert "9990000018" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == before


@posix
def test_a_folder_without_write_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(LesError, match="may not be written"):
        write_whole(tmp_path / "a.csv", b"")


@posix
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(LesError, match="a device or a pipe"):
        write_whole(pipe, b"")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_an_unforeseen_failure_is_still_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "x")

    monkeypatch.setattr("tempfile.mkstemp", broken)
    with pytest.raises(LesError, match=r"^the --out file cannot be written \(.+\); name another$"):
        write_whole(tmp_path / "a.csv", b"")
