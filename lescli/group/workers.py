"""Asks many stores in this process, in worker processes, or on a cluster of Dask.

It imports what asks a store only when a store is asked: worker processes can then be started first, and get ready while
this one does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from math import ceil
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..errors import LesError

if TYPE_CHECKING:
    from .ask import Asker, Question, StoreReply

MOST_ON_WINDOWS = 61
"""Windows can wait for no more processes at once (the documentation of concurrent.futures)."""
_CHUNKS_EACH = 16
_LARGEST_CHUNK = 8
"""Stores asked in one task. With larger tasks one worker still has much to do while the others wait for it."""
_CONNECT_SECONDS = "10s"

Told = Callable[[int], None]
"""Called with the number of stores that have answered."""


def ask_all(
    paths: Sequence[Path],
    question: Question,
    asker: Asker | None,
    *,
    workers: int = 1,
    cluster: str = "",
    pool: ProcessPoolExecutor | None = None,
    told: Told = lambda done: None,
) -> list[StoreReply]:
    """The reply of each store, in the order of `paths`.

    With more than one worker the stores are asked in other processes, some stores at a time; with a `cluster` address
    on the workers of Dask. A worker that dies takes no other store's answer with it: what it had is asked again, and
    the store it dies of is named. LesError when a cluster cannot be reached or cannot see the files. `pool` are workers
    that were started before.
    """
    replies: dict[Path, StoreReply] = {}
    for one in _replies(paths, question, asker, workers, cluster, pool):
        replies[one.path] = one
        told(len(replies))
    return [replies[path] for path in paths]


def _replies(
    paths: Sequence[Path],
    question: Question,
    asker: Asker | None,
    workers: int,
    cluster: str,
    pool: ProcessPoolExecutor | None,
) -> Iterator[StoreReply]:
    if cluster:
        # Another machine has another working directory.
        whole = {path.absolute(): path for path in paths}
        with _dask(cluster, list(whole)) as executor:
            for reply in _from_executor(executor, list(whole), question, asker, workers=_threads(executor)):
                yield _at(reply, whole[reply.path])
    elif pool is not None:
        yield from _from_processes(pool, paths, question, asker, workers)
    elif workers > 1 and len(paths) > 1:
        with _pool(min(workers, len(paths))) as made:
            yield from _from_processes(made, paths, question, asker, workers)
    else:
        from ..services import services_kept

        with services_kept():
            for path in paths:
                yield from ask_many([path], question, asker)


def ask_many(paths: Sequence[Path], question: Question, asker: Asker | None) -> list[StoreReply]:
    """The task of a worker: ask several stores, one after the other."""
    from . import ask

    return ask.ask_many(paths, question, asker)


@contextmanager
def workers_started(workers: int, paths: Sequence[Path]) -> Iterator[ProcessPoolExecutor | None]:
    """Worker processes that get ready while the block begins; None when one process is enough for the stores.

    A worker needs as long to start as to ask a dozen stores.
    """
    if workers < 2 or len(paths) < 2:
        yield None
        return
    with _pool(min(workers, len(paths))) as pool:
        with _interrupts_held():
            for _ in range(min(workers, len(paths))):
                pool.submit(_get_ready)
        yield pool


def _get_ready() -> None:
    import_module(".ask", __package__)


def _at(reply: StoreReply, path: Path) -> StoreReply:
    return replace(reply, path=path)


def _from_processes(
    pool: ProcessPoolExecutor, paths: Sequence[Path], question: Question, asker: Asker | None, workers: int
) -> Iterator[StoreReply]:
    """Ask in worker processes. When one dies, all of them end: the stores without an answer are asked once more."""
    from .ask import StoreReply

    left = dict.fromkeys(paths)
    try:
        for reply in _from_executor(pool, list(left), question, asker, workers=workers):
            del left[reply.path]
            yield reply
    except BrokenProcessPool:
        pass
    for path in left:
        # One at a time, so that a store of which a worker dies is known.
        with _pool(1) as alone:
            try:
                with _interrupts_held():
                    asked = alone.submit(ask_many, [path], question, asker)
                yield from asked.result()
            except BrokenProcessPool:
                yield StoreReply(path=path, error="the worker process died while it asked this store; ask it alone")


def _from_executor(
    executor: Executor, paths: Sequence[Path], question: Question, asker: Asker | None, *, workers: int
) -> Iterator[StoreReply]:
    size = max(1, min(_LARGEST_CHUNK, ceil(len(paths) / (workers * _CHUNKS_EACH))))
    chunks = [paths[start : start + size] for start in range(0, len(paths), size)]
    with _interrupts_held():
        running: list[Future[list[StoreReply]]] = [
            executor.submit(ask_many, list(chunk), question, asker) for chunk in chunks
        ]
    broken = False
    for future in as_completed(running):
        try:
            yield from future.result()
        except BrokenProcessPool:
            # Other chunks may have been answered before the worker died.
            broken = True
    if broken:
        raise BrokenProcessPool


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of worker processes that leaves none behind, however the block ends."""
    if sys.platform == "win32":
        workers = min(workers, MOST_ON_WINDOWS)
    before = set(active_children())
    # A fork would copy open files and locks of this process; and macOS and Windows have none.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_in_worker)
    try:
        yield pool
    except BaseException:
        # Only the pool waits for its processes: two waits for one process lose each other's news.
        for one in set(active_children()) - before:
            one.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Control-C until the block has started its processes. They begin without it, or one that is not ready yet
    would print a traceback.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _in_worker() -> None:
    """Leave Control-C to the command, and end when the command is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        # The time limit of a plugin ends it by this signal.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    Thread(target=_end_with_the_command, daemon=True).start()


def _end_with_the_command() -> None:
    from multiprocessing.connection import wait

    command = parent_process()
    if command is not None:
        wait([command.sentinel])
        os._exit(1)


@contextmanager
def _dask(address: str, paths: Sequence[Path]) -> Iterator[Any]:
    try:
        # By its name: it has no types, and need not be installed.
        distributed: Any = import_module("distributed")
    except ImportError:
        raise LesError("a cluster needs Dask", "type `pip install 'lescli[cluster]'` here and on the workers") from None
    try:
        client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise LesError(
            f"no Dask scheduler answers at that address ({type(fault).__name__})",
            "start one with `dask scheduler`, and give its address, such as tcp://127.0.0.1:8786",
        ) from None
    try:
        from .ask import unseen

        seen = client.run(unseen, list(paths))
        if not seen:
            raise LesError("the Dask scheduler has no workers", "start some with `dask worker ADDRESS`")
        blind = sum(count > 0 for count in seen.values())
        if blind:
            raise LesError(
                f"{blind} of {len(seen)} Dask workers cannot see the stores",
                "put the stores in a folder that every worker has under the same name",
            )
        yield client.get_executor()
    finally:
        client.close()


def _threads(executor: Any) -> int:
    """How many tasks the cluster runs at once."""
    threads: dict[str, int] = executor._client.nthreads()
    return max(1, sum(threads.values()))
