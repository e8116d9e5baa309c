"""Files and folders on a disk: their owner's alone, there for good once written, and found when left unfinished."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_private(folder: Path) -> None:
    """Make a folder that is not there, and those above it, for the owner alone; OSError when that cannot be."""
    # `mkdir(parents=True)` gives its mode to the last one only: who may write above could put another in its place.
    missing = [one for one in folder.parents if not one.exists()]
    for one in (*reversed(missing), folder):
        one.mkdir(mode=0o700, exist_ok=True)


def open_to_others(path: Path) -> str:
    """The mode of a file that others than its owner may read or write (`0o644`); empty when it is private.

    Of a folder: when others may put files into it. Windows keeps lists of permissions instead, so it is empty there.
    """
    if sys.platform == "win32":
        return ""
    mode = stat.S_IMODE(path.stat().st_mode)
    return oct(mode) if mode & (_OTHERS_WRITE if path.is_dir() else _OTHERS) else ""


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut; not every system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def unfinished(folder: Path) -> tuple[Path, ...]:
    """Files and folders in a folder that commands which were killed had begun to write; they may hold records."""
    with suppress(OSError):
        return (*sorted(folder.glob(".les-*.part*")), *sorted(folder.glob(".les-*.old")))
    return ()
