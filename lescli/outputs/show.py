"""Showing an answer: on stdout as table, json or csv, or in a file whose suffix picks the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import UsageError
from ..files import unfinished
from .answer import Answer
from .cells import IDENTIFIABLE
from .csv_text import csv_file, csv_text
from .eml import eml
from .html import html
from .ics import ics
from .json_text import json_text
from .markdown import markdown
from .table import table
from .to_file import check_place, write_whole
from .to_stdout import say, write_stdout
from .xlsx import xlsx


def _utf8(text: Callable[[Answer], str]) -> Callable[[Answer], bytes]:
    return lambda answer: text(answer).encode("utf-8")


FORMATS: dict[str, Callable[[Answer], str]] = {"table": table, "json": json_text, "csv": csv_text}
"""What `--format` may name."""

SUFFIXES: dict[str, Callable[[Answer], bytes]] = {
    ".json": _utf8(json_text),
    ".csv": csv_file,
    ".xlsx": xlsx,
    ".html": _utf8(html),
    ".md": _utf8(markdown),
    ".ics": ics,
    ".eml": eml,
}
"""What the name of an `--out` file may end in."""


def show(answer: Answer, *, format: str, out: Path | None, quiet: bool) -> None:  # noqa: A002 (the option's name)
    """Write the answer to `out`, or to stdout as `format` says; the suffix of `out` wins over `format`.

    Notes go to stderr. With `quiet` neither notes nor the table for people are written, but json, csv and files, which
    were asked for, are. UsageError for an unknown format or suffix, LesError when a file cannot be written.
    """
    if format not in FORMATS:
        raise UsageError("unknown --format", f"it is one of {', '.join(FORMATS)}")
    if out is not None:
        write_whole(out, SUFFIXES[_suffix(out)](answer))
        if answer.identifiable and not quiet:
            say("the file is identifiable: it names patients; keep it inside the practice")
        tell_left_beside(out, quiet=quiet)
    elif not (quiet and format == "table"):
        write_stdout(FORMATS[format](answer))
        if answer.identifiable and format == "csv" and not quiet:
            # Table and JSON carry the mark themselves; a line in the CSV would be read as a record.
            say(IDENTIFIABLE)
    if not quiet:
        for note in answer.notes:
            say(note)


def tell_left_beside(out: Path, *, quiet: bool) -> None:
    """Say what a killed command left where this one wrote: nobody else knows that it is there."""
    left = () if quiet else unfinished(out.parent)
    if left:
        names = ", ".join(one.name for one in left)
        say(f"beside it lies what an interrupted command left: {names}; it may name patients: delete it")


def check_out(out: Path | None) -> None:
    """Refuse an `--out` that cannot work; a verb that changes the store calls this before it does."""
    if out is not None:
        _suffix(out)
        check_place(out)


def check_draft(answer: Answer) -> None:
    """Refuse an answer without a message that can be sent; a verb that freezes a claim asks before it does."""
    eml(answer)


def _suffix(out: Path) -> str:
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError("--out does not end in a known suffix", f"it is one of {' '.join(SUFFIXES)}")
    return suffix
