"""Read files inside a zip without writing them to the disk, and only within bounds."""

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
    # Path itself cannot be subclassed before Python 3.12.
    _Path = type(Path())


MAX_DIRECTORY = 8 << 20
"""The most bytes of a zip's table of contents. A member takes some 80 bytes in it."""

MAX_RATIO = 200
"""How many times its packed size a zip may unpack to. Bundles and reports stay below 60; zip bombs reach 1,000."""

DAMAGE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""The errors that reading a damaged or unusual zip raises. `refusal` puts them into words."""

_ALLOWANCE = 16 << 20
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")

MAX_MEMBERS = 20_000
MAX_UNPACKED = 4 << 30
"""The most bytes of all members together, unpacked. Members are read in pieces and never written to the disk."""

_CHUNK = 1 << 20

_BUFFER = 1 << 18


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip does, whatever its name; False when it cannot be read."""
    try:
        # Opening a pipe could wait for ever.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4) in _MAGIC
    except OSError:
        return False


def package_of(path: Path) -> str:
    """The kind of a zip: `workbook`, `binary workbook`, `opendocument`, `document` or `archive`.

    A `workbook` is .xlsx or .xlsm, `opendocument` an OpenDocument spreadsheet. Raises UnreadableFileError for a zip
    that is damaged or whose table of contents is too long.
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
    """Whether an OpenDocument file is a spreadsheet, by the member that states its type."""
    try:
        with _directory(path) as package, package.open("mimetype") as member:
            kind = member.read(100)
            return b".text" not in kind and b".presentation" not in kind
    except DAMAGE:
        return True


@contextmanager
def open_zip(path: Path, *, members: int, unpacked: int) -> Iterator[ZipFile]:
    """The opened zip, after checking that it declares at most `members` members and `unpacked` bytes.

    Raises UnreadableFileError when it declares more, its ratio of compression is not plausible, it has a password or is
    damaged. Reading a member stops at its declared size, so this check cannot be evaded.
    """
    with _directory(path) as package:
        _check(path, package.infolist(), members, unpacked)
        yield package


def refusal(name: str, fault: Exception) -> UnreadableFileError:
    """The refusal for one of `DAMAGE`, about a file shown as `name`."""
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
    # Other methods take as much memory as the file says (LZMA), or few programs can read them.
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
    """The zip with its table of contents read. Refused where that is longer than any practice's."""
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
    """A read of more bytes than a table of contents may have."""


class _Guarded:
    """A file that gives no more than `MAX_DIRECTORY` bytes at once.

    `zipfile` reads the table of contents in one piece and makes an object for every entry.
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


def members_of(archive: ZipFile) -> Iterator[tuple[str, ZipInfo]]:
    """Each file in a zip with its path in it, `march/a.json`. Folders and symbolic links are left out.

    The path is only for display: nothing is written to it.
    """
    for info in archive.infolist():
        path = "/".join(part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", ".."))
        if path and not info.is_dir() and S_IFMT(info.external_attr >> 16) != S_IFLNK:
            yield path, info


@contextmanager
def unpacked(archive: ZipFile, info: ZipInfo, name: str) -> Iterator[Path]:
    """One member as a path that readers can open. It is unpacked as it is read, and never onto the disk.

    Raises UnreadableFileError, which shows `name`, for a member that is damaged or is itself a zip of files.
    """
    # The member's own name is not used: it may be a path, a device's name or a person's name.
    path = Packed.of(archive, info, "member")
    try:
        with archive.open(info) as packed:
            # zipfile compares the checksum only at the end of the member.
            while packed.read(_CHUNK):
                pass
    except DAMAGE as fault:
        raise refusal(name, fault) from None
    if is_zip(path) and package_of(path) == "archive":
        raise UnreadableFileError(f"{name} is a zip inside a zip", "unpack it yourself and import what is in it")
    yield path


class Packed(_Path):
    """A Path for one member of a zip. Any number of readers may open it, at once or one after another.

    Only `open`, `read_bytes`, `stat().st_size` and the questions whether it exists have meaning. Each opening unpacks
    anew.
    """

    _archive: ZipFile
    _info: ZipInfo
    form: str = ""
    """The kind of file that the text came from: `workbook`, `web page`; "" for a member as it is in the zip."""

    @classmethod
    def of(cls, archive: ZipFile, info: ZipInfo, name: str, form: str = "") -> Packed:
        """A member of a zip, which must stay open as long as this is used. `name` is the name in messages."""
        made = cls(name)
        made._archive, made._info, made.form = archive, info, form
        return made

    def __fspath__(self) -> str:
        """Raise TypeError: it has no path on the disk. Otherwise a file of that name in the current folder would be
        read instead.
        """
        raise TypeError("a file in a zip has no path")

    def open(  # type: ignore[override]
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """A stream of bytes or text. It raises OSError when the member is damaged, as for a file on a bad disk."""
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
    """The kind of file that the text came from: `workbook` or `web page`; "" for a file that is text itself."""
    return path.form if isinstance(path, Packed) else ""


class _Stream(RawIOBase):
    """A member being unpacked. Damage raises OSError, which every reader of files handles."""

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
