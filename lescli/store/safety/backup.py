"""Copies of a store: made while others use it, whole or not there at all, and looked at before they count."""

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
from ..database.cipher import is_plain_store, may_be_encrypted
from ..database.connection import Store, connect
from ..database.errors import clear_errors
from ..database.keys import Key
from ..schema.migrations import APPLICATION_ID
from ..verify.run import verify_open

_STAMP = "%Y%m%d-%H%M%S"


def back_up(store: Store, target: Path, *, over: bool = False) -> None:
    """Copy the store to a file, which is checked before it gets its name; an existing file only gives way with `over`.

    LesError, and no copy, when the file is there, is another practice's, cannot be written, or the copy is not whole;
    LockedError when another program kept the store from being read.
    """
    if target.exists() and store.path is not None and target.samefile(store.path):
        raise LesError("that is the store itself", "name another file; nothing was changed")
    if os.path.lexists(target) and not target.is_file():
        raise LesError(f"{target} is no ordinary file", "name another; nothing was changed")
    if target.exists() and not over:
        raise LesError(f"there is already a file at {target}", "name another, or say --yes to replace it")
    if any(left.exists() for left in sidecars(target)):
        # SQLite would take what it holds for the backup's own, and put pages of another store into it.
        raise LesError(f"a journal of another file lies beside {target}", "name another file; nothing was changed")
    whose = _whose(target, store.key) if target.exists() else None
    if whose is not None and whose != store.practice.ods_code:
        raise LesError(f"{target} holds the records of another practice, {whose}", "name another; nothing was changed")
    with part_beside(target) as part:
        copy_to(store, part, target)
        with Store(connect(part, store.key), part, store.key) as copy:
            faults = verify_open(copy).faults
        if faults:
            raise LesError(
                f"the store is not whole, so no backup was made: {faults[0].text}",
                "`les verify` tells everything; earlier backups were left as they are",
            )
        put_in_place(part, target)


def _whose(path: Path, key: Key | None) -> str | None:
    """The practice whose store or backup a file is; None when it is neither, or under another key."""
    for one in dict.fromkeys((key, None)):
        with suppress(sqlite3.Error), closing(connect(path, one)) as found:
            if found.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
                return next((str(row[0]) for row in found.execute("SELECT ods_code FROM practice")), None)
    return None


def copy_to(store: Store, part: Path, place: Path) -> None:
    """Copy a store page by page into an empty file, under the same key, as it stood at one moment.

    `place` is what the file is to be called, which is said when it cannot be written.
    """
    with clear_errors(place), closing(connect(part, store.key)) as copy:
        # Reading first takes SQLite's lock with a bounded wait; the copy by itself would wait without an end.
        store.connection.execute("BEGIN")
        try:
            with clear_errors(store.path):
                store.connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            store.connection.backup(copy)
            # Of a store that somebody switched to a log, the copy would need a log, too: it is one file.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        finally:
            store.connection.execute("ROLLBACK")


@contextmanager
def part_beside(target: Path) -> Iterator[Path]:
    """An empty file of its owner only in the target's folder; gone afterwards, unless it was put in place."""
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
    """The files that SQLite may keep beside a database; one that is left behind changes whatever gets its name."""
    return tuple(path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm"))


def enter(part: Path, key: Key | None, place: Path) -> None:
    """The command's own entry in the audit trail goes into a new file before that takes the store's place."""
    # It is the store of that place already: for the trail, and for what is said when it cannot be written.
    with Store(connect(part, key), place, key) as fresh:
        follow(fresh)
        with fresh.writing():
            pass


def put_in_place(part: Path, target: Path) -> None:
    """Give a finished file its name in one step, on the disk when this returns."""
    try:
        # Windows lets only a file that is open for writing be flushed.
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as fault:
        raise LesError(f"{target} cannot be written: {fault.strerror}", "nothing was changed") from None
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """A folder that only its owner can look into, when there is none."""
    try:
        make_private(folder)
    except OSError as fault:
        raise LesError(f"cannot make {folder}: {fault.strerror}", "choose another place") from None


def dated_name(store: Store, folder: Path, moment: datetime) -> Path:
    """`practice-A99999-20260605-083000.les` in the folder, of the next second when that one is taken."""
    while True:
        path = folder / f"practice-{store.practice.ods_code}-{moment.strftime(_STAMP)}.les"
        if not any(os.path.lexists(taken) for taken in (path, *sidecars(path))):
            return path
        moment += timedelta(seconds=1)


def thin_out(store: Store, newest: Path, keep: int) -> tuple[Path, ...]:
    """Remove the oldest of this practice's dated backups beside the newest, so that `keep` are left; those removed.

    Nothing else in the folder is touched: not a file with another name or of another program, not the store itself.
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
            raise LesError(f"{path} cannot be removed: {fault.strerror}", "the new backup is there") from None
    return tuple(removed)


def _is_older_copy(store: Store, path: Path) -> bool:
    """Whether a file is a store by its first bytes, or may be an encrypted one, and not the one that is backed up."""
    try:
        if path.is_symlink() or not path.is_file() or (store.path is not None and path.samefile(store.path)):
            return False
        return is_plain_store(path) or may_be_encrypted(path)
    except OSError:
        return False  # Another backup into the same folder has removed it meanwhile, or it is not for us to read.
