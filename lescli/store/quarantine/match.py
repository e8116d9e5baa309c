"""Rows in quarantine are settled when a newer file holds them put right, or holds them again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from ...readers import Batch, CheckedRow, PatientFacts, Reading, Row
from ..database.connection import Store
from .corrected import Corrected, Held, Misnamed, Watched
from .rows import Kept, Said, kept_before, kept_in


class Repeats:
    """Tells which rows of earlier files are among `own`, the rows in quarantine of one import.

    Of two that are the same in both files, the first is the first and the second the second; so a file that has one of
    them takes one off the list.
    """

    def __init__(self, store: Store, import_file: int, own: Iterable[Kept]) -> None:
        self._store = store
        self._file = import_file
        self._own: dict[bytes, list[int]] = defaultdict(list)
        for kept in own:
            self._own[kept.very_row()].append(kept.id)
        self._times: Counter[tuple[int, bytes]] = Counter()
        self._sent: list[tuple[int, int]] = []
        self._decided: list[tuple[int, int]] = []

    def has(self, kept: Kept) -> bool:
        """Whether a row of an earlier file is one of them; it is let go by `write`."""
        if not self._own:
            return False
        row = kept.very_row()
        at = self._times[kept.file, row]
        if at >= len(self._own.get(row, ())):
            return False
        self._times[kept.file, row] += 1
        pair = (kept.id, self._own[row][at])
        self._sent.append(pair)
        if kept.closed or kept.reopened:
            self._decided.append(pair)
        return True

    def write(self) -> int:
        """Let them go, and say how many; what a person decided about a row goes over to the newer one."""
        run = self._store.connection.executemany
        run(
            "INSERT INTO settlement (quarantine_id, how, import_file_id, on_date, by, why)"
            " SELECT ?, how, ?, on_date, by, why FROM settlement"
            " WHERE quarantine_id = ? AND how IN ('closed', 'reopened') ORDER BY id DESC LIMIT 1",
            ((newer, self._file, older) for older, newer in self._decided),
        )
        run(
            "UPDATE quarantine SET closed = (SELECT o.closed FROM quarantine o WHERE o.id = ?) WHERE id = ?",
            self._decided,
        )
        run(
            "INSERT INTO settlement (quarantine_id, how, import_file_id, sent_as) VALUES (?, 'sent-again', ?, ?)",
            ((older, self._file, newer) for older, newer in self._sent),
        )
        run("UPDATE quarantine SET settled_by = ? WHERE id = ?", ((self._file, older) for older, _ in self._sent))
        return len(self._sent)


def settle_repeats(store: Store, import_file: int) -> int:
    """The same for what an import puts into quarantine beside its rows (they have cells, and were looked at before)."""
    repeats = Repeats(store, import_file, (kept for kept in kept_in(store, import_file) if kept.cells is None))
    for kept in kept_before(store, import_file):
        if kept.cells is None:
            repeats.has(kept)
    return repeats.write()


class Settling:
    """Watches one import go by; `settle`, at its end and in its transaction, lets rows of earlier files go.

    With nothing in quarantine nothing is watched, and the import pays for one look at an index.
    """

    def __init__(self, store: Store, import_file: int, reading: Reading) -> None:
        self._store = store
        self._file = import_file
        self._reading = reading
        self._lines: dict[int, list[tuple[str, ...]]] = {}
        self._sources: dict[str, bool] = {}
        self._facts: dict[str, list[PatientFacts]] = {}
        self._undated: set[str] = set()
        self._misnamed: Misnamed | None = None
        self.newest: int = store.rows("SELECT max(id) FROM activity")[0][0] or 0
        self._held = Held(store, import_file, self.newest)
        columns = json.dumps(reading.columns)
        for kept in kept_before(store, import_file):
            if (kept.profile, kept.columns) == (reading.profile, columns):
                self._lines[kept.line] = []
            said = None if self._is_newer(kept) else kept.said()
            if said is not None:
                self._watch(said)
        self._facts.pop("", None)

    def _watch(self, said: Said) -> None:
        if source_id := said.source_id:
            self._sources[source_id] = False
        elif not said.is_entry:
            self._facts[said.number] = []
        elif "date" in said.blame.faulty and said.recorded_on:
            self._undated.add(said.number)

    def look(self, each: Row | Batch) -> None:
        """Keep rows that stand where one of an earlier file stood, as they come out of the reader."""
        if not self._lines:
            return
        if isinstance(each, Row):
            self._keep(each)
        elif not self._lines.keys().isdisjoint(each.lines):
            for place, line in enumerate(each.lines):
                row = each.row(place) if line in self._lines else None
                if row is not None:
                    self._keep(row)

    def _keep(self, row: Row) -> None:
        if row.line in self._lines and not row.fault:
            self._lines[row.line].append(row.cells)

    def met(self, checked: CheckedRow) -> None:
        """Notice a row that is taken in: an entry the store may hold already, or what it says of its patient."""
        if checked.source_id in self._sources:
            self._sources[checked.source_id] = True
        said = self._facts.get(checked.nhs_number)
        if said is not None and checked.patient not in said:
            said.append(checked.patient)

    def settle(self, touched: set[int]) -> Counter[str]:
        """Let go what this import makes obsolete, and say how many rows in which way; `touched` are its patients.

        `sent-again`: the very same row is in quarantine once more, under this file. `corrected`: it was taken in, or it
        is in the store and was found unchanged.
        """
        for kept in self._own():
            self._lines.pop(kept.line, None)
        corrected = Corrected(
            self._store, self._file, self._reading, self._held, Watched(touched, self._sources, self._facts)
        )
        repeats = Repeats(self._store, self._file, self._own())
        mended = _Mended()
        for kept in kept_before(self._store, self._file):
            # A person's word that a row was let go wrongly, or need not be mended, stands.
            if repeats.has(kept) or kept.reopened or kept.closed or self._is_newer(kept):
                continue
            said = kept.said()
            if said is not None and self._may_hold(kept, said, corrected):
                self._ask(kept, said, corrected, mended)
        rows = mended.all()
        run = self._store.connection.executemany
        run("UPDATE quarantine SET occurrence = ? WHERE id = ?", list(corrected.occurrences(self._own())))
        run(
            "INSERT INTO settlement (quarantine_id, how, import_file_id) VALUES (?, 'corrected', ?)",
            ((row, self._file) for row in rows),
        )
        run("UPDATE quarantine SET settled_by = ? WHERE id = ?", ((self._file, row) for row in rows))
        return Counter({"corrected": len(rows), "sent-again": repeats.write()})

    def _may_hold(self, kept: Kept, said: Said, corrected: Corrected) -> bool:
        """Whether the row is worth a look: of a patient of the import, of nobody known, with an id, or on its line."""
        number = said.number
        return bool(not number or number in corrected.touched or said.source_id or self._lines.get(kept.line))

    def _ask(self, kept: Kept, said: Said, corrected: Corrected, mended: _Mended) -> None:
        if corrected.plainly(kept, said):
            mended.rows.append(kept.id)
        elif not said.source_id:
            patient = None if said.blame.waits else corrected.patient(said)
            if patient is not None and said.day and said.code:
                mended.may_be(kept, corrected.entries(kept, said, patient), int(said.is_vague))
            else:
                if self._misnamed is None:
                    undated = {corrected.touched[number] for number in self._undated & corrected.touched.keys()}
                    self._misnamed = Misnamed(self._store, self._reading, self._held, self._lines, undated)
                mended.may_be(kept, self._misnamed.entries(kept, said, patient), 2)

    def _own(self) -> Iterator[Kept]:
        return kept_in(self._store, self._file)

    def _is_newer(self, kept: Kept) -> bool:
        """Whether the row's file is a newer extract than this one: an older extract corrects nothing."""
        return bool(kept.extracted_at and self._reading.extracted_at and kept.extracted_at > self._reading.extracted_at)


class _Mended:
    """Rows that were found corrected; no two rows of one file are the same entry."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._used: set[tuple[int, int]] = set()
        self._unsure: list[tuple[int, int, Kept, list[int]]] = []

    def may_be(self, kept: Kept, entries: list[int], doubt: int) -> None:
        """The row is one of these entries, if of any; without doubt where it said all that an entry is known by."""
        if not doubt:
            self._choose(kept, entries)
        elif entries:
            self._unsure.append((doubt, len(entries), kept, entries))

    def _choose(self, kept: Kept, entries: list[int]) -> None:
        for entry in entries:
            if (kept.file, entry) not in self._used:
                self._used.add((kept.file, entry))
                self.rows.append(kept.id)
                return

    def all(self) -> list[int]:
        """Every one: what is in least doubt, and of that what has least choice, chooses first."""
        for *_, kept, entries in sorted(self._unsure, key=lambda each: each[:2]):
            self._choose(kept, entries)
        return self.rows
