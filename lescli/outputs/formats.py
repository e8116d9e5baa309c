"""The formats of an answer: on stdout as table, json or csv, or in a file whose suffix chooses the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import UsageError
from ..files import unfinished
from .answer import Answer, json_text
from .csv_text import csv_file, csv_text
from .eml import eml
from .html import html
from .ics import ics
from .markdown import markdown
from .parquet import check_installed, parquet
from .screen import screen
from .table import IDENTIFIABLE, say, table, write_stdout
from .to_file import check_place, write_whole
from .xlsx import xlsx


def _utf8(text: Callable[[Answer], str]) -> Callable[[Answer], bytes]:
    return lambda answer: text(answer).encode("utf-8")


def _for_people(answer: Answer) -> str:
    return screen(answer) if answer.screen else table(answer)


FORMATS: dict[str, Callable[[Answer], str]] = {"table": _for_people, "json": json_text, "csv": csv_text}
"""The values of `--format`."""

SUFFIXES: dict[str, Callable[[Answer], bytes]] = {
    ".json": _utf8(json_text),
    ".csv": csv_file,
    ".xlsx": xlsx,
    ".html": _utf8(html),
    ".md": _utf8(markdown),
    ".ics": ics,
    ".eml": eml,
    ".parquet": parquet,
}
"""The suffixes of an `--out` file."""


def show(answer: Answer, *, format: str, out: Path | None, quiet: bool) -> None:  # noqa: A002 (the option's name)
    """Write the answer to `out`, or to stdout in `format`. With `out` its suffix counts and not `format`.

    Notes go to stderr. With `quiet` notes are not written, nor the table for people. JSON, CSV and files are written,
    because somebody asked for them. UsageError for an unknown format or suffix, LesError when a file cannot be written.
    """
    if format not in FORMATS:
        raise UsageError("unknown --format", f"choose one of {', '.join(FORMATS)}")
    if out is not None:
        write_whole(out, SUFFIXES[_suffix(out)](answer))
        if answer.identifiable and not quiet:
            say("the file is identifiable: it names patients; keep it inside the practice")
        tell_left_beside(out, quiet=quiet)
    elif not (quiet and format == "table"):
        write_stdout(FORMATS[format](answer))
        if answer.identifiable and format == "csv" and not quiet:
            # Table and JSON have the mark in them. A line in the CSV would be read as a record.
            say(IDENTIFIABLE)
    # A screen and its page say in their lines what the notes say.
    is_told = format == "table" if out is None else _suffix(out) in (".html", ".md")
    if not quiet and not (answer.screen and is_told):
        for note in answer.notes:
            say(note)


def tell_left_beside(out: Path, *, quiet: bool) -> None:
    """Report files that a killed command left beside `out`. Nobody else knows that they are there."""
    left = () if quiet else unfinished(out.parent)
    if left:
        names = ", ".join(one.name for one in left)
        say(f"an interrupted command left unfinished files beside it: {names}; they may name patients: delete them")


OWN_SUFFIXES = frozenset({".docx"})
"""The suffixes of files that are made from a template, and not from an answer alone."""


def check_out(out: Path | None) -> None:
    """Refuse an `--out` that cannot work. A verb that changes the store calls this first."""
    if out is not None:
        if out.suffix.lower() not in OWN_SUFFIXES and _suffix(out) == ".parquet":
            check_installed()
        check_place(out)


def check_draft(answer: Answer) -> None:
    """Refuse an answer without a message that can be sent. A verb that freezes a claim calls this first."""
    eml(answer)


def _suffix(out: Path) -> str:
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError("--out does not end in a known suffix", f"choose one of {' '.join(SUFFIXES)}")
    return suffix
