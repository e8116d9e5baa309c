"""An answer with its JSON and its tables, and JSON as text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from json.encoder import encode_basestring
from typing import Any

from ..errors import LesError

# JSON escapes C0 controls itself, but may leave DEL, C1 controls (0x9B starts a terminal sequence) and direction marks
# raw. Escaped, the value is the same and cannot harm a terminal. Lone surrogates have no UTF-8 but have this escape.
_RAW = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def json_text(answer: Answer) -> str:
    """The JSON value, indented by 2, keys in the given order, with one newline at the end. LesError for NaN or
    infinity.
    """
    try:
        text = indented(_marked(answer))
    except ValueError:
        raise LesError("the answer holds a number that JSON cannot write", "report this as a fault of les") from None
    if text.isascii() and "\x7f" not in text:
        return text + "\n"
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def indented(value: Any, margin: str = "\n") -> str:
    """The text of `json.dumps` with `indent=2`, several times faster: json indents in Python, not in C."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        # Most values are text: not asking again what each is saves half the time.
        pairs = [
            f"{encode_basestring(name)}: {encode_basestring(one) if type(one) is str else indented(one, inner)}"
            for name, one in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(pairs)}{margin}}}"
    if isinstance(value, (list, tuple)) and value:
        return f"[{inner}{f',{inner}'.join([indented(one, inner) for one in value])}{margin}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _marked(answer: Answer) -> Any:
    """The value with `"identifiable": true` after its `schema` if it names patients. In a list, each item gets it."""
    if not answer.identifiable:
        return answer.data
    if isinstance(answer.data, list):
        return [_marked(replace(answer, data=one)) for one in answer.data]
    first = {name: answer.data[name] for name in ("schema",) if name in answer.data}
    return {**first, "identifiable": True, **answer.data}


_KEY = "nhs_number"


class Kind(StrEnum):
    """What a column holds, which decides how each format prints it."""

    TEXT = "text"
    CODE = "code"  # identifiers and codes: always text, even if they look like a number
    DATE = "date"  # datetime.date
    MOMENT = "moment"  # ISO text of a local date, or date and time
    PENCE = "pence"  # int
    COUNT = "count"  # int
    NUMBER = "number"  # float or int
    LINK = "link"  # the name of a file that lies beside the page


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its machine name (the CSV header, as in the JSON) and its heading for people.

    `between` stands between the values of a cell that has several.
    """

    name: str
    heading: str
    kind: Kind = Kind.TEXT
    between: str = ", "


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of values: str, int, float, bool, date or None, according to the kind of their column."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[object, ...]]
    empty: str = "nothing to show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of numbers in a chart, a number for each label. None where there is no figure."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Numbers as a picture: bars or lines over the same labels, such as the months of a year.

    `shape` is `bars` or `lines`. `description` says in a sentence what the picture shows, for people who cannot see it.
    With the unit PENCE the values are pence, and the picture shows pounds. A small one stands among many: it has no
    room to name its series.
    """

    shape: str
    title: str
    description: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Kind = Kind.COUNT
    is_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page: a heading and sentences, then a chart and the table beneath it, each if there is one.

    `charts` are small ones side by side, each under its title.
    """

    heading: str
    text: tuple[str, ...] = ()
    chart: Chart | None = None
    charts: tuple[Chart, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a screen: facts as pairs of what each is about and what it says, and a command that fits them all.

    `is_late` marks what has passed. `about` heads the first of the pair, where the screen is shown as a page.
    """

    heading: str
    facts: tuple[tuple[str, str], ...]
    command: str = ""
    is_late: bool = False
    about: str = "Service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """An answer as one screen of a terminal: the blocks that have something to say, some last lines, a next command.

    Where it is shown, it says what the answer's notes say, so those are not written.
    """

    blocks: tuple[Block, ...]
    last: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of a workbook that is made to be read: labels with values, a table with its total, labels again.

    Each label is (label, value, kind of the value). `total` has a cell for each column of the table. A form is one
    upright page with wide space to sign; any other sheet is a table.
    """

    name: str
    grid: Grid
    above: tuple[tuple[str, object, Kind], ...] = ()
    total: tuple[object, ...] = ()
    below: tuple[tuple[str, object, Kind], ...] = ()
    is_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A day for a diary (`.ics`). `uid` is stable for the same store and question."""

    uid: str
    day: date
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A draft message for the commissioner (`.eml`). It names no patient.

    `attached_as` is the name of the answer's workbook in the message; "" when none is attached. `attached` are
    further workbooks, by name.
    """

    to: str
    subject: str
    body: str
    attached_as: str = ""
    attached: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything one verb has to show.

    `data` is the JSON value of docs/reference/json.md: dates are already ISO text, money is integer pence. CSV prints
    `records`, else `grids[0]`. `notes` are for the person and go to stderr. `identifiable` marks an answer that names
    patients. `patients` is their number where the data does not show it; None means it is counted from the data. `mail`
    is the message of an answer about one service. `mails` has each service's message by its name, None where it has
    none. `sections` is the answer as a page: where there are any, `.html` and `.md` show them in place of the grids.
    `sheets` are what `.xlsx` shows in their place.
    `screen` is the answer on a terminal in place of the grids. `workbook` is what `.xlsx` writes in place of all of it,
    such as the filled form of a commissioner.
    """

    data: dict[str, Any] | list[Any]
    title: str
    grids: tuple[Grid, ...]
    notes: tuple[str, ...] = ()
    identifiable: bool = False
    events: tuple[Event, ...] = ()
    mail: Mail | None = None
    mails: tuple[tuple[str, Mail | None], ...] = ()
    patients: int | None = None
    records: Grid | None = None
    sheets: tuple[Sheet, ...] = ()
    sections: tuple[Section, ...] = ()
    screen: Screen | None = None
    workbook: bytes = b""

    @property
    def patients_shown(self) -> int:
        """How many different patients the answer names; 0 when it is not identifiable.

        It is counted from the NHS numbers in the data, so that no verb can forget to report it. It never gives the
        numbers.
        """
        if not self.identifiable:
            return 0
        return len(self.nhs_numbers) if self.patients is None else self.patients

    @property
    def nhs_numbers(self) -> frozenset[str]:
        """The NHS numbers in the data of an identifiable answer, to count patients over several answers; none else."""
        return frozenset(_nhs_numbers(self.data, set())) if self.identifiable else frozenset()


def _nhs_numbers(value: object, found: set[str]) -> set[str]:
    """Every NHS number of a JSON value: in a field of that name, or in that column of a report's table."""
    if isinstance(value, dict):
        if value.get(_KEY):
            found.add(str(value[_KEY]))
        columns = value.get("columns")
        if isinstance(columns, list) and _KEY in columns:
            found.update(str(row[columns.index(_KEY)]) for row in value.get("rows", ()))
        value = value.values()
    elif not isinstance(value, list):
        return found
    for inner in value:
        if isinstance(inner, (dict, list)):
            _nhs_numbers(inner, found)
    return found
