"""The inbox of `les month`: each export in it is imported, then moved to `done` or, with its reason, to `refused`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import LesError
from ..files import sync_folder
from ..outputs.to_file import write_whole
from ..store import Store
from .imports import import_files

DONE, REFUSED = "done", "refused"
_REASON = ".reason.txt"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".filepart", ".download", ".!ut")
"""Endings of files that a browser or a transfer is still writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one file of the inbox. `why` says why it was refused, or is left where it is."""

    file: str
    accepted: int = 0
    quarantined: int = 0
    why: str = ""
    was_read: bool = True

    @property
    def data(self) -> dict[str, Any]:
        """The file as docs/reference/json.md shows it."""
        return {"file": self.file, "accepted": self.accepted, "quarantined": self.quarantined}


def check_inbox(inbox: Path, store: Path, out: Path) -> None:
    """Refuse, before any work is done, an inbox that is no folder, or from which something else would be moved."""
    if not inbox.is_dir():
        raise LesError("the --inbox folder does not exist", "make it, or name another")
    if not os.access(inbox, os.R_OK | os.W_OK | os.X_OK):
        raise LesError("the --inbox folder may not be read and written", "check its permissions, or name another")
    whole = inbox.resolve()
    if store.resolve().parent == whole:
        raise LesError("the store lies in the --inbox folder and would be moved as no export", "name another folder")
    if whole in (out.resolve(), *out.resolve().parents):
        raise LesError("the --out folder lies in the --inbox folder", "name another for one of them")


def waiting_in(inbox: Path) -> tuple[Path, ...]:
    """What is to be imported, in order of the names. Hidden files, locks of office programs and unfinished ones wait.

    A folder is among them: it is not read, but is said.
    """
    return tuple(
        path
        for path in sorted(inbox.iterdir())
        if (path.is_file() or (path.is_dir() and path.name not in (DONE, REFUSED)))
        and not path.name.startswith((".", "~$"))
        and path.suffix.lower() not in _UNFINISHED
        and not path.name.endswith(_REASON)
    )


def refused_in(inbox: Path) -> tuple[tuple[str, str], ...]:
    """Each refused file that still lies in the inbox, and why it was refused."""
    try:
        there = sorted((inbox / REFUSED).iterdir())
    except OSError:
        return ()
    return tuple(
        (path.name, _reason_of(path))
        for path in there
        if not path.name.startswith(".") and not path.name.endswith(_REASON)
    )


def _reason_of(path: Path) -> str:
    try:
        return path.with_name(path.name + _REASON).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def import_inbox(store: Store, inbox: Path, as_of: date) -> tuple[Imported, ...]:
    """Import every file of the inbox, one after the other, and move each only when the store holds it or refused it.

    An import that is repeated changes nothing. So a command that dies between the import and the move loses nothing:
    the next one imports the file again and moves it. LockedError when the store is in use: then the file stays.
    """
    return tuple(_one(store, inbox, path, as_of) for path in waiting_in(inbox))


def _one(store: Store, inbox: Path, path: Path, as_of: date) -> Imported:
    before = _state(path)
    if before is None:
        return Imported(file=path.name, why="it is gone: another program took it away", was_read=False)
    if path.is_dir():
        why = "it is a folder, so it stays in the inbox; lay its files into the inbox itself"
        return Imported(file=path.name, why=why, was_read=False)
    if is_in_use(path):
        why = "another program holds it open or is still writing it, so it stays in the inbox; close it there"
        return Imported(file=path.name, why=why, was_read=False)
    found = import_files(store, [path], None, dry_run=False, progress=lambda advance: None, as_of=as_of)
    if found.stopped is not None:
        # Part of a zip is in the store and the rest is not. It stays, and the next run reads the rest.
        raise found.stopped
    files = found.answer.data["files"] if isinstance(found.answer.data, dict) else []
    why = "; ".join(_without(path.name, line) for line in found.refused)
    told = Imported(
        file=path.name,
        accepted=sum(one.get("accepted", 0) for one in files),
        quarantined=sum(one.get("quarantined", 0) for one in files),
        why=f"refused: {why}" if why else "",
    )
    if _state(path) != before:
        # What was read may be half of what is there now. The next run reads it whole.
        return _left(told, "it changed while it was read, so it stays in the inbox for the next run")
    try:
        _move(path, inbox / (DONE if found.taken else REFUSED), why)
    except FileNotFoundError:
        return told  # Another run of this command has moved it.
    except (OSError, LesError):
        return _left(told, "it could not be moved, so it stays in the inbox; close it in other programs")
    return told


def is_in_use(path: Path) -> bool:
    """Whether another program is writing the file or holds it open, as far as the system tells.

    Office programs also say so by a hidden file beside it.
    """
    marks = (f".~lock.{path.name}#", f"~${path.name}", f"~${path.name[2:]}")
    if any(path.with_name(mark).exists() for mark in marks):
        return True
    try:
        if sys.platform == "win32":
            # Windows refuses to rename an open file, even to its own name.
            path.rename(path)
            return False
        with path.open("rb") as file:
            return _has_writer(file.fileno())
    except OSError:
        return True


def _has_writer(handle: int) -> bool:
    """Whether some program has the open file open for writing. False on systems that do not tell."""
    if sys.platform != "linux":
        return False
    import fcntl
    import signal

    try:
        # A lease tells its holder of a writer by a signal. This one is ignored where nobody asks for it; the one that
        # is sent otherwise would end this program.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        # The system grants a lease for reading only while nobody has the file open for writing.
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # The file is another user's, or on a network disk.
    with suppress(OSError):
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _without(name: str, line: str) -> str:
    """A refusal without the name of the file before it, however often it is there."""
    while line.startswith(f"{name}: "):
        line = line.removeprefix(f"{name}: ")
    return line


def _left(told: Imported, why: str) -> Imported:
    return replace(told, why="; ".join(filter(None, (told.why, why))))


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _move(path: Path, folder: Path, why: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    there = _free_name(folder, path.name)
    if why:
        write_whole(there.with_name(there.name + _REASON), f"{why}\n".encode())
    path.rename(there)
    sync_folder(folder)


def _free_name(folder: Path, name: str) -> Path:
    """A name that no file of the folder has: an export of the same name may have been there before."""
    stem, suffix = Path(name).stem, Path(name).suffix
    names: Iterable[str] = (name, *(f"{stem}-{number}{suffix}" for number in range(2, 100_000)))
    return next(folder / one for one in names if not (folder / one).exists())
