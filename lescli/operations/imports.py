"""`les import`: reads files of the clinical system into the store and says what became of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import LesError, UnreadableFileError
from ..outputs import Answer
from ..readers import Reading, open_reading, sha256_of
from ..readers.encoding import shown
from ..readers.recognise import remembered_by
from ..readers.sources import Found, Source, sources_in
from ..readers.wording import refusal_in
from ..readers.workbook import as_text
from ..readers.zip_file import form_of
from ..store import Store
from ..store.database.connection import in_bulk, part
from ..store.intake.import_file import take_in
from ..store.intake.planned_writer import take_planned
from ..store.intake.result import ImportedFile, known_file
from ..store.people.doubts import undated_deaths
from .claim.unregistered import results_note
from .claims.list import discrepancies_of
from .import_view import detail_of, doubts_data, file_data, import_grids, notes_of, refused_data
from .patients.doubts import undated_note
from .patients.same_person import suspicion_note, suspicions


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far an import has got: `rows` read in all files so far, and the `share` of all bytes (0 to 1)."""

    files_done: int
    files: int
    rows: int
    share: float


Progress = Callable[[Advance], None]


class Advancing:
    """Turns the progress of one file, `(rows, share)`, into the progress of all files."""

    def __init__(self, sources: Sequence[Source], tell: Progress) -> None:
        self._tell = tell
        # Count an empty file as one byte: it takes a step too, being opened and refused.
        self._sizes = [max(source.size, 1) for source in sources]
        self._whole = sum(self._sizes)
        self._files_done = self._bytes_done = self._rows_done = self._rows_now = 0

    def __call__(self, rows: int, share: float) -> None:
        """Report the rows read of the current file and the share of it that is done."""
        self._rows_now = rows
        self._say(self._bytes_done + self._sizes[self._files_done] * min(max(share, 0.0), 1.0))

    def finished(self) -> None:
        """Report that the current file is finished, whether taken in or refused."""
        self._rows_done += self._rows_now
        self._rows_now = 0
        self._bytes_done += self._sizes[self._files_done]
        self._files_done += 1
        self._say(self._bytes_done)

    def _say(self, of_bytes: float) -> None:
        self._tell(
            Advance(
                files_done=self._files_done,
                files=len(self._sizes),
                rows=self._rows_done + self._rows_now,
                share=of_bytes / self._whole,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAnswer:
    """What became of the files. `refused` has one line for each file that was refused whole and changed nothing.

    `stopped` is what kept the last files from being read, such as a full disk or a store in use.
    """

    answer: Answer
    refused: tuple[str, ...]
    taken: int
    needs_person: bool
    detail: tuple[str, ...]
    stopped: LesError | KeyboardInterrupt | None = None


@dataclass(slots=True)
class _Done:
    """What has become of the files so far."""

    taken: list[ImportedFile] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    discrepancies: list[dict[str, Any]] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    stopped: LesError | KeyboardInterrupt | None = None

    def refuse(self, name: str, why: str, digest: str) -> None:
        self.refused.append(why)
        self.files.append(refused_data(name, why, digest))

    def take(self, name: str, found: ImportedFile, changed: list[dict[str, Any]]) -> None:
        found.file = name
        self.taken.append(found)
        self.files.append(file_data(found))
        self.quarantine += [
            {"file": name, "line": line, "reasons": list(reasons)} for line, reasons in found.quarantine
        ]
        self.discrepancies += changed
        self.doubts += doubts_data(name, found)


def import_files(
    store: Store, paths: Sequence[Path], profile: str | None, *, dry_run: bool, progress: Progress, as_of: date
) -> ImportAnswer:
    """Import files one by one, including those in folders and zips, each in its own transaction.

    A dry run reads all of them in the same way and then undoes everything. Only names and contents decide which files
    are exports and in which order they are read.
    """
    done = _Done()
    with in_bulk(store), sources_in(paths, store.path) as found, store.trying() if dry_run else nullcontext():
        _import_all(store, found, profile, dry_run, Advancing(found.sources, progress), done, as_of)
        # Ask before a dry run is undone, so that it reports what the import would report.
        undated, pairs = len(undated_deaths(store)), len(suspicions(store))
        results = results_note(store, as_of) if any(one.accepted for one in done.taken) else ()
    if not done.files:
        done.refused.append("there is no export among the files; `les import --help` says what can be read")
    notes = list(notes_of(done.taken, done.discrepancies, as_of))
    notes += (*undated_note(undated), *suspicion_note(pairs), *results)
    if found.links:
        notes.append(f"links are not followed: {_listed(found.links)}")
    if done.skipped:
        notes.append(f"left out, not an export: {_listed(done.skipped)}")
    if dry_run:
        notes.append("dry run: nothing was written")
    data = {
        "schema": "les-import/1",
        "files": done.files,
        "quarantine": done.quarantine,
        "discrepancies": done.discrepancies,
        "doubts": done.doubts,
        "deaths_without_day": undated,
        "may_be_one_person": pairs,
        "skipped": [*done.skipped, *found.links],
        "dry_run": dry_run,
    }
    return ImportAnswer(
        answer=Answer(data=data, title="Import", grids=import_grids(done.files, done.quarantine), notes=tuple(notes)),
        refused=tuple(done.refused),
        taken=len(done.taken),
        needs_person=bool(
            done.quarantine or done.discrepancies or done.doubts or done.refused or undated or pairs or results
        ),
        detail=tuple(detail_of(file) for file in done.files if file.get("counts")),
        stopped=done.stopped,
    )


def _import_all(
    store: Store, found: Found, profile: str | None, dry_run: bool, advancing: Advancing, done: _Done, as_of: date
) -> None:
    for source in found.sources:
        digest = ""
        try:
            with source.open() as path, _told_of(source.name, path):
                digest = sha256_of(path)
                taken, changed = _import_one(store, source, path, digest, profile, dry_run, advancing, as_of)
        except _NoExportError:
            done.skipped.append(source.name)
        except UnreadableFileError as fault:
            done.refuse(source.name, str(fault), digest or _digest_of(source))
        except (KeyboardInterrupt, LesError) as fault:
            # The disk is full or another program holds the store. The next file would fail in the same way.
            if not done.files or (dry_run and isinstance(fault, LesError)):
                raise
            # Each file has its own transaction, so the files before this one are in the store.
            what = fault.what if isinstance(fault, LesError) else "interrupted"
            why = f"{source.name}: {what}; it and the files after it were not imported"
            done.refuse(source.name, why, digest or "0" * 64)
            done.stopped = fault
            break
        else:
            done.take(source.name, taken, changed)
        advancing.finished()


def _import_one(
    store: Store,
    source: Source,
    path: Path,
    digest: str,
    profile: str | None,
    dry_run: bool,
    progress: Advancing,
    as_of: date,
) -> tuple[ImportedFile, list[dict[str, Any]]]:
    key = remembered_by(digest, profile)
    known = known_file(store, key)
    if known is not None:
        known.sha256 = digest
        return known, []
    transaction: AbstractContextManager[Store] = part(store) if dry_run else store.writing()
    with transaction, _opened(source, path, profile) as (text, reading):
        # Another process may have imported this very file while this one waited for the store.
        known = known_file(store, key)
        if known is not None:
            known.sha256 = digest
            return known, []
        found = take_in(store, text, key, reading, progress, name=source.name, as_of=as_of)
        take_planned(store, reading, found)
        found.sha256 = digest
        return found, discrepancies_of(store, found.changed_entries | found.withdrawn_entries)


class _NoExportError(Exception):
    """A file that was not named by the person and does not look like an export."""


@contextmanager
def _opened(source: Source, path: Path, profile: str | None) -> Iterator[tuple[Path, Reading]]:
    """The text of a source and its reading. Both are closed at the end, because Windows cannot remove an open file."""
    with ExitStack() as stack:
        try:
            text = stack.enter_context(as_text(path))
            if text != path:
                stack.enter_context(_told_of(source.name, text))
            reading = open_reading(text, profile)
        except UnreadableFileError:
            if source.promised:
                raise
            raise _NoExportError from None
        for rows in (reading.rows, reading.batches):
            stack.callback(getattr(rows, "close", _nothing))
        yield text, reading


def _nothing() -> None:
    """Does nothing, for rows that have no `close`."""


@contextmanager
def _told_of(name: str, path: Path) -> Iterator[None]:
    """Make an error about the path being read name the file that the person knows, whatever kind of file it is."""
    try:
        yield
    except UnreadableFileError as fault:
        said = shown(path)
        if not fault.what.startswith(said):
            raise
        known = UnreadableFileError(name + fault.what.removeprefix(said), fault.fix)
        raise refusal_in(form_of(path), known) from None


def _digest_of(source: Source) -> str:
    try:
        return sha256_of(source.path) if source.path else "0" * 64
    except UnreadableFileError:
        return "0" * 64  # It is not a readable file at all.


def _listed(names: Sequence[str], most: int = 10) -> str:
    shown_names = ", ".join(names[:most])
    return f"{shown_names} and {len(names) - most} more" if len(names) > most else shown_names
