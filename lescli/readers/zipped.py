"""A zip file is opened only after what it declares was found small enough, and never gives more than it declared."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ..errors import UnreadableFileError
from .encoding import shown

MAX_DIRECTORY = 8 << 20
"""Bytes of a zip file's own table of contents: some 80 a member."""

MAX_RATIO = 200
"""How many times its packed size a zip file may unpack to: bundles and reports stay below 60, bombs reach 1,000."""

DAMAGE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What reading a damaged or unusual zip file raises; `refusal` puts it into words."""

_ALLOWANCE = 16 << 20
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip file does, whatever it is called; False when it cannot be read."""
    try:
        # Opening a pipe may wait for ever.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4) in _MAGIC
    except OSError:
        return False


def package_of(path: Path) -> str:
    """What a zip file is: `workbook` (.xlsx, .xlsm), `binary workbook`, `opendocument` (a spreadsheet), `document` or
    `archive`.

    Raises UnreadableFileError for one that is damaged or whose table of contents is too long.
    """
    with _directory(path) as package:
        names = set(package.namelist())
    if "[Content_Types].xml" in names:
        if any(name.lower().startswith("xl/") for name in names):
            return "binary workbook" if "xl/workbook.bin" in names else "workbook"
        return "document"
    if not {"mimetype", "content.xml"} <= names:
        return "archive"
    return "opendocument" if _is_spreadsheet(path) else "document"


def _is_spreadsheet(path: Path) -> bool:
    """Whether an OpenDocument file is one, by the first member it has to have."""
    try:
        with _directory(path) as package, package.open("mimetype") as member:
            kind = member.read(100)
            return b".text" not in kind and b".presentation" not in kind
    except DAMAGE:
        return True


@contextmanager
def open_zip(path: Path, *, members: int, unpacked: int) -> Iterator[ZipFile]:
    """The zip file, once it declares at most so many members and so many bytes unpacked.

    Raises UnreadableFileError when it declares more, is packed too tightly to be honest, wants a password or is
    damaged. Reading a member ends at the size that was declared, so what was checked here holds.
    """
    with _directory(path) as package:
        _check(path, package.infolist(), members, unpacked)
        yield package


def refusal(name: str, fault: Exception) -> UnreadableFileError:
    """One of `DAMAGE` in words, about a file shown under that name."""
    if isinstance(fault, OSError):
        return UnreadableFileError(f"{name} cannot be read ({fault.strerror or 'disk error'})", "copy it and retry")
    return UnreadableFileError(f"{name} is damaged: it cannot be unpacked", "copy it or make it again")


def _check(path: Path, found: list[ZipInfo], members: int, unpacked: int) -> None:
    if len(found) > members:
        raise UnreadableFileError(f"{shown(path)} holds more than {members:,} files", "import it in smaller parts")
    if any(info.flag_bits & 1 for info in found):
        raise UnreadableFileError(
            f"{shown(path)} is protected with a password", "unpack it yourself and import what is in it"
        )
    # Others take memory as the file says (LZMA), or are read by few programs.
    if any(info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for info in found):
        raise UnreadableFileError(
            f"{shown(path)} is packed in an unusual way", "unpack it yourself and import what is in it"
        )
    whole = sum(info.file_size for info in found)
    if whole > unpacked:
        raise UnreadableFileError(
            f"{shown(path)} would unpack to more than {unpacked >> 20:,} MB", "import it in smaller parts"
        )
    if whole > _ALLOWANCE and whole > MAX_RATIO * path.stat().st_size:
        raise UnreadableFileError(
            f"{shown(path)} would unpack to more than {MAX_RATIO} times its size, as no export does",
            "ask whoever made it for the exports themselves",
        )


@contextmanager
def _directory(path: Path) -> Iterator[ZipFile]:
    """The zip file with its table of contents read; refused where that is longer than any practice's."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            package = stack.enter_context(ZipFile(_Guarded(file)))
        except _TooLongError:
            raise UnreadableFileError(f"{shown(path)} holds too many files", "import it in smaller parts") from None
        except DAMAGE as fault:
            raise refusal(shown(path), fault) from None
        yield package


class _TooLongError(Exception):
    """One read of more bytes than a table of contents may have."""


class _Guarded:
    """A file that hands out no more than `MAX_DIRECTORY` bytes at once.

    `zipfile` reads the table of contents in one piece and makes an object of every line of it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(MAX_DIRECTORY + 1 if size < 0 else min(size, MAX_DIRECTORY + 1))
        if len(found) > MAX_DIRECTORY:
            raise _TooLongError
        return found

    def seekable(self) -> bool:
        return True
