"""A folder into which exports are put: each is imported, then moved to `done` or `refused`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import LesError
from ..store import Store
from .imports import import_files

DONE, REFUSED = "done", "refused"
_REASON = ".reason.txt"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".filepart")
"""Endings of files that a browser or a transfer is still writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one file of the inbox. `why` says why it was refused, or is left where it is."""

    file: str
    sha256: str
    accepted: int
    quarantined: int
    why: str = ""
    is_left: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """The file as docs/reference/json.md shows it."""
        return {"file": self.file, "accepted": self.accepted, "quarantined": self.quarantined}


def waiting_in(inbox: Path) -> tuple[Path, ...]:
    """The files to import, in order of their names. Hidden ones, locks of office programs and unfinished ones wait.

    LesError when the inbox is no folder.
    """
    if not inbox.is_dir():
        raise LesError("the --inbox folder does not exist", "make it, or name another")
    return tuple(
        path
        for path in sorted(inbox.iterdir())
        if path.is_file()
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
    return tuple((path.name, _reason_of(path)) for path in there if not path.name.endswith(_REASON))


def _reason_of(path: Path) -> str:
    try:
        return path.with_name(path.name + _REASON).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def import_inbox(store: Store, inbox: Path, as_of: date) -> tuple[Imported, ...]:
    """Import every file of the inbox, one after the other, and move each only when the store holds it or refused it.

    An import that is repeated changes nothing. So a command that dies between the import and the move loses nothing:
    the next one imports the file again and moves it.
    """
    return tuple(_one(store, inbox, path, as_of) for path in waiting_in(inbox))


def _one(store: Store, inbox: Path, path: Path, as_of: date) -> Imported:
    before = _state(path)
    found = import_files(store, [path], None, dry_run=False, progress=lambda advance: None, as_of=as_of)
    files = found.answer.data["files"] if isinstance(found.answer.data, dict) else []
    why = "; ".join(found.refused) if found.refused else "" if found.taken else "it is not an export"
    told = Imported(
        file=path.name,
        sha256=files[0]["sha256"] if files else "",
        accepted=sum(one.get("accepted", 0) for one in files),
        quarantined=sum(one.get("quarantined", 0) for one in files),
        why=why,
    )
    if _state(path) != before:
        # What was read may be half of what is there now. The next run reads it whole.
        return _left(told, "it changed while it was read, so it stays in the inbox")
    try:
        _move(path, inbox / (DONE if found.taken else REFUSED), why)
    except OSError:
        return _left(told, "it could not be moved, so it stays in the inbox; close it in other programs")
    return told


def _left(told: Imported, why: str) -> Imported:
    return Imported(
        file=told.file,
        sha256=told.sha256,
        accepted=told.accepted,
        quarantined=told.quarantined,
        why="; ".join(filter(None, (told.why, why))),
        is_left=True,
    )


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _move(path: Path, folder: Path, why: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    there = _free_name(folder, path.name)
    if why:
        there.with_name(there.name + _REASON).write_text(f"{why}\n", encoding="utf-8")
    path.rename(there)


def _free_name(folder: Path, name: str) -> Path:
    """A name that no file of the folder has: an export of the same name may have been there before."""
    stem, suffix = Path(name).stem, Path(name).suffix
    names: Iterable[str] = (name, *(f"{stem}-{number}{suffix}" for number in range(2, 10_000)))
    return next(folder / one for one in names if not (folder / one).exists())
