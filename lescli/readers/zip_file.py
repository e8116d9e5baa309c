"""A file inside a zip is read where it lies: an import that is killed leaves nobody's row among temporary files."""

from __future__ import annotations

import os
from errno import EIO
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from stat import S_IFREG
from typing import IO, TYPE_CHECKING, Any, cast
from zipfile import ZipFile, ZipInfo

from .zipped import DAMAGE

if TYPE_CHECKING:
    _Path = Path
else:
    # Before Python 3.12 nothing can be built on Path itself.
    _Path = type(Path())

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
