"""A question that takes too long is ended, whatever it waits for; what comes after it is not hit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from lescli.errors import LesError
from lescli.services.time_limit import OutOfTimeError, seconds_allowed, within


def loops() -> None:
    while True:
        pass


def sleeps() -> None:
    time.sleep(30)


def catches_exceptions() -> None:
    while True:
        try:
            time.sleep(30)
        except Exception:
            continue


def catches_the_interrupt_once() -> str:
    with suppress(BaseException):
        time.sleep(30)
    return "an answer after all"


HANGS: tuple[Callable[[], object], ...] = (loops, sleeps, catches_exceptions, catches_the_interrupt_once)


@pytest.mark.parametrize("hangs", HANGS)
def test_a_question_that_hangs_is_ended_and_what_follows_goes_on(hangs: Callable[[], object]) -> None:
    begun = time.monotonic()
    with pytest.raises(OutOfTimeError, match=r"took longer than 0\.2 seconds"):
        within(0.2, hangs, "a question")
    assert time.monotonic() - begun < 5
    for _ in range(20):
        time.sleep(0.005)
    assert within(5, lambda: "next", "a question") == "next"


def test_an_answer_in_time_is_given_and_leaves_no_thread() -> None:
    before = threading.active_count()
    for _ in range(50):
        assert within(30, lambda: 7, "a question") == 7
    assert threading.active_count() == before


def test_a_short_time_is_watched_while_a_long_one_is() -> None:
    def asks() -> object:
        with pytest.raises(OutOfTimeError, match=r"0\.2 seconds"):
            within(0.2, sleeps, "a question")
        return within(0.2, lambda: "inner", "a question")

    begun = time.monotonic()
    assert within(30, lambda: "first", "a question") == "first"
    assert within(30, asks, "a question") == "inner"
    assert time.monotonic() - begun < 5


def test_questions_of_several_threads_are_each_ended_when_their_own_time_is_over() -> None:
    ended: list[float] = []

    def asks(seconds: float) -> None:
        try:
            within(seconds, loops, "a question")
        except OutOfTimeError as fault:
            ended.append(fault.seconds)

    threads = [threading.Thread(target=asks, args=(seconds,)) for seconds in (0.6, 0.2, 0.4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(ended) == [0.2, 0.4, 0.6]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork there")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_after_a_fork_time_is_limited_too() -> None:
    assert within(30, lambda: "before", "a question") == "before"
    child = os.fork()
    if not child:
        try:
            within(0.2, sleeps, "a question")
        except OutOfTimeError:
            os._exit(7)
        os._exit(8)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_fault_and_control_c_of_the_question_itself_are_passed_on() -> None:
    def breaks(fault: BaseException) -> Callable[[], None]:
        def ask() -> None:
            raise fault

        return ask

    for fault in (ValueError("x"), KeyboardInterrupt(), SystemExit(3)):
        with pytest.raises(type(fault)):
            within(30, breaks(fault), "a question")


def test_answers_that_come_just_as_the_time_ends_never_interrupt_what_follows() -> None:
    for turn in range(150):
        with suppress(OutOfTimeError):
            within(0.01, lambda: time.sleep(0.0095 + 0.00003 * (turn % 20)), "a question")  # noqa: B023 (called at once)
        sum(range(1000))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_control_c_during_a_question_does_what_it_did_before() -> None:
    def ask() -> None:
        signal.raise_signal(signal.SIGINT)
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        within(30, ask, "a question")
    told: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: told.append(number))
    try:
        assert within(30, lambda: signal.raise_signal(signal.SIGINT), "a question") is None
        with pytest.raises(OutOfTimeError):
            within(0.2, sleeps, "a question")
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == [signal.SIGINT]


def test_outside_the_main_thread_a_loop_is_ended_too() -> None:
    told: list[str] = []

    def asks() -> None:
        try:
            within(0.2, loops, "a question")
        except OutOfTimeError as fault:
            told.append(str(fault))
        told.append(str(sum(range(100))))

    thread = threading.Thread(target=asks)
    thread.start()
    thread.join(10)
    assert told == ["took longer than 0.2 seconds", "4950"]


def test_a_question_that_catches_every_interrupt_ends_the_whole_program() -> None:
    program = (
        "import time\n"
        "import lescli.services.time_limit as limit\n"
        "limit._AGAIN_SECONDS = 0.05\n"
        "def ask():\n"
        "    while True:\n"
        "        try:\n"
        "            time.sleep(30)\n"
        "        except BaseException:\n"
        "            pass\n"
        "limit.within(0.1, ask, 'dressings: les_claim')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 1
    assert done.stderr == (
        "les: dressings: les_claim took longer than 0.1 seconds and could not be ended alone, so the program ends;"
        " nothing was written; this is a fault of its plugin\n"
    )


@pytest.mark.parametrize(("text", "seconds"), [("", 60), ("120", 120), (" 0.5 ", 0.5), ("0", 0)])
def test_the_limit_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, seconds: float) -> None:
    monkeypatch.setenv("LES_PLUGIN_SECONDS", text)
    assert seconds_allowed() == seconds


@pytest.mark.parametrize("text", ["a minute", "-1", "nan", "inf", "1e300"])
def test_what_is_no_number_of_seconds_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LES_PLUGIN_SECONDS", text)
    with pytest.raises(LesError, match="LES_PLUGIN_SECONDS is not a number of seconds; set it to a number such as 120"):
        seconds_allowed()


def test_nought_means_no_limit() -> None:
    assert within(0, lambda: "answer", "a question") == "answer"
