"""Where everything stands in an EMIS report: the moment it ran, the patient's columns, and the groups beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UnreadableFileError
from .emis_dates import run_moment
from .profile import Profile, folded
from .text import ascii_safe, shown

Places = dict[str, list[tuple[int, int]]]
"""Column -> (rank of the heading, place in the row), to be tried in this order."""

_PREAMBLE = 200
"""Records before the table; real preambles have 8 to 12 lines."""

# Facts of the patient that a report may put into a group of its own. Not the organisation code: beside an entry that
# heading means the place that made the entry.
_ANYWHERE = frozenset({"registration", "registered_on", "left_on", "died_on", "housebound", "date_of_birth", "sex"})


@dataclass(slots=True)
class Group:
    """The columns of one kind of entry; a report may put several side by side."""

    name: str
    places: Places = field(default_factory=dict)
    headings: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a report's preamble and headings say.

    `patient_places` are all cells of the Patient Details group: a row in which they are blank continues the one above.
    `least` and `most` bound the number of cells of a whole row.
    """

    run: str | None
    patient: Places
    patient_places: tuple[int, ...]
    groups: tuple[Group, ...]
    ignored: tuple[str, ...]
    least: int
    most: int


def find_layout(path: Path, rows: Iterator[tuple[int, str, list[str]]], profile: Profile) -> Layout:
    """Read `rows` up to and with the headings; UnreadableFileError when there are none."""
    run: str | None = None
    banner: list[str] = []
    for count, (_, _, cells) in enumerate(rows):
        first = folded(cells[0]) if cells else ""
        if not any(cell.strip() for cell in cells):
            continue
        if banner:
            return _layout(path, run, banner, cells, profile)
        if first == profile.banner:
            banner = cells
        elif first.startswith(profile.run):
            run = run_moment(cells) or run
        elif _is_header(cells, profile):
            return _layout(path, run, [], cells, profile)
        if count >= _PREAMBLE:
            break
    raise UnreadableFileError(
        f"{shown(path)}: no known header: there is no `Patient Details` row with the headings below it",
        "run the report as a Population Reporting list report and export it as CSV",
    )


def _is_header(cells: list[str], profile: Profile) -> bool:
    """Headings without a banner above them: the NHS number and one more heading of the patient."""
    known = {profile.patient[name][0] for name in map(folded, cells) if name in profile.patient}
    return "nhs_number" in known and len(known) > 1


def _layout(path: Path, run: str | None, banner: list[str], header: list[str], profile: Profile) -> Layout:
    patient: Places = {}
    patient_places: list[int] = []
    groups: list[Group] = []
    ignored: list[str] = []
    name, group = "", None
    for place, heading in enumerate(header):
        above = banner[place].strip() if place < len(banner) else ""
        if above and above != name:
            name, group = above, None
        in_patient = folded(name) in ("", profile.banner)
        if in_patient and (banner or folded(heading) in profile.patient):
            patient_places.append(place)
        means = _meaning(folded(heading), in_patient, profile)
        if means is None:
            if heading.strip():
                ignored.append(ascii_safe(heading.strip() if in_patient else f"{name}: {heading.strip()}")[:80])
            continue
        is_patient, column, rank = means
        if is_patient:
            patient.setdefault(column, []).append((rank, place))
            continue
        # A heading that comes again begins another group, also where the banner above does not say so.
        if group is None or folded(heading) in group.headings:
            group = Group(name)
            groups.append(group)
        group.headings.add(folded(heading))
        group.places.setdefault(column, []).append((rank, place))
        if in_patient and place in patient_places:
            patient_places.remove(place)
    if "nhs_number" not in patient:
        raise UnreadableFileError(
            f"{shown(path)}: no known header: its Patient Details have no NHS Number", "add that column to the report"
        )
    for places in (patient, *(each.places for each in groups)):
        for column in places:
            places[column].sort()
    used = [place for each in (patient, *(one.places for one in groups)) for many in each.values() for _, place in many]
    return Layout(
        run=run,
        patient=patient,
        patient_places=tuple(patient_places),
        groups=tuple(groups),
        ignored=tuple(ignored),
        least=max(used) + 1,
        most=max(len(header), len(banner)),
    )


def _meaning(heading: str, in_patient: bool, profile: Profile) -> tuple[bool, str, int] | None:
    """(whether it describes the patient, column, rank); None for a heading the profile does not know."""
    as_patient, as_entry = profile.patient.get(heading), profile.entry.get(heading)
    if as_patient and (in_patient or (not as_entry and as_patient[0] in _ANYWHERE)):
        return True, *as_patient
    return (False, *as_entry) if as_entry else None
