"""What an import did, and how each column of a file is understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..calendar import STALE_DAYS
from ..errors import UnreadableFileError
from ..outputs import Answer, Column, Grid, Kind, counted
from ..readers.asides import KINDS as ASIDES
from ..readers.encoding import shown
from ..readers.headings import Heading, Headings, headings_of
from ..readers.profile import PATIENT
from ..readers.sources import sources_in
from ..readers.wording import refusal_in
from ..readers.workbook import as_text
from ..readers.zip_file import form_of
from ..store.intake.result import ImportedFile
from .patients.doubts import MARKS

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


_MOST_REASONS = 5
_COUNTS = ("rows", "accepted", "unchanged", "quarantined", "patients")


def file_data(found: ImportedFile) -> dict[str, Any]:
    """The result for one file, in the shape that docs/reference/json.md gives."""
    return {
        "file": found.file,
        "sha256": found.sha256,
        "profile": found.profile,
        **{name: getattr(found, name) for name in _COUNTS},
        "changed": len(found.changed_entries),
        "withdrawn": len(found.withdrawn_entries),
        "planned_changed": found.planned_changed,
        "planned_withdrawn": found.planned_withdrawn,
        "settled": {
            "taken_in": found.released,
            "corrected": found.settled["corrected"],
            "sent_again": found.settled["sent-again"],
        },
        "extracted_at": found.extracted_at,
        "ignored_columns": list(found.ignored_columns),
        "left_out": dict(found.left_out),
        "counts": {name: dict(sorted(counter.items())) for name, counter in found.counts.items()},
    }


def doubts_data(name: str, found: ImportedFile) -> list[dict[str, Any]]:
    """Facts that an earlier file stated and this one leaves out, without the patient."""
    return [
        {"file": name, "fact": one.fact, "doubt": MARKS[one.fact], "held": one.held, "said_by": one.said_by}
        for one in found.doubts
    ]


def refused_data(name: str, why: str, digest: str) -> dict[str, Any]:
    """The same shape for a file that was refused whole."""
    return {"file": name, "sha256": digest, "profile": None, **dict.fromkeys(_COUNTS, 0), "refused": why}


def detail_of(file: dict[str, Any]) -> str:
    """What `-v` adds: the entries read, by resource, code system and consultation type."""
    parts = [
        f"{name.replace('_', ' ')} " + ", ".join(f"{kind or '(none)'} {count}" for kind, count in counts.items())
        for name, counts in file["counts"].items()
        if counts
    ]
    return f"{file['file']}: {'; '.join(parts)}"


def notes_of(found: Sequence[ImportedFile], discrepancies: Iterable[dict[str, Any]], as_of: date) -> Iterator[str]:
    """Notes for the person. A note that is true of several files appears once."""
    yield from _notes_of_files(found)
    if already := [one for one in found if one.already]:
        this = "this very file was" if len(already) == 1 else "these very files were"
        yield f"{_files_named(already)}: {this} imported before; nothing was changed"
    if ignored := [one for one in found if one.ignored_columns]:
        columns = dict.fromkeys(column for one in ignored for column in one.ignored_columns)
        yield f"{_files_named(ignored)}: columns not understood and left out: {', '.join(columns)}"
    if partly := [one for one in found if one.left_out]:
        kinds = sum((Counter(dict(one.left_out)) for one in partly), Counter())
        listed = ", ".join(counted(n, kind) if kind in ASIDES else f"{n} {kind}" for kind, n in sorted(kinds.items()))
        yield f"{_files_named(partly)}: left out, not activity: {listed}"
    if old := [(days, one) for one in found if (days := _days_old(one, as_of)) > STALE_DAYS]:
        most = max(days for days, _ in old)
        upto = "" if len(old) == 1 else "up to "
        files = _files_named([one for _, one in old])
        yield f"{files}: the data is {upto}{counted(most, 'day')} old; run the report again"
    if released := sum(one.released for one in found):
        yield f"taken in now that their patient is described: {counted(released, 'row')} of the quarantine"
    if corrected := sum(one.settled["corrected"] for one in found):
        yield f"corrected here and off the quarantine list: {counted(corrected, 'row')} of earlier files"
    if again := sum(one.settled["sent-again"] for one in found):
        yield f"sent again and now listed under the newer file: {counted(again, 'row')} in quarantine"
    if amended := [one for one in found if one.changed_entries or one.withdrawn_entries]:
        changed = sum(len(one.changed_entries) for one in amended)
        withdrawn = sum(len(one.withdrawn_entries) for one in amended)
        entries = counted(changed, "entry", "entries")
        yield f"{_files_named(amended)}: {entries} changed and {withdrawn} withdrawn since the last import"
    if amended := [one for one in found if one.planned_changed or one.planned_withdrawn]:
        changed = sum(one.planned_changed for one in amended)
        gone = sum(one.planned_withdrawn for one in amended)
        requests = counted(changed, "request or diary entry", "requests or diary entries")
        yield f"{_files_named(amended)}: {requests} changed and {gone} no longer there since the last import"
    if kept := [one for one in found if one.quarantined]:
        reasons = Counter(reason for one in kept for _, given in one.quarantine for reason in given)
        listed = "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common(_MOST_REASONS))
        rows = counted(sum(one.quarantined for one in kept), "row")
        yield f"{_files_named(kept)}: kept in quarantine, {rows}: {listed}"
    if doubted := [one for one in found if one.doubts]:
        counts = Counter(MARKS[each.fact] for one in doubted for each in one.doubts)
        listed = "; ".join(f"{count} × {what}" for what, count in sorted(counts.items()))
        yield f"{_files_named(doubted)}: {listed}: `les patients doubts` lists them"
    for row in discrepancies:
        claim = row["claim_id"]
        yield f"row {row['row']} of the submitted claim {claim}: {row['reason']}; see `les claims show {claim}`"


def _notes_of_files(found: Sequence[ImportedFile]) -> Iterator[str]:
    """The reader's own notes. A note of several files appears once."""
    by_note: dict[str, list[ImportedFile]] = {}
    for one in found:
        for note in one.notes:
            by_note.setdefault(note, []).append(one)
    for note, files in by_note.items():
        yield f"{_files_named(files)}: {note}"


def _files_named(files: Sequence[ImportedFile]) -> str:
    return files[0].file if len(files) == 1 else f"{len(files):,} files"


def _days_old(found: ImportedFile, as_of: date) -> int:
    return (as_of - date.fromisoformat(found.extracted_at[:10])).days if found.extracted_at else 0


def import_grids(files: Sequence[dict[str, Any]], quarantine: Sequence[dict[str, Any]]) -> tuple[Grid, ...]:
    """A table of the files, and one of the quarantined rows when there are any."""
    taken = Grid(
        title="Files",
        columns=(
            Column("file", "File"),
            Column("profile", "Profile"),
            *(Column(name, name.capitalize(), Kind.COUNT) for name in (*_COUNTS, "changed", "withdrawn")),
        ),
        rows=tuple(
            (
                file["file"],
                file["profile"] or "refused",
                *(file[name] for name in _COUNTS),
                file.get("changed", 0),
                file.get("withdrawn", 0),
            )
            for file in files
        ),
    )
    kept = Grid(
        title="Quarantine",
        columns=(Column("file", "File"), Column("line", "Line", Kind.COUNT), Column("reasons", "Why")),
        rows=tuple((row["file"], row["line"], "; ".join(row["reasons"])) for row in quarantine),
        empty="no row was quarantined",
    )
    return (taken, kept) if quarantine else (taken,)
