"""A folder is written whole or not at all, for its owner only, and replaces only an earlier pack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.outputs import to_file as module
from lescli.outputs.to_file import check_folder, write_folder

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
FILES = {"a.csv": b"one", "manifest.json": b"{}"}


def held(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


@posix
def test_only_the_owner_can_read_the_folder(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_folder(tmp_path / "pack", FILES)
    finally:
        os.umask(before)
    assert (tmp_path / "pack").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "pack").iterdir()} == {0o600}


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "an earlier one"])
def test_a_folder_replaces_the_earlier_one_and_leaves_no_temporary_files(tmp_path: Path, there: str) -> None:
    out = tmp_path / "pack"
    if there != "nothing":
        out.mkdir()
    if there == "an earlier one":
        (out / "old.csv").write_bytes(b"old")
    write_folder(out, FILES)
    assert held(out) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


@pytest.mark.parametrize("failing", ["_write", "_put_in_place"])
def test_a_failed_write_leaves_the_earlier_folder_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    out = tmp_path / "pack"
    out.mkdir()
    (out / "old.csv").write_bytes(b"old")
    calls: list[object] = []

    def fail(*arguments: object) -> None:
        calls.append(arguments)
        if failing == "_put_in_place" or len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, failing, fail)
    with pytest.raises(LesError, match="the disk of the --out folder is full"):
        write_folder(out, FILES)
    assert held(out) == {"old.csv": b"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_a_failed_last_rename_puts_the_earlier_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "pack"
    out.mkdir()
    (out / "old.csv").write_bytes(b"old")
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise OSError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(LesError, match="--out folder may not be written"):
        write_folder(out, FILES)
    assert held(out) == {"old.csv": b"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_an_interruption_leaves_no_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "pack", FILES)
    assert list(tmp_path.iterdir()) == []


def yes(_: Path) -> bool:
    return True


def no(_: Path) -> bool:
    return False


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "Sentinelle"
    check_folder(out, ours=no, replace=False)
    out.mkdir()
    check_folder(out, ours=no, replace=False)  # empty
    (out / "notes.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(LesError, match="not empty") as caught:
            check_folder(out, ours=no, replace=replace)
        assert "Sentinelle" not in str(caught.value)
    with pytest.raises(LesError, match="--yes"):
        check_folder(out, ours=yes, replace=False)
    check_folder(out, ours=yes, replace=True)


def test_a_file_a_missing_parent_and_a_link_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LesError, match="a file or a link"):
        check_folder(tmp_path / "file", ours=yes, replace=True)
    with pytest.raises(LesError, match="does not exist"):
        check_folder(tmp_path / "no" / "pack", ours=yes, replace=True)
    if hasattr(os, "symlink") and os.name == "posix":
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        with pytest.raises(LesError, match="a file or a link"):
            check_folder(tmp_path / "link", ours=yes, replace=True)
