"""Turn SQLite's errors into one clear line: what happened, where and how to mend it, with an exit code."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import LesError, LockedError, ReadOnlyError

LOCK_WAIT_SECONDS = 5.0
"""How long a command waits for another one to finish with the store."""

MAKE_ROOM = "make room or check the disk, then type it again; nothing was changed"
"""How to mend a disk that does not take what is written."""

_BY_WORDS = {
    "database is locked": "SQLITE_BUSY",
    "database table is locked": "SQLITE_LOCKED",
    "database or disk is full": "SQLITE_FULL",
    "disk I/O error": "SQLITE_IOERR",
    "attempt to write a readonly database": "SQLITE_READONLY",
    "unable to open database file": "SQLITE_CANTOPEN",
    "file is not a database": "SQLITE_NOTADB",
    "database disk image is malformed": "SQLITE_CORRUPT",
}
"""SQLite's message (sqlite3_errstr) -> its name: the driver of encrypted stores names no error of a backup."""


@contextmanager
def clear_errors(path: Path | None) -> Iterator[None]:
    """Raise our one-line errors in place of SQLite's; SQLite's other errors pass. None of ours holds a cell's value."""
    try:
        yield
    except sqlite3.Error as fault:
        name = getattr(fault, "sqlite_errorname", "") or _BY_WORDS.get(str(fault), "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise LockedError(
                f"{path} is in use by another program", f"waited {LOCK_WAIT_SECONDS:.0f} seconds; try again"
            ) from None
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise LesError(f"{path} is not a store of les, or it is damaged", "restore a backup") from None
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            raise LesError(f"{path} could not be written: the disk is full or failing", MAKE_ROOM) from None
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
            raise ReadOnlyError(
                f"{path} cannot be opened for writing", "check the permissions of file and folder"
            ) from None
        raise
