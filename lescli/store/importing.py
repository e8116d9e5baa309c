"""Take the rows of a file into the store in one transaction: each is accepted, unchanged or quarantined, none lost.

What an entry is known by: its `source_id` in the system it comes from, else (patient, date, code, value, consultation
type, clinician, done_at) and how many times that very row stands in the file (docs/how-to/the-les-csv.md).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from ..readers import CheckedRow, Reading, Row, RowCheck
from .activities import ActivityWriter
from .connection import Store
from .imported import ImportedFile
from .patients import PatientWriter

Progress = Callable[[int, float], None]
"""Called now and then with the rows read and the share of the file."""

UNKNOWN_PATIENT = (
    "nhs_number: nobody described this patient yet; add a row with their date_of_birth, here or in another file"
)
OTHER_BIRTH_DATE = (
    "date_of_birth: differs from the one the store holds for this patient; check whose NHS number this is"
)


def take_in(
    store: Store,
    path: Path,
    digest: str,
    reading: Reading,
    progress: Callable[[int, float], None] = lambda rows, share: None,
) -> ImportedFile:
    """Take every row of a reading; call it inside `store.writing()`, which makes it all or nothing.

    Raises UnreadableFileError from the reading when the file cannot be read to its end.
    """
    done = ImportedFile(
        file=path.name,
        sha256=digest,
        profile=reading.profile,
        extracted_at=reading.extracted_at,
        ignored_columns=reading.ignored_columns,
    )
    number = store.connection.execute(
        "INSERT INTO import_file (sha256, name, profile, source_system, extracted_at, columns, rows, accepted,"
        " unchanged, quarantined, patients) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)",
        (
            digest,
            path.name,
            reading.profile,
            reading.source_system,
            reading.extracted_at,
            json.dumps(reading.columns),
        ),
    ).lastrowid
    assert number is not None
    intake = _Intake(store, number, reading)
    intake.take(reading.rows, path.stat().st_size if path.exists() else 0, progress)
    intake.finish(done)
    # Read last: a streaming reader knows them only at the end of the file.
    done.left_out, done.notes = reading.left_out, reading.notes
    store.connection.execute(
        "UPDATE import_file SET rows = ?, accepted = ?, unchanged = ?, quarantined = ?, patients = ? WHERE id = ?",
        (done.rows, done.accepted, done.unchanged, done.quarantined, done.patients, number),
    )
    return done


class _Intake:
    """The state of one file's import."""

    def __init__(self, store: Store, number: int, reading: Reading) -> None:
        self.store = store
        self.number = number
        self.reading = reading
        self.check = RowCheck(reading.columns)
        self.patients = PatientWriter(store, number, reading.extracted_at)
        self.activities = ActivityWriter(store, number, reading.extracted_at, reading.source_system)
        self.seen: Counter[bytes] = Counter()
        self.rows = 0
        self.touched: set[str] = set()
        self.described_only = 0
        self.counts: dict[str, Counter[str]] = {"code_systems": Counter(), "consultation_types": Counter()}
        self.refused: list[tuple[int, tuple[str, ...]]] = []

    def take(self, rows: Iterable[Row], size: int, progress: Progress) -> None:
        read = 0
        for row in rows:
            self.rows += 1
            checked = self.check(row)
            if isinstance(checked, CheckedRow):
                self._take_checked(row, checked)
            else:
                self._quarantine(row, checked)
            read += len(row.raw)
            if self.rows % 2000 == 0:
                progress(self.rows, read / size if size else 0.0)

    def _take_checked(self, row: Row, checked: CheckedRow) -> None:
        known = self.patients.meets(checked)
        if known == "other-birth-date":
            self._quarantine(row, (OTHER_BIRTH_DATE,))
            return
        occurrence = 1
        if checked.day is not None and not checked.source_id:
            base = self.activities.base_identity(checked)
            self.seen[base] += 1
            occurrence = self.seen[base]
        if known == "unknown":
            self._quarantine(row, (UNKNOWN_PATIENT,), waiting_for=checked.nhs_number, occurrence=occurrence)
            return
        self._write(checked, occurrence, self.activities)

    def _write(self, checked: CheckedRow, occurrence: int, writer: ActivityWriter) -> None:
        self.touched.add(checked.nhs_number)
        changed_patient = self.patients.describe(checked)
        if checked.day is not None:
            self.counts["code_systems"].update({code.system for code in checked.codes})
            self.counts["consultation_types"][checked.consultation_type] += 1
        if checked.day is not None or checked.withdraws:
            writer.add(checked, self.patients.id_of(checked.nhs_number), occurrence, changed_patient)
        else:
            self.described_only += changed_patient

    def _quarantine(
        self, row: Row, reasons: tuple[str, ...], waiting_for: str | None = None, occurrence: int = 1
    ) -> None:
        if waiting_for is None:
            self.refused.append((row.line, reasons))
        self.store.connection.execute(
            "INSERT INTO quarantine (import_file_id, line, raw, reasons, waiting_for, cells, occurrence)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self.number,
                row.line,
                row.raw,
                json.dumps(reasons),
                waiting_for,
                json.dumps(row.cells) if waiting_for else None,
                occurrence,
            ),
        )

    def finish(self, done: ImportedFile) -> None:
        self.patients.flush()
        self._release(self.number, self.activities)
        self.activities.flush()
        if self.reading.whole_record:
            self.activities.withdraw_missing(self.patients.ids_of(self.touched))
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
        done.released = self._release_earlier()
        done.changed_entries = self.activities.changed
        done.withdrawn_entries = self.activities.withdrawn

    def _release_earlier(self) -> int:
        """Take in the rows of earlier files that waited for a patient this file describes."""
        released = 0
        for number, extracted_at, source_system in self.store.rows(
            "SELECT DISTINCT f.id, f.extracted_at, f.source_system FROM quarantine q"
            " JOIN import_file f ON f.id = q.import_file_id"
            " JOIN patient p ON p.nhs_number = q.waiting_for WHERE q.settled_by IS NULL ORDER BY f.id"
        ):
            writer = ActivityWriter(self.store, number, extracted_at, source_system)
            released += self._release(number, writer)
            writer.flush()
        return released

    def _release(self, number: int, writer: ActivityWriter) -> int:
        """Take in the rows of one file that waited for a patient who is now described."""
        waiting = self.store.rows(
            "SELECT q.id, q.line, q.raw, q.cells, q.occurrence, f.columns FROM quarantine q"
            " JOIN import_file f ON f.id = q.import_file_id JOIN patient p ON p.nhs_number = q.waiting_for"
            " WHERE q.settled_by IS NULL AND f.id = ? ORDER BY q.id",
            number,
        )
        for key, line, raw, cells, occurrence, columns in waiting:
            checked = RowCheck(tuple(json.loads(columns)))(Row(line, raw, tuple(json.loads(cells))))
            if not isinstance(checked, CheckedRow):
                continue
            self._write(checked, occurrence, writer)
            self.store.connection.execute("UPDATE quarantine SET settled_by = ? WHERE id = ?", (self.number, key))
        self.patients.flush()
        return len(waiting)
