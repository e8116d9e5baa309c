"""Rows of which everything has been seen before but the entry itself go into the store in bulk.

Who a row is about, what kind of entry it is and its days repeat from row to row; each is checked when first met and
known by its cells from then on. What is not plainly new is handed back, to be looked at one by one (`activities.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from ..readers import Batch, RowCheck
from ..readers.cells import Memo
from ..readers.checked import ENTRY_COLUMNS, PATIENT_COLUMNS, is_source_id
from .activities import ActivityWriter
from .connection import Store
from .interned import Kind

_MOST = 1 << 15
_Cells = tuple[str, ...]
_Key = Callable[[Sequence[str]], _Cells]


class BatchWriter:
    """Writes batches of one file; `take` returns the places of the rows it leaves to be looked at one by one.

    `rows` counts what it wrote, `kinds` the same by kind of entry.
    """

    def __init__(self, store: Store, columns: tuple[str, ...], check: RowCheck, writer: ActivityWriter) -> None:
        self._store = store
        self._columns = columns
        self._check = check
        self._writer = writer
        self._places: tuple[int, ...] | None = None
        self._who: _Key = tuple
        self._what: _Key = tuple
        self._known: dict[_Cells, tuple[int, str]] = {}
        self._kinds = Memo(self._kind, _MOST)
        self._days = Memo(check.day, _MOST)
        self._recorded: Memo[str, str | None] = Memo(self._recorded_on, _MOST)
        self._values = Memo(check.value, _MOST)
        self.rows = 0
        self.kinds: Counter[int] = Counter()

    def remember(self, batch: Batch, place: int, patient_id: int, born: str) -> None:
        """The patient of this row was taken: rows with the same cells about them need no second look.

        `born` is the date of birth that the row itself states, "" if none.
        """
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[self._who(batch.cells[place])] = (patient_id, born)

    def forget(self) -> None:
        """Look at everybody's rows again: rows contradict one another, and the later one counts."""
        self._known.clear()

    def take(self, batch: Batch) -> list[int]:
        """Write what is plainly new; the places of all other rows, in order."""
        if batch.places != self._places:
            self._settle(batch.places)
        at_day, at_value, at_recorded, at_source = self._others
        if at_day is None or self._told_twice(batch, at_source):
            return list(range(len(batch.cells)))
        who_of, what_of, known, kinds, days = self._who, self._what, self._known, self._kinds, self._days
        first, last = self._writer.standing.first, self._writer.standing.last
        left: list[int] = []
        places: list[int] = []
        rows: list[tuple[Any, ...]] = []
        for place, cells in enumerate(batch.cells):
            who = known.get(who_of(cells))
            kind = kinds[what_of(cells)]
            day = days[cells[at_day]]
            if who is None or kind is None or not day or day < who[1]:
                left.append(place)
                continue
            value = "" if at_value is None else self._values[cells[at_value]]
            recorded = "" if at_recorded is None else self._recorded[cells[at_recorded]]
            source_id = "" if at_source is None else cells[at_source].strip()
            if value is None or recorded is None or (source_id and not is_source_id(source_id)):
                left.append(place)
                continue
            patient, (act, number, code_set) = who[0], kind
            n = None if source_id else 1
            rows.append((patient, day, act, value, n, number, code_set, recorded or None, source_id or None))
            places.append(place)
            # As `Standing.note`, without the call.
            key = code_set << 40 | patient
            if key not in last:
                first[key] = last[key] = day
            elif day > last[key]:
                last[key] = day
            elif day < first[key]:
                first[key] = day
        self._writer.standing.relieve()
        written = self._write(rows)
        if len(written) < len(rows):
            new = set(written)
            left = sorted([*left, *(place for at, place in enumerate(places) if at not in new)])
        return left

    def _write(self, rows: list[tuple[Any, ...]]) -> range | list[int]:
        """Insert rows; which of them the store did not hold yet."""
        connection = self._store.connection
        before = connection.total_changes
        newest = self._store.rows("SELECT max(id) FROM activity")[0][0] or 0
        connection.executemany(f"{self._writer.insert} ON CONFLICT DO NOTHING", rows)
        count = connection.total_changes - before
        written: range | list[int] = range(len(rows))
        if count < len(rows):
            # Rows are inserted in order, so what is new is read off beside them.
            written = []
            inserted = iter(
                self._store.rows(
                    "SELECT patient_id, day, act_id, value, source_id FROM activity WHERE id > ? ORDER BY id", newest
                )
            )
            following = next(inserted, None)
            for at, row in enumerate(rows):
                if following is not None and (*row[:4], row[8]) == tuple(following):
                    written.append(at)
                    following = next(inserted, None)
        self.rows += count
        self._writer.accepted += count
        self.kinds.update(rows[at][5] for at in written)
        return written

    def _told_twice(self, batch: Batch, at_source: int | None) -> bool:
        """Whether an entry with an id of its own stands in the batch twice: the later row counts, so order matters."""
        if at_source is None:
            return False
        told = [cells[at_source] for cells in batch.cells if cells[at_source]]
        return len(told) != len(set(told))

    def _recorded_on(self, cell: str) -> str | None:
        return (self._check.day(cell) or None) if cell.strip() else ""

    def _kind(self, cells: _Cells) -> Kind | None:
        told = dict(zip(self._entry_columns, cells, strict=True))
        entry = self._check.entry(tuple(told.get(column, "") for column in ENTRY_COLUMNS))
        return None if entry is None else self._writer.interned.kind[entry]

    def _settle(self, places: tuple[int, ...]) -> None:
        """Where each column stands in the cells of a batch."""
        at = dict(zip(self._columns, places, strict=True))
        self._places = places
        self._entry_columns = tuple(column for column in ENTRY_COLUMNS if column in at)
        self._who = _key([at[column] for column in PATIENT_COLUMNS if column in at])
        self._what = _key([at[column] for column in self._entry_columns])
        self._others = (at.get("date"), at.get("value"), at.get("recorded_on"), at.get("source_id"))
        self._known.clear()


def _key(places: list[int]) -> _Key:
    if not places:
        return lambda cells: ()
    if len(places) == 1:
        only = places[0]
        return lambda cells: (cells[only],)
    return itemgetter(*places)
