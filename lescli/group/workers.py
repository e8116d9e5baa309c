"""Asks many stores in this process, in worker processes, or on a cluster of Dask."""

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
from typing import Any

from ..errors import LesError
from ..services import services_kept
from .ask import Asker, Question, StoreReply, ask_many, unseen

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
    told: Told = lambda done: None,
) -> list[StoreReply]:
    """The reply of each store, in the order of `paths`.

    With more than one worker the stores are asked in other processes, some stores at a time; with a `cluster` address
    on the workers of Dask. A worker that dies takes no other store's answer with it: what it had is asked again, and
    the store it dies of is named. LesError when a cluster cannot be reached or cannot see the files.
    """
    replies: dict[Path, StoreReply] = {}
    with services_kept():
        for one in _replies(paths, question, asker, workers, cluster):
            replies[one.path] = one
            told(len(replies))
    return [replies[path] for path in paths]


def _replies(
    paths: Sequence[Path], question: Question, asker: Asker | None, workers: int, cluster: str
) -> Iterator[StoreReply]:
    if cluster:
        # Another machine has another working directory.
        whole = {path.absolute(): path for path in paths}
        with _dask(cluster, list(whole)) as executor:
            for reply in _from_executor(executor, list(whole), question, asker, workers=_threads(executor)):
                yield _at(reply, whole[reply.path])
    elif workers > 1 and len(paths) > 1:
        yield from _from_processes(paths, question, asker, workers)
    else:
        for path in paths:
            yield from ask_many([path], question, asker)


def _at(reply: StoreReply, path: Path) -> StoreReply:
    return replace(reply, path=path)


def _from_processes(
    paths: Sequence[Path], question: Question, asker: Asker | None, workers: int
) -> Iterator[StoreReply]:
    """Ask in worker processes. When one dies, all of them end: the stores without an answer are asked once more."""
    left = dict.fromkeys(paths)
    with _pool(min(workers, len(paths))) as pool:
        try:
            for reply in _from_executor(pool, list(left), question, asker, workers=workers):
                del left[reply.path]
                yield reply
        except BrokenProcessPool:
            pass
    for path in left:
        # One at a time, so that a store of which a worker dies is known.
        with _pool(1) as pool:
            try:
                yield from pool.submit(ask_many, [path], question, asker).result()
            except BrokenProcessPool:
                yield StoreReply(path=path, error="the worker process died while it asked this store; ask it alone")


def _from_executor(
    executor: Executor, paths: Sequence[Path], question: Question, asker: Asker | None, *, workers: int
) -> Iterator[StoreReply]:
    size = max(1, min(_LARGEST_CHUNK, ceil(len(paths) / (workers * _CHUNKS_EACH))))
    chunks = [paths[start : start + size] for start in range(0, len(paths), size)]
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


def _in_worker() -> None:
    """Leave Control-C to the command, and end when the command is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
