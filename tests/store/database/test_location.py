"""Stores on network shares and in synchronised folders are reported, on Linux, macOS and Windows."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from lescli.errors import LesError
from lescli.store.database import location
from lescli.store.database.location import (
    Mount,
    network_share,
    parse_mac_mounts,
    parse_mounts,
    refuse_network_share,
    synchronised,
    windows_share,
)

LINUX = """\
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/export /mnt/practice nfs4 rw,vers=4.2 0 0
//server/share /media/the\\040share cifs rw 0 0
/dev/sdb1 /mnt/practice/local xfs rw 0 0
me@host: /home/me/remote fuse.sshfs rw 0 0
/dev/sdc1 /mnt/practice/local/usb vfat rw 0 0
tmpfs /mnt/practice/over tmpfs rw 0 0
//nas/b /mnt/practice/over cifs rw 0 0
C:\\134 /mnt/c 9p rw,aname=drvfs;path=C:\\134;uid=1000,trans=fd,rfd=5 0 0
host /mnt/host 9p rw,trans=virtio 0 0
none /mnt/sandbox 9p rw,trans=fd,rfdno=4 0 0
gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse rw,user_id=1000 0 0
"""
MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ann@server/share on /Volumes/The Share (smbfs, nodev, nosuid, mounted by ann)
/dev/disk4s1 on /Volumes/USB (msdos, local, nodev)
"""
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="paths of other systems")


@posix_only
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ann/practice.les", ""),
        ("/mnt/practice/practice.les", "nfs4"),
        ("/mnt/practices/practice.les", ""),
        ("/mnt/practice/local/practice.les", ""),
        ("/mnt/practice/local/usb/practice.les", ""),
        ("/media/the share/les/practice.les", "cifs"),
        ("/home/me/remote/practice.les", "fuse.sshfs"),
        ("/mnt/practice/over/practice.les", "cifs"),
        ("/mnt/c/les/practice.les", "9p"),
        ("/mnt/host/practice.les", "9p"),
        ("/mnt/sandbox/practice.les", ""),
        ("/run/user/1000/gvfs/smb-share:server=nas,share=les/practice.les", "fuse.gvfsd-fuse"),
        ("\\\\server\\share\\practice.les", "a UNC path"),
        ("\\\\?\\UNC\\server\\share\\practice.les", "a UNC path"),
        ("\\\\?\\unc\\server\\share\\practice.les", "a UNC path"),
        ("\\\\?\\C:\\les\\practice.les", ""),
    ],
)
def test_the_nearest_mount_decides(path: str, kind: str) -> None:
    assert network_share(Path(path), parse_mounts(LINUX)) == kind


@posix_only
def test_the_mounts_of_a_mac_are_read() -> None:
    mounts = parse_mac_mounts(MAC)
    assert Mount("/Volumes/The Share", "smbfs") in mounts
    assert network_share(Path("/Volumes/The Share/practice.les"), mounts) == "smbfs"
    assert network_share(Path("/Volumes/USB/practice.les"), mounts) == ""


@posix_only
def test_a_link_to_a_network_share_counts_as_one(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "share")
    mounts = (Mount("/", "ext4"), Mount(str((tmp_path / "share").resolve()), "nfs"))
    assert network_share(tmp_path / "link" / "practice.les", mounts) == "nfs"


@posix_only
def test_a_mapped_windows_drive_is_a_network_share() -> None:
    asked: list[str] = []

    def remote(root: str) -> int:
        asked.append(root)
        return 4

    assert windows_share(Path("Z:\\les\\practice.les"), remote) == "a mapped network drive"
    assert windows_share(Path("C:\\les\\practice.les"), lambda root: 3) == ""
    assert asked == ["Z:\\"]


def test_the_disk_of_this_machine_is_local(tmp_path: Path) -> None:
    assert network_share(tmp_path / "practice.les") == ""


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (PureWindowsPath(r"C:\Users\ann\OneDrive - NHS\les\practice.les"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\ann\OneDrive\practice.les"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\ann\Dropbox (Surgery)\practice.les"), "Dropbox"),
        (PureWindowsPath(r"G:\My Drive\les\practice.les"), "Google Drive"),
        (PureWindowsPath(r"G:\Shared drives\Surgery\practice.les"), "Google Drive"),
        (PureWindowsPath(r"C:\Users\ann\Google Drive\practice.les"), "Google Drive"),
        (PureWindowsPath(r"C:\Users\ann\Box\practice.les"), "a cloud drive"),
        (PurePosixPath("/home/box/practice.les"), ""),
        (PureWindowsPath(r"C:\les\Box\practice.les"), ""),
        (PurePosixPath("/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/practice.les"), "iCloud"),
        (PurePosixPath("/Users/ann/Library/CloudStorage/Box-Box/practice.les"), "a cloud drive"),
        (PurePosixPath("/home/ann/onedrives/practice.les"), ""),
        (PurePosixPath("/home/ann/les/dropbox.les"), ""),
        (PurePosixPath("/home/ann/les/practice.les"), ""),
    ],
)
def test_a_synchronised_folder_is_recognised_by_its_name(path: PureWindowsPath, service: str) -> None:
    assert synchronised(path) == service


@posix_only
def test_a_link_into_a_synchronised_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "OneDrive - NHS").mkdir()
    (tmp_path / "documents").symlink_to(tmp_path / "OneDrive - NHS")
    (warning,) = location.warnings_of(tmp_path / "documents" / "practice.les")
    assert "OneDrive copies to other machines" in warning


@posix_only
@pytest.mark.parametrize(("mode", "told"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o602, 1)])
def test_a_store_that_others_can_read_is_reported(tmp_path: Path, mode: int, told: int) -> None:
    (tmp_path / "practice.les").touch()
    (tmp_path / "practice.les").chmod(mode)
    assert len(location.warnings_of(tmp_path / "practice.les")) == told


def test_shares_and_synchronised_folders_are_reported_and_shares_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert location.warnings_of(tmp_path / "practice.les") == ()
    monkeypatch.setattr(location, "network_share", lambda path: "nfs4")
    folder = tmp_path / "OneDrive - NHS"
    share, sync = location.warnings_of(folder / "practice.les")
    assert "network share (nfs4)" in share
    assert "OneDrive copies to other machines" in sync
    with pytest.raises(LesError, match="network share"):
        refuse_network_share(tmp_path / "practice.les")
