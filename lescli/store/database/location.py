"""Whether the place of a store is safe: its disk, its locks, its permissions, and what is beside it.

A network share damages a store. A synchronised folder copies patients' records to other machines.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from ...errors import LesError
from ...files import open_to_others, unfinished
from ..safety.backup import part_beside
from .connection import connect
from .encryption import is_plain_store

OLDEST_SQLITE = (3, 37, 0)
"""The first version with STRICT tables."""

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|afpfs|webdav|davfs2?|ncpfs|afs|ceph|glusterfs|lustre|beegfs|gpfs|9p|vboxsf|vmhgfs|prl_fs|"
    r"fuse\.(sshfs|smbnetfs|davfs2?|rclone|glusterfs|s3fs|ceph|ceph-fuse|gvfsd-fuse|curlftpfs|vmhgfs-fuse)"
)
_LINUX_MOUNTS = Path("/proc/mounts")
_MAC_MOUNT = re.compile(r".+? on (?P<point>.+) \((?P<kind>\w+)[,)]")
_ESCAPED = re.compile(r"\\([0-7]{3})")
_REMOTE_DRIVE = 4  # DRIVE_REMOTE of GetDriveTypeW

# Each pattern matches one folder name in lower case, such as OneDrive - NHS, Dropbox (Practice), com~apple~CloudDocs,
# and CloudStorage on a Mac.
_SYNCHRONISED = (
    (re.compile(r"onedrive(\W.*)?"), "OneDrive"),
    (re.compile(r"dropbox(\W.*)?"), "Dropbox"),
    (re.compile(r"google ?drive(\W.*)?|googledrivefs|drivefs|my drive|shared drives"), "Google Drive"),
    (re.compile(r"icloud ?drive|com~apple~clouddocs|mobile documents"), "iCloud"),
    (
        re.compile(r"cloudstorage|box sync|nextcloud|owncloud|syncthing|seafile|pcloud ?drive|proton ?drive"),
        "a cloud drive",
    ),
)
# Box is a cloud drive only here; elsewhere a folder called Box is just a folder.
_BOX = re.compile(r"[a-z]:\\users\\[^\\]+\\box\\", re.IGNORECASE)


def sqlite_version() -> tuple[str, bool]:
    """SQLite's version, and whether it is new enough."""
    return sqlite3.sqlite_version, sqlite3.sqlite_version_info >= OLDEST_SQLITE


def locks_hold(folder: Path) -> bool:
    """Whether locks work in the folder, so that two programs cannot write at once; LesError when we cannot try."""
    with part_beside(folder / "any") as part, closing(connect(part)) as one, closing(connect(part)) as other:
        other.execute("PRAGMA busy_timeout = 0")
        one.execute("BEGIN IMMEDIATE")
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


def room(path: Path) -> tuple[int, int]:
    """Free bytes on the disk of a store, and how many its next backup and next large import may need."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    size = path.stat().st_size if path.exists() else 0
    return shutil.disk_usage(folder).free, max(2 * size, 1 << 30)


def left_behind(path: Path) -> tuple[Path, ...]:
    """Files that killed commands left beside the store: unfinished copies and lists, and a second name of the store.

    A restore gives the old store a second name before the new one takes its place. If it was killed between the two,
    `NAME-replaced-...` is still the store itself.
    """
    folder, new = path.absolute().parent, path.absolute().with_name(f"{path.name}.new")
    replaced = folder.glob(f"{escape(path.stem)}-replaced-*{escape(path.suffix)}") if path.is_file() else ()
    return (
        *unfinished(folder),
        *(one for one in (new, new.with_name(f"{new.name}-journal")) if one.exists()),
        *sorted(one for one in replaced if one.samefile(path)),
    )


def plain_beside(path: Path) -> tuple[Path, ...]:
    """Unencrypted stores and backups in the store's folder, which anybody can read, and unfinished ones."""
    files = (one for one in path.absolute().parent.iterdir() if one.is_file() and not one.samefile(path))
    return tuple(sorted({*(one for one in files if is_plain_store(one)), *left_behind(path)}))


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a file system is mounted, and its kind as the operating system names it (`nfs4`, `cifs`, `ext4`)."""

    point: str
    kind: str


def network_share(path: Path, mounts: Iterable[Mount] | None = None) -> str:
    """Which kind of network share a path is on (`nfs4`, `a UNC path`); empty when we know of none.

    Tests give `mounts` in place of this machine's own.
    """
    if _is_unc(path):
        return "a UNC path"
    if sys.platform == "win32":
        return windows_share(path, _drive_type)
    where = PurePosixPath(os.path.realpath(path))
    held = [one for one in (_mounts(where) if mounts is None else mounts) if where.is_relative_to(one.point)]
    # Of several mounts at the same point, the last one hides the others.
    found = max(enumerate(held), key=lambda each: (len(PurePosixPath(each[1].point).parts), each[0]), default=None)
    return found[1].kind if found and _NETWORK.fullmatch(found[1].kind.lower()) else ""


def windows_share(path: Path, drive_type: Callable[[str], int]) -> str:
    """`network_share` for a Windows path; `drive_type` gives the kind of a drive such as `Z:\\`."""
    # A mapped drive may resolve to the path of its share.
    if _is_unc(Path(os.path.realpath(path))):
        return "a UNC path"
    drive = PureWindowsPath(path).drive or PureWindowsPath(Path(path).absolute()).drive
    return "a mapped network drive" if drive and drive_type(f"{drive}\\") == _REMOTE_DRIVE else ""


def synchronised(path: PurePath) -> str:
    """Which service copies the file's folder to other machines, such as `OneDrive`; empty when we know of none."""
    for part in (part.lower() for part in path.parts[:-1]):
        for pattern, service in _SYNCHRONISED:
            if pattern.fullmatch(part):
                return service
    return "a cloud drive" if _BOX.match(str(path)) else ""


def copied_by(path: Path) -> str:
    """`synchronised` for a path on this machine, which may be a link into such a folder."""
    return synchronised(path.absolute()) or synchronised(Path(os.path.realpath(path)))


def refuse_network_share(path: Path) -> None:
    """LesError when the path is on a network share: SQLite's locks fail there, and the store would be damaged."""
    kind = network_share(path)
    if kind:
        raise LesError(
            f"the store would be on a network share ({kind}), which can damage it",
            "choose a local disk with --store; backups may go to the share",
        )


def warnings_of(path: Path) -> tuple[str, ...]:
    """One line for each fault of an existing store's place or permissions."""
    found = []
    kind = network_share(path)
    if kind:
        found.append(
            f"the store is on a network share ({kind}), which can damage it: "
            "move it to a local disk with `les backup` and `les restore`"
        )
    service = copied_by(path)
    if service:
        found.append(
            f"the store is in a folder that {service} copies to other machines: patients' records leave this one, "
            "and a half-made copy is damaged; move the store to another folder"
        )
    with suppress(OSError):
        mode = open_to_others(path)
        if mode:
            found.append(f"other users may read or write the store ({mode}): chmod 600 {path}")
    return tuple(found)


def _is_unc(path: Path) -> bool:
    # `\\server\share`, `//server/share` and \\?\UNC\. On POSIX, two slashes at the front mean one.
    text = str(path)
    other = text.startswith(("\\\\?\\", "\\\\.\\"))
    return (text.startswith("\\\\") and not other) or text.upper().startswith("\\\\?\\UNC\\")


def _mounts(where: PurePosixPath) -> tuple[Mount, ...]:
    if sys.platform == "darwin":
        # Asking starts a process, so ask only for these folders: macOS mounts shares in them.
        return _mac_mounts() if str(where).startswith(("/Volumes/", "/Network/", "/net/", "/System/Volumes/")) else ()
    try:
        return parse_mounts(_LINUX_MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return ()


def parse_mounts(table: str) -> tuple[Mount, ...]:
    """The mounts in Linux's /proc/mounts. Each line is: device, mount point, kind, options; a space is `\\040`."""
    rows = (line.split(" ") for line in table.splitlines())
    return tuple(
        Mount(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), row[1]), "" if _sandboxed(row) else row[2])
        for row in rows
        if len(row) > 3
    )


def _sandboxed(row: list[str]) -> bool:
    """Whether a 9p mount is a sandbox's view of the machine's own disk, not a Windows drive or a host's folder."""
    options = re.split("[,;]", row[3])
    return row[2] == "9p" and "trans=fd" in options and "aname=drvfs" not in options


def parse_mac_mounts(table: str) -> tuple[Mount, ...]:
    """The mounts that macOS's `mount` prints, such as `//user@host/share on /Volumes/share (smbfs, nodev)`."""
    rows = (_MAC_MOUNT.match(line) for line in table.splitlines())
    return tuple(Mount(row["point"], row["kind"]) for row in rows if row)


def _mac_mounts() -> tuple[Mount, ...]:
    import subprocess

    try:
        done = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_mac_mounts(done.stdout)


def _drive_type(root: str) -> int:
    if sys.platform != "win32":
        return 0
    import ctypes

    return int(ctypes.windll.kernel32.GetDriveTypeW(root))
