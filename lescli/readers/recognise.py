"""Recognise which profile a file has from its content, and open it with that profile's reader."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path

from ..errors import UnreadableFileError, UsageError
from .clinical_report.layout import counts_only, field_of
from .delimited import dialect_of
from .encoding import glimpsed, lines, shown
from .les import CSV_COLUMNS
from .profile import Profile, built_in, folded, load_own, read_additions
from .reading import Reading

PROFILES = ("les", "emis", "systmone", "gpconnect")
"""The profiles that can be read."""

_REPORTS = ("emis", "systmone")
_HEAD = 60
_LIST = re.compile(r"\[\s*[{\]]")
_LES = frozenset(map(folded, CSV_COLUMNS))
_LES_ONLY = _LES - {
    "date", "code", "term", "value", "unit", "sex", "clinician", "nhsnumber", "deceased", "housebound",
}  # fmt: skip


def open_reading(path: Path, profile: str | None = None) -> Reading:
    """Open a file with the named profile, or with the one its content shows.

    `profile` may also be a practice's own TOML file that adds headings to a profile (`my-report.toml`). Raises
    UsageError for a profile that does not exist and UnreadableFileError for a file that no profile can read. The rows
    of the Reading raise UnreadableFileError when the file cannot be read to its end.
    """
    # Each reader is imported only when it is needed, so that a start pays for one at most.
    if profile is not None and is_own(profile):
        from .clinical_report.reader import read_report

        _check_kind(path, profile)
        return read_report(path, own_profile(profile))
    chosen = chosen_profile(path, profile)
    if chosen == "gpconnect":
        from .gp_connect.reader import read_gpconnect

        return read_gpconnect(path)
    if chosen == "les":
        from .les import read_les

        return read_les(path)
    from .clinical_report.reader import read_report

    return read_report(path, built_in(chosen))


def is_own(profile: str) -> bool:
    """Whether `profile` is a TOML file and not a name."""
    return profile.casefold().endswith(".toml")


def own_profile(profile: str) -> Profile:
    """The column map in a practice's own TOML file, with the profile it builds upon."""
    return load_own(Path(profile))


def remembered_by(digest: str, profile: str | None) -> str:
    """What the import remembers a file by: the SHA-256 of its bytes, combined with the practice's own TOML file if any.

    A changed TOML file gives the same bytes more meaning, so the file is then read again. Raises UsageError.
    """
    if profile is None or not is_own(profile):
        return digest

    return sha256(f"{digest} {read_additions(Path(profile))!r}".encode()).hexdigest()


def chosen_profile(path: Path, profile: str | None) -> str:
    """The named profile, or else the one the content shows."""
    if profile is not None and profile not in PROFILES:
        raise UsageError(
            f"there is no profile of that name; the profiles are {', '.join(PROFILES)}",
            "or name a TOML file of your own",
        )
    if profile is None:
        return recognise(path)
    _check_kind(path, profile)
    return profile


def _check_kind(path: Path, profile: str) -> None:
    """Refuse JSON for a profile of tables, and a table for `gpconnect`: the reader's own errors would mislead."""
    first = next((line.lstrip()[:1] for line in glimpsed(path) if line.strip()), "")
    if profile != "gpconnect" and first == "{":
        raise UnreadableFileError(f"{shown(path)} is JSON, not a table", "leave --profile out")
    if profile == "gpconnect" and first not in ("{", "["):
        raise UnreadableFileError(f"{shown(path)} is not JSON, so it is not a GP Connect record", "leave --profile out")


def recognise(path: Path) -> str:
    """The name of the file's profile. UnreadableFileError when it looks like none of them.

    Any number of lines may come before the table, so the search goes on to the end of the file.
    """
    # A bundle may be a single line of any length.
    begins = "".join(islice((line.strip() for line in glimpsed(path) if line.strip()), 2))
    if begins.startswith("{") or _LIST.match(begins):
        return "gpconnect"
    dialect = dialect_of(path, *map(built_in, ("les", *_REPORTS)))
    source = islice(lines(path), dialect.skipped, None)
    head = list(islice(source, _HEAD))
    counts = {mark for name in _REPORTS for mark in built_in(name).counts if "patient" in mark or "population" in mark}
    first, counted = True, False
    for cells in _records(head, source, dialect.delimiter):
        if not any(cell.strip() for cell in cells):
            continue
        found = _profile_of(path, cells, first)
        if found:
            return found
        first = False
        counted = counted or any(folded(cell) in counts for cell in cells)
    if counted:
        raise counts_only(path, "run a report that lists patients by NHS number, with one row for each entry")
    raise UnreadableFileError(
        f"{shown(path)}: no known header: neither the nhs_number column of a les CSV, nor the `Patient Details` row of "
        "an EMIS report, nor the NHS number among SystmOne's columns, nor a GP Connect bundle",
        f"if you know what it is, say --profile with one of {', '.join(PROFILES)}, or name its columns in a file of "
        "your own",
    )


def _profile_of(path: Path, cells: list[str], first: bool) -> str | None:
    """The profile whose headings these cells are, or whose reports have such a line; None for any other line."""
    emis, systmone = map(built_in, _REPORTS)
    begin = folded(cells[0])
    if begin == emis.banner or begin.startswith(emis.run):
        return "emis"
    names = {folded(cell) for cell in cells}
    known = names & _LES
    if (first or len(known) > 1) and any(cell.strip().casefold() == "nhs_number" for cell in cells):
        return "les"
    names |= {folded(field_of(cell, systmone.separator)[1]) for cell in cells}
    of_emis, of_systmone = len(names & emis.marks), len(names & systmone.marks)
    if "nhsnumber" not in names:
        # SystmOne's own patient number is not an NHS number. The reader of SystmOne says so.
        return "systmone" if "patientid" in names and of_systmone > 1 and not names & systmone.counts else None
    if of_emis and of_emis == of_systmone:
        raise UnreadableFileError(
            f"{shown(path)} may be a report of EMIS or of SystmOne: its columns have names of both",
            "say which with --profile emis or --profile systmone",
        )
    if of_emis or of_systmone:
        return "emis" if of_emis > of_systmone else "systmone"
    return "les" if names & _LES_ONLY or {"date", "code"} <= names else None


def _records(head: list[str], source: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The first lines, up to one that is not a valid table row, and of the later lines those that may be headings."""
    hints = ("nhs", "patient", "last")
    with suppress(csv.Error):
        yield from csv.reader(head, delimiter=delimiter)
    for line in source:
        if any(hint in line.casefold() for hint in hints):
            with suppress(csv.Error):
                yield from csv.reader([line], delimiter=delimiter)
