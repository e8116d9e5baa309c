"""Import the requests and diary entries of an extract: new, unchanged, changed or withdrawn, known by `source_id`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from ...readers import Reading
from ...readers.planned import PlannedEntry, Planning, RefusedEntry
from ...readers.wording import reasons_in
from ..database.connection import Store
from ..quarantine.match import settle_repeats
from .caches import Interned
from .result import OTHER_BIRTH_DATE, UNKNOWN_PATIENT, ImportedFile

_FACTS = "patient_id, asked_on, planned_on, code_set_id, term, priority, clinician, intent, status"
_Facts = tuple[object, ...]


@dataclass(slots=True)
class _Intake:
    """Counts of one file's planned entries; `gone` are entries that this or a newer extract no longer holds."""

    accepted: int = 0
    changed: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    refused: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)


def take_planned(store: Store, reading: Reading, done: ImportedFile) -> None:
    """Import the planned entries of a reading, after its activity and in one transaction with it; updates `done`."""
    planning = reading.planning
    if planning is None:
        return
    file = int(store.rows("SELECT id FROM import_file WHERE sha256 = ?", done.sha256)[0][0])
    intake = _Intake()
    held = store.rows("SELECT id, date_of_birth FROM patient WHERE nhs_number = ?", planning.nhs_number)
    why = UNKNOWN_PATIENT if not held else OTHER_BIRTH_DATE if planning.born not in ("", held[0][1]) else ""
    found: list[PlannedEntry] = []
    for entry in planning.entries:
        if isinstance(entry, RefusedEntry):
            _quarantine(store, file, intake, _worded(entry, reading.form))
        elif why:
            _quarantine(store, file, intake, _worded(RefusedEntry(entry.line, entry.raw, (why,)), reading.form))
        else:
            found.append(entry)
    if held and not why:
        _Extract(store, file, int(held[0][0]), reading, planning, intake).take(found)
    _add_up(store, file, done, intake, len(planning.entries))
    if intake.refused:
        done.settled["sent-again"] += settle_repeats(store, file)


class _Extract:
    """The planned entries of one patient in one extract."""

    def __init__(
        self, store: Store, file: int, patient: int, reading: Reading, planning: Planning, intake: _Intake
    ) -> None:
        self.store, self.file, self.patient, self.intake = store, file, patient, intake
        self.whole, self.held_ids = planning.whole, planning.held_ids
        self.interned = Interned(store)
        self.source = self.interned.phrase[reading.source_system]
        self.moment = reading.extracted_at or ""
        newest = store.rows(
            "SELECT extracted_at FROM planned_extract WHERE patient_id = ? AND source = ?", patient, self.source
        )
        self.newest: str = newest[0][0] if newest else ""

    def take(self, entries: list[PlannedEntry]) -> None:
        """Write the entries. Where the extract is a whole record, withdraw entries that it no longer holds."""
        numbers = [self._take(entry) for entry in entries]
        if not self.whole:
            return
        if self.moment and self.moment < self.newest:
            return
        rows = self.store.rows(
            "SELECT id, source_id FROM planned"
            " WHERE patient_id = ? AND source = ? AND NOT withdrawn AND extracted_at <= ?",
            self.patient,
            self.source,
            self.moment or self.newest,
        )
        for number, source_id in rows:
            if number not in numbers and source_id not in self.held_ids:
                self._withdraw(number, self.moment or self.newest)
        self.store.connection.execute(
            "INSERT INTO planned_extract VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET extracted_at = excluded.extracted_at",
            (self.patient, self.source, self.moment or self.newest),
        )

    def _take(self, entry: PlannedEntry) -> int:
        facts = self._facts(entry)
        held = self.store.rows(
            f"SELECT id, extracted_at, withdrawn, {_FACTS} FROM planned WHERE source = ? AND source_id = ?",
            self.source,
            entry.source_id,
        )
        if not held:
            return self._new(entry, facts)
        number, extracted_at, withdrawn, *before = held[0]
        if self.moment and self.moment < extracted_at:
            return int(number)  # An older extract changes no entry of a newer one.
        if tuple(before) != facts or withdrawn:
            self.intake.accepted += 1
            self.intake.changed.add(number)
        names = ", ".join(f"{name} = ?" for name in _FACTS.split(", "))
        self.store.connection.execute(
            f"UPDATE planned SET {names}, withdrawn = 0, extracted_at = ? WHERE id = ?",
            (*facts, max(self.moment, extracted_at), number),
        )
        return int(number)

    def _new(self, entry: PlannedEntry, facts: _Facts) -> int:
        number = self.store.connection.execute(
            f"INSERT INTO planned (source, source_id, {_FACTS}, extracted_at, import_file_id)"
            f" VALUES ({', '.join('?' * 13)})",
            (self.source, entry.source_id, *facts, self.moment, self.file),
        ).lastrowid
        assert number is not None
        self.intake.accepted += 1
        if self.moment and self.moment < self.newest:
            # The newer extract does not have this entry, so it was withdrawn in between.
            self._withdraw(number, self.newest)
        return number

    def _withdraw(self, number: int, moment: str) -> None:
        self.store.connection.execute(
            "UPDATE planned SET withdrawn = 1, extracted_at = max(extracted_at, ?) WHERE id = ?", (moment, number)
        )
        self.intake.gone.add(number)

    def _facts(self, entry: PlannedEntry) -> _Facts:
        return (
            self.patient,
            entry.asked_on.isoformat(),
            entry.planned_on.isoformat() if entry.planned_on else None,
            self.interned.code_set[" ".join(str(code) for code in entry.codes)],
            self.interned.phrase[entry.term],
            entry.priority,
            self.interned.phrase[entry.clinician],
            entry.intent,
            entry.status,
        )


def _worded(entry: RefusedEntry, form: str) -> RefusedEntry:
    return RefusedEntry(entry.line, entry.raw, reasons_in(form, entry.reasons))


def _quarantine(store: Store, file: int, intake: _Intake, entry: RefusedEntry) -> None:
    intake.refused.append((entry.line, entry.reasons))
    store.connection.execute(
        "INSERT INTO quarantine (import_file_id, line, raw, reasons) VALUES (?, ?, ?, ?)",
        (file, entry.line, entry.raw, json.dumps(entry.reasons)),
    )


def _add_up(store: Store, file: int, done: ImportedFile, intake: _Intake, entries: int) -> None:
    done.rows += entries
    done.accepted += intake.accepted
    done.quarantined += len(intake.refused)
    done.unchanged = done.rows - done.accepted - done.quarantined
    done.quarantine = sorted([*done.quarantine, *intake.refused])
    done.planned_changed, done.planned_withdrawn = len(intake.changed), len(intake.gone)
    store.connection.execute(
        "UPDATE import_file SET rows = ?, accepted = ?, unchanged = ?, quarantined = ? WHERE id = ?",
        (done.rows, done.accepted, done.unchanged, done.quarantined, file),
    )
