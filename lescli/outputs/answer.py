"""What a verb hands to the outputs: one JSON value and the same as grids, with nothing formatted yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a column holds, which decides how each format prints it."""

    TEXT = "text"
    CODE = "code"  # identifiers and codes: never a number, whatever they look like
    DATE = "date"  # datetime.date
    PENCE = "pence"  # int
    COUNT = "count"  # int
    NUMBER = "number"  # float or int


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its machine name (csv header, as in the JSON) and its heading for people."""

    name: str
    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of values: str, int, float, bool, date or None as its columns' kinds say."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    empty: str = "nothing to show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A day for a diary (`.ics`); `uid` is stable for the same store and question."""

    uid: str
    day: date
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A draft message for the commissioner (`.eml`); it names no patient."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything one verb has to show.

    `data` is the JSON value as docs/reference/json.md gives it (dates already ISO text, money integer pence).
    `grids[0]` is what csv prints. `notes` are for the person and go to stderr. `identifiable` marks an answer that
    names patients.
    """

    data: dict[str, Any] | list[Any]
    title: str
    grids: tuple[Grid, ...]
    notes: tuple[str, ...] = ()
    identifiable: bool = False
    events: tuple[Event, ...] = ()
    mail: Mail | None = None
