"""Import coded entries one by one: new, unchanged, changed or withdrawn, known by their identity.

bulk_writer.py writes rows that are plainly new in bulk. All other rows come here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ...readers import CheckedRow, Reading
from ...readers.reading import COLUMNS, MARKS
from ...readers.row_check import Entry
from ..database.connection import Store
from ..people.same_person import NUMBERS, note_moved
from ..records.rows import parse_codes
from ..schema.records import STANDING_INDEXES
from .caches import Interned, Kind, MarkWriter, SeenBits, Standing, row_mark

_MAY_LACK = frozenset({"term", "unit", "consultation_type", "clinician", "done_at", "value", "recorded_on"})


class Retold:
    """Merges two versions of an entry; `told` are the columns that the file can state."""

    def __init__(self, store: Store, interned: Interned, told: frozenset[str]) -> None:
        self._store = store
        self._interned = interned
        self._untold = _MAY_LACK - told
        self._merged: dict[tuple[int, Entry], Kind] = {}

    def with_id(
        self, held: tuple[int, str, str | None], value: str, entry: Entry, recorded_on: str | None
    ) -> tuple[str, Kind, str | None]:
        """The new value, kind and day of recording of an entry known by its id; `held` are those before."""
        kind_id, held_value, held_recorded = held
        if not self._untold:
            return value, self._interned.kind[entry], recorded_on
        codes, term, unit, consultation_type, clinician, done_at = entry
        before = self._texts(kind_id)
        kind = self._interned.kind[
            (
                codes,
                self._either("term", term, before[1]),
                self._either("unit", unit, before[2]),
                self._either("consultation_type", consultation_type, before[3]),
                self._either("clinician", clinician, before[4]),
                self._either("done_at", done_at, before[5]),
            )
        ]
        value = self._either("value", value, held_value)
        return value, kind, held_recorded if "recorded_on" in self._untold else recorded_on

    def _either(self, column: str, new: str, before: str) -> str:
        return before if column in self._untold else new

    def merged(self, kind_id: int, new: Entry) -> Kind:
        """Merge two versions of an entry without a `source_id`: each fills what the other leaves empty.

        Where both state something (a term, a second code), the stored one stays, because the identities agree.
        """
        key = (kind_id, new)
        if key not in self._merged:
            codes, term, unit, *_ = self._texts(kind_id)
            self._merged[key] = self._interned.kind[(parse_codes(codes), term or new[1], unit or new[2], *new[3:])]
        return self._merged[key]

    def _texts(self, kind_id: int) -> tuple[str, str, str, str, str, str]:
        """Codes, term, unit, consultation type, clinician and place of a kind of entry."""
        codes, term, unit, kind, clinician, place = self._store.rows(
            "SELECT s.codes, t.text, u.text, c.text, d.text, p.text FROM entry_kind k"
            " JOIN code_set s ON s.id = k.code_set_id JOIN phrase t ON t.id = k.term JOIN phrase u ON u.id = k.unit"
            " JOIN phrase c ON c.id = k.consultation_type JOIN phrase d ON d.id = k.clinician"
            " JOIN phrase p ON p.id = k.done_at WHERE k.id = ?",
            kind_id,
        )[0]
        return codes, term, unit, kind, clinician, place


_HELD = "id, patient_id, day, value, kind_id, code_set_id, recorded_on, extracted_at, withdrawn, import_file_id"


class _Held(NamedTuple):
    """An entry as in the store, with the columns of `_HELD`."""

    id: int
    patient_id: int
    day: str
    value: str
    kind_id: int
    code_set_id: int
    recorded_on: str | None
    extracted_at: str | None
    withdrawn: int
    import_file_id: int


class ActivityWriter:
    """Writes the entries of one file.

    `accepted` counts rows that changed the store. `changed` and `withdrawn` hold the ids of earlier entries that this
    file changed or withdrew. With `afterwards` (a large file into a store without activity) `finish` builds the indexes
    of activity, in a tenth of the time that updating them row by row takes. Rows that may be repeats then wait for
    `finish` (`caches.SeenBits`).
    """

    def __init__(
        self,
        store: Store,
        import_file: int,
        extracted_at: str | None,
        source_system: str,
        *,
        afterwards: bool = False,
        whole: Reading | None = None,
        told: frozenset[str] = frozenset(COLUMNS),
    ) -> None:
        self._store = store
        self._run = store.connection.execute
        self._file = import_file
        self._extracted_at = extracted_at
        self.marks = SeenBits() if afterwards else None
        self._whole = whole
        self._tells_marks = MARKS in told
        self.interned = Interned(store)
        self._retold = Retold(store, self.interned, told)
        self.standing = Standing(store)
        self._entry_marks = MarkWriter(store)
        self.source = self.interned.phrase[source_system]
        self._met: set[int] = set()
        self._new: set[int] = set()
        self.accepted = 0
        self.changed: set[int] = set()
        self.withdrawn: set[int] = set()
        constants = store.rows("SELECT quote(?), quote(?)", extracted_at, import_file)[0]
        # Values that are the same for all rows of a file are part of the statement: a parameter costs a tenth of a row.
        columns = "patient_id, day, act_id, value, kind_id, code_set_id, recorded_on, n, source_id"
        constant = f"{self.source}, {constants[0]}, {constants[1]}"
        into = f"INSERT INTO activity ({columns}, source, extracted_at, import_file_id) VALUES"
        self._one = f"{into} (?, ?, ?, ?, ?, ?, ?, ?, ?, {constant})"
        self.counted = f"{into} (?, ?, ?, ?, ?, ?, ?, 1, NULL, {constant}) ON CONFLICT DO NOTHING"
        self.sourced = f"{into} (?, ?, ?, ?, ?, ?, ?, iif(?8 IS NULL, 1, NULL), ?8, {constant}) ON CONFLICT DO NOTHING"
        # How often the same row was in this file, for entries that the store had already or that the file repeats.
        self._run("CREATE TEMP TABLE IF NOT EXISTS met (id INTEGER PRIMARY KEY, times INTEGER NOT NULL)")
        self._run("DELETE FROM temp.met")
        if afterwards:
            columns = "patient_id, day, act_id, value, kind_id, code_set_id, recorded_on"
            self._run(f"CREATE TEMP TABLE IF NOT EXISTS aside ({columns})")
            for sql in STANDING_INDEXES:
                self._run(f"DROP INDEX {sql.split(' ON ')[0].split()[-1]}")

    def add(self, row: CheckedRow, patient_id: int, *, changed_patient: bool) -> None:
        """Import one checked row that states or withdraws an entry."""
        if row.withdraws:
            self.accepted += self._withdraw_source(row.source_id) or changed_patient
            return
        assert row.day is not None
        entry = (row.codes, row.term, row.unit, row.consultation_type, row.clinician, row.done_at)
        kind = self.interned.kind[entry]
        values = (patient_id, row.day.isoformat(), kind.act, row.value)
        recorded_on = row.recorded_on.isoformat() if row.recorded_on else None
        if self.marks and not row.source_id and not self.marks.is_new(row_mark(*values)):
            self._run("INSERT INTO temp.aside VALUES (?, ?, ?, ?, ?, ?, ?)", (*values, *kind[1:], recorded_on))
            return
        held, n = self._by_source(row.source_id) if row.source_id else self._by_count(values)
        if held is None:
            number = self._insert(values, n, kind, recorded_on, row.source_id)
            self._entry_marks.note(number, row.marks)
            return
        if self._whole:
            self._met.add(held.id)
        if row.source_id:
            before = (held.kind_id, held.value, held.recorded_on)
            # A row with the id replaces the entry. Values for which the file has no column stay as they were.
            facts = (patient_id, values[1], *self._retold.with_id(before, row.value, entry, recorded_on))
        else:
            merged = kind if kind.kind == held.kind_id else self._retold.merged(held.kind_id, entry)
            facts = (held.patient_id, held.day, held.value, merged, held.recorded_on or recorded_on)
        marks = row.marks if row.source_id and self._tells_marks else self._entry_marks.of(held.id)
        self.accepted += self._amend(held, facts, marks) or changed_patient

    def _insert(
        self, values: tuple[int, str, int, str], n: int | None, kind: Kind, recorded_on: str | None, source_id: str
    ) -> int:
        number = self._run(self._one, (*values, kind.kind, kind.code_set, recorded_on, n, source_id or None)).lastrowid
        assert number is not None
        self.standing.note(kind.code_set, values[0], values[1])
        if self._whole:
            self._new.add(number)
            self._met.add(number)
        self.accepted += 1
        return number

    def _by_source(self, source_id: str) -> tuple[_Held | None, None]:
        held = self._held("source = ? AND source_id = ?", self.source, source_id)
        if held is not None:
            self._run("INSERT OR IGNORE INTO temp.met VALUES (?, 0)", (held.id,))
        return held, None

    def _by_count(self, values: tuple[int, str, int, str]) -> tuple[_Held | None, int]:
        """The stored entry that the row is, and how often the same row was in this file so far, this one included."""
        if self.marks:
            return None, 1
        known = "patient_id = ? AND day = ? AND act_id = ? AND value = ? AND source_id IS NULL AND n = ?"
        first = self._held(known, *values, 1)
        if first is None:
            return None, 1
        met = self._store.rows("SELECT times FROM temp.met WHERE id = ?", first.id)
        before = met[0][0] if met else int(first.import_file_id == self._file)
        self._run(
            "INSERT INTO temp.met VALUES (?, ?) ON CONFLICT DO UPDATE SET times = excluded.times",
            (first.id, before + 1),
        )
        return (first, 1) if before == 0 else (self._held(known, *values, before + 1), before + 1)

    def _held(self, where: str, *values: Any) -> _Held | None:
        found = self._run(f"SELECT {_HELD} FROM activity WHERE {where}", values).fetchone()
        return _Held(*found) if found else None

    def _amend(self, held: _Held, facts: tuple[int, str, str, Kind, str | None], marks: tuple[str, ...]) -> bool:
        """Update a stored entry; True if that changed it."""
        if held.extracted_at and self._extracted_at and self._extracted_at < held.extracted_at:
            return False  # An older extract changes no entry of a newer one.
        patient_id, day, value, kind, recorded_on = facts
        if patient_id != held.patient_id:
            note_moved(self._store, held.patient_id, patient_id, self._file)
        same = (patient_id, day, value, kind.kind, recorded_on, marks) == (
            held.patient_id, held.day, held.value, held.kind_id, held.recorded_on, self._entry_marks.of(held.id),
        )  # fmt: skip
        if same and not held.withdrawn and (held.extracted_at or "") >= (self._extracted_at or ""):
            return False
        self._run(
            "UPDATE activity SET patient_id = ?, day = ?, act_id = ?, value = ?, kind_id = ?, code_set_id = ?,"
            " recorded_on = ?, extracted_at = ?, withdrawn = 0 WHERE id = ?",
            (
                *(patient_id, day, kind.act, value, kind.kind, kind.code_set, recorded_on),
                self._extracted_at or held.extracted_at,
                held.id,
            ),
        )
        self._entry_marks.note(held.id, marks)
        self.standing.note(kind.code_set, patient_id, day)
        if same and not held.withdrawn:
            return False
        self.changed.add(held.id)
        return True

    def _withdraw_source(self, source_id: str) -> bool:
        held, _ = self._by_source(source_id)
        if held is None or held.withdrawn:
            return False
        self._withdraw([held.id], self._extracted_at or "")
        return True

    def withdraw_missing(self, patient_ids: Iterable[int]) -> None:
        """After a whole-record extract: withdraw the entries that the newest extract of each patient does not hold."""
        if not self.source or not self._whole:
            return  # Without a source system the record says nothing about the entries of other records.
        here = self._extracted_at or ""
        for patient in patient_ids:
            known = self._store.rows(
                "SELECT extracted_at FROM extract WHERE patient_id = ? AND source = ?", patient, self.source
            )
            # Entries from before `whole_from` may still exist: the record is not whole there.
            held = dict(
                self._store.rows(
                    f"SELECT id, source_id FROM activity WHERE patient_id IN {NUMBERS} AND source = ?2 AND source <> 0"
                    " AND source_id IS NOT NULL AND NOT withdrawn AND min(day, coalesce(recorded_on, day)) >= ?3",
                    patient,
                    self.source,
                    self._whole.whole_from,
                )
            )
            if known and here and here < known[0][0]:
                # A newer extract was imported before: entries that only this older one holds were withdrawn in between.
                self._withdraw(sorted(held.keys() & self._new), known[0][0])
                continue
            missing = held.keys() - self._met
            # An entry that is in the record and could not be read is not missing.
            self._withdraw(sorted(one for one in missing if held[one] not in self._whole.held_ids), here)
            self._run(
                "INSERT INTO extract VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET extracted_at = excluded.extracted_at",
                (patient, self.source, here or (known[0][0] if known else "")),
            )

    def _withdraw(self, numbers: Iterable[int], when: str) -> None:
        # Withdrawn as of that moment, so that an older extract which still holds the entry does not bring it back.
        for number in numbers:
            self._run(
                "UPDATE activity SET withdrawn = 1, extracted_at = max(coalesce(extracted_at, ''), ?) WHERE id = ?",
                (when, number),
            )
            self.withdrawn.add(number)

    def finish(self) -> None:
        """Build the indexes, write the rows that waited for them, and write the bounds of days."""
        if self.marks:
            self.marks = None
            for sql in STANDING_INDEXES:
                self._run(sql)
            for *values, kind, code_set, recorded_on in self._run("SELECT * FROM temp.aside ORDER BY rowid"):
                patient, day, act, value = values
                _, n = self._by_count((patient, day, act, value))
                self._insert((patient, day, act, value), n, Kind(act, kind, code_set), recorded_on, "")
            self._run("DROP TABLE temp.aside")
        self.standing.flush()
