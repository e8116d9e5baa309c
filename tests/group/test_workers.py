"""A worker process that dies takes no other store's answer with it, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from importlib import import_module
from importlib.metadata import EntryPoint
from multiprocessing import active_children
from pathlib import Path

import pytest

import lescli_denosumab
from lescli.calendar import Month
from lescli.group import workers
from lescli.group.workers import ask_all
from lescli.operations.many_stores import ClaimQuestion
from lescli.services import service
from lescli.store import open_store
from lescli.store.practice_data import add_folder_service

QUESTION = ClaimQuestion(services=("denosumab",), month=Month(2026, 5), as_of=date(2026, 6, 5))


DEADLY = """
import os, signal
from lescli.group.ask import ask

def ask_many(paths, question, asker):
    for path in paths:
        if path.name == "2.les":
            os.kill(os.getpid(), signal.SIGTERM)
    return [ask(path, question, asker) for path in paths]
"""


def test_a_worker_that_dies_is_told_of_the_store_alone(
    three: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker process is sent the name of a function, so it must be able to import it.
    (tmp_path / "deadly.py").write_text(DEADLY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(workers, "ask_many", import_module("deadly").ask_many)
    replies = ask_all(three, QUESTION, None, workers=2)
    assert [one.path for one in replies] == list(three)
    assert replies[1].status == "failed"
    assert "worker process died" in str(replies[1].error)
    assert [one.data["total_pence"] for one in (replies[0], replies[2])] == [2000, 6000]
    assert active_children() == []


def test_services_are_loaded_once_for_all_stores_and_anew_for_the_next_question(
    three: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    load = service._from_package

    def counted(point: EntryPoint) -> service.Service:
        loaded.append(point.name)
        return load(point)

    monkeypatch.setattr(service, "_from_package", counted)
    for _ in range(2):
        replies = ask_all(three, QUESTION, None)
        assert [one.data["total_pence"] for one in replies] == [2000, 4000, 6000]
    assert loaded == ["denosumab", "denosumab"]


def test_a_service_that_one_store_has_of_its_own_is_not_kept_for_the_others(three: tuple[Path, ...]) -> None:
    toml = (Path(lescli_denosumab.__path__[0]) / "service.toml").read_text(encoding="utf-8")
    with open_store(three[1]) as store, store.writing():
        add_folder_service(store, "denosumab", toml.replace('"20.00"', '"21.00"'), "digest")
    replies = ask_all(three, QUESTION, None)
    assert [one.data["total_pence"] for one in replies] == [2000, 4200, 6000]


SLOW = """
import pathlib, sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    pathlib.Path(__file__).with_name("started").touch()
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pathlib.Path(__file__).with_name("heard").touch()
        raise
"""


@pytest.mark.skipif(os.name == "nt", reason="control-C is sent another way there")
def test_control_c_while_the_workers_start_prints_one_line_and_leaves_none(
    three: tuple[Path, ...], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW, encoding="utf-8")
    words = ("group", "claim", "--month", "2026-05", "--as-of", "2026-06-05", "--workers", "2")
    running = subprocess.Popen(
        [sys.executable, "-m", "lescli", *words, "--stores", *(str(path.parent) for path in three[:1])],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        # As in a terminal: Control-C goes to the workers too. A test run in the background ignores it.
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not (tmp_path / "started").exists() and running.poll() is None:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said.decode().strip()) == (130, "les: interrupted, nothing changed")
    assert not (tmp_path / "heard").exists()
    with pytest.raises(ProcessLookupError):
        # The last of them may need a moment to see that the command is gone. A worker would sleep on for a minute.
        for _ in range(200):
            os.killpg(running.pid, 0)
            time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="a time limit does not need it there")
def test_a_worker_that_is_ready_can_be_ended_by_the_time_limit_of_a_plugin() -> None:
    with workers._pool(1) as pool:
        with workers._interrupts_held():
            asked = pool.submit(signal.pthread_sigmask, signal.SIG_BLOCK, set())
        assert signal.SIGINT not in asked.result()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def test_an_interruption_ends_the_workers(three: tuple[Path, ...]) -> None:
    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_all(three, QUESTION, None, workers=2, told=interrupt)
    assert active_children() == []
