"""Coded entries as the imports bring them: new, unchanged, changed or withdrawn, told apart by their identity."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from ..readers import CheckedRow
from .connection import Store

_CHUNK = 500
_COLUMNS = (
    "identity, patient_id, day, code_set_id, term, value, unit, consultation_type, clinician, done_at, recorded_on,"
    " source_id, source, extracted_at, withdrawn, import_file_id"
)
# Of a stored row, (identity, id, extracted_at, withdrawn, …); of an incoming one, `_COLUMNS`.
_FACTS = "patient_id, day, code_set_id, term, value, unit, consultation_type, clinician, done_at, recorded_on"
_FACT_SLICE = slice(1, 11)


class ActivityWriter:
    """Buffers the entries of one file and writes them in bulk.

    `accepted` counts rows that changed the store; `changed` and `withdrawn` hold the ids of entries the store already
    held and that this file changed or withdrew.
    """

    def __init__(self, store: Store, import_file: int, extracted_at: str | None, source_system: str) -> None:
        self._store = store
        self._file = import_file
        self._extracted_at = extracted_at
        self._source_system = source_system
        self._phrases: dict[str, int] = {}
        self._code_sets: dict[str, int] = {}
        self._buffer: list[tuple[tuple[Any, ...], bool]] = []
        self._seen: set[bytes] = set()
        self._new: set[bytes] = set()
        self.accepted = 0
        self.changed: set[int] = set()
        self.withdrawn: set[int] = set()

    def base_identity(self, row: CheckedRow) -> bytes:
        """What an entry without a `source_id` is known by, but for the count of the very same row in its file."""
        assert row.day is not None
        return _digest(
            "row",
            row.nhs_number,
            row.day.isoformat(),
            str(row.codes[0]),
            row.value,
            row.consultation_type,
            row.clinician,
            row.done_at,
        )

    def add(self, row: CheckedRow, patient_id: int, occurrence: int, changed_patient: bool) -> None:
        """Take one checked row that holds (or withdraws) an entry."""
        if row.withdraws:
            self.flush()
            self.accepted += self._withdraw_source(row.source_id) or changed_patient
            return
        assert row.day is not None
        identity = (
            self._source_identity(row.source_id)
            if row.source_id
            else _digest(self.base_identity(row).hex(), str(occurrence))
        )
        self._seen.add(identity)
        values = (
            identity,
            patient_id,
            row.day.isoformat(),
            self._code_set(" ".join(str(code) for code in row.codes)),
            self._phrase(row.term),
            row.value or None,
            self._phrase(row.unit),
            self._phrase(row.consultation_type),
            self._phrase(row.clinician),
            self._phrase(row.done_at),
            row.recorded_on.isoformat() if row.recorded_on else None,
            row.source_id or None,
            self._phrase(self._source_system),
            self._extracted_at,
            0,
            self._file,
        )
        self._buffer.append((values, changed_patient))
        if len(self._buffer) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write what is buffered."""
        if not self._buffer:
            return
        held = self._held([values[0] for values, _ in self._buffer])
        fresh: dict[bytes, tuple[Any, ...]] = {}
        for values, changed_patient in self._buffer:
            identity = values[0]
            if identity in held:
                self.accepted += self._amend(held[identity], values) or changed_patient
            elif identity in fresh:
                # The same entry twice in one file: one entry; a differing second version stands.
                self.accepted += fresh[identity][_FACT_SLICE] != values[_FACT_SLICE] or changed_patient
                fresh[identity] = values
            else:
                fresh[identity] = values
                self._new.add(identity)
                self.accepted += 1
        marks = ", ".join("?" * 16)
        self._store.connection.executemany(f"INSERT INTO activity ({_COLUMNS}) VALUES ({marks})", fresh.values())
        self._buffer.clear()

    def _held(self, identities: list[bytes]) -> dict[bytes, Any]:
        marks = ", ".join("?" * len(identities))
        rows = self._store.connection.execute(
            f"SELECT identity, {_FACTS}, id, extracted_at, withdrawn, source_id FROM activity"
            f" WHERE identity IN ({marks})",
            identities,
        )
        return {bytes(row[0]): row for row in rows}

    def _amend(self, held: Any, values: tuple[Any, ...]) -> bool:
        """Bring a held entry up to date; True when that changed it."""
        number, extracted_at, was_withdrawn, source_id = held[11:]
        if extracted_at and self._extracted_at and self._extracted_at < extracted_at:
            return False  # An older extract says nothing about what a newer one already told.
        facts = values[_FACT_SLICE] if source_id else _merged(held[_FACT_SLICE], values[_FACT_SLICE])
        same = tuple(held[_FACT_SLICE]) == tuple(facts)
        if same and not was_withdrawn and (extracted_at or "") >= (self._extracted_at or ""):
            return False
        assignments = ", ".join(f"{name.strip()} = ?" for name in _FACTS.split(","))
        self._store.connection.execute(
            f"UPDATE activity SET {assignments}, extracted_at = ?, withdrawn = 0 WHERE id = ?",
            (*facts, self._extracted_at or extracted_at, number),
        )
        if same and not was_withdrawn:
            return False
        self.changed.add(number)
        return True

    def _withdraw_source(self, source_id: str) -> bool:
        found = self._store.rows(
            "SELECT id FROM activity WHERE identity = ? AND NOT withdrawn", self._source_identity(source_id)
        )
        self._withdraw((row[0] for row in found), self._extracted_at or "")
        return bool(found)

    def withdraw_missing(self, patient_ids: list[int]) -> None:
        """After a whole-record extract: withdraw what the newest extract of each patient does not hold."""
        self.flush()
        source = self._phrase(self._source_system)
        here = self._extracted_at or ""
        for patient in patient_ids:
            known = self._store.rows(
                "SELECT extracted_at FROM extract WHERE patient_id = ? AND source = ?", patient, source
            )
            older = bool(known and here and here < known[0][0])
            rows = self._store.rows(
                "SELECT id, identity FROM activity WHERE patient_id = ? AND source = ? AND NOT withdrawn"
                " AND source_id IS NOT NULL",
                patient,
                source,
            )
            if older:
                # A newer extract is here already: what only this older one holds was withdrawn in between.
                self._withdraw((number for number, identity in rows if bytes(identity) in self._new), known[0][0])
                continue
            self._withdraw((number for number, identity in rows if bytes(identity) not in self._seen), here)
            self._store.connection.execute(
                "INSERT INTO extract VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET extracted_at = excluded.extracted_at",
                (patient, source, here or (known[0][0] if known else "")),
            )

    def _withdraw(self, numbers: Iterable[int], when: str) -> None:
        # Known withdrawn as of that moment: an older extract that still holds the entry does not bring it back.
        for number in list(numbers):
            self._store.connection.execute(
                "UPDATE activity SET withdrawn = 1, extracted_at = max(coalesce(extracted_at, ''), ?) WHERE id = ?",
                (when, number),
            )
            self.withdrawn.add(number)

    def _source_identity(self, source_id: str) -> bytes:
        return _digest("source", self._source_system, source_id)

    def _phrase(self, text: str) -> int | None:
        if not text:
            return None
        if text not in self._phrases:
            self._phrases[text] = self._intern("phrase", "text", text)
        return self._phrases[text]

    def _code_set(self, codes: str) -> int:
        if codes not in self._code_sets:
            number = self._intern("code_set", "codes", codes)
            self._code_sets[codes] = number
            self._store.connection.executemany(
                "INSERT INTO code_set_member VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(*part.split(":", 1), number) for part in codes.split(" ")],
            )
        return self._code_sets[codes]

    def _intern(self, table: str, column: str, text: str) -> int:
        self._store.connection.execute(f"INSERT INTO {table} ({column}) VALUES (?) ON CONFLICT DO NOTHING", (text,))
        return int(self._store.rows(f"SELECT id FROM {table} WHERE {column} = ?", text)[0][0])


def _digest(*parts: str) -> bytes:
    return blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


def _merged(held: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    """Two versions of an entry without a `source_id`: what one leaves empty the other fills.

    Where both say something (a term, a second code), the one held stays: the identity already agrees.
    """
    return tuple(old if old is not None else fresh for old, fresh in zip(held, new, strict=True))
