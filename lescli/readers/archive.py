"""The files in a zip: listed by name, and each read where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IFLNK, S_IFMT
from zipfile import ZipFile, ZipInfo

from ..errors import UnreadableFileError
from .zip_file import Packed
from .zipped import DAMAGE, is_zip, package_of, refusal

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
