"""The layout of a report: its header, the patient's columns, and the groups of columns beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ...calendar import parse_date
from ...errors import UnreadableFileError
from ..cells import TWO_DIGIT_YEAR, parted
from ..encoding import ascii_safe, shown
from ..profile import CODE_KINDS, Profile, folded

_RUN = re.compile(r"([0-9]{1,2}[/.-](?:[0-9]{1,2}|[A-Za-z]{3,9})[/.-][0-9]{4})(?:[ T]+([0-9]{1,2}):([0-9]{2}))?")

Places = dict[str, list[tuple[int, int]]]
"""Column -> (rank of the heading, place in the row), to be tried in this order."""

# Facts about the patient that a report may put into a group of its own. The organisation code is not one: beside an
# entry that heading means the practice that made the entry.
_ANYWHERE = frozenset(
    {"registration", "registered_on", "left_on", "died_on", "deceased", "housebound", "date_of_birth", "sex"}
)


def run_moment(cells: list[str]) -> str | None:
    """The moment in the `Last Run` line, `2026-11-05T09:14` (London time). Only the date where the line has no time."""
    for cell in cells:
        if found := _RUN.search(cell):
            try:
                day = parse_date(found[1]).isoformat()
            except ValueError:
                continue
            return f"{day}T{int(found[2]):02d}:{found[3]}" if found[2] else day
    return None


def iso_date(cell: str, latest: date | None) -> str:
    """The ISO date of `02-Nov-2026` or `02-Nov-26`, with any time after it. `02/11/26` becomes `02/11/2026`.

    A two-digit year is in the latest century that keeps the day no later than `latest`. Without `latest` the century is
    not known. Any other text is left unchanged, so that the check reports it.
    """
    day, behind = parted(cell.strip())
    found = TWO_DIGIT_YEAR.fullmatch(day)
    if found is None:
        return cell if _is_all_digits(day) else (_parsed(day) or day) + behind
    if latest is None:
        return cell
    century = latest.year // 100 * 100
    for year in (century, century - 100):
        text = f"{day[:-2]}{year + int(found[1]):04d}"
        if (parsed := _parsed(text)) and parsed <= latest.isoformat():
            return (text if _is_all_digits(day) else parsed) + behind
    return cell


def _is_all_digits(day: str) -> bool:
    """Whether the date is all digits, so that it may be month first. The check decides that."""
    return "/" in day or "." in day


def _parsed(text: str) -> str:
    try:
        return parse_date(text).isoformat()
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A report's headings, the banner above them ([] without one), and their lines.

    `table_line` is the line on which the table begins, banner included. `run` is when the report ran. `above` are the
    rows above the headings, each with its line.
    """

    run: str | None
    banner: list[str]
    headings: list[str]
    line: int
    table_line: int
    above: tuple[tuple[int, list[str]], ...] = ()


def find_header(path: Path, rows: Iterator[tuple[int, str, list[str]]], profile: Profile) -> Header:
    """Read `rows` up to the headings. UnreadableFileError when there are none."""
    run: str | None = None
    banner: list[str] = []
    banner_line = 0
    counted = numberless = False
    above: list[tuple[int, list[str]]] = []
    for line, _, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        first = folded(cells[0])
        known = known_columns(cells, profile)
        if banner:
            return Header(run=run, banner=banner, headings=cells, line=line, table_line=banner_line, above=tuple(above))
        if profile.banner and first == profile.banner:
            banner, banner_line = cells, line
        elif profile.run and first.startswith(profile.run):
            run = run_moment(cells) or run
        elif "nhs_number" in known and len(known) > 1:
            return Header(run=run, banner=[], headings=cells, line=line, table_line=line, above=tuple(above))
        above.append((line, cells))
        counted = counted or any(folded(cell) in profile.counts for cell in cells)
        numberless = numberless or len(known) > 1
    if counted:
        raise counts_only(path, profile.instead)
    missing = profile.without_number if numberless else "no row of headings is known"
    raise UnreadableFileError(f"{shown(path)}: no known header: {missing}", profile.instead)


def counts_only(path: Path, instead: str) -> UnreadableFileError:
    """The refusal of a report that counts patients but does not list them."""
    return UnreadableFileError(
        f"{shown(path)}: it counts patients and does not list them (an aggregate or breakdown)", instead
    )


def field_of(heading: str, separator: str) -> tuple[str, str]:
    """The name of the report a heading comes from and the heading itself: `Vaccines: Event date`."""
    before, found, field = heading.strip().rpartition(separator) if separator else ("", "", heading.strip())
    return (before.strip(), field.strip()) if found else ("", field)


def known_columns(cells: list[str], profile: Profile) -> set[str]:
    """The les columns that these cells mean if they are headings."""
    known = set()
    for cell in cells:
        for name in (folded(cell), folded(field_of(cell, profile.separator)[1])):
            if found := profile.patient.get(name) or profile.entry.get(name):
                known.add(found[0])
    return known


@dataclass(slots=True)
class Group:
    """The columns of one kind of entry. A report may have several groups side by side.

    `left` is the heading to the left of the group where that heading has no other meaning. It may be the group's name:
    `INR, Event date, Value`.
    """

    name: str
    left: str = ""
    places: Places = field(default_factory=dict)
    headings: set[str] = field(default_factory=set)

    @property
    def has_code(self) -> bool:
        """Whether one of the group's columns holds a code."""
        return any(kind in self.places for kind in CODE_KINDS)

    @property
    def span(self) -> str:
        """The columns that the group takes up, counted from 1."""
        at = sorted(place + 1 for many in self.places.values() for _, place in many)
        return f"columns {at[0]} to {at[-1]}" if at[1:] else f"column {at[0]}"


class Seen(NamedTuple):
    """One column of the report: its place from 0, its group, its heading, and the les column it means ("" for none)."""

    place: int
    group: str
    heading: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The meaning of a report's headings.

    `patient_places` are all cells that describe the patient. A row where they are blank names no patient. `least` and
    `most` bound the number of cells of a whole row.
    """

    patient: Places
    patient_places: tuple[int, ...]
    groups: tuple[Group, ...]
    columns: tuple[Seen, ...]
    least: int
    most: int

    @property
    def states(self) -> frozenset[str]:
        """The les columns the report has: any column of the patient, and of an entry those that every group has."""
        entries = [frozenset(group.places) for group in self.groups if "date" in group.places or group.has_code]
        return frozenset(self.patient).union(frozenset.intersection(*entries) if entries else ())

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headings that are not known, each with its group."""
        left = (
            f"{each.group}: {each.heading}" if each.group else each.heading for each in self.columns if not each.means
        )
        return tuple(ascii_safe(each)[:80] for each in left)


def layout_of(path: Path, header: Header, profile: Profile) -> Layout:
    """Understand the headings. UnreadableFileError when no column holds the NHS number."""
    parts = _Parts(profile)
    for place, (group, heading, begins) in enumerate(_named(header, profile)):
        parts.take(place, group, heading, begins, bool(header.banner))
    if "nhs_number" not in parts.patient:
        if any(folded(heading) in profile.counts for heading in header.headings):
            raise counts_only(path, profile.instead)
        raise UnreadableFileError(
            f"{shown(path)}: no known header: {profile.without_number}", "add the NHS number to the report"
        )
    unnamed = [group for group in parts.groups if not group.name]
    for each in unnamed if len(unnamed) > 1 else ():
        each.name = each.left
    tables = (parts.patient, *(group.places for group in parts.groups))
    for table in tables:
        for places in table.values():
            places.sort()
    return Layout(
        patient=parts.patient,
        patient_places=tuple(parts.patient_places),
        groups=tuple(parts.groups),
        columns=tuple(parts.columns),
        least=max(place for table in tables for places in table.values() for _, place in places) + 1,
        most=max(len(header.headings), len(header.banner)),
    )


def _named(header: Header, profile: Profile) -> Iterator[tuple[str, str, bool]]:
    """For each column the group's name ("" for the patient's), its heading, and whether a group begins with it."""
    if header.banner:
        name = ""
        for place, heading in enumerate(header.headings):
            above = header.banner[place].strip() if place < len(header.banner) else ""
            begins = above not in ("", name)
            name = above or name
            yield "" if folded(name) == profile.banner else name, heading.strip(), begins
        return
    parts = [field_of(heading, profile.separator) for heading in header.headings]
    often = Counter(folded(heading) for _, heading in parts)
    knowns = [
        any(folded(each) in table for each in (heading, whole) for table in (profile.patient, profile.entry))
        for whole, (_, heading) in zip(header.headings, parts, strict=True)
    ]
    reports = {report for (report, _), known in zip(parts, knowns, strict=True) if known}
    left = ""
    for whole, (report, heading), known in zip(header.headings, parts, knowns, strict=True):
        if report not in reports:
            # The text before the colon is not the name of a report.
            report, heading = "", whole.strip()
        if not report and not known and often[folded(heading)] > 1 and left:
            yield left, heading, False
        else:
            yield report, heading, False
        left = heading if often[folded(heading)] == 1 and not known else ""


class _Parts:
    """The columns understood so far, from left to right."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.patient: Places = {}
        self.patient_places: list[int] = []
        self.groups: list[Group] = []
        self.columns: list[Seen] = []
        self._open: dict[str, Group] = {}

    def take(self, place: int, name: str, heading: str, begins: bool, has_banner: bool) -> None:
        """Understand one more column."""
        if begins:
            self._open.pop(name, None)
        about_patient = not name or not has_banner
        means = self._meaning(name, heading, about_patient)
        if means is not None or heading:
            self.columns.append(Seen(place, name, heading, means[1] if means else ""))
        if means is None:
            if has_banner and not name:
                self.patient_places.append(place)
            return
        is_patient, column, rank = means
        if is_patient:
            self.patient.setdefault(column, []).append((rank, place))
            if about_patient:
                self.patient_places.append(place)
            return
        group = self._open.get(name)
        if group is None or folded(heading) in group.headings:
            # A repeated heading begins another group, even where the banner does not say so.
            group = self._begin(name, group, column)
        group.headings.add(folded(heading))
        group.places.setdefault(column, []).append((rank, place))

    def _begin(self, name: str, before: Group | None, column: str) -> Group:
        """A new group. It takes the code on its left along, because a repeated date or value belongs to that code."""
        group = Group(name, "" if name else self._left())
        self.groups.append(group)
        self._open[name] = group
        if before is None or column in (*CODE_KINDS, "term"):
            return group
        moved: list[Seen] = []
        for seen in reversed(self.columns[:-1]):
            of_it = any(at == seen.place for _, at in before.places.get(seen.means, []))
            if seen.means not in (*CODE_KINDS, "term") or not of_it:
                break
            moved.append(seen)
        first = moved[-1].place if moved else 0
        stays = [at for kind in CODE_KINDS for _, at in before.places.get(kind, []) if at < first]
        dated = [at for _, at in before.places.get("date", []) if at < first]
        if any(seen.means in CODE_KINDS for seen in moved) and stays and dated:
            for seen in moved:
                places = before.places[seen.means]
                group.places[seen.means] = [each for each in places if each[1] == seen.place]
                before.places[seen.means] = [each for each in places if each[1] != seen.place]
                if not before.places[seen.means]:
                    del before.places[seen.means]
                before.headings.discard(folded(seen.heading))
                group.headings.add(folded(seen.heading))
        return group

    def _left(self) -> str:
        """The heading left of the newest column, where that heading is not known; else ""."""
        left = self.columns[-2] if len(self.columns) > 1 else None
        return left.heading if left and not left.means and not left.group else ""

    def _meaning(self, name: str, heading: str, about_patient: bool) -> tuple[bool, str, int] | None:
        """(whether it describes the patient, column, rank); None for a heading that the profile does not know."""
        # A heading with its group is more exact: `INR: Date`.
        for key in filter(None, (folded(name + heading) if heading else "", folded(heading))):
            if key in self.profile.ignored:
                return None
            as_patient, as_entry = self.profile.patient.get(key), self.profile.entry.get(key)
            if as_patient and (about_patient or (not as_entry and as_patient[0] in _ANYWHERE)):
                return True, *as_patient
            if as_entry:
                return False, *as_entry
        return None
