"""What `les import` prints: the JSON of each file, and notes for the person, few even when the files are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from ..outputs import Column, Grid, Kind, counted
from ..readers.asides import KINDS as ASIDES
from ..store.intake.result import ImportedFile
from .patients.doubts import MARKS

STALE_DAYS = 7
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
        yield f"{_named(already)}: {this} imported before; nothing was changed"
    if ignored := [one for one in found if one.ignored_columns]:
        columns = dict.fromkeys(column for one in ignored for column in one.ignored_columns)
        yield f"{_named(ignored)}: columns not understood and left out: {', '.join(columns)}"
    if partly := [one for one in found if one.left_out]:
        kinds = sum((Counter(dict(one.left_out)) for one in partly), Counter())
        listed = ", ".join(counted(n, kind) if kind in ASIDES else f"{n} {kind}" for kind, n in sorted(kinds.items()))
        yield f"{_named(partly)}: left out, not activity: {listed}"
    if old := [(days, one) for one in found if (days := _days_old(one, as_of)) > STALE_DAYS]:
        most = max(days for days, _ in old)
        upto = "" if len(old) == 1 else "up to "
        yield f"{_named([one for _, one in old])}: the data is {upto}{counted(most, 'day')} old; run the report again"
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
        yield f"{_named(amended)}: {entries} changed and {withdrawn} withdrawn since the last import"
    if amended := [one for one in found if one.planned_changed or one.planned_withdrawn]:
        changed = sum(one.planned_changed for one in amended)
        gone = sum(one.planned_withdrawn for one in amended)
        requests = counted(changed, "request or diary entry", "requests or diary entries")
        yield f"{_named(amended)}: {requests} changed and {gone} no longer there since the last import"
    if kept := [one for one in found if one.quarantined]:
        reasons = Counter(reason for one in kept for _, given in one.quarantine for reason in given)
        listed = "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common(_MOST_REASONS))
        rows = counted(sum(one.quarantined for one in kept), "row")
        yield f"{_named(kept)}: kept in quarantine, {rows}: {listed}"
    if doubted := [one for one in found if one.doubts]:
        counts = Counter(MARKS[each.fact] for one in doubted for each in one.doubts)
        listed = "; ".join(f"{count} × {what}" for what, count in sorted(counts.items()))
        yield f"{_named(doubted)}: {listed}: `les patients doubts` lists them"
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
        yield f"{_named(files)}: {note}"


def _named(files: Sequence[ImportedFile]) -> str:
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
