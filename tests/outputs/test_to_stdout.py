from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.outputs.table import say, write_stdout

WRITE = "from lescli.outputs.table import write_stdout\n"
TEXT = "£ é 王\n"


@pytest.mark.parametrize("settings", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "cp1252"}])
def test_stdout_is_utf8_whatever_the_locale(
    environment: Callable[..., dict[str, str]], settings: dict[str, str]
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WRITE + f"write_stdout({TEXT!a})"],
        env=environment(**settings),
        capture_output=True,
        check=True,
    )
    assert run.stdout == TEXT.encode()


def test_a_closed_pipe_is_not_an_error(environment: Callable[..., dict[str, str]]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITE + "write_stdout('x\\n' * 10**6)"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.read(2)
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="a pipe handed down by its number")
def test_writing_again_to_a_closed_pipe_is_not_an_error(
    environment: Callable[..., dict[str, str]],
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    run = subprocess.run(
        [sys.executable, "-c", WRITE + "write_stdout('x')\nprint('y')"],
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to write to")
def test_a_full_disk_gives_a_one_line_error(environment: Callable[..., dict[str, str]]) -> None:
    program = WRITE + "from lescli.errors import LesError\ntry:\n write_stdout('x')\nexcept LesError as e: exit(str(e))"
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (run.returncode, run.stderr) == (1, b"the output could not be written to the end; is the disk full?\n")


def test_a_stream_that_fails_raises_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, text)

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(LesError, match="could not be written"):
        write_stdout("x")


def test_a_text_stream_and_a_missing_stream_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdout", text)
    write_stdout("é\n")
    assert text.getvalue() == "é\n"
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    write_stdout("x")
    say("x")


def test_a_message_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("two\nlines \x1b[31m")
    assert capsys.readouterr() == ("", "les: two lines ␛[31m\n")
