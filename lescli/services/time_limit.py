"""Ends a question to a plugin that takes too long, so that one plugin that hangs does not hold up everything.

A thread cannot be killed, so the question is interrupted: in the main thread by the signal that Control-C sends, which
also ends a `sleep` or a wait for a network, in any other thread by an exception. An interrupt is seen only between two
steps of Python. A plugin that is stuck inside one long step of C, or that catches every interrupt, cannot be ended
alone: then the whole program ends, and the store is as it was before.

One thread for the whole process sleeps until the next time that is over, because a thread for each question would take
as long as a twentieth of a claim. Only a question whose time is over gets a thread of its own.
"""

from __future__ import annotations

import _thread
import math
import os
import signal
import sys
import threading
import time
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


def longer(seconds: float) -> str:
    """The cure of a question that was given so many seconds, and took longer."""
    return f"this is a fault of its plugin; {VARIABLE}={max(1, round(seconds)) * 2} gives it longer"


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


class _Sentry:
    """The thread that sleeps until the time of a question is over, and then sets off its watch.

    Questions are added and taken out without a lock: what a set does is one step of Python. The sentry is woken only
    for a question whose time is over before that of all others, which hardly happens as all are given the same time.
    """

    def __init__(self) -> None:
        self._watches: set[_Watch] = set()
        self._sleeps_until = math.inf
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._process = 0

    def add(self, watch: _Watch) -> None:
        if self._process != os.getpid():
            self._start()
        self._watches.add(watch)
        if watch.over_at < self._sleeps_until:
            self._wake.set()

    def remove(self, watch: _Watch) -> None:
        self._watches.discard(watch)

    def _start(self) -> None:
        """Start the thread, for the first question and for the first one after a fork, which copies no thread."""
        with self._starting:
            if self._process != os.getpid():
                self._sleeps_until, self._wake = math.inf, threading.Event()
                self._watches.clear()
                _thread.start_new_thread(self._run, (self._wake,))
                self._process = os.getpid()

    def _run(self, wake: threading.Event) -> None:
        while True:
            wake.clear()
            self._sleeps_until = math.inf
            # A question that is added from here on is in the list, or sees when the sentry sleeps and wakes it.
            for watch in list(self._watches):
                if watch.over_at <= time.monotonic():
                    self._watches.discard(watch)
                    watch.set_off()
            self._sleeps_until = min((watch.over_at for watch in list(self._watches)), default=math.inf)
            if any(watch.over_at < self._sleeps_until for watch in list(self._watches)):
                continue
            left = self._sleeps_until - time.monotonic()
            wake.wait(None if left == math.inf else max(0.0, min(left, threading.TIMEOUT_MAX)))


_SENTRY = _Sentry()


class _Watch:
    """Interrupts the asking thread when the time is over, from a thread that only then begins."""

    def __init__(self, seconds: float, what: str) -> None:
        self.has_interrupted = False
        self.over_at = time.monotonic() + seconds
        self._what = what
        self._seconds = seconds
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
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        if self._by_signal:
            signal.signal(signal.SIGINT, self._on_signal)
        _SENTRY.add(self)

    def set_off(self) -> None:
        """The time is over: begin to interrupt, unless the question has ended. The sentry calls it, once."""
        with self._starting:
            if self._is_done:
                return
            thread = threading.Thread(target=self._run, name="les-time-limit", daemon=True)
            try:
                thread.start()
                self._thread = thread
            except RuntimeError:
                # The system gives no further thread: the sentry itself must do it, and others wait.
                self._run()

    def end(self) -> None:
        """Return once no interrupt can come any more, and one that was sent too late is taken in."""
        self._is_done = True
        _SENTRY.remove(self)
        # Before the time is over nothing was set off, and later the sentry sees that the question has ended.
        if time.monotonic() >= self.over_at:
            with self._starting:
                thread = self._thread
            if self._running.locked():
                self._running.release()
            if thread is not None:
                thread.join()
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
        for turn in range(_TIMES):
            if (turn and self._running.acquire(timeout=_AGAIN_SECONDS)) or self._is_done:
                return
            self.has_interrupted = True
            self._interrupt()
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
