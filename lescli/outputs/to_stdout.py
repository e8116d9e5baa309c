"""Write to stdout and stderr: UTF-8 and `\\n`, whatever the locale of the machine."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import suppress

from ..errors import LesError
from .cells import one_line
from .nhs_number_guard import masked


def write_stdout(text: str) -> None:
    """Write data to stdout. A reader that stopped reading (`les recall | head -1`) is not an error."""
    stream = sys.stdout
    if stream is None:
        return
    try:
        stream.flush()
        binary = getattr(stream, "buffer", None)
        if binary is None:
            stream.write(text)
        else:
            # Not through the text layer, which would encode as the locale says and write \r\n on Windows.
            binary.write(text.encode("utf-8", "replace"))
            binary.flush()
        stream.flush()
    except OSError as error:
        _discard_rest()
        # A closed pipe gives EPIPE, on Windows EINVAL.
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise LesError("the output could not be written to the end", "is the disk full?") from error


def say(message: str) -> None:
    """Write one line for the person to stderr. Anything that looks like an NHS number is masked."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"les: {masked(one_line(message))}", file=sys.stderr, flush=True)


def terminal_width() -> int | None:
    """The width of the terminal; None when stdout is a file or a pipe, where lines are not folded."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return max(shutil.get_terminal_size((120, 24)).columns, 60)


def _discard_rest() -> None:
    """Point stdout at the null device: Python flushes it again at exit and would raise the error again."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
