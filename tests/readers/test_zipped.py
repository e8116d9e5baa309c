from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers import zip_file as module
from lescli.readers.zip_file import is_zip, open_zip, package_of


def packed(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refusal(path: Path, members: int = 10, unpacked: int = 1 << 30) -> str:
    with pytest.raises(UnreadableFileError) as found, open_zip(path, members=members, unpacked=unpacked):
        pass
    assert found.value.fix
    return str(found.value)


def declaring(path: Path, size: int) -> Path:
    """The file, with another unpacked size of its first member, in the table of contents only."""
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<L", size)
    path.write_bytes(content)
    return path


def test_a_zip_is_recognised_by_its_content(tmp_path: Path) -> None:
    assert is_zip(packed(tmp_path / "a.csv", {"a": b"1"}))
    assert is_zip(packed(tmp_path / "empty.zip", {}))
    (tmp_path / "b.zip").write_text("nhs_number\n", encoding="utf-8")
    assert not is_zip(tmp_path / "b.zip")
    assert not is_zip(tmp_path)
    assert not is_zip(tmp_path / "absent.zip")


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("a.csv",), "archive"),
        (("[Content_Types].xml", "xl/workbook.xml"), "workbook"),
        (("[Content_Types].xml", "xl/workbook.bin"), "binary workbook"),
        (("[Content_Types].xml", "word/document.xml"), "document"),
        (("mimetype", "content.xml"), "opendocument"),
    ],
)
def test_the_kind_of_a_package(tmp_path: Path, names: tuple[str, ...], kind: str) -> None:
    assert package_of(packed(tmp_path / "a", dict.fromkeys(names, b"1"))) == kind


def test_a_zip_within_bounds_opens(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {str(n): b"12345" for n in range(10)})
    with open_zip(path, members=10, unpacked=50) as archive:
        assert archive.read("3") == b"12345"
    assert "more than 9 files" in refusal(path, members=9)
    assert "would unpack to more than" in refusal(path, unpacked=49)


def test_a_small_file_that_declares_a_huge_size_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = declaring(packed(tmp_path / "bomb.zip", {"a.csv": b"1"}), (4 << 30) - 10)
    assert "would unpack to more than" in refusal(path)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "bomb.zip", {"a.csv": bytes(20 << 20)})
    assert path.stat().st_size < 100_000
    assert f"more than {module.MAX_RATIO} times its size" in refusal(path)


def test_a_member_never_gives_more_than_it_declares(tmp_path: Path) -> None:
    path = declaring(packed(tmp_path / "liar.zip", {"a.csv": bytes(1 << 20)}), 10)
    with open_zip(path, members=1, unpacked=10) as archive, pytest.raises(module.DAMAGE):
        archive.read("a.csv")


def test_a_huge_table_of_contents_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "many.zip", {f"{n:030}": b"" for n in range(2000)})
    monkeypatch.setattr(module, "MAX_DIRECTORY", 70_000)
    assert "too many files" in refusal(path, members=10_000)


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.csv": b"1"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "protected with a password" in refusal(path)


def test_an_unusual_compression_is_refused(tmp_path: Path) -> None:
    assert "unusual way" in refusal(packed(tmp_path / "a.zip", {"a.csv": b"1"}, zipfile.ZIP_LZMA))


@pytest.mark.parametrize("cut", [1, 10, 30, 60])
def test_a_truncated_zip_is_refused_as_damaged(tmp_path: Path, cut: int) -> None:
    path = packed(tmp_path / "a.zip", {"a.csv": b"nhs_number\n" * 10})
    path.write_bytes(path.read_bytes()[:-cut])
    assert "a.zip is damaged" in refusal(path)
