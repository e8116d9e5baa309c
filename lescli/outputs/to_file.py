"""Writing a file whole or not at all, readable by its owner only."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import LesError
from ..files import sync_folder

# The messages say "the --out file" and not its name: people name files after patients.
_REASONS = {
    errno.ENOENT: ("the folder of the --out file does not exist", "make the folder first or name another"),
    errno.ENOTDIR: ("the folder of the --out file is not a folder", "name another"),
    errno.EISDIR: ("the --out file is a folder", "name a file inside it"),
    errno.EACCES: ("the --out file may not be written", "close it in other programs or name another folder"),
    errno.EPERM: ("the --out file may not be written", "close it in other programs or name another folder"),
    errno.EROFS: ("the --out file lies on a read-only disk", "name another folder"),
    errno.ENOSPC: ("the disk of the --out file is full", "make room or name another disk"),
    errno.EDQUOT if hasattr(errno, "EDQUOT") else -1: ("your space on that disk is used up", "make room"),
    errno.ENAMETOOLONG: ("the name of the --out file is too long", "name a shorter one"),
}


def check_place(out: Path) -> None:
    """Refuse, before any work is done, a file that cannot be written because of where it is; LesError says why."""
    try:
        if out.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        if out.exists() and not out.is_file():
            raise LesError("the --out file is a device or a pipe", "name an ordinary file or leave --out away")
        if not out.parent.exists():
            raise FileNotFoundError(errno.ENOENT, "")
        if not out.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "")
        if not os.access(out.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        raise _refusal(error) from error


def write_whole(out: Path, content: bytes) -> None:
    """Put the bytes there in one step (mode 0600 on POSIX): a crash leaves the old file or the new, never half.

    An existing file is replaced; LesError, and nothing changed, when it cannot be.
    """
    check_place(out)
    try:
        # In the same folder, because a rename is one step only within a disk; mkstemp gives it mode 0600.
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
    """The same reasons for a folder that cannot be written."""
    what, fix = _REASONS.get(
        error.errno or 0,
        (f"the --out folder cannot be written ({os.strerror(error.errno or errno.EIO)})", "name another"),
    )
    return LesError(what.replace("--out file", "--out folder"), fix)


def _refusal(error: OSError) -> LesError:
    what, fix = _REASONS.get(
        error.errno or 0,
        (f"the --out file cannot be written ({os.strerror(error.errno or errno.EIO)})", "name another"),
    )
    return LesError(what, fix)
