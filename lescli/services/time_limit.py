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
import time
from collections.abc import Callable
from typing import TypeVar

from ..errors import Exit, LesError

T = TypeVar("T")

VARIABLE = "LES_PLUGIN_SECONDS"
_SECONDS = 60.0
_AGAIN_SECONDS = 1.0
_TIMES = 5
_SETTLE_SECONDS = 0.05


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
    watch.start()
    try:
        try:
            answer = ask()
        finally:
            watch.stop()
    except BaseException:
        # The interrupt may have come in the middle of `stop`, so it is called again.
        watch.stop()
        if watch.has_interrupted:
            watch.settle()
            raise OutOfTimeError(seconds) from None
        raise
    if watch.has_interrupted:
        # The answer and the interrupt crossed, or the plugin caught it: either way its time was over.
        watch.settle()
        raise OutOfTimeError(seconds)
    return answer


class _Watch:
    """A thread that waits, and interrupts the asking thread when the time is over."""

    def __init__(self, seconds: float, what: str) -> None:
        self.has_interrupted = False
        self._seconds = seconds
        self._what = what
        self._asker = threading.get_ident()
        main = threading.current_thread() is threading.main_thread()
        # Somebody else's handler might do anything, so the signal is sent only to Python's own.
        self._by_signal = main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self._ends_all = main
        # A lock is released in one step that no interrupt can divide, unlike an Event.
        self._running = threading.Lock()
        self._running.acquire()
        self._thread = threading.Thread(target=self._run, name="les-time-limit", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return once no interrupt can be sent any more."""
        if self._running.locked():
            self._running.release()
        self._thread.join()

    def settle(self) -> None:
        """Take in an interrupt that was sent and has not arrived, so that it does not hit what comes next."""
        try:
            end = time.monotonic() + _SETTLE_SECONDS
            while time.monotonic() < end:
                time.sleep(_SETTLE_SECONDS / 10)
        except (KeyboardInterrupt, _InterruptedByLimit):
            pass

    def _run(self) -> None:
        wait = self._seconds
        for _ in range(_TIMES):
            if self._running.acquire(timeout=wait):
                return
            self.has_interrupted = True
            self._interrupt()
            wait = _AGAIN_SECONDS
        if self._ends_all and not self._running.acquire(timeout=_AGAIN_SECONDS):
            _end_program(self._what, self._seconds)

    def _interrupt(self) -> None:
        if not self._by_signal:
            # The documented way of CPython to raise an exception in another thread.
            import ctypes

            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._asker), ctypes.py_object(_InterruptedByLimit)
            )
        elif sys.platform == "win32":
            # Python's handler for C also wakes a `sleep` of the main thread there.
            signal.raise_signal(signal.SIGINT)
        else:
            signal.pthread_kill(self._asker, signal.SIGINT)


class _InterruptedByLimit(BaseException):
    """What interrupts a question outside the main thread. No `except Exception` of a plugin catches it."""


def _end_program(what: str, seconds: float) -> None:
    sys.stderr.write(
        f"les: {what} took longer than {seconds:g} seconds and could not be ended alone, so the program ends; nothing "
        "was written; this is a fault of its plugin\n"
    )
    sys.stderr.flush()
    os._exit(Exit.REFUSED)
