"""What docs/how-to/schedule.md prints runs: the line of cron and the units of systemd, with a real `les month`."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from configparser import RawConfigParser
from pathlib import Path

import pytest

from lescli.cli.run import run

PAGE = (Path(__file__).parents[2] / "docs/how-to/schedule.md").read_text(encoding="utf-8")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="cron and systemd are for Linux")
Typed = Callable[[str, dict[str, str]], list[str]]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def units() -> list[RawConfigParser]:
    found = []
    for text in blocks("ini"):
        unit = RawConfigParser(strict=True)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(text)
        found.append(unit)
    return found


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """What `les` is given when the shell runs a line in a home with nothing but a `les` that notes its words."""
    program = tmp_path / ".local" / "bin" / "les"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$LES_STORE" >"$HOME/words"\nprintf "%s\\n" "$@" >>"$HOME/words"\n')
    program.chmod(0o700)

    def shell(line: str, more: dict[str, str]) -> list[str]:
        # The search path that cron has.
        around = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **more}
        subprocess.run(["/bin/sh", "-c", line], env=around, check=True, timeout=30)
        return (tmp_path / "words").read_text().splitlines()

    return shell


def check_words(words: list[str], home: Path) -> None:
    """The words are those of last month, and `les` does it."""
    store, *rest = words
    assert store == f"{home}/les/practice.les"
    assert rest[:2] == ["month", "last-month"]
    (home / "les" / "inbox").mkdir(parents=True)
    assert run(["init", "--practice", "A81001", "--name", "Demo Surgery", "--store", store]) == 0
    assert run(["services", "sign", "denosumab", "--from", "2026-04-01", "--store", store]) == 0
    assert run([*rest, "--store", store, "--as-of", "2026-06-05"]) == 0
    assert [path.name for path in (home / "les" / "months").iterdir()] == ["2026-05-on-2026-06-05"]


@on_linux
def test_the_line_of_cron_does_last_month(typed: Typed, tmp_path: Path) -> None:
    (block,) = blocks("crontab")
    *when, command = block.strip().split(" ", 5)
    assert when == ["0", "2", "*", "*", "*"]
    # An unescaped % ends the command in a crontab.
    assert not re.search(r"(?<!\\)%", command)
    check_words(typed(command.replace(r"\%", "%"), {}), tmp_path)


@on_linux
def test_the_unit_of_systemd_does_last_month(typed: Typed, tmp_path: Path) -> None:
    service, _ = units()

    def given(text: str) -> str:
        return text.replace("%h", str(tmp_path)).replace("%%", "%")

    # The unit starts the program itself, without a shell: no character may need one.
    line = given(service["Service"]["ExecStart"])
    assert line == shlex.join(shlex.split(line))
    name, _, value = given(service["Service"]["Environment"]).partition("=")
    check_words(typed(line, {name: value}), tmp_path)


def test_a_month_that_needs_a_person_is_no_broken_unit() -> None:
    service, timer = units()
    assert service["Service"]["SuccessExitStatus"] == "3"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    _, timer = units()
    when = subprocess.run(
        ["systemd-analyze", "calendar", timer["Timer"]["OnCalendar"]], capture_output=True, text=True, check=False
    )
    assert when.returncode == 0, when.stderr
    for text, ending in zip(blocks("ini"), ("service", "timer"), strict=True):
        (tmp_path / f"les-month.{ending}").write_text(text)
    found = subprocess.run(
        [
            "systemd-analyze",
            "verify",
            "--man=no",
            str(tmp_path / "les-month.timer"),
            str(tmp_path / "les-month.service"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    # Of the units of this page, only that this machine may have no `les` in that place.
    wrong = [line for line in found.stderr.splitlines() if "les-month" in line and "/bin/les is not exec" not in line]
    assert wrong == []


def test_the_windows_task_types_what_les_knows() -> None:
    script, create = blocks("bat")
    words = next(line for line in script.splitlines() if " month " in line).split()
    options = [word for word in words if word.startswith("--")]
    assert options == ["--out", "--inbox", "--quiet"]
    assert "/TR C:\\les\\month.cmd" in create
