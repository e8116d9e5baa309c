"""Which profile a file is of, told from what is in it, and the reader that goes with it."""

from __future__ import annotations

import csv
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ..errors import UnreadableFileError, UsageError
from .les import CSV_COLUMNS, folded
from .reading import Reading
from .text import lines, shown

PROFILES = ("les", "emis", "gpconnect")
"""The profiles that can be read; `systmone` is known and not read yet."""

_HEAD = 60
_LES_ONLY = frozenset(CSV_COLUMNS) - {"date", "code", "term", "value", "unit", "sex", "clinician", "nhs_number"}
_EMIS = frozenset({"codeterm", "emisnumber", "snomedctconceptid"})
_SYSTMONE = frozenset({"eventdate", "eventdoneatid", "patientid", "patientcount", "dateofissue"})


def open_reading(path: Path, profile: str | None = None) -> Reading:
    """Open a file with the named profile, or with the one its content shows.

    Instead of a name, a TOML file may be given that adds headings to the emis profile (`practice.toml`).
    Raises UsageError for a profile that does not exist and UnreadableFileError for a file that none can read; the rows
    of the Reading raise UnreadableFileError when the file cannot be read to its end.
    """
    if profile is not None and profile.endswith(".toml"):
        from .emis import read_emis

        return read_emis(path, Path(profile))
    if profile is not None and profile not in (*PROFILES, "systmone"):
        raise UsageError(f"there is no profile of that name; the profiles are {', '.join(PROFILES)}")
    # Each reader is imported when it is needed: a start-up pays for one of them at most.
    chosen = profile or recognise(path)
    if chosen == "gpconnect":
        from .gpconnect import read_gpconnect

        return read_gpconnect(path)
    if chosen == "emis":
        from .emis import read_emis

        return read_emis(path)
    if chosen == "les":
        from .les import read_les

        return read_les(path)
    raise UnreadableFileError(
        f"{shown(path)}: SystmOne reports are not read yet",
        "give its columns the names of the les CSV and import it with --profile les",
    )


def recognise(path: Path) -> str:
    """The name of the file's profile; UnreadableFileError when it looks like none of them."""
    head = list(islice(lines(path), _HEAD))
    first = next((line.lstrip() for line in head if line.strip()), "")
    if first.startswith("{"):
        return "gpconnect"
    table = [[folded(cell).strip(":'\"") for cell in cells] for cells in _cells(head)]
    if any(cells and cells[0].startswith(("patientdetails", "lastrun")) for cells in table):
        return "emis"
    header = set(next((cells for cells in table if any(cells)), []))
    if "nhsnumber" in header and header & _EMIS:
        return "emis"
    if "patientcount" in header:
        raise UnreadableFileError(
            f"{shown(path)} counts patients and names none (a SystmOne breakdown report)",
            "run the report with patient details, one row an entry",
        )
    spelt = {folded(column) for column in _LES_ONLY}
    if "nhsnumber" in header and not header & _SYSTMONE and (header & spelt or {"date", "code"} <= header):
        return "les"
    if header & _SYSTMONE:
        return "systmone"
    raise UnreadableFileError(
        f"{shown(path)}: no known header: neither the nhs_number column of a les CSV, nor the `Patient Details` row of "
        "an EMIS report, nor a GP Connect bundle",
        f"if you know what it is, say --profile with one of {', '.join(PROFILES)}",
    )


def _cells(head: list[str]) -> list[list[str]]:
    """The records among the first lines, as many as can be told: a preamble need not be well-formed CSV."""
    found: list[list[str]] = []
    with suppress(csv.Error):
        found.extend(csv.reader(head))
    return found
