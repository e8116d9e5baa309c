"""Ends a question to a plugin that takes too long, so that one plugin that hangs does not hold up everything.

A thread cannot be killed, so the question is interrupted: in the main thread by the signal that Control-C sends, which
also ends a `sleep` or a wait for a network, in any other thread by an exception. An interrupt is seen only between two
steps of Python. A plugin that is stuck inside one long step of C, or that catches every interrupt, cannot be ended
alone: then the whole program ends, and the store is as it was before.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

from ..errors import Exit, LesError

T = TypeVar("T")

VARIABLE = "LES_PLUGIN_SECONDS"
_SECONDS = 60.0
_AGAIN_SECONDS = 1.0
_TIMES = 5


class OutOfTimeError(Exception):
    """A plugin was ended because its question took too long; `seconds` is how long it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"took longer than {seconds:g} seconds")
        self.seconds = seconds


def seconds_allowed() -> float:
    """How long a question may take: the value of LES_PLUGIN_SECONDS, or 60; 0 means without a limit."""
    text = os.environ.get(VARIABLE, "").strip()
    try:
        seconds = float(text) if text else _SECONDS
    except ValueError:
        seconds = -1.0
    if not (math.isfinite(seconds) and 0 <= seconds <= threading.TIMEOUT_MAX):
        raise LesError(f"{VARIABLE} is not a number of seconds", "set it to a number such as 120; 0 means no limit")
    return seconds


def within(seconds: float, ask: Callable[[], T], what: str) -> T:
    """The answer of `ask`. OutOfTimeError when it takes longer; `what` names the question should the program end."""
    if not seconds:
        return ask()
    watch = _Watch(seconds, what)
    try:
        watch.begin()
        answer = ask()
        watch.end()
    except BaseException:
        # The interrupt may have come in the middle of `end`, so it is called again.
        watch.end()
        if watch.has_interrupted:
            raise OutOfTimeError(seconds) from None
        raise
    if watch.has_interrupted:
        # The answer and the interrupt crossed, or the plugin caught it: either way its time was over.
        raise OutOfTimeError(seconds)
    return answer


class _Watch:
    """A thread that waits, and interrupts the asking thread when the time is over."""

    def __init__(self, seconds: float, what: str) -> None:
        self.has_interrupted = False
        self._seconds = seconds
        self._what = what
        self._asker = threading.get_ident()
        self._in_main = threading.current_thread() is threading.main_thread()
        before = signal.getsignal(signal.SIGINT) if self._in_main else None
        # None: a handler that was not set from Python, and could not be put back.
        self._by_signal = before is not None
        self._handler_before: Any = before
        self._is_done = False
        self._sent = self._handled = 0
        # A lock is released in one step that no interrupt can divide, unlike an Event.
        self._running = threading.Lock()
        self._running.acquire()
        self._thread = threading.Thread(target=self._run, name="les-time-limit", daemon=True)

    def begin(self) -> None:
        if self._by_signal:
            signal.signal(signal.SIGINT, self._on_signal)
        self._thread.start()

    def end(self) -> None:
        """Return once no interrupt can come any more, and one that was sent too late is taken in."""
        self._is_done = True
        if self._running.locked():
            self._running.release()
        if self._thread.ident is not None:
            self._thread.join()
        if not self._by_signal:
            self._raise_in_asker(None)
        elif self._handler_before is not None:
            # Python runs the handler of a signal that waits before it changes the handler.
            signal.signal(signal.SIGINT, self._handler_before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The handler while a question runs: our own signal ends the question, Control-C does what it did before."""
        if self._handled < self._sent:
            self._handled += 1
            if not self._is_done:
                raise _InterruptedByLimit
        elif callable(self._handler_before):
            self._handler_before(number, frame)

    def _run(self) -> None:
        wait = self._seconds
        for _ in range(_TIMES):
            if self._running.acquire(timeout=wait) or self._is_done:
                return
            self.has_interrupted = True
            self._interrupt()
            wait = _AGAIN_SECONDS
        if self._in_main and not self._running.acquire(timeout=_AGAIN_SECONDS) and not self._is_done:
            _end_program(self._what, self._seconds)

    def _interrupt(self) -> None:
        if not self._by_signal:
            self._raise_in_asker(_InterruptedByLimit)
            return
        self._sent += 1
        if sys.platform == "win32":
            # There, Python's handler for C also wakes a `sleep` of the main thread.
            signal.raise_signal(signal.SIGINT)
        else:
            signal.pthread_kill(self._asker, signal.SIGINT)

    def _raise_in_asker(self, kind: type[BaseException] | None) -> None:
        """Raise an exception in the asking thread, or with None take back one that it has not met yet."""
        if kind is None and not self.has_interrupted:
            return
        # The documented way of CPython to raise an exception in another thread.
        import ctypes

        raised = ctypes.py_object(kind) if kind else None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._asker), raised)


class _InterruptedByLimit(BaseException):
    """What interrupts a question. No `except Exception` of a plugin catches it."""


def _end_program(what: str, seconds: float) -> None:
    sys.stderr.write(
        f"les: {what} took longer than {seconds:g} seconds and could not be ended alone, so the program ends; nothing "
        "was written; this is a fault of its plugin\n"
    )
    sys.stderr.flush()
    os._exit(Exit.REFUSED)
