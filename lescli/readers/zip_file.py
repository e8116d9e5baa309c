"""Files inside a zip file, read where they lie and only within bounds."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from errno import EIO
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from stat import S_IFLNK, S_IFMT, S_IFREG
from typing import IO, TYPE_CHECKING, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ..errors import UnreadableFileError
from .encoding import shown

if TYPE_CHECKING:
    _Path = Path
else:
    # Before Python 3.12 nothing can be built on Path itself.
    _Path = type(Path())


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


MAX_MEMBERS = 20_000
MAX_UNPACKED = 4 << 30
"""Bytes of all members together, unpacked; none of them is held in memory or written to the disk."""

_CHUNK = 1 << 20


def members_of(archive: ZipFile) -> Iterator[tuple[str, ZipInfo]]:
    """Each file in a zip with its path in it, `march/a.json`; folders and symbolic links are no files.

    The path is only ever shown: nothing is written where it points.
    """
    for info in archive.infolist():
        path = "/".join(part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", ".."))
        if path and not info.is_dir() and S_IFMT(info.external_attr >> 16) != S_IFLNK:
            yield path, info


@contextmanager
def unpacked(archive: ZipFile, info: ZipInfo, name: str) -> Iterator[Path]:
    """One member as something to read like a file; it is unpacked while it is read, and never onto the disk.

    Raises UnreadableFileError, which says `name`, for a member that is damaged or is itself a zip of files.
    """
    # Its own name goes nowhere: it may be a path, a device's name or somebody's.
    path = Packed.of(archive, info, "member")
    try:
        with archive.open(info) as packed:
            # The checksum is only checked at the end.
            while packed.read(_CHUNK):
                pass
    except DAMAGE as fault:
        raise refusal(name, fault) from None
    if is_zip(path) and package_of(path) == "archive":
        raise UnreadableFileError(f"{name} is a zip inside a zip", "unpack it yourself and import what is in it")
    yield path


_BUFFER = 1 << 18


class Packed(_Path):
    """What readers ask of a path, answered from a zip: any number of them may read it, at once and again.

    Only `open`, `read_bytes`, `stat().st_size` and whether it is there mean anything. Every reading unpacks anew.
    """

    _archive: ZipFile
    _info: ZipInfo
    form: str = ""
    """What it was before it became text: `workbook`, `web page`; "" for what lies in a zip as it is."""

    @classmethod
    def of(cls, archive: ZipFile, info: ZipInfo, name: str, form: str = "") -> Packed:
        """A member of a zip that stays open as long as this is used; `name` is what messages call it."""
        made = cls(name)
        made._archive, made._info, made.form = archive, info, form
        return made

    def __fspath__(self) -> str:
        """It has no place on the disk: a file of that name in the folder of the process would be read instead."""
        raise TypeError("a file in a zip has no path")

    def open(  # type: ignore[override]
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """A stream for reading, of bytes or of text; it fails with an OSError, like a file on a bad disk."""
        if mode not in ("r", "rb"):
            raise OSError(EIO, "a file in a zip is only read")
        file = BufferedReader(_Stream(self._archive, self._info), _BUFFER)
        return cast(IO[Any], file if mode == "rb" else TextIOWrapper(file, encoding, errors, newline))

    def read_bytes(self) -> bytes:
        with self.open("rb") as file:
            return bytes(file.read())

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return os.stat_result((S_IFREG | 0o400, 0, 0, 1, 0, 0, self._info.file_size, 0, 0, 0))

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        return True

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return True

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return False


def form_of(path: Path) -> str:
    """What a file was before it became the text that is read: `workbook` or `web page`; "" for what is text itself."""
    return path.form if isinstance(path, Packed) else ""


class _Stream(RawIOBase):
    """A member being unpacked; what is damaged is an OSError, which whoever reads a file is ready for."""

    def __init__(self, archive: ZipFile, info: ZipInfo) -> None:
        try:
            self._file = archive.open(info)
        except DAMAGE:
            raise _damaged() from None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            found = self._file.read(len(buffer))
        except DAMAGE:
            raise _damaged() from None
        buffer[: len(found)] = found
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _damaged() -> OSError:
    return OSError(EIO, "it cannot be unpacked")
