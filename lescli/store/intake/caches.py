"""What an import keeps in memory: repeated phrases, rows met before, the days of each patient's entries, and marks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple
from zlib import crc32

from ...amounts import counted
from ...model.record import MARKS
from ...readers.cells import Memo
from ...readers.row_check import Entry
from ..database.connection import Store

_MOST = 1 << 15


class Kind(NamedTuple):
    """The ids of one kind of entry; `act` is the part that helps to identify an entry."""

    act: int
    kind: int
    code_set: int


class Interned:
    """The ids of texts in the store. A new text gets an id; the store is asked once for each distinct text."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.phrase = Memo(self._phrase, _MOST)
        self.kind = Memo(self._kind, _MOST)
        self.code_set = Memo(self._make_code_set, _MOST)

    def _phrase(self, text: str) -> int:
        return self._number("phrase", "text", text)

    def _make_code_set(self, codes: str) -> int:
        number = self._number("code_set", "codes", codes)
        self._store.connection.executemany(
            "INSERT INTO code_set_member VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(*part.split(":", 1), number) for part in codes.split(" ")],
        )
        return number

    def _kind(self, entry: Entry) -> Kind:
        codes, term, unit, consultation_type, clinician, done_at = entry
        act = self._number("act", "key", "\x1f".join((str(codes[0]), consultation_type, clinician, done_at)))
        code_set = self.code_set[" ".join(str(code) for code in codes)]
        parts = (code_set, *(self.phrase[text] for text in (term, unit, consultation_type, clinician, done_at)))
        columns = "code_set_id, term, unit, consultation_type, clinician, done_at"
        self._store.connection.execute(
            f"INSERT INTO entry_kind (act_id, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (act, *parts),
        )
        found = self._store.rows(
            "SELECT id FROM entry_kind WHERE code_set_id = ? AND term = ? AND unit = ? AND consultation_type = ?"
            " AND clinician = ? AND done_at = ?",
            *parts,
        )
        return Kind(act, int(found[0][0]), code_set)

    def _number(self, table: str, column: str, text: str) -> int:
        self._store.connection.execute(f"INSERT INTO {table} ({column}) VALUES (?) ON CONFLICT DO NOTHING", (text,))
        return int(self._store.rows(f"SELECT id FROM {table} WHERE {column} = ?", text)[0][0])


_BITS = 28
MASK = (1 << _BITS) - 1
# Odd numbers with many bits spread neighbouring patients, acts and days far apart. Python's own hash of a text differs
# from process to process, and the same files must give the same store, so it is not used here.
PATIENT, ACT, DAY = 2654435761, 97561729, 40503


class SeenBits:
    """A set of 2^28 bits (32 MiB), one looked up for each row. The operating system allocates pages when touched."""

    def __init__(self) -> None:
        self.bits = bytearray(1 << (_BITS - 3))

    def is_new(self, mark: int) -> bool:
        """Whether this mark was not yet set; sets it."""
        mark &= MASK
        place, bit = mark >> 3, 1 << (mark & 7)
        if self.bits[place] & bit:
            return False
        self.bits[place] |= bit
        return True


def day_mark(day: str) -> int:
    """The part of a row's mark that comes from its day, such as `2026-05-01`."""
    return int(day[:4] + day[5:7] + day[8:]) * DAY


def value_mark(value: str) -> int:
    """The part of a row's mark that comes from its value."""
    return crc32(value.encode()) if value else 0


def row_mark(patient: int, day: str, act: int, value: str) -> int:
    """The mark of a row: the sum of its parts. The parts repeat from row to row, so each is cached by itself."""
    return patient * PATIENT + act * ACT + day_mark(day) + value_mark(value)


_MOST_DATE_BOUNDS = 1 << 18


class Standing:
    """Collects the first and last day of entries in memory; call `flush` before anything reads them from the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # The key is one number, code set × 2^40 + patient, because it is looked up a million times.
        self.bounds: dict[int, tuple[str, str]] = {}

    def note(self, code_set: int, patient: int, day: str) -> None:
        """Note that the patient has an entry on that day."""
        key = code_set << 40 | patient
        first, last = self.bounds.get(key, (day, day))
        self.bounds[key] = min(first, day), max(last, day)

    def relieve(self) -> None:
        """Write the collected days once there are many."""
        if len(self.bounds) > _MOST_DATE_BOUNDS:
            self.flush()

    def flush(self) -> None:
        """Write the collected days."""
        low = (1 << 40) - 1
        self._store.connection.executemany(
            "INSERT INTO standing VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " first_day = min(first_day, excluded.first_day), last_day = max(last_day, excluded.last_day)",
            ((key >> 40, key & low, *bounds) for key, bounds in sorted(self.bounds.items())),
        )
        self.bounds.clear()


Marks = tuple[str, ...]


def marks_of(store: Store) -> dict[int, Marks]:
    """The marks of every entry that has any, by the id of the entry."""
    return {number: tuple(marks.split()) for number, marks in store.rows("SELECT * FROM activity_mark")}


class MarkWriter:
    """Keeps the marks up to date during an import."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _held(self) -> dict[int, Marks]:
        return marks_of(self._store)

    def of(self, number: int) -> Marks:
        """The marks of one entry, by its id."""
        return self._held.get(number, ())

    def note(self, number: int, marks: Marks) -> None:
        """Set the marks of an entry; they replace the earlier ones."""
        if marks == self.of(number):
            return
        run = self._store.connection.execute
        if marks:
            self._held[number] = marks
            run(
                "INSERT INTO activity_mark VALUES (?, ?) ON CONFLICT DO UPDATE SET marks = excluded.marks",
                (number, " ".join(marks)),
            )
        else:
            del self._held[number]
            run("DELETE FROM activity_mark WHERE activity_id = ?", (number,))


def marks_known(store: Store) -> Iterator[str]:
    """A check of `les verify`: the stored marks are all marks that an import writes."""
    wrong = sum(not marks or not set(marks) <= MARKS for marks in marks_of(store).values())
    if wrong:
        yield f"activity_mark: {counted(wrong, 'entry', 'entries')} with a mark that no import writes"
