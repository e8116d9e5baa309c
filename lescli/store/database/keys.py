"""Keys of encrypted stores: made, kept in files that only their owner reads, and found again by any command.

A command looks for the key of a store in this order: the file that LES_KEY_FILE names; the key files of the key folder
and those remembered there; the passphrase, asked for when a person sits at a terminal. A key is never an argument, and
never the value of an environment variable: both are seen by other programs.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import LesError, LockedError
from ...files import make_private

KEY_BYTES = 32
PASSPHRASE_CHARACTERS = 15
"""The least that NIST SP 800-63B-4 asks of a passphrase that stands alone; three or four random words have it."""

REMEMBERED = "elsewhere.txt"

_ONLY_OWNER = 0o077
_HEX_KEY = re.compile(rf"[0-9a-fA-F]{{{KEY_BYTES * 2}}}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as SQLCipher takes it; it does not show in a repr, and so in no log or traceback."""

    spec: str = field(repr=False)


def key_of(passphrase: str) -> Key:
    """The key that a passphrase is: the same one however the keyboard composes its accents."""
    return Key(unicodedata.normalize("NFC", passphrase))


def key_folder() -> Path:
    """Where les keeps the keys it makes: of this user, and apart from the store's own folder."""
    from platformdirs import user_config_path

    return user_config_path("les-keys", appauthor=False)


def read_key_file(path: Path) -> Key:
    """The key in a file of 64 hexadecimal digits; LockedError (exit 4) when others may read it or it holds no key."""
    _not_the_key_itself(path)
    if path.exists() and not path.is_file():
        # Opening a pipe waits for somebody to write into it, and what was read from it once is gone.
        raise LockedError(f"the key file {path} is no ordinary file", "name the right one in LES_KEY_FILE")
    try:
        with path.open("rb") as file:
            _only_the_owner(path, os.fstat(file.fileno()))
            content = file.read(1024)
    except OSError as fault:
        raise LockedError(
            f"the key file {path} cannot be read: {fault.strerror}", "name the right one in LES_KEY_FILE"
        ) from None
    text = content.decode("utf-8-sig", errors="replace").strip()
    if not _HEX_KEY.fullmatch(text):
        raise LockedError(
            f"{path} is not a key file", f"it must hold {KEY_BYTES * 2} hexadecimal digits and nothing else"
        )
    return Key(f"x'{text.lower()}'")


def _not_the_key_itself(path: Path) -> None:
    """What is typed or set for a file's name stands in logs and lists of processes, and it is not repeated here."""
    if _HEX_KEY.fullmatch(path.name.strip()):
        raise LockedError(
            "a key stands where the name of its file belongs, so others may have seen it",
            "make a new one by naming a file that is not there",
        )


def _only_the_owner(path: Path, found: os.stat_result) -> None:
    if sys.platform == "win32":
        # Permissions there are lists that os.stat does not show; the per-user folders are closed to others.
        return
    if found.st_uid != os.geteuid():
        raise LockedError(f"the key file {path} belongs to another user", "copy it, so that it is yours")
    if found.st_mode & _ONLY_OWNER:
        raise LockedError(f"the key file {path} can be read by others", f"chmod 600 {path}")


def make_key_file(path: Path) -> Key:
    """A new random key in a new file that only its owner may read; LesError when it cannot be made."""
    _not_the_key_itself(path)
    try:
        make_private(path.parent)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_hex(KEY_BYTES).encode("ascii") + b"\n")
                file.flush()
                # A store whose key did not reach the disk is lost with the next power cut.
                os.fsync(file.fileno())
        except BaseException:
            # Half a key in the place of one would be in the way of the next that is made.
            path.unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise LesError(f"cannot make the key file {path}: {fault.strerror}", "name another with --key-file") from None
    try:
        return read_key_file(path)
    except LockedError:
        # As on most sticks: no chmod helps there, and a key that nobody was told of must not stay.
        path.unlink(missing_ok=True)
        raise LesError(
            f"the disk of {path} keeps no permissions, so others could read the key",
            "name a place on another disk with --key-file, or have this one mounted for you alone",
        ) from None


def new_key_place(name: str) -> Path:
    """A free place in the key folder: `name.key`, `name-2.key`, ..."""
    folder, number = key_folder(), 1
    while (place := folder / (f"{name}-{number}.key" if number > 1 else f"{name}.key")).exists():
        number += 1
    return place


def remember(path: Path) -> None:
    """Find this key file again although it is not in the key folder: its place is written down there, not its key."""
    place, folder = str(path.resolve()), key_folder()
    if path.resolve().parent == folder.resolve() or place in _remembered(folder):
        return
    try:
        make_private(folder)
        handle = os.open(folder / REMEMBERED, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(f"{place}\n")
    except OSError as fault:
        raise LesError(f"cannot write to {folder}: {fault.strerror}", "check the folder's permissions") from None


def known_key_files() -> tuple[Path, ...]:
    """The key files of the key folder, and those remembered there that can be reached now."""
    folder = key_folder()
    elsewhere = (Path(place) for place in _remembered(folder))
    return (*sorted(folder.glob("*.key")), *(path for path in elsewhere if path.exists()))


def _remembered(folder: Path) -> list[str]:
    try:
        # A folder's name need not be text: what cannot be read as such is kept as it is.
        return (folder / REMEMBERED).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def keys_to_try(path: Path) -> Iterator[Key]:
    """The keys that may open this store, one after the other; LockedError when there is none that can be used."""
    if known := _known.get(str(path.resolve())):
        yield known
    named = os.environ.get("LES_KEY_FILE")
    if named:
        yield read_key_file(Path(named))
        return
    unusable: list[LockedError] = []
    for file in known_key_files():
        try:
            key = read_key_file(file)
        except LockedError as fault:
            unusable.append(fault)
            continue
        yield key
    if at_a_terminal():
        # Asked for once a command, however often the command opens the store.
        # It may be that the store's key is in a file that was passed over, and there is no passphrase.
        said = "".join(f"{fault}\n" for fault in unusable)
        key = key_of(typed(f"{said}Passphrase of {path}: "))
        know(path, key)
        yield key
    elif unusable:
        raise unusable[0]


def at_a_terminal() -> bool:
    """Whether a person is there to be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


_known: dict[str, Key] = {}


def know(path: Path, key: Key | None) -> None:
    """Try this key first on this store until the process ends: what was typed for it, or the key it was just given."""
    _known.pop(str(path.resolve()), None)
    if key is not None:
        _known[str(path.resolve())] = key


def typed(prompt: str) -> str:
    """What a person types without it being shown; KeyboardInterrupt when they leave."""
    from getpass import getpass

    try:
        return getpass(prompt)
    except EOFError:
        raise KeyboardInterrupt from None
