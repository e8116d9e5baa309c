"""A screen fits its terminal, breaks no command, and is plain where colour or a sign cannot be shown."""

from __future__ import annotations

import sys
from io import BytesIO, TextIOWrapper

import pytest

from lescli.outputs import Answer, Block, Grid, Screen, show
from lescli.outputs.screen import screen

_COMMAND = "les register near-patient-testing --add NHS --from DATE"
_ANSWER = Answer(
    data={},
    title="Status on 05 Jun 2026, Test (A82038)",
    grids=(Grid(title="", columns=(), rows=()),),
    notes=("near-patient-testing: the same in one long line",),
    screen=Screen(
        blocks=(
            Block(
                heading="Late",
                facts=(
                    ("near-patient-testing", f"3 patients × £40.00 are on no register; `{_COMMAND}` puts one on it"),
                    ("near-patient-testing", "a second fact"),
                    ("a-service-of-a-very-long-name", "a third fact"),
                ),
                is_late=True,
            ),
        ),
        last=("None: owed, paid too much.",),
        command="les recall",
    ),
)


class Terminal(TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, encoding: str = "utf-8", **surroundings: str) -> bytes:
    held = BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(held, encoding=encoding))
    monkeypatch.setenv("COLUMNS", str(columns))
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    show(_ANSWER, format="table", out=None, quiet=False)
    return held.getvalue()


@pytest.mark.parametrize("columns", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_command_is_broken(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    text = on_a_terminal(monkeypatch, columns, NO_COLOR="1").decode("utf-8")
    assert max(map(len, text.splitlines())) <= min(columns, 120)
    assert f"`{_COMMAND}`" in text
    assert text.count("near-patient-testing") == 2  # Once as a name, once in the command.
    assert text.endswith("Next: les recall\n")


def test_a_file_has_eighty_columns() -> None:
    lines = screen(_ANSWER).splitlines()
    assert 60 < max(map(len, lines)) <= 80
    assert "\x1b" not in screen(_ANSWER)


@pytest.mark.parametrize(
    ("surroundings", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_a_terminal_that_wants_it(
    monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str], coloured: bool
) -> None:
    assert (b"\x1b[1;31mLate\x1b[0m" in on_a_terminal(monkeypatch, 80, **surroundings)) is coloured


@pytest.mark.parametrize(
    ("encoding", "sign"),
    [("utf-8", "3 patients × £40.00"), ("cp1252", "3 patients × £40.00"), ("ascii", "x GBP 40.00")],
)
def test_each_encoding_shows_the_pounds(monkeypatch: pytest.MonkeyPatch, encoding: str, sign: str) -> None:
    text = on_a_terminal(monkeypatch, 120, encoding, NO_COLOR="1").decode(encoding)
    assert sign in " ".join(text.split())
    assert "?" not in text


def test_what_the_screen_says_is_not_said_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show(_ANSWER, format="table", out=None, quiet=False)
    assert capsys.readouterr().err == ""
    show(_ANSWER, format="json", out=None, quiet=False)
    assert "the same in one long line" in capsys.readouterr().err
