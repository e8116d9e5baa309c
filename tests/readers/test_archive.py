from __future__ import annotations

import os
import stat
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
import xlsxwriter

from lescli.errors import UnreadableFileError
from lescli.readers.encoding import lines, sha256_of
from lescli.readers.workbook import as_text
from lescli.readers.zip_file import members_of, unpacked


@pytest.fixture
def archive(tmp_path: Path):
    made: list[zipfile.ZipFile] = []

    def make(**members: bytes) -> zipfile.ZipFile:
        path = tmp_path / f"{len(made)}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
            for name, content in members.items():
                written.writestr(name, content)
        made.append(zipfile.ZipFile(path))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_member_names_lose_drives_and_parent_folders(archive) -> None:
    names = ["a.csv", "/etc/b.csv", "../../c.csv", "C:\\d\\e.csv", "folder/", "./f/.//g.csv"]
    found = archive(**dict.fromkeys(names, b"1"))
    assert [path for path, _ in members_of(found)] == ["a.csv", "etc/b.csv", "c.csv", "C:/d/e.csv", "f/g.csv"]


def test_a_symbolic_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as written:
        written.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "a.zip") as found:
        assert list(members_of(found)) == []


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for temporary files that is not there, so that none can be made."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("nowhere")
def test_a_member_is_read_like_a_file_without_the_disk(archive, tmp_path: Path) -> None:
    content = "nhs_number,name\r\n9990000018,Bj\u00f6rk\r\n" * 50_000
    found = archive(**{"../../a.csv": content.encode()})
    before = sorted(tmp_path.rglob("*"))
    ((_, info),) = members_of(found)
    with unpacked(found, info, "a.csv") as path:
        assert path.read_bytes() == content.encode()
        assert (path.exists(), path.is_file(), path.is_dir()) == (True, True, False)
        assert path.stat().st_size == len(content.encode())
        assert sha256_of(path) == sha256(content.encode()).hexdigest()
        # Two that read it at once do not disturb each other.
        with path.open(encoding="utf-8", newline="") as one, path.open("rb") as other:
            assert next(one) == "nhs_number,name\r\n"
            assert other.read(10) == b"nhs_number"
            assert one.read() == content.removeprefix("nhs_number,name\r\n")
            assert other.seek(0) == 0
            assert other.read() == content.encode()
        assert "".join(lines(path)) == content
        with pytest.raises(OSError, match="only read"):
            path.open("wb")
        assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.usefixtures("nowhere")
def test_a_workbook_in_a_zip_is_read_without_the_disk(archive, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"in_memory": True}) as written:
        written.add_worksheet().write_row(0, 0, ["nhs_number", "date"])
    found = archive(book=(tmp_path / "a.xlsx").read_bytes())
    with unpacked(found, found.infolist()[0], "book") as path, as_text(path) as text:
        assert list(lines(text)) == ["nhs_number,date\r\n"]


def test_damage_during_a_read_makes_the_file_unreadable(archive, tmp_path: Path) -> None:
    found = archive(a=os.urandom(1 << 20))
    with unpacked(found, found.infolist()[0], "a") as path:
        with (tmp_path / "0.zip").open("r+b") as file:
            file.seek(1 << 19)
            file.write(bytes(100))
        with pytest.raises(UnreadableFileError, match="it cannot be unpacked"):
            sha256_of(path)


def test_the_refusal_of_a_damaged_member_names_it(archive, tmp_path: Path) -> None:
    archive(a=os.urandom(1000))
    content = bytearray((tmp_path / "0.zip").read_bytes())
    content[500] ^= 1
    (tmp_path / "0.zip").write_bytes(content)
    with (
        zipfile.ZipFile(tmp_path / "0.zip") as found,
        pytest.raises(UnreadableFileError, match=r"may/a\.csv is damaged"),
        unpacked(found, found.infolist()[0], "may/a.csv"),
    ):
        pass


def test_a_zip_in_a_zip_is_refused_and_a_workbook_is_not(archive, tmp_path: Path) -> None:
    inner = archive(a=b"1")
    outer = archive(inner=Path(inner.filename or "").read_bytes())
    with pytest.raises(UnreadableFileError, match="a zip inside a zip"), unpacked(outer, outer.infolist()[0], "inner"):
        pass
    book = archive(**{"[Content_Types].xml": b"1", "xl/workbook.xml": b"1"})
    outer = archive(book=Path(book.filename or "").read_bytes())
    with unpacked(outer, outer.infolist()[0], "book") as path:
        assert path.exists()


def test_a_member_never_opens_a_file_of_the_same_name(archive, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("member").write_text("not this one", encoding="utf-8")
    found = archive(**{"a.csv": b"this one"})
    with unpacked(found, found.getinfo("a.csv"), "a.csv") as path:
        assert path.read_bytes() == b"this one"
        for by_name in (open, os.stat, zipfile.ZipFile):
            with pytest.raises(TypeError, match="has no path"):
                by_name(path)  # type: ignore[operator]
