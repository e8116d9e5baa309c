from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers import sources as module
from lescli.readers.sources import sources_in


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def names_in(*paths: Path, store: Path | None = None) -> list[str]:
    with sources_in(paths, store) as found:
        return [source.name for source in found.sources]


def test_a_folder_is_read_with_its_subfolders_in_order_of_name(tmp_path: Path) -> None:
    folder = filled(tmp_path, "b.csv", "A.json", "a/2.csv", "a/1.csv", "a.txt", "c/d/e.xlsx")
    assert names_in(folder) == ["A.json", "a.txt", "a/1.csv", "a/2.csv", "b.csv", "c/d/e.xlsx"]
    with sources_in([folder]) as found:
        assert {source.name for source in found.sources if not source.promised} == {"a.txt"}
        with found.sources[2].open() as path:
            assert path.read_text(encoding="utf-8") == "a/1.csv"


def test_hidden_files_and_system_files_are_left_out(tmp_path: Path) -> None:
    filled(tmp_path, ".hidden.csv", ".git/a.csv", "__MACOSX/a.csv", "Thumbs.db", "~$a.xlsx", "a.csv")
    assert names_in(tmp_path) == ["a.csv"]


def test_with_several_paths_each_file_says_which_it_is_in(tmp_path: Path) -> None:
    filled(tmp_path, "may/a.csv", "june/a.csv", "b.csv")
    assert names_in(tmp_path / "june", tmp_path / "may", tmp_path / "b.csv") == ["june/a.csv", "may/a.csv", "b.csv"]


def test_a_zip_in_a_folder_is_read_in_its_place(tmp_path: Path) -> None:
    filled(tmp_path, "a.csv", "c.csv")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("2.csv", "two")
        archive.writestr("1.csv", "one")
        archive.writestr("__MACOSX/._1.csv", "")
    assert names_in(tmp_path) == ["a.csv", "b.zip/1.csv", "b.zip/2.csv", "c.csv"]
    with sources_in([tmp_path]) as found, found.sources[1].open() as path:
        assert path.read_text(encoding="utf-8") == "one"
    assert names_in(tmp_path / "b.zip") == ["1.csv", "2.csv"]


def test_a_workbook_is_one_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/workbook.xml", "")
    assert names_in(tmp_path) == ["a.xlsx"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    filled(tmp_path / "outside", "secret.csv")
    folder = filled(tmp_path / "inside", "a.csv", "sub/b.csv")
    try:
        (folder / "out").symlink_to(tmp_path / "outside", target_is_directory=True)
        (folder / "sub" / "round").symlink_to(folder, target_is_directory=True)
        (folder / "c.csv").symlink_to(tmp_path / "outside" / "secret.csv")
    except OSError:
        pytest.skip("this system makes no links")
    with sources_in([folder]) as found:
        assert [source.name for source in found.sources] == ["a.csv", "sub/b.csv"]
        assert found.links == ["c.csv", "out", "sub/round"]
    # What a person names is read, link or not.
    assert names_in(folder / "c.csv", folder / "out") == ["c.csv", "out/secret.csv"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    filled(tmp_path, "a.csv")
    os.mkfifo(tmp_path / "b.csv")
    with sources_in([tmp_path, tmp_path / "b.csv"]) as found:
        assert found.links == [f"{tmp_path.name}/b.csv"]
        assert [source.name for source in found.sources] == [f"{tmp_path.name}/a.csv", "b.csv"]


def test_the_store_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, "a.csv", "practice.les", "practice.les-wal", "practice.les.csv")
    store = tmp_path / "practice.les"
    assert names_in(tmp_path, store=store) == ["a.csv", "practice.les.csv"]
    with sources_in([store], store) as found, pytest.raises(UnreadableFileError, match="is the store itself"):
        found.sources[0].open()


def test_a_folder_or_zip_that_cannot_be_read_is_a_source_with_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 and nothing more")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("folder/", "")
    filled(tmp_path / "many", *(f"{n}.csv" for n in range(4)))
    monkeypatch.setattr(module, "MAX_MEMBERS", 3)
    paths = [tmp_path / name for name in ("empty", "bad.zip", "none.zip", "many")]
    with sources_in(paths) as found:
        said = [str(source.fault) for source in found.sources]
        with pytest.raises(UnreadableFileError, match="no file to read"):
            found.sources[0].open()
    for fault, words in zip(
        said, ("no file to read", "is damaged", "no file to read", "more than 3 files"), strict=True
    ):
        assert words in fault


def test_masked_names_that_are_equal_are_numbered(tmp_path: Path) -> None:
    filled(tmp_path, "999 000 0018/9990000026.csv", "999 000 0018/9990000034.csv", "may.csv", "may-1234567890.csv")
    assert names_in(tmp_path) == [
        "**********/**********.csv (1 of 4)",
        "**********/**********.csv (2 of 4)",
        "may-**********.csv",
        "may.csv",
    ]
