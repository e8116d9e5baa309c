"""What a store needs of the machine it lies on: SQLite new enough, locks that hold, private files, room."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from glob import escape
from pathlib import Path

from ...files import unfinished
from ..safety.backup import part_beside
from .connection import connect
from .unlock import is_plain_store

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""


def sqlite_version() -> tuple[str, bool]:
    """SQLite's version, and whether it is new enough."""
    return sqlite3.sqlite_version, sqlite3.sqlite_version_info >= OLDEST_SQLITE


def locks_hold(folder: Path) -> bool:
    """Whether a second program is kept out while one writes, tried in the folder; LesError if it cannot be."""
    with part_beside(folder / "any") as part, closing(connect(part)) as one, closing(connect(part)) as other:
        other.execute("PRAGMA busy_timeout = 0")
        one.execute("BEGIN IMMEDIATE")
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


def room(path: Path) -> tuple[int, int]:
    """Free bytes on the disk of a store, and the bytes its next backup and its next large import may need."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    size = path.stat().st_size if path.exists() else 0
    return shutil.disk_usage(folder).free, max(2 * size, 1 << 30)


def left_behind(path: Path) -> tuple[Path, ...]:
    """Unfinished copies and lists beside the store, of commands that were killed, and its name as one replaced.

    The last is what a restore leaves that was killed before the new store took the place: nothing was replaced.
    """
    folder, new = path.absolute().parent, path.absolute().with_name(f"{path.name}.new")
    replaced = folder.glob(f"{escape(path.stem)}-replaced-*{escape(path.suffix)}") if path.is_file() else ()
    return (
        *unfinished(folder),
        *(one for one in (new, new.with_name(f"{new.name}-journal")) if one.exists()),
        *sorted(one for one in replaced if one.samefile(path)),
    )


def plain_beside(path: Path) -> tuple[Path, ...]:
    """Other stores and backups in the store's folder that whoever gets hold of them can read, and unfinished ones."""
    files = (one for one in path.absolute().parent.iterdir() if one.is_file() and not one.samefile(path))
    return tuple(sorted({*(one for one in files if is_plain_store(one)), *left_behind(path)}))
