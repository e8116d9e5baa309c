"""Back up a store while others use it. Each backup is complete and verified, or it is not made."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from ...errors import LesError
from ...files import make_private, sync_folder
from ..audit_trail import follow
from ..database.connection import Store, connect
from ..database.encryption import Key, is_plain_store, may_be_encrypted
from ..database.errors import MAKE_ROOM, clear_errors
from ..schema.migrations import APPLICATION_ID
from ..verify.run import verify_open

_STAMP = "%Y%m%d-%H%M%S"


def back_up(store: Store, target: Path, *, over: bool = False) -> None:
    """Copy the store to `target` and verify the copy before it gets that name; `over` allows replacing a file.

    LesError, and no copy, when the file exists, belongs to another practice or cannot be written, or the copy has a
    fault. LockedError when another program stops us from reading the store.
    """
    if target.exists() and store.path is not None and target.samefile(store.path):
        raise LesError("that is the store itself", "name another file; nothing was changed")
    if os.path.lexists(target) and not target.is_file():
        raise LesError(f"{target} is no ordinary file", "name another; nothing was changed")
    if target.exists() and not over:
        raise LesError(f"there is already a file at {target}", "name another, or say --yes to replace it")
    if any(left.exists() for left in sidecars(target)):
        # SQLite would take it for the backup's own journal, and write pages of another store into the backup.
        raise LesError(f"there is a journal of another file beside {target}", "name another file; nothing was changed")
    whose = _practice_of(target, store.key) if target.exists() else None
    if whose is not None and whose != store.practice.ods_code:
        raise LesError(f"{target} holds the records of another practice, {whose}", "name another; nothing was changed")
    with part_beside(target) as part:
        copy_to(store, part, target)
        with Store(connect(part, store.key), part, store.key) as copy:
            faults = verify_open(copy).faults
        if faults:
            raise LesError(
                f"the store has a fault, so no backup was made: {faults[0].text}",
                "`les verify` lists every fault; earlier backups were not changed",
            )
        put_in_place(part, target)


def _practice_of(path: Path, key: Key | None) -> str | None:
    """The practice whose store or backup a file is; None when it is neither, or needs another key."""
    for one in dict.fromkeys((key, None)):
        with suppress(sqlite3.Error), closing(connect(path, one)) as found:
            if found.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
                return next((str(row[0]) for row in found.execute("SELECT ods_code FROM practice")), None)
    return None


def copy_to(store: Store, part: Path, place: Path) -> None:
    """Copy a store into an empty file page by page, under the same key, as it was at one moment.

    `place` is the name the file will get: errors name it.
    """
    with clear_errors(place), closing(connect(part, store.key)) as copy:
        # Read first: a read waits for the lock only a few seconds. The copy itself would wait for ever.
        store.connection.execute("BEGIN")
        try:
            with clear_errors(store.path):
                store.connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            store.connection.backup(copy)
            # If somebody switched the store to write-ahead logging, the copy would need its log file as well.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        finally:
            store.connection.execute("ROLLBACK")


@contextmanager
def part_beside(target: Path) -> Iterator[Path]:
    """An empty private file in the target's folder; it is removed afterwards, unless it was put in place."""
    try:
        handle, name = tempfile.mkstemp(prefix=".les-", suffix=".part", dir=target.parent)
        os.close(handle)
    except OSError as fault:
        raise LesError(f"cannot write to {target.parent}: {fault.strerror}", "name another folder") from None
    part = Path(name)
    try:
        yield part
    finally:
        for left in (part, *sidecars(part)):
            with suppress(OSError):
                left.unlink()


def sidecars(path: Path) -> tuple[Path, ...]:
    """The files that SQLite may keep beside a database. One left behind would change a new database of that name."""
    return tuple(path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm"))


def enter(part: Path, key: Key | None, place: Path) -> None:
    """Write the command's audit line into a new file before the file takes the store's place."""
    # Open it under the final path: the audit trail looks for that path, and errors name it.
    with Store(connect(part, key), place, key) as fresh:
        follow(fresh)
        with fresh.writing():
            pass


def put_in_place(part: Path, target: Path) -> None:
    """Give a finished file its name in one step. It is safely on the disk when this returns."""
    try:
        # Windows flushes only a file that is open for writing.
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as fault:
        raise LesError(f"{target} cannot be written: {fault.strerror}", MAKE_ROOM) from None
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner can read, unless it exists."""
    try:
        make_private(folder)
    except OSError as fault:
        raise LesError(f"cannot make {folder}: {fault.strerror}", "choose another place") from None


def dated_name(store: Store, folder: Path, moment: datetime) -> Path:
    """`practice-A99999-20260605-083000.les` in the folder, or the next second whose name is free."""
    while True:
        path = folder / f"practice-{store.practice.ods_code}-{moment.strftime(_STAMP)}.les"
        if not any(os.path.lexists(taken) for taken in (path, *sidecars(path))):
            return path
        moment += timedelta(seconds=1)


def thin_out(store: Store, newest: Path, keep: int) -> tuple[Path, ...]:
    """Remove this practice's oldest dated backups, so that `keep` are left with the newest; returns those removed.

    It touches nothing else in the folder: no file of another name or another program, and not the store itself.
    """
    own = re.compile(rf"practice-{re.escape(store.practice.ods_code)}-[0-9]{{8}}-[0-9]{{6}}\.les")
    others = sorted(
        path
        for path in newest.parent.iterdir()
        if own.fullmatch(path.name) and path != newest and _is_older_copy(store, path)
    )
    removed = others[: max(len(others) - (keep - 1), 0)]
    for path in removed:
        try:
            path.unlink(missing_ok=True)
        except OSError as fault:
            raise LesError(
                f"{path} cannot be removed: {fault.strerror}", "delete it by hand; the new backup was made"
            ) from None
    return tuple(removed)


def _is_older_copy(store: Store, path: Path) -> bool:
    """Whether a file is a plain store, or may be an encrypted one, and is not the store being backed up."""
    try:
        if path.is_symlink() or not path.is_file() or (store.path is not None and path.samefile(store.path)):
            return False
        return is_plain_store(path) or may_be_encrypted(path)
    except OSError:
        return False  # Another backup has just removed it, or we may not read it.
