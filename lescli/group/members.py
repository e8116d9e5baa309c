"""The practices of a network: which network each belongs to and since when, and its list sizes.

MEMBERS is the file of docs/how-to/a-network.md. Membership has dates, because practices change network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from ..calendar import for_people
from ..errors import LesError, did_you_mean
from ..readers.cells import day_of
from ..readers.small_table import HEAD, count_in, table_rows

COLUMNS = ("ods_code", "name", "network_code", "network_name", "from", "to", "list_size", "women_15_44")
"""The columns of MEMBERS in order. `place` and `area` may follow."""
_ALL = (*COLUMNS, "place", "area")
_NEEDED = ("ods_code", "network_code")
_MOST_FAULTS = 10
_TOO_MANY = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One practice in one network for a time, first and last day included; None is open.

    `list_size` and `women_15_44` are numbers of registered patients, None where the file gives none.
    """

    ods_code: str
    name: str
    network_code: str
    network_name: str
    start: date | None
    end: date | None
    list_size: int | None
    women_15_44: int | None
    place: str = ""
    area: str = ""

    def covers(self, day: date) -> bool:
        """Whether the practice is in this network on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The lines of one MEMBERS file."""

    lines: tuple[Member, ...]

    @property
    def practices(self) -> tuple[str, ...]:
        """Every practice of the file, each once, in order of its code."""
        return tuple(sorted({one.ods_code for one in self.lines}))

    def of(self, ods_code: str) -> tuple[Member, ...]:
        """A practice's lines, the earliest first."""
        return tuple(one for one in self.lines if one.ods_code == ods_code)

    def on(self, ods_code: str, day: date) -> Member | None:
        """The line of a practice that holds on a day."""
        return next((one for one in self.of(ods_code) if one.covers(day)), None)

    def networks(self) -> dict[str, str]:
        """Each network's name by its code, in order of the codes."""
        return {one.network_code: one.network_name for one in sorted(self.lines, key=lambda one: one.network_code)}


def read_members(path: Path) -> Members:
    """The members in a CSV or workbook. LesError names every fault with its line; then nothing of the file is used.

    The header is the first of the first lines with both needed columns: a title may stand above it.
    """
    rows = _rows(path)
    place, heads = _header(rows)
    top = rows[place][0]
    faults: list[str] = []
    for name in heads:
        if name and name not in _ALL:
            hint = did_you_mean(name, _ALL)
            faults.append(f"line {top}: there is no column of that name{f': {hint}' if hint else ''}")
    if doubled := sorted({name for name in heads if name and heads.count(name) > 1}):
        faults.append(f"line {top}: the column {doubled[0]} stands there twice")
    lines = list(_members(heads, rows[place + 1 :], faults))
    faults += _overlaps(lines)
    if faults:
        more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise LesError(f"--members: {'; '.join(faults[:_MOST_FAULTS])}{more}", "mend the file")
    if not lines:
        raise LesError("--members: the file names no practice", "add a line for each practice")
    return Members(
        lines=tuple(sorted((one for _, one in lines), key=lambda one: (one.ods_code, one.start or date.min)))
    )


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Every row that is not blank, with its line."""
    if not path.is_file():
        raise LesError("--members: the file cannot be read", "check its name and permissions")
    try:
        with table_rows(path, _ALL, "save it as CSV or .xlsx") as table:
            return [(line, cells) for line, cells in table if any(cell.strip() for cell in cells)]
    except LesError as fault:
        raise LesError(f"--members: {fault.what}", fault.fix) from None


def _header(rows: list[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Where the header stands in the rows, and the names in it."""
    first = [[cell.strip().casefold() for cell in cells] for _, cells in rows[:HEAD]]
    for place, heads in enumerate(first):
        if set(heads).issuperset(_NEEDED):
            return place, heads
    nearest = max(first, key=lambda heads: len(set(heads).intersection(_ALL)), default=[])
    missing = next(name for name in _NEEDED if name not in nearest)
    raise LesError(f"--members: the column {missing} is missing", f"the columns are {', '.join(COLUMNS)}")


def _members(
    heads: list[str], rows: Iterable[tuple[int, list[str]]], faults: list[str]
) -> Iterator[tuple[int, Member]]:
    for number, row in rows:
        cells = {name: cell.strip() for name, cell in zip(heads, row, strict=False) if name}
        found = len(faults)
        if any(cell.strip() for cell in row[len(heads) :]):
            faults.append(f"line {number}: it has more cells than columns")
        for name in _NEEDED:
            if not cells.get(name):
                faults.append(f"line {number}: {name} is empty")
        start, end = (_day(cells, name, number, faults) for name in ("from", "to"))
        size, women = (_count(cells, name, number, faults) for name in ("list_size", "women_15_44"))
        if start and end and end < start:
            faults.append(f"line {number}: `to` is before `from`")
        if size is not None and women is not None and women > size:
            faults.append(f"line {number}: women_15_44 is larger than list_size")
        if len(faults) > found:
            continue
        yield (
            number,
            Member(
                ods_code=cells["ods_code"].upper(),
                name=cells.get("name", ""),
                network_code=cells["network_code"],
                network_name=cells.get("network_name", "") or cells["network_code"],
                start=start,
                end=end,
                list_size=size,
                women_15_44=women,
                place=cells.get("place", ""),
                area=cells.get("area", ""),
            ),
        )


def _day(cells: Mapping[str, str], name: str, number: int, faults: list[str]) -> date | None:
    if not cells.get(name):
        return None
    try:
        return day_of(cells[name])
    except ValueError:
        faults.append(f"line {number}: `{name}` is no date; write it as 2026-04-01")
        return None


def _count(cells: Mapping[str, str], name: str, number: int, faults: list[str]) -> int | None:
    if not cells.get(name):
        return None
    with suppress(ValueError):
        if (count := count_in(cells[name])) < _TOO_MANY:
            return count
    faults.append(f"line {number}: {name} is no whole number")
    return None


def _overlaps(lines: Iterable[tuple[int, Member]]) -> list[str]:
    """A practice is in one network on a day. Two would count its work twice."""
    faults = []
    ordered = sorted(lines, key=lambda one: (one[1].ods_code, one[1].start or date.min, one[0]))
    for (first, one), (second, other) in pairwise(ordered):
        if one.ods_code == other.ods_code and (one.end is None or other.start is None or other.start <= one.end):
            until = f"ends on {for_people(one.end)}" if one.end else "has no last day"
            faults.append(f"line {second}: the practice is in another network at the same time: line {first} {until}")
    names: dict[str, tuple[int, str]] = {}
    for number, one in sorted(lines, key=lambda one: one[0]):
        known = names.setdefault(one.network_code, (number, one.network_name))
        if known[1] != one.network_name:
            faults.append(f"line {number}: its network has another name than in line {known[0]}")
    return faults
