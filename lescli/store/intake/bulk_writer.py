"""Write rows in bulk whose patient, kind of entry and days have all been checked before.

These repeat from row to row. Each is checked when first met, and recognised by its cells from then on. Rows that are
not plainly new entries are handed back, to be imported one by one (activity_writer.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from operator import itemgetter, lt
from typing import Any

from ...readers import Batch, RowCheck
from ...readers.cells import Memo
from ...readers.reading import PATIENT_COLUMNS
from ...readers.row_check import ENTRY_COLUMNS, is_source_id
from ..database.connection import Store
from .activity_writer import ActivityWriter
from .caches import ACT, MASK, PATIENT, Kind, day_mark, value_mark

_MOST = 1 << 15
_ROWS_OF_IDS = 2000  # Ids hardly ever repeat.
_KIND = itemgetter(4)
_NONE = (None,)
_Cells = tuple[str, ...]
_Key = Callable[[Sequence[str]], _Cells]


class BatchWriter:
    """Writes batches of one file; `take` returns the places of the rows that must be imported one by one.

    `rows` counts the rows it wrote, and `kinds` counts them by kind of entry.
    """

    def __init__(self, store: Store, columns: tuple[str, ...], check: RowCheck, writer: ActivityWriter) -> None:
        self._store = store
        self._columns = columns
        self._check = check
        self._writer = writer
        self._settled: tuple[tuple[int, ...], int] | None = None
        self._who: Callable[[Sequence[str]], Hashable] = tuple
        self._what: _Key = tuple
        self._known: dict[Hashable, tuple[int, str, int]] = {}
        self._kinds = Memo(self._kind, _MOST)
        self._days = Memo(self._day, _MOST)
        self._recorded = Memo(self._recorded_on, _MOST)
        self._values = Memo(self._value, _MOST)
        self._source_ids = Memo(_source_id, _ROWS_OF_IDS)
        self._day_cell: Callable[[Sequence[str]], str] | None = None
        self._value_cell: Callable[[Sequence[str]], str] = _blank
        self._recorded_cell: Callable[[Sequence[str]], str] = _blank
        self._source_id: Callable[[Sequence[str]], str] = _blank
        self.rows = 0
        self.kinds: Counter[int] = Counter()

    def remember(self, batch: Batch, place: int, patient_id: int, born: str) -> None:
        """Remember the patient of an imported row: rows with the same patient cells need no second check.

        `born` is the date of birth. Rows with an earlier day are still imported one by one.
        """
        if len(self._known) >= _MOST:
            self._known.clear()
        who = self._who(batch.cells[place])
        if isinstance(who, str) and who.count(batch.delimiter) >= batch.joined:
            return  # Extra delimiter: the cells are misaligned, so do not cache them.
        self._known[who] = (patient_id, born, patient_id * PATIENT)

    def forget(self) -> None:
        """Forget all patients: two rows contradicted each other, and the later one must count."""
        self._known.clear()

    def take(self, batch: Batch) -> list[int]:
        """Write the rows that are plainly new; the places of all other rows, in order."""
        if (batch.places, batch.joined) != self._settled:
            self._settle(batch.places, batch.joined)
        cells = batch.cells
        every = range(len(cells))
        told = list(map(self._source_id, cells))
        if self._day_cell is None or _repeats(told):
            return list(every)
        # A million rows pass here, so each step is a loop in C and not in Python. The answer is None where something is
        # unknown or wrong.
        asked: list[list[Any]] = [
            list(map(self._known.get, map(self._who, cells))),
            list(map(self._kinds.__getitem__, map(self._what, cells))),
            list(map(self._days.__getitem__, map(self._day_cell, cells))),
            list(map(self._values.__getitem__, map(self._value_cell, cells))),
            list(map(self._recorded.__getitem__, map(self._recorded_cell, cells))),
            list(map(self._source_ids.__getitem__, told)) if any(told) else [_NONE] * len(cells),
        ]
        good: Sequence[int] = every
        if not all(map(all, asked)):
            good = [place for place, answers in enumerate(zip(*asked, strict=True)) if all(answers)]
            asked = [[answers[place] for place in good] for answers in asked]
        if not good:
            return list(every)
        patients, born, patient_marks = zip(*asked[0], strict=True)
        kinds, act_marks = zip(*asked[1], strict=True)
        acts, numbers, code_sets = zip(*kinds, strict=True)
        days, day_marks = zip(*asked[2], strict=True)
        values, value_marks = zip(*asked[3], strict=True)
        recorded = [each[0] for each in asked[4]]
        source_ids = [each[0] for each in asked[5]]
        marks = map(sum, zip(patient_marks, act_marks, day_marks, value_marks, strict=True))
        doubtful = set(self._doubtful(marks, source_ids))
        doubtful.update(at for at, early in enumerate(map(lt, days, born)) if early)
        sourced = any(source_ids)
        told_of = (patients, days, acts, values, numbers, code_sets, recorded, *([source_ids] if sourced else []))
        rows: list[tuple[Any, ...]] = list(zip(*told_of, strict=True))
        if doubtful:
            rows = [row for at, row in enumerate(rows) if at not in doubtful]
            good = [place for at, place in enumerate(good) if at not in doubtful]
        self._note(rows)
        written = self._write(rows, sourced=sourced)
        if len(written) == len(cells):
            return []
        return sorted(set(every).difference(good[at] for at in written))

    def _doubtful(self, marks: Iterable[int], source_ids: Sequence[str | None]) -> Iterator[int]:
        """Which rows may repeat an earlier row of this file, while the index to look that up is not yet built."""
        if self._writer.marks is None:
            return
        bits = self._writer.marks.bits
        for at, (mark, source_id) in enumerate(zip(marks, source_ids, strict=True)):
            if source_id is None:
                # the same as `SeenBits.is_new`, without the cost of a call.
                place, bit = (mark & MASK) >> 3, 1 << (mark & 7)
                if bits[place] & bit:
                    yield at
                else:
                    bits[place] |= bit

    def _note(self, rows: list[tuple[Any, ...]]) -> None:
        """The same as `Standing.note`, for many rows."""
        bounds = self._writer.standing.bounds
        known = bounds.get
        for row in rows:
            patient, day, code_set = row[0], row[1], row[5]
            key = code_set << 40 | patient
            held = known(key)
            if held is None:
                bounds[key] = day, day
            elif day > held[1]:
                bounds[key] = held[0], day
            elif day < held[0]:
                bounds[key] = day, held[1]
        self._writer.standing.relieve()

    def _write(self, rows: list[tuple[Any, ...]], *, sourced: bool) -> Sequence[int]:
        """Insert rows; the places of those that the store did not hold yet."""
        connection = self._store.connection
        before = connection.total_changes
        newest = self._store.rows("SELECT max(id) FROM activity")[0][0] or 0
        connection.executemany(self._writer.sourced if sourced else self._writer.counted, rows)
        count = connection.total_changes - before
        self.rows += count
        self._writer.accepted += count
        if count == len(rows):
            self.kinds.update(map(_KIND, rows))
            return range(count)
        # Rows are inserted in order, so the new entries are compared with the rows in the same order.
        written = []
        inserted = iter(
            self._store.rows(
                "SELECT patient_id, day, act_id, value, source_id FROM activity WHERE id > ? ORDER BY id", newest
            )
        )
        following = next(inserted, None)
        for at, row in enumerate(rows):
            if following is not None and (*row[:4], row[7] if sourced else None) == tuple(following):
                written.append(at)
                following = next(inserted, None)
        self.kinds.update(rows[at][4] for at in written)
        return written

    def _kind(self, cells: _Cells) -> tuple[Kind, int] | None:
        told = dict(zip(self._entry_columns, cells, strict=True))
        entry = self._check.entry(tuple(told.get(column, "") for column in ENTRY_COLUMNS))
        if entry is None:
            return None
        kind = self._writer.interned.kind[entry]
        return kind, kind.act * ACT

    def _day(self, cell: str) -> tuple[str, int] | None:
        day = self._check.day(cell)
        return (day, day_mark(day)) if day else None

    def _value(self, cell: str) -> tuple[str, int] | None:
        value = self._check.value(cell)
        return None if value is None else (value, value_mark(value))

    def _recorded_on(self, cell: str) -> tuple[str | None] | None:
        if not cell.strip():
            return _NONE
        day = self._check.day(cell)
        return (day,) if day else None

    def _settle(self, places: tuple[int, ...], joined: int) -> None:
        """Work out where each column is in the cells of a batch."""
        at = dict(
            zip(self._columns, (max(place - joined + 1, 0) if joined else place for place in places), strict=True)
        )
        self._settled = places, joined
        self._entry_columns = tuple(column for column in ENTRY_COLUMNS if column in at)
        self._who = itemgetter(0) if joined else _key([at[column] for column in PATIENT_COLUMNS if column in at])
        self._what = _key([at[column] for column in self._entry_columns])
        self._day_cell = itemgetter(at["date"]) if "date" in at else None
        self._value_cell, self._recorded_cell, self._source_id = (
            itemgetter(at[column]) if column in at else _blank for column in ("value", "recorded_on", "source_id")
        )
        self._known.clear()


def _source_id(cell: str) -> tuple[str | None] | None:
    given = cell.strip()
    if not given:
        return _NONE
    return (given,) if is_source_id(given) else None


def _repeats(told: list[str]) -> bool:
    """Whether a `source_id` is in the batch twice. The later row counts, so the order matters."""
    ids = list(filter(None, told))
    return len(ids) != len(set(ids))


def _blank(cells: Sequence[str]) -> str:
    return ""


def _key(places: list[int]) -> _Key:
    if not places:
        return lambda cells: ()
    if len(places) == 1:
        only = places[0]
        return lambda cells: (cells[only],)
    return itemgetter(*places)
