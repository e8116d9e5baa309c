"""`les import --explain-columns`: how each column of a file is understood, and which columns a claim would need.

It needs no store. It shows headings and never a patient's cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import UnreadableFileError
from ..outputs import Answer, Column, Grid, Kind
from ..readers.encoding import shown
from ..readers.headings import Heading, Headings, headings_of
from ..readers.profile import PATIENT
from ..readers.sources import sources_in
from ..readers.wording import refusal_in
from ..readers.workbook import as_text
from ..readers.zip_file import form_of

_FORMS = {"web page": "HTML table"}
_CODED = "without a date and a code a row only describes its patient"
_WANTED = (
    ("date_of_birth", "new patient", "a patient new to the store is taken in only with it"),
    ("date", "required", _CODED),
    ("code", "required", _CODED),
    ("consultation_type", "claim", "where a service pays for some kinds of consultation only"),
    ("clinician", "claim", "where a service asks who did the work"),
    ("done_at", "claim", "tells work of another practice from your own"),
    ("value", "claim", "where a service counts results"),
    ("registered_on", "claim", "whether the patient was registered on the day of the work"),
    ("left_on", "claim", "whether the patient was registered on the day of the work"),
    ("registration", "claim", "tells temporary and private patients from your own"),
    ("died_on", "claim", "nobody is recalled after it"),
    ("deceased", "optional", "where the day of a death is not known"),
    ("housebound", "optional", "where a service pays for home visits"),
    ("registered_practice", "optional", "taken as your practice where it is not there"),
    ("family_name", "optional", "lists then name the patient"),
    ("given_name", "optional", "lists then name the patient"),
    ("sex", "optional", "where a service asks for it"),
    ("term", "optional", "lists then say the code in words"),
    ("unit", "optional", "lists then say what a value is measured in"),
    ("recorded_on", "optional", "tells when the entry was made"),
    ("source_id", "optional", "a later export can then change or withdraw the entry"),
)
_COLUMNS = (
    Column("file", "File"),
    Column("place", "Column", Kind.COUNT),
    Column("group", "Group"),
    Column("heading", "Heading"),
    Column("means", "Understood as"),
    Column("about", "About"),
    Column("status", "Status"),
)
_MISSING = (
    Column("file", "File"),
    Column("column", "Missing"),
    Column("need", "Need"),
    Column("groups", "In group"),
    Column("why", "What it is for"),
)
_FILES = (
    Column("file", "File"),
    Column("profile", "Profile"),
    Column("encoding", "Encoding"),
    Column("lines_skipped", "Lines before the table", Kind.COUNT),
    Column("header_line", "Line of the headings", Kind.COUNT),
    Column("extracted_at", "Ran at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsAnswer:
    """The answer about the files.

    `refused` has a line for each file that cannot be read. `incomplete` is true when a file lacks something required.
    """

    answer: Answer
    refused: tuple[str, ...]
    explained: int
    incomplete: bool


def columns_answer(paths: Sequence[Path], profile: str | None) -> ColumnsAnswer:
    """How the columns of each file are understood, including files in folders and zips.

    Raises UsageError for an unknown profile, or for a practice's own profile that cannot be read.
    """
    files: list[dict[str, Any]] = []
    refused: list[str] = []
    with sources_in(paths) as found:
        for source in found.sources:
            try:
                with source.open() as path:
                    files.append(_file(source.name, _named(source.name, path, profile)))
            except UnreadableFileError as fault:
                if source.promised:
                    refused.append(str(fault))
    data = {"schema": "les-columns/1", "files": files, "refused": refused}
    notes = [f"{file['file']}: {note}" for file in files for note in file["notes"]]
    if any(column["status"] == "ignored" for file in files for column in file["columns"]):
        notes.append(
            "where an ignored column matters, say in a file of your own what its heading means: --profile FILE.toml"
        )
    return ColumnsAnswer(
        answer=Answer(
            data=data,
            title="Columns",
            grids=(
                _grid("Columns", _COLUMNS, files, "columns", "no columns: a GP Connect bundle has none"),
                _grid("Missing", _MISSING, _pressing(files), "missing", "nothing a claim needs is missing"),
                _grid("Files", _FILES, [{"file": "", "all": files}], "all", "no file could be read"),
            ),
            notes=tuple(notes),
        ),
        refused=tuple(refused),
        explained=len(files),
        incomplete=any(one["need"] == "required" for file in files for one in file["missing"]),
    )


def _named(name: str, path: Path, profile: str | None) -> Headings:
    read = path
    try:
        with as_text(path) as read:
            found = headings_of(read, profile)
            return found if read == path else replace(found, encoding=_FORMS.get(form_of(read), "Excel workbook"))
    except UnreadableFileError as fault:
        # The file that was read may be a temporary copy. The person knows it by its name in the folder or zip.
        known = UnreadableFileError(fault.what.replace(shown(read), name, 1), fault.fix)
        raise refusal_in(form_of(read), known) from None


def _file(name: str, headings: Headings) -> dict[str, Any]:
    return {
        "file": name,
        "profile": headings.profile,
        "own_profile": headings.own,
        "encoding": headings.encoding,
        "lines_skipped": headings.lines_skipped,
        "header_line": headings.header_line,
        "extracted_at": headings.extracted_at,
        "columns": [_column(each) for each in headings.columns],
        "missing": _missing(headings) if headings.columns else [],
        "notes": list(headings.notes),
    }


def _column(each: Heading) -> dict[str, Any]:
    return {
        "place": each.place,
        "group": each.group,
        "heading": each.heading,
        "means": each.means or None,
        "about": each.about or None,
        "status": "ignored" if not each.means else "spare" if each.spare else "read",
    }


def _missing(headings: Headings) -> list[dict[str, Any]]:
    """The missing columns that les could use, and what each is for.

    `groups` names the groups that lack the column; an empty list means the whole file.
    """
    missing = []
    for column, need, why in _WANTED:
        if column in PATIENT:
            if column in headings.patient:
                continue
            groups = []
        else:
            groups = [label for label, means in headings.groups if column not in means]
            if headings.groups and not groups:
                continue
            groups = [label for label in groups if label]
        missing.append({"column": column, "need": need, "groups": groups, "why": why})
    return missing


def _pressing(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**file, "missing": [one for one in file["missing"] if one["need"] != "optional"]} for file in files]


def _grid(title: str, columns: tuple[Column, ...], files: list[dict[str, Any]], key: str, empty: str) -> Grid:
    rows = (
        tuple(_cell({"file": file["file"], **one}, column.name) for column in columns)
        for file in files
        for one in file[key]
    )
    return Grid(title=title, columns=columns, rows=tuple(rows), empty=empty)


def _cell(one: dict[str, Any], name: str) -> object:
    value = one[name]
    return ", ".join(value) if isinstance(value, list) else value
