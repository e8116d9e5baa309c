"""Tables for people: cells with UK dates and pounds, columns that fit the terminal, and safe writing to stdout."""

from __future__ import annotations

import errno
import math
import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import fill, wrap

from ..amounts import pounds
from ..calendar import for_people, moment_for_people
from ..codes import parse_nhs_number
from ..errors import LesError
from .answer import Answer, Column, Grid, Kind

# Ten digits on their own, together or in the printed groups 3 3 4. Not a piece of a SHA-256 or of a longer number.
_LIKE_NHS_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{10}|[0-9]{3}([ -])[0-9]{3}\1[0-9]{4})(?![0-9A-Za-z])")
# The same in mixed groups, in any script's digits or next to letters. It is better to mask a telephone number than to
# show a mistyped patient. A digest is matched whole first, so that no piece of it is masked.
_LOOKS_LIKE_ONE = re.compile(r"\b[0-9a-f]{32,}\b|(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")

_LONGEST = 12  # digits and the signs between them


def nhs_numbers_in(text: str) -> set[str]:
    """The NHS numbers of a text: ten digits on their own that pass the check."""
    numbers: set[str] = set()
    for found in _LIKE_NHS_NUMBER.finditer(text):
        with suppress(ValueError):
            numbers.add(parse_nhs_number(found[0]))
    return numbers


def refuse_nhs_numbers(*texts: str) -> None:
    """Raise LesError when a text has an NHS number. The error does not repeat it."""
    if any(map(nhs_numbers_in, texts)):
        raise LesError("the text would carry an NHS number outside the practice", "take it out of the free text")


def masked(text: str) -> str:
    """The text with `[number]` for anything that looks like an NHS number, whether or not it passes the check."""
    return _LOOKS_LIKE_ONE.sub(lambda found: found[0] if len(found[0]) > _LONGEST else "[number]", text)


def write_stdout(text: str) -> None:
    """Write data to stdout. A reader that stopped reading (`les recall | head -1`) is not an error."""
    stream = sys.stdout
    if stream is None:
        return
    try:
        stream.flush()
        binary = getattr(stream, "buffer", None)
        if binary is None:
            stream.write(text)
        else:
            # Not through the text layer, which would write \r\n on Windows. A file or a pipe gets UTF-8 in any locale.
            encoding = terminal_encoding()
            binary.write(encodable(text, encoding).encode(encoding, "replace"))
            binary.flush()
        stream.flush()
    except OSError as error:
        _discard_rest()
        # A closed pipe gives EPIPE, on Windows EINVAL.
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise LesError("the output could not be written to the end", "is the disk full?") from error


def say(message: str) -> None:
    """Write one line for the person to stderr. Anything that looks like an NHS number is masked."""
    if sys.stderr is not None:
        with suppress(OSError):
            line = f"les: {masked(one_line(message))}"
            print(encodable(line, sys.stderr.encoding or "utf-8"), file=sys.stderr, flush=True)


def terminal_width() -> int | None:
    """The width of the terminal; None when stdout is a file or a pipe, where lines are not folded."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return max(shutil.get_terminal_size((120, 24)).columns, 60)


_IN_ASCII = {"£": "GBP ", "×": "x", "·": "-", "…": "...", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"'}


def terminal_encoding() -> str:
    """How a terminal wants its text; UTF-8 for a file or a pipe."""
    if sys.stdout is None or not sys.stdout.isatty():
        return "utf-8"
    return sys.stdout.encoding or "utf-8"


def encodable(text: str, encoding: str) -> str:
    """The text with the signs that an encoding does not have in plain letters: `GBP 40.00` in ASCII."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_IN_ASCII.get(sign, sign) if not _has(encoding, sign) else sign for sign in text)
    except LookupError:
        return text
    return text


def _has(encoding: str, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _discard_rest() -> None:
    """Point stdout at the null device: Python flushes it again at exit and would raise the error again."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


IDENTIFIABLE = "identifiable: names patients"
"""The mark on every output that names patients."""

_RIGHT = frozenset({Kind.PENCE, Kind.COUNT, Kind.NUMBER})
# Control characters except tab, line feed and carriage return: text from a file could recolour or rename a terminal, or
# type into it. Line and direction controls, which make a text look like another. And characters that UTF-8 or XML
# cannot hold.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_CONTROL_PICTURES = 0x2400
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def visible(text: str) -> str:
    """The text, with each control character replaced by a visible sign (ESC becomes `␛`)."""
    return _UNSAFE.sub(_sign, text)


def one_line(text: str) -> str:
    """The visible text on one line: line ends and tabs become single spaces."""
    return " ".join(visible(text).split())


def for_person(value: object, kind: Kind) -> str:
    """One cell on one line. None is blank, pence become pounds, thousands have a comma, numbers at most two decimals.

    Dates become `01 May 2026`, moments `01 May 2026, 14:30`.
    """
    if kind is Kind.PENCE and isinstance(value, int) and not isinstance(value, bool):
        return pounds(value)
    if kind is Kind.COUNT and type(value) is int:
        return f"{value:,}"
    if kind is Kind.NUMBER and isinstance(value, float) and math.isfinite(value):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if kind is Kind.MOMENT and isinstance(value, str):
        try:
            return moment_for_people(value)
        except ValueError:
            return one_line(value)
    day = as_date(value, kind)
    return for_people(day) if day else one_line(plain(value))


def plain(value: object) -> str:
    """The value as text for a person or a program: None is empty, dates are ISO, several values are joined by `; `."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | dict):
        return "; ".join(plain(part) for part in value)
    return str(value)


def as_date(value: object, kind: Kind) -> date | None:
    """The day in a cell: a date in any column, or an ISO text in a column of dates."""
    if isinstance(value, date):
        return None if isinstance(value, datetime) else value
    if kind is Kind.DATE and isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def right_aligned(column: Column) -> bool:
    """Whether the column is aligned right: money, counts and numbers are, so that their digits line up."""
    return column.kind in _RIGHT


def _sign(found: re.Match[str]) -> str:
    place = ord(found[0])
    if place < 0x20:
        return chr(_CONTROL_PICTURES + place)
    return "␡" if place == 0x7F else "\N{REPLACEMENT CHARACTER}"


GAP = 2
_NARROWEST = 12
_WIDEST_WORD, _WIDEST_OTHER_WORD = 40, 18
# What a person copies into the next command: claim ids, names of services, dates, KEY=VALUE.
_COPIED = re.compile(r"\S*[0-9=_]\S*|\S+-\S+")

_NUMBER = Column("number", "#", Kind.COUNT)


@dataclass(frozen=True, slots=True)
class Ruled:
    """Headings and cells of a table that fits, with its texts folded. `right` says which columns are aligned right."""

    headings: list[str]
    cells: list[list[str]]
    right: list[bool]


@dataclass(frozen=True, slots=True)
class Listed:
    """The same cells as lines, one record after the other, where a column is wider than the terminal."""

    text: str


def fitted(columns: Sequence[Column], headings: list[str], cells: list[list[str]], width: int) -> list[Ruled | Listed]:
    """One table, or several below each other, where those after the first have the columns that did not fit.

    Each repeats the first column. Where not everything fits, a column without a value is left out, and the rows are
    numbered if values of the first column repeat.
    """
    grid = _Folding(columns, headings, cells)
    inside = list(range(len(columns)))
    if grid.least(inside) <= width:
        return [grid.folded(inside, width)]
    inside = [place for place in inside if not place or any(row[place] for row in cells)]
    if len({row[0] for row in cells}) < len(cells):
        # Without a number nobody could tell to which row a value in a lower table belongs.
        grid = _Folding(
            [_NUMBER, *columns], [_NUMBER.heading, *headings], [[str(n), *row] for n, row in enumerate(cells, start=1)]
        )
        inside = [0, *(place + 1 for place in inside)]
    # The most important columns are on the left, and stay together.
    parts: list[list[int]] = [[]]
    for place in inside[1:]:
        if parts[-1] and grid.least([0, *parts[-1], place]) > width:
            parts.append([])
        parts[-1].append(place)
    return [grid.part([0, *part], width, whole=part is parts[0]) for part in parts]


class _Folding:
    """How narrow each column can be, and the cells folded to that. Dates, codes and numbers are never folded."""

    def __init__(self, columns: Sequence[Column], headings: list[str], cells: list[list[str]]) -> None:
        self.columns, self.headings, self.cells = columns, headings, cells
        # tabulate makes no column narrower than its heading and two spaces.
        self.natural = [
            max(len(heading) + GAP, *(len(row[place]) for row in cells)) for place, heading in enumerate(headings)
        ]
        self.floors = [self._floor(place) for place in range(len(columns))]

    def _floor(self, place: int) -> int:
        heading = max(len(word) for word in self.headings[place].split() or [""]) + GAP
        content = max(len(row[place]) for row in self.cells)
        if self.columns[place].kind is Kind.TEXT:
            content = min(content, max(_NARROWEST, *(_longest_whole(row[place]) for row in self.cells)))
        return max(heading, content)

    def least(self, places: list[int]) -> int:
        return sum(self.floors[place] for place in places) + GAP * (len(places) - 1)

    def folded(self, places: list[int], width: int) -> Ruled:
        """The columns at those places, folded to that width."""
        widths = {place: self.natural[place] for place in places}
        excess = sum(widths.values()) + GAP * (len(places) - 1) - width
        while excess > 0:
            narrower = [place for place in places if widths[place] > self.floors[place]]
            if not narrower:
                break
            widths[max(narrower, key=lambda place: widths[place])] -= 1
            excess -= 1
        return Ruled(
            headings=[fill(self.headings[place], max(widths[place] - GAP, 1)) for place in places],
            cells=[[self._cell(row[place], place, widths[place]) for place in places] for row in self.cells],
            right=[right_aligned(self.columns[place]) for place in places],
        )

    def _cell(self, text: str, place: int, width: int) -> str:
        return "\n".join(_lines(text, width)) if self.columns[place].kind is Kind.TEXT else text

    def part(self, places: list[int], width: int, *, whole: bool) -> Ruled | Listed:
        """The columns at those places. Unless `whole`, rows that are blank except for the first column are left out."""
        rows = [row for row in self.cells if whole or any(row[place] for place in places[1:])]
        held = _Folding(self.columns, self.headings, rows)
        return held.folded(places, width) if held.least(places) <= width else held.listed(places, width)

    def listed(self, places: list[int], width: int) -> Listed:
        """One line for each value that is not blank, and a blank line between two records."""
        margin = max(len(self.headings[place]) for place in places) + GAP
        records: list[str] = []
        for row in self.cells:
            lines: list[str] = []
            for place in places:
                text = row[place]
                folds = self.columns[place].kind is Kind.TEXT
                parts = _lines(text, max(width - margin, _NARROWEST)) if folds else [text] if text else []
                for number, part in enumerate(parts):
                    lines.append(f"{'' if number else self.headings[place]:<{margin}}{part}")
            records.append("\n".join(lines))
        return Listed("\n\n".join(records))


def _longest_whole(text: str) -> int:
    """The length of the longest word that must stay whole. One wider than half a screen, such as a path, may not."""
    lengths = (len(word) for word in text.split() if len(word) <= _WIDEST_OTHER_WORD or _COPIED.fullmatch(word))
    return max((length for length in lengths if length <= _WIDEST_WORD), default=0)


def _lines(text: str, width: int) -> list[str]:
    return wrap(text, width, break_on_hyphens=False)


def table(answer: Answer) -> str:
    """The whole answer for people: the identifiable mark, the title, then each grid. An empty grid says so."""
    blocks = [_title(answer.title)]
    for grid in answer.grids:
        title = _title(grid.title)
        # A verb with one grid often gives both the same title, which is then shown once.
        heading = f"{title}\n" if title and title != blocks[0] else ""
        blocks.append(heading + (_shown(grid) if grid.rows and grid.columns else one_line(grid.empty)))
    mark = f"{IDENTIFIABLE}\n" if answer.identifiable else ""
    return mark + "\n\n".join(block for block in blocks if block) + "\n"


def _title(text: str) -> str:
    """A title, on a terminal folded between words: the terminal itself would fold within one."""
    width = terminal_width()
    return one_line(text) if width is None else "\n".join(_lines(one_line(text), width))


def _shown(grid: Grid) -> str:
    cells = [
        [for_person(value, column.kind) for value, column in zip(row, grid.columns, strict=True)] for row in grid.rows
    ]
    headings = [one_line(column.heading) for column in grid.columns]
    width = terminal_width()
    if width is None:
        return _ruled(Ruled(headings, cells, [right_aligned(column) for column in grid.columns]))
    parts = fitted(grid.columns, headings, cells, width)
    return "\n\n".join(part.text if isinstance(part, Listed) else _ruled(part) for part in parts)


def _ruled(part: Ruled) -> str:
    # Imported here: tabulate takes twice as long to import as Python to start.
    from tabulate import tabulate

    ruled: str = tabulate(
        part.cells,
        headers=part.headings,
        tablefmt="simple",
        # Otherwise tabulate reads text as numbers and prints an NHS number as 9.43e+09.
        disable_numparse=True,
        colalign=["right" if right else "left" for right in part.right],
    )
    return "\n".join(line.rstrip() for line in ruled.split("\n"))
