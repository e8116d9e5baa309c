"""The entries that one import holds: those it brought, and those the store had that it met again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..database.connection import Store

# By patient, day and code; `met` tells how many times the importer met a row that the store held already.
ENTRIES = """
SELECT a.id, a.import_file_id, a.value || char(31) || k.key, a.n, a.source_id, m.times
FROM code_set_member c JOIN activity a ON a.code_set_id = c.code_set_id AND a.day = ? AND a.patient_id = ?
JOIN act k ON k.id = a.act_id LEFT JOIN temp.met m ON m.id = a.id
WHERE c.system = ? AND c.code = ? AND NOT a.withdrawn ORDER BY a.n, a.id
"""
_NEW = """
SELECT a.patient_id, a.id, a.value || char(31) || k.key, t.text, coalesce(a.recorded_on, '')
FROM activity a JOIN act k ON k.id = a.act_id JOIN entry_kind e ON e.id = a.kind_id JOIN phrase t ON t.id = e.term
WHERE a.import_file_id = ? AND a.source_id IS NULL AND NOT a.withdrawn AND """
NEW_ON_A_DAY = f"{_NEW} a.day = ? AND a.patient_id = ?"
# New entries have the highest ids.
NEW_OF_PATIENTS = f"{_NEW} a.id > ? AND a.patient_id IN (SELECT value FROM json_each(?))"


class Entry(NamedTuple):
    """An entry that the import holds; `acts` are its value, code, consultation type, clinician and place."""

    id: int
    is_new: bool
    acts: tuple[str, ...]


class NewEntry(NamedTuple):
    """An entry that the import brought, without an id of its own."""

    id: int
    acts: tuple[str, ...]
    term: str
    recorded_on: str


class Held:
    """Asks for them; `newest` is the highest id of an entry before the import."""

    def __init__(self, store: Store, import_file: int, newest: int) -> None:
        self._store = store
        self._file = import_file
        self._newest = newest

    def of(self, patient: int, day: str, code: str) -> Iterator[Entry]:
        """Those of a patient, day and main code."""
        times: Counter[str] = Counter()
        for number, file, act, n, source_id, met in self._store.rows(ENTRIES, day, patient, *code.split(":", 1)):
            times[act] += met or 0
            acts = tuple(act.split("\x1f"))
            if acts[1] == code and (file == self._file or (source_id is None and n <= times[act])):
                yield Entry(number, file == self._file, acts)

    def new_on(self, patient: int, day: str) -> list[NewEntry]:
        """The new ones of a patient and day."""
        return [new for _, new in self._new(NEW_ON_A_DAY, day, patient)]

    def new_of(self, patients: Iterable[int]) -> dict[int, list[NewEntry]]:
        """The new ones of some patients, in one look at all that is new."""
        found: dict[int, list[NewEntry]] = defaultdict(list)
        listed = json.dumps(sorted(patients))
        for patient, new in self._new(NEW_OF_PATIENTS, self._newest, listed) if listed != "[]" else ():
            found[patient].append(new)
        return found

    def _new(self, sql: str, *values: object) -> Iterator[tuple[int, NewEntry]]:
        for patient, number, act, term, recorded_on in self._store.connection.execute(sql, (self._file, *values)):
            yield patient, NewEntry(number, tuple(act.split("\x1f")), term, recorded_on)
