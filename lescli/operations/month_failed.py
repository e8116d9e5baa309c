"""The file that a month left beside the store when it could not be done, for whoever looks in the morning.

It lies beside the store and not in it, because the store may be what could not be opened.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..errors import LesError
from ..outputs.to_file import write_whole

_ENDING = ".month-failed.txt"
_MOST_LINES, _LONGEST_LINE = 12, 300


def failure_file(store: Path) -> Path:
    """Where a failed month of a store leaves its message."""
    return store.with_name(f"{store.name}{_ENDING}")


def note_failure(store: Path, lines: tuple[str, ...]) -> None:
    """Leave a message of what failed and what to type; it names no patient. Never fails itself."""
    with suppress(OSError, LesError):
        write_whole(failure_file(store), "".join(f"{line}\n" for line in lines).encode())


def failure_noted(store: Path) -> tuple[str, ...]:
    """The lines of the message that a failed month left, cut to what a screen holds; none when it went well."""
    try:
        text = failure_file(store).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    except OSError:
        return ("the file of a failed `les month` lies beside the store and cannot be read",)
    *lines, last = [line.strip() for line in text.splitlines() if line.strip()] or [
        "`les month` failed and said nothing"
    ]
    # The last line is the command to type, so it is never cut.
    return (*(line[:_LONGEST_LINE] for line in lines[: _MOST_LINES - 1]), last)


def clear_failure(store: Path) -> None:
    """Remove the message once a month was done."""
    with suppress(OSError):
        failure_file(store).unlink()
