"""How a file's columns are understood, before a row of it is taken in: what `les import --explain-columns` shows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .clinical_report.layout import Group, Layout
from .clinical_report.reader import notes_of, open_report
from .delimited import COMMA, DELIMITERS, dialect_of
from .encoding import encoding_of
from .les import read_les
from .profile import CODE_KINDS, Profile, built_in
from .recognise import chosen_profile, is_own, own_profile

_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a BOM", "cp1252": "Windows-1252"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One column: its place from 1, the group it is of, and the les column it means ("" where it is left out).

    `about` is `patient`, `entry` or "". `spare` is true where another column of the group is preferred to it, so that
    it counts only on rows where that one is blank.
    """

    place: int
    group: str
    heading: str
    means: str
    about: str
    spare: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """What a file says before its first row. `groups` gives the les columns each kind of entry has, by its label.

    The code of an entry is `code`, whatever coding system its column is of. `lines_skipped` stand before the table.
    A GP Connect bundle has no columns: everything but the profile and the encoding is then empty.
    """

    profile: str
    own: bool
    encoding: str
    header_line: int | None
    lines_skipped: int
    extracted_at: str | None
    columns: tuple[Heading, ...]
    patient: frozenset[str]
    groups: tuple[tuple[str, frozenset[str]], ...]
    notes: tuple[str, ...]


def headings_of(path: Path, profile: str | None = None) -> Headings:
    """The columns of a file, as the import would read them with this profile (a name, a TOML file, None).

    Raises UsageError and UnreadableFileError where the import would refuse the file for what stands above its rows.
    """
    own = profile is not None and is_own(profile)
    name = "" if own else chosen_profile(path, profile)
    encoding = encoding_of(path)
    shown = _ENCODINGS.get(encoding, "UTF-16" if encoding.startswith("utf-16") else encoding)
    if name == "gpconnect":
        return Headings(
            profile=name, own=False, encoding=shown, header_line=None, lines_skipped=0, extracted_at=None, columns=(),
            patient=frozenset(), groups=(), notes=(),
        )  # fmt: skip
    if name == "les":
        # Its reader refuses what this one would put up with: a column that is there twice.
        read_les(path)
    chosen: Profile = own_profile(profile) if own and profile else built_in(name)
    header, layout, rows = open_report(path, chosen)
    with closing(rows):
        return Headings(
            profile=chosen.name,
            own=chosen.own,
            encoding=shown,
            header_line=header.line,
            lines_skipped=header.table_line - 1,
            extracted_at=header.run,
            columns=_columns(layout),
            patient=frozenset(layout.patient),
            groups=tuple((_label(group, layout), _means(group)) for group in layout.groups),
            notes=(*notes_of(header, layout, chosen), *_parted_note(path, chosen)),
        )


def _parted_note(path: Path, profile: Profile) -> tuple[str, ...]:
    delimiter = dialect_of(path, profile).delimiter
    return () if delimiter == COMMA else (f"its cells are parted by {DELIMITERS.get(delimiter, f'`{delimiter}`')}",)


def _columns(layout: Layout) -> tuple[Heading, ...]:
    groups = {place: group for group in layout.groups for many in group.places.values() for _, place in many}
    patient = {place for many in layout.patient.values() for _, place in many}
    tables = (layout.patient, *(group.places for group in layout.groups))
    spare = {place for table in tables for many in table.values() for _, place in many[1:]}
    return tuple(
        Heading(
            place=seen.place + 1,
            group=_label(groups[seen.place], layout) if seen.place in groups else seen.group,
            heading=seen.heading,
            means=seen.means,
            about="patient" if seen.place in patient else "entry" if seen.place in groups else "",
            spare=seen.place in spare,
        )
        for seen in layout.columns
    )


def _label(group: Group, layout: Layout) -> str:
    """The group's name; where several have the same or none, the columns it takes up."""
    same = [each for each in layout.groups if each.name == group.name]
    if len(same) == 1:
        return group.name
    return f"{group.name} ({group.span})" if group.name else group.span


def _means(group: Group) -> frozenset[str]:
    kinds = {"code"} if group.has_code else set()
    return frozenset(kinds | (group.places.keys() - set(CODE_KINDS)))
