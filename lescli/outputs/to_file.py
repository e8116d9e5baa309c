"""Write a file or a folder whole or not at all, readable by its owner only."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import LesError
from ..files import sync_folder
from .answer import Answer, json_text
from .csv_text import csv_file
from .html import html
from .xlsx import xlsx

MANIFEST = "manifest.json"
SCHEMA = "les-evidence/1"


def pack_files(rows: Answer, summary: Answer, manifest: dict[str, Any]) -> dict[str, bytes]:
    """The files of a pack by name, the same bytes for the same answers. The manifest comes last and lists the others.

    `rows` are for a spreadsheet, `summary` is for reading. Each is marked as identifiable if its answer is.
    """
    files = {
        "evidence.csv": csv_file(rows),
        "evidence.xlsx": xlsx(rows),
        "summary.html": html(summary).encode("utf-8"),
    }
    listed = [
        {"file": name, "sha256": sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()
    ]
    whole = Answer(data={**manifest, "files": listed}, title="", grids=(), identifiable=rows.identifiable)
    return {**files, MANIFEST: json_text(whole).encode("utf-8")}


def check_pack(out: Path, *, replace: bool) -> None:
    """Refuse a folder that cannot take a pack. With `replace`, a folder with an earlier pack and nothing else is
    accepted.
    """
    check_folder(out, ours=_is_a_pack, replace=replace)


def write_pack(out: Path, files: dict[str, bytes], *, replace: bool) -> None:
    """Write the pack, all or nothing."""
    check_pack(out, replace=replace)
    write_folder(out, files)


def _is_a_pack(folder: Path) -> bool:
    """Whether the folder's manifest is a pack's, and lists every file in the folder."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed = {str(file["file"]) for file in manifest["files"]}
        return manifest["schema"] == SCHEMA and {path.name for path in folder.iterdir()} <= {*listed, MANIFEST}
    except (OSError, ValueError, KeyError, TypeError):
        return False


# The messages say "the --out file" and not its name: people name files after patients.
_REASONS = {
    errno.ENOENT: ("the folder of the --out file does not exist", "make the folder first or name another"),
    errno.ENOTDIR: ("the folder of the --out file is not a folder", "name another"),
    errno.EISDIR: ("the --out file is a folder", "name a file inside it"),
    errno.EACCES: ("the --out file may not be written", "close it in other programs or name another folder"),
    errno.EPERM: ("the --out file may not be written", "close it in other programs or name another folder"),
    errno.EROFS: ("the --out file is on a read-only disk", "name another folder"),
    errno.ENOSPC: ("the disk of the --out file is full", "make room or name another disk"),
    errno.EDQUOT if hasattr(errno, "EDQUOT") else -1: ("your space on that disk is used up", "make room"),
    errno.ENAMETOOLONG: ("the name of the --out file is too long", "name a shorter one"),
}


def check_place(out: Path) -> None:
    """Refuse, before any work is done, a file that cannot be written where it is. LesError says why."""
    try:
        if out.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        if out.exists() and not out.is_file():
            raise LesError("the --out file is a device or a pipe", "name an ordinary file, or do without --out")
        if not out.parent.exists():
            raise FileNotFoundError(errno.ENOENT, "")
        if not out.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "")
        if not os.access(out.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        raise _refusal(error) from error


def write_whole(out: Path, content: bytes) -> None:
    """Write the bytes in one step (mode 0600 on POSIX): a crash leaves the old file or the new, never half of one.

    An existing file is replaced. LesError when it cannot be, and then nothing has changed.
    """
    check_place(out)
    try:
        # In the same folder, because a rename is one step only on the same disk. mkstemp sets mode 0600.
        handle, part = tempfile.mkstemp(prefix=".les-", suffix=".part", dir=out.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(out)
        except BaseException:
            with suppress(OSError):
                Path(part).unlink()
            raise
    except OSError as error:
        raise _refusal(error) from error
    sync_folder(out.parent)


def folder_refusal(error: OSError) -> LesError:
    """The refusal of a folder that cannot be written, with the reasons for a file."""
    refused = _refusal(error)
    return LesError(refused.what.replace("--out file", "--out folder"), refused.fix)


def _refusal(error: OSError) -> LesError:
    what, fix = _REASONS.get(
        error.errno or 0,
        (f"the --out file cannot be written ({os.strerror(error.errno or errno.EIO)})", "name another"),
    )
    return LesError(what, fix)


def check_folder(out: Path, *, ours: Callable[[Path], bool], replace: bool) -> None:
    """Refuse, before any work is done, a folder that cannot be written or has contents that `ours` does not recognise.

    A folder that `ours` recognises is replaced only with `replace`. The messages do not repeat its name: people name
    folders after patients.
    """
    try:
        if out.is_symlink() or (out.exists() and not out.is_dir()):
            raise LesError("the --out folder is a file or a link", "name a folder that is not there yet")
        if not out.parent.is_dir():
            raise LesError("the parent of the --out folder does not exist", "make that folder first")
        if not os.access(out.parent, os.W_OK | os.X_OK):
            raise LesError("the --out folder may not be made there", "name another place")
        if not out.is_dir() or not any(out.iterdir()):
            return
        if not ours(out):
            raise LesError("the --out folder is not empty", "name another, or empty it; nothing was written")
    except OSError as error:
        raise folder_refusal(error) from error
    if not replace:
        raise LesError("the --out folder holds an earlier pack", "replace it with --yes, or name another folder")


def write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Write the folder with these files (0700 and 0600 on POSIX), replacing the earlier folder.

    The files are written to a folder beside it, which a rename puts in place. A crash leaves the old folder or the new
    one under its name, or, in the instant between, both under temporary names. It never leaves half of one.
    """
    try:
        # In the same folder, because a rename is one step only on the same disk. mkdtemp sets mode 0700.
        part = Path(tempfile.mkdtemp(prefix=".les-", suffix=".part", dir=out.parent))
        try:
            for name, content in files.items():
                _write(part / name, content)
            sync_folder(part)
            _put_in_place(part, out)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise folder_refusal(error) from error
    sync_folder(out.parent)


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(part: Path, out: Path) -> None:
    if not out.exists():
        part.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=".les-", suffix=".old", dir=out.parent))
    # Some systems cannot rename a folder onto another, but every system can rename it to a new name.
    aside = old / "pack"
    try:
        out.rename(aside)
        try:
            part.rename(out)
        except BaseException:
            with suppress(OSError):
                aside.rename(out)
            raise
    finally:
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)
