"""The files in a zip: listed by name, and unpacked one at a time to a private place that is gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IFLNK, S_IFMT
from tempfile import TemporaryDirectory
from zipfile import ZipFile, ZipInfo

from ..errors import UnreadableFileError
from .zipped import DAMAGE, is_zip, package_of, refusal

MAX_MEMBERS = 20_000
MAX_UNPACKED = 4 << 30
"""Bytes of all members together, unpacked; one member is on the disk at a time, and none in memory."""

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
    """One member as a file that only its owner may read; it is removed at the end, whatever happened.

    Raises UnreadableFileError, which says `name`, for a member that is damaged or is itself a zip of files.
    """
    with TemporaryDirectory(prefix="les-") as folder:
        # Its own name never reaches the disk: it may be a path, a device's name or somebody's.
        path = Path(folder) / "member"
        try:
            _copy(archive, info, path)
        except DAMAGE as fault:
            raise refusal(name, fault) from None
        if is_zip(path) and package_of(path) == "archive":
            raise UnreadableFileError(f"{name} is a zip inside a zip", "unpack it yourself and import what is in it")
        yield path


def _copy(archive: ZipFile, info: ZipInfo, path: Path) -> None:
    with archive.open(info) as packed, open(path, "xb", opener=private) as file:
        while chunk := packed.read(_CHUNK):
            file.write(chunk)


def private(path: str, flags: int) -> int:
    """An `opener` for `open`: the file is readable by its owner alone from the moment it is there."""
    return os.open(path, flags, 0o600)
