"""Import the rows of a file in one transaction. Each is accepted, unchanged or quarantined; none is lost.

An entry is identified by its `source_id` in the system it comes from. Without one it is identified by patient, date,
code, value, consultation type, clinician and done_at, and by how often that row is in the file
(docs/how-to/the-les-csv.md).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ...readers import Batch, CheckedRow, Reading, Row, RowCheck, in_batches
from ...readers.wording import reasons_in
from ..database.connection import Store
from ..people.doubts import doubts
from ..people.same_person import note_former
from ..people.statements import Words
from ..quarantine.match import Settling
from .activity_writer import ActivityWriter
from .bulk_writer import BatchWriter
from .missing import note_missing
from .patient_writer import PatientWriter
from .result import UNKNOWN_PATIENT, ImportedFile, add_kinds, begin

WORTH_INDEXING_AFTERWARDS = 4 << 20
"""Bytes (some 25,000 rows). A first file of this size is imported faster when the indexes are built at its end."""

Progress = Callable[[int, float], None]
"""Called now and then with the number of rows read and the share of the file (0 to 1)."""


def take_in(
    store: Store,
    path: Path,
    digest: str,
    reading: Reading,
    progress: Progress = lambda rows, share: None,
    name: str | None = None,
    as_of: date = date.max,
) -> ImportedFile:
    """Import every row of a reading. Call it inside `store.writing()`, so that all rows are written or none.

    `as_of` is the day of the import. A file that does not say when it was made counts as made on that day.
    `name` is the file's name where it differs from the path's (the file was in a zip or a folder).
    Raises UnreadableFileError from the reading when the file cannot be read to its end.
    """
    done = ImportedFile(
        file=name or path.name,
        sha256=digest,
        profile=reading.profile,
        extracted_at=reading.extracted_at,
        ignored_columns=reading.ignored_columns,
    )
    number = begin(store, done, reading)
    intake = _Intake(store, number, reading, path.stat().st_size if path.exists() else 0, as_of)
    intake.take(progress)
    intake.check.order.confirm(path)
    intake.finish(done)
    note_former(store, reading.former_numbers, intake.touched, number)
    # Read these last: a streaming reader knows them only at the end of the file.
    asides = reading.asides.counts if reading.asides else ()
    done.left_out, done.notes = (*reading.left_out, *asides), (*reading.notes, *intake.check.notes)
    done.doubts = [one for one in doubts(store, number) if one.is_open]
    store.connection.execute(
        "UPDATE import_file SET rows = ?, accepted = ?, unchanged = ?, quarantined = ?, patients = ? WHERE id = ?",
        (done.rows, done.accepted, done.unchanged, done.quarantined, done.patients, number),
    )
    return done


class _Intake:
    """The state of one file's import."""

    def __init__(self, store: Store, number: int, reading: Reading, size: int, as_of: date) -> None:
        self.store = store
        self.number = number
        self.reading = reading
        self.size = size
        self.as_of = as_of
        self.check = RowCheck(reading.columns, reading.made_on(as_of))
        self.words = Words(store, number, reading.columns, reading.states)
        self.patients = PatientWriter(store, number, reading.extracted_at, reading.made_on(as_of), self.words)
        empty = not store.rows("SELECT 1 FROM activity LIMIT 1")
        self.activities = ActivityWriter(
            store,
            number,
            reading.extracted_at,
            reading.source_system,
            afterwards=empty and size >= WORTH_INDEXING_AFTERWARDS,
            whole=reading if reading.whole_record else None,
            told=reading.states or frozenset(reading.columns),
        )
        self.settling = Settling(store, number, reading)
        self.batches = BatchWriter(store, reading.columns, self.check, self.activities)
        self.rows = 0
        self.touched: set[int] = set()
        self.described_only = 0
        self.counts: dict[str, Counter[str]] = {"code_systems": Counter(), "consultation_types": Counter()}
        self.refused: list[tuple[int, tuple[str, ...]]] = []

    def take(self, progress: Progress) -> None:
        read = 0
        for each in in_batches(self.reading):
            if isinstance(each, Batch):
                read += sum(map(len, each.raws))
                self._take_batch(each)
            else:
                read += len(each.raw)
                self._take_row(each)
            progress(self.rows + self.batches.rows, read / self.size if self.size else 0.0)
        self.rows += self.batches.rows

    def _take_batch(self, batch: Batch) -> None:
        left = list(range(len(batch.cells))) if self.reading.one_by_one else self.batches.take(batch)
        for place in left:
            row = batch.row(place)
            if row is None:
                continue
            taken = self._take_row(row)
            if self.patients.contradicted:
                self.batches.forget()
                self._take_behind(batch, place, set(left))
                return
            if taken is not None:
                self.batches.remember(batch, place, *taken)

    def _take_behind(self, batch: Batch, place: int, left: set[int]) -> None:
        """Take the rows after one that contradicts what was stated of a patient.

        The last row counts, so rows whose entry is already written describe their patient once more.
        """
        for later in range(place + 1, len(batch.cells)):
            row = batch.row(later)
            if row is None:
                continue
            if later in left:
                self._take_row(row)
            elif isinstance(checked := self.check(row), CheckedRow):
                self.patients.describe(checked)

    def _take_row(self, row: Row) -> tuple[int, str] | None:
        """Import or quarantine one row; the patient id and birth date of an imported one."""
        self.rows += 1
        self.patients.contradicted = False
        checked = self.check(row)
        if not isinstance(checked, CheckedRow):
            self._quarantine(row, checked)
            return None
        if fault := self.patients.meets(checked):
            self._quarantine(row, (fault,), waiting_for=checked.nhs_number if fault == UNKNOWN_PATIENT else None)
            return None
        return self._write(checked, self.activities), self.patients.birth_of(checked.nhs_number)

    def _write(self, checked: CheckedRow, writer: ActivityWriter, *, speaks: bool = True) -> int:
        patient = self.patients.id_of(checked.nhs_number)
        self.touched.add(patient)
        self.settling.met(checked)
        changed_patient = self.patients.describe(checked, speaks=speaks)
        if checked.day is not None:
            self.counts["code_systems"].update({code.system for code in checked.codes})
            self.counts["consultation_types"][checked.consultation_type] += 1
        if checked.day is not None or checked.withdraws:
            writer.add(checked, patient, changed_patient=changed_patient)
        else:
            self.described_only += changed_patient
        return patient

    def _quarantine(self, row: Row, reasons: tuple[str, ...], waiting_for: str | None = None) -> None:
        reasons = reasons_in(self.reading.form, reasons)
        if waiting_for is None:
            self.refused.append((row.line, reasons))
            self.words.refused(row.cells)
        self.store.connection.execute(
            "INSERT INTO quarantine (import_file_id, line, raw, reasons, waiting_for, cells) VALUES (?, ?, ?, ?, ?, ?)",
            (self.number, row.line, row.raw, json.dumps(reasons), waiting_for, json.dumps(row.cells)),
        )

    def finish(self, done: ImportedFile) -> None:
        self.patients.flush()
        self._release(self.number, self.activities)
        self.words.write()
        self.activities.finish()
        if self.reading.whole_record:
            self.activities.withdraw_missing(sorted(self.touched))
        add_kinds(self.store, self.batches.kinds, self.counts)
        waiting = self.store.rows(
            "SELECT line, reasons FROM quarantine WHERE import_file_id = ? AND waiting_for IS NOT NULL"
            " AND settled_by IS NULL",
            self.number,
        )
        done.quarantine = sorted(self.refused + [(line, tuple(json.loads(reasons))) for line, reasons in waiting])
        done.rows = self.rows
        done.quarantined = len(done.quarantine)
        done.accepted = self.activities.accepted + self.described_only
        done.unchanged = done.rows - done.accepted - done.quarantined
        done.patients = len(self.touched)
        done.counts = {**self.counts, "resources": Counter(dict(self.reading.resources))}
        done.settled = self.settling.settle(self.touched)
        made_on = self.reading.made_on(self.as_of)
        note_missing(self.store, self.number, self.settling.newest, made_on, self.activities.withdrawn)
        done.released = self._release_earlier()
        done.changed_entries = self.activities.changed
        done.withdrawn_entries = self.activities.withdrawn

    def _release_earlier(self) -> int:
        """Import the rows of earlier files that waited for a patient whom this file describes; how many."""
        released = 0
        for number, extracted_at, source_system, columns in self.store.rows(
            "SELECT DISTINCT f.id, f.extracted_at, f.source_system, coalesce(nullif(f.states, '[]'), f.columns)"
            " FROM quarantine q JOIN import_file f ON f.id = q.import_file_id"
            " JOIN patient p ON p.nhs_number = q.waiting_for WHERE q.settled_by IS NULL AND q.closed = 0 ORDER BY f.id"
        ):
            told = frozenset(json.loads(columns))
            writer = ActivityWriter(self.store, number, extracted_at, source_system, told=told)
            released += self._release(number, writer)
            writer.finish()
        return released

    def _release(self, number: int, writer: ActivityWriter) -> int:
        """Import the rows of one file that waited for a patient who is now described; how many."""
        waiting = self.store.rows(
            "SELECT q.id, q.line, q.raw, q.cells, f.columns FROM quarantine q"
            " JOIN import_file f ON f.id = q.import_file_id JOIN patient p ON p.nhs_number = q.waiting_for"
            " WHERE q.settled_by IS NULL AND q.closed = 0 AND f.id = ? ORDER BY q.id",
            number,
        )
        released = 0
        for key, line, raw, cells, columns in waiting:
            checked = RowCheck(tuple(json.loads(columns)))(Row(line, raw, tuple(json.loads(cells))))
            if not isinstance(checked, CheckedRow):
                continue
            if fault := self.patients.meets(checked):
                # The patient is known now, and the row contradicts what is known.
                self.refused += [(line, (fault,))] if number == self.number else []
                self.store.connection.execute(
                    "UPDATE quarantine SET reasons = ?, waiting_for = NULL WHERE id = ?", (json.dumps((fault,)), key)
                )
                continue
            released += 1
            # A row of an earlier file is not a statement of this one.
            self._write(checked, writer, speaks=number == self.number)
            self.store.connection.execute("UPDATE quarantine SET settled_by = ? WHERE id = ?", (self.number, key))
        self.patients.flush()
        return released
