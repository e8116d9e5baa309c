from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers import open_reading, sha256_of
from lescli.readers.encoding import MAX_LINE, encoding_of, lines, shown

TEXT = "nhs_number,family_name\r\n9990000018,Renée O’Brien £5\r\n"


@pytest.mark.parametrize(
    ("encoding", "prefix", "name"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_each_encoding_gives_the_same_lines(write, encoding: str, prefix: bytes, name: str) -> None:
    path = write(prefix + TEXT.encode(encoding))
    assert encoding_of(path) == name
    assert "".join(lines(path)) == TEXT


def test_the_only_accent_may_come_after_megabytes_of_ascii(write) -> None:
    path = write(b"9990000018,Ann\r\n" * 200_000 + b"9990000026,Ren\xe9e")
    assert encoding_of(path) == "cp1252"
    *_, last = lines(path)
    assert last == "9990000026,Renée"


@pytest.mark.parametrize("tail", ["é", "’", "€"])
def test_a_character_may_straddle_two_pieces(write, tail: str) -> None:
    for shift in range(4):
        ascii_part = b"a\n" * ((MAX_LINE - 4) // 2) + b"b" * shift
        assert encoding_of(write(ascii_part + tail.encode() + b"\n")) == "utf-8"


def test_a_file_partly_utf8_and_partly_windows_1252_is_refused(write) -> None:
    with pytest.raises(UnreadableFileError, match="partly UTF-8"):
        encoding_of(write("é\n".encode() + "é\n".encode("cp1252")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"nhs_number,\0\0\0\n", "zero bytes"),
        (b"a,b\n" * 300_000 + b"\0", "zero bytes"),
        (b"\xef\xbb\xbfnhs_number,\xe9\n", "not text in its encoding"),
        (b"\xff\xfea", "not text in its encoding"),
        (b"nhs_number,\x81\n", "not text in its encoding"),
    ],
)
def test_a_file_that_is_not_text_is_refused_with_a_reason(write, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said) as refusal:
        list(lines(write(content)))
    assert "export.csv" in str(refusal.value)
    assert refusal.value.fix


def test_folders_missing_files_and_pipes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="is a folder"):
        open_reading(tmp_path)
    with pytest.raises(UnreadableFileError, match="is not there"):
        open_reading(tmp_path / "none.csv")
    with pytest.raises(UnreadableFileError, match="is not there"):
        sha256_of(tmp_path / "none.csv")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(UnreadableFileError, match="not a file"):
            sha256_of(tmp_path / "pipe")


def test_a_file_without_permission_is_refused(write) -> None:
    path = write(TEXT)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(UnreadableFileError, match="may not be read"):
        open_reading(path)


@pytest.mark.parametrize("filler", [b"", b"x" * (MAX_LINE + 1)])
def test_a_line_of_a_gigabyte_is_refused_at_once(write, filler: bytes) -> None:
    path = write(b"nhs_number,date,code\n" + filler)
    with path.open("r+b") as file:
        file.truncate(1 << 30)
    with pytest.raises(UnreadableFileError):
        open_reading(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_long_line_of_text_is_refused(write, encoding: str) -> None:
    path = write("nhs_number\n" + "x" * (3 * MAX_LINE) + "\n", encoding=encoding)
    with pytest.raises(UnreadableFileError, match="has a line of more than"):
        list(lines(path))


def test_a_number_in_the_file_name_is_not_repeated(numbers) -> None:
    spaced = f"{numbers[0][:3]} {numbers[0][3:6]} {numbers[0][6:]}"
    for name in (f"{numbers[0]}_full.json", f"a {spaced}.csv"):
        assert "**********" in shown(Path(name))
        assert numbers[0] not in shown(Path(name)).replace(" ", "")
    assert shown(Path("a\x1b[31m\nb.csv")) == "a?[31m?b.csv"
    assert shown(Path("LES_20260501.csv")) == "LES_20260501.csv"


def test_the_sha256_is_of_the_bytes(write) -> None:
    content = os.urandom((1 << 20) + 17)
    assert sha256_of(write(content)) == hashlib.sha256(content).hexdigest()
