"""The file that a month left beside the store when it could not be done, for whoever looks in the morning.

It lies beside the store and not in it, because the store may be what could not be opened.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_ENDING = ".month-failed.txt"


def failure_file(store: Path) -> Path:
    """Where a failed month of a store leaves its message."""
    return store.with_name(f"{store.stem}{_ENDING}")


def note_failure(store: Path, lines: tuple[str, ...]) -> None:
    """Leave a message of what failed and what to type; it names no patient. Never fails itself."""
    with suppress(OSError):
        failure_file(store).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def failure_noted(store: Path) -> tuple[str, ...]:
    """The lines of the message that a failed month left, or none."""
    with suppress(OSError, UnicodeDecodeError):
        return tuple(failure_file(store).read_text(encoding="utf-8").splitlines())
    return ()


def clear_failure(store: Path) -> None:
    """Remove the message once a month was done."""
    with suppress(OSError):
        failure_file(store).unlink()
