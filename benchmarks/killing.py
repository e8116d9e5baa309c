"""Kill `les` at a moment that is drawn: anywhere in its run, inside a transaction, around its commit, or after it.

A moment is known by what stands on the disk: while a transaction or a new file is being written, its journal or its
unfinished copy lies beside the store; at the end of it, the store's own file changes and what lay beside it goes.
Only a run that died of the kill counts: one that had ended before is drawn again.
"""

from __future__ import annotations

import random
import shutil
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median
from subprocess import Popen
from typing import NamedTuple

from lescli.store import open_store

MOMENTS = ("inside", "at the commit", "after the commit", "any time")
"""Where a kill is aimed at; where it fell is what `Killed` and the store say."""

MOST_DRAWS = 40
DIED = 1 if sys.platform == "win32" else -9
"""How a killed process ends: of SIGKILL, or with the code that Windows gives one that was terminated."""

_POLL_SECONDS = 0.0003


class Course(NamedTuple):
    """An undisturbed run in seconds: all of it, and how often it writes and for how long (medians).

    `begins` is until the first writing, `writes` a writing as a whole, `commits` from the change of the store's file to
    its end, `ends` from the last writing to the end of the process.
    """

    code: int
    said: str
    seconds: float
    times: int
    begins: float
    writes: float
    commits: float
    ends: float


class Killed(NamedTuple):
    """A run that died of the kill: what it left, and how often it was drawn again because it had ended before."""

    journal: bool
    rolled_back: bool
    redrawn: int


def is_writing(store: Path) -> bool:
    """Whether a journal or an unfinished copy lies beside the store."""
    return any(
        path.name.endswith(("-journal", ".new")) or path.name.startswith(".les-") for path in store.parent.iterdir()
    )


def journal_of(store: Path) -> Path:
    """It lies beside a store while a transaction is written."""
    return store.with_name(f"{store.name}-journal")


def undisturbed(store: Path, start: Callable[[], Popen[str]]) -> Course:
    """Let it run to its end and look when it writes."""
    begun = time.perf_counter()
    process = start()
    began: list[float] = []
    changed: list[float] = []
    ended: list[float] = []
    writing, stamp = False, _stamp(store)
    while process.poll() is None:
        now, moment = is_writing(store), time.perf_counter() - begun
        if now != writing:
            (began if now else ended).append(moment)
            writing = now
        if _stamp(store) != stamp:
            stamp = _stamp(store)
            changed.append(moment)
        time.sleep(_POLL_SECONDS)
    seconds = time.perf_counter() - begun
    said = process.communicate()[1]
    if not ended:
        # Nothing lies beside a store that is written without a journal: what is seen is that it changes.
        changing = changed[-1] - changed[0] if changed else 0.0
        return Course(process.returncode, said, seconds, 0, 0.0, 0.0, changing, 0.0)
    whole = [end - begin for begin, end in zip(began, ended, strict=False)]
    last = [end - max((at for at in changed if at <= end), default=end) for end in ended]
    return Course(
        *(process.returncode, said, seconds, len(ended), began[0]),
        *(median(whole), median(last), seconds - ended[-1]),
    )


def killed(
    store: Path,
    prepare: Callable[[], object],
    start: Callable[[], Popen[str]],
    aim: str,
    course: Course,
    by: random.Random,
) -> Killed | None:
    """Run it and kill it; None when it was never caught alive in so many draws."""
    for draws in range(MOST_DRAWS):
        prepare()
        process = start()
        wait = _WAITS[aim] if course.times or aim == "any time" else _while_it_changes
        wait(store, process, course, by)
        process.kill()
        process.communicate()
        if process.returncode == DIED:
            journal = journal_of(store).exists()
            return Killed(journal, journal and _rolled_back(store), draws)
    return None


def _any_time(store: Path, process: Popen[str], course: Course, by: random.Random) -> None:
    time.sleep(by.random() * course.seconds)


def _inside(store: Path, process: Popen[str], course: Course, by: random.Random) -> None:
    _begin(store, process, by.randrange(course.times))
    time.sleep(by.random() * course.writes)


def _at_the_commit(store: Path, process: Popen[str], course: Course, by: random.Random) -> None:
    _begin(store, process, by.randrange(course.times))
    stamp = _stamp(store)
    _wait(process, lambda: _stamp(store) != stamp or not is_writing(store))
    # The file's moments are short: half of the kills come at once.
    time.sleep(max(0.0, by.random() - 0.5) * 2 * course.commits)


def _while_it_changes(store: Path, process: Popen[str], course: Course, by: random.Random) -> None:
    stamp = _stamp(store)
    _wait(process, lambda: _stamp(store) != stamp)
    time.sleep(by.random() ** 3 * course.commits)


def _after(store: Path, process: Popen[str], course: Course, by: random.Random) -> None:
    _begin(store, process, by.randrange(course.times))
    _wait(process, lambda: not is_writing(store))
    time.sleep(by.random() ** 3 * course.ends)


_WAITS = dict(zip(MOMENTS, (_inside, _at_the_commit, _after, _any_time), strict=True))


def _begin(store: Path, process: Popen[str], passed: int) -> None:
    """Until it writes, having written so many times before."""
    for _ in range(passed):
        _wait(process, lambda: is_writing(store))
        _wait(process, lambda: not is_writing(store))
    _wait(process, lambda: is_writing(store))


def _wait(process: Popen[str], until: Callable[[], bool]) -> None:
    while not until() and process.poll() is None:
        time.sleep(_POLL_SECONDS)


def _stamp(store: Path) -> tuple[int, int, int] | None:
    try:
        found = store.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _rolled_back(store: Path) -> bool:
    """Whether the store's file was half written: opening it then puts back what stood there. Tried on a copy."""
    folder = store.parent / "looked at"
    folder.mkdir()
    try:
        copy = Path(shutil.copy(store, folder / store.name))
        shutil.copy(journal_of(store), journal_of(copy))
        before = sha256(copy.read_bytes()).digest()
        open_store(copy).close()
        return sha256(copy.read_bytes()).digest() != before
    finally:
        shutil.rmtree(folder)
