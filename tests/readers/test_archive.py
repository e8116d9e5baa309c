from __future__ import annotations

import os
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers.archive import members_of, unpacked


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


def test_names_are_shown_without_where_they_point(archive) -> None:
    names = ["a.csv", "/etc/b.csv", "../../c.csv", "C:\\d\\e.csv", "folder/", "./f/.//g.csv"]
    found = archive(**dict.fromkeys(names, b"1"))
    assert [path for path, _ in members_of(found)] == ["a.csv", "etc/b.csv", "c.csv", "C:/d/e.csv", "f/g.csv"]


def test_a_symbolic_link_in_a_zip_is_no_file(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as written:
        written.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "a.zip") as found:
        assert list(members_of(found)) == []


def test_a_member_is_a_private_file_that_is_gone_afterwards(archive) -> None:
    found = archive(**{"../../a.csv": b"nhs_number\n"})
    ((_, info),) = members_of(found)
    with unpacked(found, info, "a.csv") as path:
        assert path.read_bytes() == b"nhs_number\n"
        if sys.platform != "win32":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_it_is_gone_after_an_exception(archive, fault: type[BaseException]) -> None:
    found = archive(a=b"1")
    with pytest.raises(fault), unpacked(found, found.infolist()[0], "a") as path:
        assert path.exists()
        raise fault
    assert not path.parent.exists()


def test_a_damaged_member_is_said_by_its_name(archive, tmp_path: Path) -> None:
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
