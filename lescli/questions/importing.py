"""`les import`: files of the clinical system into the store, and what became of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import UnreadableFileError
from ..outputs import Answer, Column, Grid, Kind, counted
from ..readers import open_reading, sha256_of
from ..store import Store
from ..store.imported import ImportedFile, known_file
from ..store.importing import take_in
from .claims import discrepancies_of

Progress = Callable[[int, float], None]
STALE_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAnswer:
    """What became of the files; `refused` of them were refused whole, one line each, and changed nothing."""

    answer: Answer
    refused: tuple[str, ...]
    taken: int
    needs_person: bool
    detail: tuple[str, ...]


def import_files(
    store: Store, paths: Sequence[Path], profile: str | None, *, dry_run: bool, progress: Progress, as_of: date
) -> ImportAnswer:
    """Import files one by one, each in a transaction of its own; a dry run undoes every one."""
    done: list[dict[str, Any]] = []
    quarantine: list[dict[str, Any]] = []
    discrepancies: list[dict[str, Any]] = []
    refused: list[str] = []
    notes: list[str] = []
    for path in paths:
        try:
            found, changed = _import_one(store, path, profile, dry_run, progress)
        except UnreadableFileError as fault:
            refused.append(str(fault))
            done.append(_refused(path, str(fault)))
            continue
        except KeyboardInterrupt:
            if not done:
                raise
            # What came before is in the store: a transaction a file.
            why = f"{_shown(path.name)}: interrupted, nothing of it was taken in, nor of the files after it"
            refused.append(why)
            done.append(_refused(path, why))
            break
        done.append(_file(store, found))
        quarantine += [
            {"file": found.file, "line": line, "reasons": list(reasons)} for line, reasons in found.quarantine
        ]
        discrepancies += changed
        notes += [*_stale(found, as_of), *_notes(found, changed)]
    if dry_run:
        notes.append("dry run: nothing was written")
    data = {
        "schema": "les-import/1",
        "files": done,
        "quarantine": quarantine,
        "discrepancies": discrepancies,
        "dry_run": dry_run,
    }
    return ImportAnswer(
        answer=Answer(data=data, title="Import", grids=_grids(done, quarantine), notes=tuple(notes)),
        refused=tuple(refused),
        taken=len(done) - len(refused),
        needs_person=bool(quarantine or discrepancies or refused),
        detail=tuple(_detail(file) for file in done if file.get("counts")),
    )


def _detail(file: dict[str, Any]) -> str:
    """What `-v` adds: the entries read by resource, code system and consultation type."""
    parts = [
        f"{name.replace('_', ' ')} " + ", ".join(f"{kind or '(none)'} {count}" for kind, count in counts.items())
        for name, counts in file["counts"].items()
        if counts
    ]
    return f"{_shown(file['file'])}: {'; '.join(parts)}"


def _import_one(
    store: Store, path: Path, profile: str | None, dry_run: bool, progress: Progress
) -> tuple[ImportedFile, list[dict[str, Any]]]:
    digest = sha256_of(path)
    known = known_file(store, digest)
    if known is not None:
        known.file = path.name
        return known, []
    transaction: AbstractContextManager[Store] = store.trying() if dry_run else store.writing()
    with transaction:
        reading = open_reading(path, profile)
        found = take_in(store, path, digest, reading, progress)
        return found, discrepancies_of(store, found.changed_entries | found.withdrawn_entries)


def _refused(path: Path, why: str) -> dict[str, Any]:
    try:
        digest = sha256_of(path)
    except UnreadableFileError:
        digest = "0" * 64  # Not a file that can be read at all.
    counts = dict.fromkeys(("rows", "accepted", "unchanged", "quarantined", "patients"), 0)
    return {"file": path.name, "sha256": digest, "profile": None, **counts, "refused": why}


def _file(store: Store, found: ImportedFile) -> dict[str, Any]:
    return {
        "file": found.file,
        "sha256": found.sha256,
        "profile": found.profile,
        "rows": found.rows,
        "accepted": found.accepted,
        "unchanged": found.unchanged,
        "quarantined": found.quarantined,
        "patients": found.patients,
        "changed": len(found.changed_entries),
        "withdrawn": len(found.withdrawn_entries),
        "extracted_at": found.extracted_at,
        "ignored_columns": list(found.ignored_columns),
        "left_out": dict(found.left_out),
        "counts": {name: dict(sorted(counter.items())) for name, counter in found.counts.items()},
    }


def _stale(found: ImportedFile, as_of: date) -> list[str]:
    """A line when the file says that its data is of a day some time ago."""
    if not found.extracted_at:
        return []
    days = (as_of - date.fromisoformat(found.extracted_at[:10])).days
    return [f"{_shown(found.file)}: its data is {days} days old; run the report again"] if days > STALE_DAYS else []


def _notes(found: ImportedFile, changed: list[dict[str, Any]]) -> list[str]:
    notes = [f"{_shown(found.file)}: {note}" for note in found.notes]
    if found.already:
        notes.append(f"{_shown(found.file)}: this very file was imported before; nothing was changed")
    if found.ignored_columns:
        notes.append(f"{_shown(found.file)}: columns not understood and left out: {', '.join(found.ignored_columns)}")
    if found.left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.left_out)
        notes.append(f"{_shown(found.file)}: left out, not activity: {kinds}")
    if found.released:
        notes.append(
            f"taken in now that their patient is described: {counted(found.released, 'row')} of the quarantine"
        )
    if found.changed_entries or found.withdrawn_entries:
        notes.append(
            f"{_shown(found.file)}: {counted(len(found.changed_entries), 'entry', 'entries')} changed and "
            f"{len(found.withdrawn_entries)} withdrawn since the last import"
        )
    if found.quarantined:
        reasons = Counter(reason for _, reasons in found.quarantine for reason in reasons)
        most = "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common(5))
        notes.append(f"{_shown(found.file)}: kept in quarantine, {counted(found.quarantined, 'row')}: {most}")
    notes += [
        f"row {row['row']} of the submitted claim {row['claim_id']}: {row['reason']}; "
        f"see `les claims show {row['claim_id']}`"
        for row in changed
    ]
    return notes


def _shown(name: str) -> str:
    from ..readers.text import shown

    # Practices name files after patients; a message never repeats a number of ten digits.
    return shown(Path(name))


def _grids(done: list[dict[str, Any]], quarantine: list[dict[str, Any]]) -> tuple[Grid, ...]:
    files = Grid(
        title="Files",
        columns=(
            Column("file", "File"),
            Column("profile", "Profile"),
            Column("rows", "Rows", Kind.COUNT),
            Column("accepted", "Accepted", Kind.COUNT),
            Column("unchanged", "Unchanged", Kind.COUNT),
            Column("quarantined", "Quarantined", Kind.COUNT),
            Column("patients", "Patients", Kind.COUNT),
        ),
        rows=tuple(
            (
                file["file"],
                file["profile"] or "refused",
                *(file[name] for name in ("rows", "accepted", "unchanged", "quarantined", "patients")),
            )
            for file in done
        ),
    )
    kept = Grid(
        title="Quarantine",
        columns=(Column("file", "File"), Column("line", "Line", Kind.COUNT), Column("reasons", "Why")),
        rows=tuple((row["file"], row["line"], "; ".join(row["reasons"])) for row in quarantine),
        empty="no row was quarantined",
    )
    return (files, kept) if quarantine else (files,)
