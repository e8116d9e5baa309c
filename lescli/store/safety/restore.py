"""Restore a backup: verify it, put it in the store's place in one step, and keep the old store beside it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...errors import LesError, LockedError
from ...model import Practice
from ..audit_trail import current
from ..database.connection import Store, connect, connect_found
from ..database.encryption import Key
from ..database.errors import clear_errors
from ..database.location import refuse_network_share
from ..database.migrate import check_ours
from ..schema.migrations import APPLICATION_ID
from ..verify.run import verify_open
from .backup import copy_to, enter, make_folder, part_beside, put_in_place, sidecars


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The practice of the restored store, where the old store is kept, and the old one's practice if it was another.

    `laid_bare`: the old store was encrypted and the new one is not. `other_key`: both are encrypted, with different
    keys.
    """

    practice: Practice
    kept: Path | None
    replaced_practice: Practice | None
    laid_bare: bool = False
    other_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _OldStore:
    """The store being replaced: the connection that locks it, its key and practice. None where it is too damaged."""

    connection: sqlite3.Connection | None = None
    key: Key | None = None
    practice: Practice | None = None


def restore(source: Path, target: Path, moment: datetime, *, over: bool = False) -> Restored:
    """Put a copy of a backup at `target`; `over` allows replacing a store that is there.

    LesError, and nothing changed, for a file that is no store, has a fault or comes from a newer les. LockedError while
    another program uses the store. A copy of an older version is brought up to date; the backup file stays as it is.
    """
    place = Path(os.path.realpath(target))
    if place.exists() and not place.is_file():
        raise LesError(f"{place} is no ordinary file", "name another place with --store; nothing was changed")
    refuse_network_share(place)
    # The journal is beside the file that a link points to.
    source = Path(os.path.realpath(source))
    _check_source(source, place)
    make_folder(place.parent)
    with part_beside(place) as part:
        practice, key = _checked_copy(source, part, place)
        with _lock_old_store(place) as there:
            _ask(practice, there, place, over=over)
            if there is None and place.exists() and place.stat().st_size:
                raise LockedError(
                    f"another program has just made a store at {place}", "nothing was changed; run it again"
                )
            enter(part, key, target)
            kept = _name_for_old(place, moment)
            _put(part, place, kept, there.connection if there else None)
    old = there.practice if there else None
    return Restored(
        practice=practice,
        kept=kept if kept.exists() else None,
        replaced_practice=old if old and old.ods_code != practice.ods_code else None,
        laid_bare=there is not None and there.key is not None and key is None,
        other_key=there is not None and there.key is not None and key not in (None, there.key),
    )


def _check_source(source: Path, place: Path) -> None:
    if not source.is_file():
        raise LesError(f"there is no file at {source}", "name a backup that `les backup` made")
    if place.exists() and place.samefile(source):
        raise LesError("that is the store itself", "name a backup; nothing was changed")
    if any(left.exists() and left.stat().st_size for left in sidecars(source)[:2]):
        raise LesError(
            f"{source} was being written when it was copied: there is a journal beside it",
            f"`les verify --store {source}` finishes or undoes that; then restore it",
        )


def _checked_copy(source: Path, part: Path, place: Path) -> tuple[Practice, Key | None]:
    """Copy the backup and verify the copy; the backup itself is only read."""
    with clear_errors(source):
        connection, key = connect_found(source)
    with Store(connection, source, key) as backup:
        with clear_errors(source):
            check_ours(backup)
        copy_to(backup, part, place)
    with Store(connect(part, key), part, key) as copy:
        faults = verify_open(copy).faults
        if faults:
            raise LesError(f"{source} has a fault: {faults[0].text}", "nothing was changed; restore another backup")
        return copy.practice, key


@contextmanager
def _lock_old_store(place: Path) -> Iterator[_OldStore | None]:
    """Lock the store at the place against all other programs; None where there is no store."""
    if not place.exists() or not place.stat().st_size:
        yield None
        return
    found = place.stat()
    try:
        with clear_errors(place):
            connection, key = connect_found(place)
    except LesError as fault:
        if type(fault) is not LesError:
            raise
        yield _OldStore()
        return
    with Store(connection, place, key) as store:
        there = _OldStore(connection=connection, key=key, practice=_locked(store))
        now = place.stat()
        if (now.st_dev, now.st_ino) != (found.st_dev, found.st_ino):
            # Another restore was quicker: we have locked the old store that it set aside, not the new one.
            raise LockedError(f"{place} was replaced while this command ran", "nothing was changed; run it again")
        command = current()
        if command is not None:
            # Record the attempt in this store's audit trail, even if the restore is refused.
            command.opened = True
        yield there


def _locked(store: Store) -> Practice | None:
    """Lock the store, and undo what a killed program left half done; its practice, None when it is too damaged."""
    try:
        with clear_errors(store.path):
            ours = store.connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
            # Switch write-ahead logging off if somebody set it: its log would be left behind.
            store.connection.execute("PRAGMA journal_mode = DELETE").fetchall()
            store.connection.execute("BEGIN EXCLUSIVE")
    except LesError as fault:
        if type(fault) is not LesError:
            raise
        return None
    if not ours:
        raise LesError(f"{store.path} is not a store of les", "name another place with --store; nothing was changed")
    try:
        return store.practice
    except (sqlite3.Error, TypeError):
        return None


def _ask(practice: Practice, there: _OldStore | None, place: Path, *, over: bool) -> None:
    if there is None or over:
        return
    what = f"there is already a store at {place}"
    if there.practice is None:
        what += ", which is damaged"
    elif there.practice.ods_code != practice.ods_code:
        what += f", and it belongs to {there.practice.ods_code}, the backup to {practice.ods_code}"
    raise LesError(what, "say --yes to replace it; the old store is then kept beside the new one")


def _name_for_old(place: Path, moment: datetime) -> Path:
    stem, number = f"{place.stem}-replaced-{moment.strftime('%Y%m%d-%H%M%S')}", 1
    while (kept := place.with_name(f"{stem}{f'-{number}' if number > 1 else ''}{place.suffix}")).exists():
        number += 1
    return kept


def _put(part: Path, place: Path, kept: Path, connection: sqlite3.Connection | None) -> None:
    """Give the old store another name beside its own, then put the new one in its place in one step."""
    if os.name == "nt" and connection is not None:
        connection.close()  # Windows cannot replace an open file.
    try:
        if place.exists():
            try:
                os.link(place, kept)
            except OSError:
                # This disk has no hard links, so for a moment there is no store at its path.
                place.rename(kept)
            with suppress(OSError):
                kept.chmod(0o600)  # It may have been copied here with permissions for others.
        for left, aside in zip(sidecars(place), sidecars(kept), strict=True):
            # SQLite would apply a journal of the old store to the new one.
            with suppress(FileNotFoundError):
                left.rename(aside)
    except OSError as fault:
        raise LesError(
            f"{place} cannot be replaced: {fault.strerror}", "close it in other programs and run this again"
        ) from None
    put_in_place(part, place)
