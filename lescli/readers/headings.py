"""What each column of a file means, before any row is imported: the answer of `les import --explain-columns`."""

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
    """One column: its place from 1, its group, and the les column it means ("" where the column is ignored).

    `about` is `patient`, `entry` or "". `spare` is true where another column of the group comes first: this one then
    counts only on rows where the other is blank.
    """

    place: int
    group: str
    heading: str
    means: str
    about: str
    spare: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """What a file says before its first row. `groups` gives each kind of entry by its label, with its les columns.

    The code of an entry is `code` here, whatever its coding system. `lines_skipped` counts the lines before the table.
    A GP Connect bundle has no columns, so only its profile and encoding are given.
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
    """The columns of a file as the import would read them with this profile (a name, a TOML file or None).

    Raises UsageError and UnreadableFileError where the import would refuse the file for anything above its rows.
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
        # Raises for a column that is there twice, which `open_report` would accept.
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
    return () if delimiter == COMMA else (f"its cells are separated by {DELIMITERS.get(delimiter, f'`{delimiter}`')}",)


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
    """The group's name; the columns it takes up where several groups have the same name or none."""
    same = [each for each in layout.groups if each.name == group.name]
    if len(same) == 1:
        return group.name
    return f"{group.name} ({group.span})" if group.name else group.span


def _means(group: Group) -> frozenset[str]:
    kinds = {"code"} if group.has_code else set()
    return frozenset(kinds | (group.places.keys() - set(CODE_KINDS)))
