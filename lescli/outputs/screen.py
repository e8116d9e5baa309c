"""An answer as one screen of a terminal: a line for each fact, folded to the width, and commands never broken."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from textwrap import wrap

from .answer import Answer, Block
from .table import encodable, one_line, terminal_encoding, terminal_width

PAPER_WIDTH = 80
"""The width where there is no terminal, such as in a file."""
_WIDEST = 120  # Longer lines are hard to read.
_LABEL = 20
_MARGIN = "  "
_HELD = "\ue000"  # Stands for a space inside a command, where no line may be broken.
_COMMAND = re.compile(r"`[^`]*`")
_BOLD, _RED, _PLAIN = "\x1b[1m", "\x1b[1;31m", "\x1b[0m"


def screen(answer: Answer) -> str:
    """The screen at the terminal's width, with colour only on a terminal and without NO_COLOR."""
    shown = answer.screen
    assert shown is not None
    width = min(terminal_width() or PAPER_WIDTH, _WIDEST)
    paint = _paints()
    names = [about for block in shown.blocks for about, _ in block.facts]
    label = min(max((len(_plain(name)) for name in names), default=0), _LABEL)
    parts = [_painted(_plain(answer.title), _BOLD, paint)]
    for block in shown.blocks:
        heading = _painted(_plain(block.heading), _RED if block.is_late else _BOLD, paint)
        parts.append("\n".join([heading, *_lines(block, label, width)]))
    if shown.last:
        parts.append("\n".join(line for text in shown.last for line in _folded(_plain(text), width)))
    if shown.command:
        parts.append(f"{_painted('Next:', _BOLD, paint)} {_plain(shown.command)}")
    return "\n\n".join(parts) + "\n"


def _lines(block: Block, label: int, width: int) -> Iterator[str]:
    before = ""
    for about, text in block.facts:
        name = _plain(about)
        # A service with several facts is named once.
        first = "" if name == before else name
        before = name
        room = width - len(_MARGIN) * 2 - label
        if len(first) > label:
            yield f"{_MARGIN}{first}"
            first = ""
        for line in _folded(_plain(text), room):
            if len(line) > room:
                # A command that does not fit beside the name has a line of its own, where it may fit.
                if first:
                    yield f"{_MARGIN}{first}"
                yield f"{_MARGIN}{_MARGIN}{line}"
            else:
                yield f"{_MARGIN}{first:<{label}}{_MARGIN}{line}"
            first = ""
    if block.command:
        yield f"{_MARGIN}{_plain(block.command)}"


def _folded(text: str, width: int) -> list[str]:
    """The text in lines of at most that width. A command in backticks stays whole, even if it is wider."""
    held = _COMMAND.sub(lambda found: found[0].replace(" ", _HELD), text)
    lines = wrap(held, max(width, 20), break_long_words=False, break_on_hyphens=False)
    return [line.replace(_HELD, " ") for line in lines]


def _plain(text: str) -> str:
    return encodable(one_line(text), terminal_encoding())


def _paints() -> bool:
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def _painted(text: str, colour: str, paint: bool) -> str:
    return f"{colour}{text}{_PLAIN}" if paint else text
