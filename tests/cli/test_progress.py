from __future__ import annotations

import io

import pytest

from lescli.cli import options as module
from lescli.cli.options import ProgressBar
from lescli.operations.imports import Advance


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until it is set."""
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def advance(done: int, of: int = 200, rows: int = 1234) -> Advance:
    return Advance(files_done=done, files=of, rows=rows, share=done / of)


def test_one_bar_over_all_files(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    screen = Terminal()
    monkeypatch.setattr(module.sys, "stderr", screen)
    bar = ProgressBar(wanted=True)
    bar(advance(1))
    assert screen.getvalue() == ""  # done at once: nothing to wait for
    clock[0] = 1.0
    bar(advance(50))
    bar(advance(51))  # too soon after the last
    assert screen.getvalue() == f"\r[{'#' * 8}{'.' * 22}] 50 of 200 files       1,234 rows"
    clock[0] = 2.0
    bar(advance(200))
    assert screen.getvalue().endswith(f"\r[{'#' * 30}] 200 of 200 files       1,234 rows")
    bar.clear()
    drawn, wiped = screen.getvalue().split("\r")[-3:-1]
    assert wiped == " " * len(drawn)


def test_a_single_file_is_not_counted(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    screen = Terminal()
    monkeypatch.setattr(module.sys, "stderr", screen)
    bar = ProgressBar(wanted=True)
    clock[0] = 1.0
    bar(advance(0, of=1))
    assert "files" not in screen.getvalue()
    assert "1,234 rows" in screen.getvalue()


@pytest.mark.parametrize(("screen", "wanted"), [(io.StringIO(), True), (Terminal(), False), (None, True)])
def test_no_bar_is_drawn_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], screen: io.StringIO | None, wanted: bool
) -> None:
    monkeypatch.setattr(module.sys, "stderr", screen)
    bar = ProgressBar(wanted=wanted)
    clock[0] = 9.0
    bar(advance(50))
    bar.clear()
    assert screen is None or screen.getvalue() == ""
