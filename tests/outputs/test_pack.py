"""A pack replaces only an earlier pack: a folder whose manifest lists all its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.outputs import Answer
from lescli.outputs.to_file import check_pack, pack_files, write_pack


@pytest.fixture
def files(answer: Answer) -> dict[str, bytes]:
    return pack_files(answer, answer, {"schema": "les-evidence/1", "identifiable": True})


def test_an_earlier_pack_is_replaced_only_when_asked(tmp_path: Path, files: dict[str, bytes]) -> None:
    out = tmp_path / "pack"
    write_pack(out, files, replace=False)
    assert sorted(files) == sorted(path.name for path in out.iterdir())
    with pytest.raises(LesError, match="--yes"):
        write_pack(out, files, replace=False)
    (out / "evidence.csv").write_bytes(b"edited")
    write_pack(out, files, replace=True)
    assert (out / "evidence.csv").read_bytes() == files["evidence.csv"]


@pytest.mark.parametrize("change", ["a file more", "no manifest", "another manifest", "a broken manifest"])
def test_a_folder_that_is_not_a_pack_is_not_replaced(tmp_path: Path, files: dict[str, bytes], change: str) -> None:
    out = tmp_path / "pack"
    write_pack(out, files, replace=False)
    manifest = out / "manifest.json"
    if change == "a file more":
        (out / "notes.txt").write_text("mine")
    elif change == "no manifest":
        manifest.unlink()
    elif change == "another manifest":
        manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "schema": "other/1"}))
    else:
        manifest.write_text("[]")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(LesError, match="not empty"):
        check_pack(out, replace=True)
    with pytest.raises(LesError, match="not empty"):
        write_pack(out, files, replace=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_pack_with_missing_files_can_be_replaced(tmp_path: Path, files: dict[str, bytes]) -> None:
    write_pack(tmp_path / "pack", files, replace=False)
    (tmp_path / "pack" / "summary.html").unlink()
    write_pack(tmp_path / "pack", files, replace=True)
    assert (tmp_path / "pack" / "summary.html").exists()
