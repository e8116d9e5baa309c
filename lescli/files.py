"""Files and folders: private to their owner, safe on disk once written, and found if left unfinished."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_private(folder: Path) -> None:
    """Make a folder and the missing ones above it, private to the owner; OSError when that is not possible."""
    # `mkdir(parents=True)` sets the mode of the last folder only. Others who can write to one above could replace it.
    missing = [one for one in folder.parents if not one.exists()]
    for one in (*reversed(missing), folder):
        one.mkdir(mode=0o700, exist_ok=True)


def open_to_others(path: Path) -> str:
    """The mode of a file that others besides its owner can read or write (`0o644`); empty when it is private.

    For a folder, the mode if others can put files into it. Always empty on Windows, which uses permission lists.
    """
    if sys.platform == "win32":
        return ""
    mode = stat.S_IMODE(path.stat().st_mode)
    return oct(mode) if mode & (_OTHERS_WRITE if path.is_dir() else _OTHERS) else ""


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, on systems that allow a folder to be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def unfinished(folder: Path) -> tuple[Path, ...]:
    """Files and folders that interrupted commands left unfinished in a folder; they may contain patient data."""
    with suppress(OSError):
        return (*sorted(folder.glob(".les-*.part*")), *sorted(folder.glob(".les-*.old")))
    return ()
