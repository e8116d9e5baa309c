"""Whatever breaks is told by its kind and place: its text may hold a patient the program was looking at."""

from __future__ import annotations

import sys
import threading
import warnings
from types import TracebackType


def place_of(trace: TracebackType | None) -> str:
    """Where an exception was raised, as ` at file.py:12`; empty when nobody knows."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return _at(trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ""


def speak_for_python() -> None:
    """Put the same in place of what Python prints by itself, text and all.

    That is of an exception in a thread, in a `__del__` or outside every verb, and of a warning. Who has put something
    there already, as a test runner does, keeps it.
    """
    if sys.unraisablehook is not sys.__unraisablehook__:
        return
    sys.excepthook = lambda kind, _, trace: _tell(kind, trace)
    sys.unraisablehook = lambda found: _tell(found.exc_type, found.exc_traceback)
    threading.excepthook = lambda found: _tell(found.exc_type, found.exc_traceback)
    warnings.showwarning = lambda message, category, filename, lineno, file=None, line=None: _say(
        f"a warning of the program ({category.__name__}{_at(filename, lineno)})"
    )


def _tell(kind: type[BaseException], trace: TracebackType | None) -> None:
    if not issubclass(kind, SystemExit):
        _say(f"a fault of the program ({kind.__name__}{place_of(trace)})")


def _at(file: str, line: int) -> str:
    return f" at {file.replace(chr(92), '/').rsplit('/', 1)[-1]}:{line}"


def _say(text: str) -> None:
    from ..outputs.to_stdout import say

    say(text)
