"""Rows of earlier files come off the quarantine list once a newer file holds them mended, or holds them again as bad.

A row is let go only when nothing can be lost by it (docs/how-to/work-the-quarantine.md): a line too many on the list
costs a look, a row wrongly forgotten costs a claim.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from ..readers import Batch, CheckedRow, PatientFacts, Reading, Row
from .connection import Store
from .corrected import Corrected, Watched
from .kept import Kept, kept_before, kept_in
from .repeated import Repeats
from .said import Said


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
        columns = json.dumps(reading.columns)
        for kept in kept_before(store, import_file):
            if (kept.profile, kept.columns) == (reading.profile, columns):
                self._lines[kept.line] = []
            said = None if self._is_newer(kept) else kept.said()
            if said is not None and (source_id := said.source_id):
                self._sources[source_id] = False
            elif said is not None and not said.is_entry:
                self._facts[said.number] = []
        self._facts.pop("", None)

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
            self._store, self._file, self._reading, Watched(touched, self._sources, self._facts, self._lines)
        )
        repeats = Repeats(self._store, self._file, self._own())
        mended = _Mended()
        for kept in kept_before(self._store, self._file):
            # A person's word that a row was let go wrongly, or need not be mended, stands.
            if repeats.has(kept) or kept.reopened or kept.closed or self._is_newer(kept):
                continue
            said = kept.said()
            if said is None or not corrected.may_hold(kept, said):
                continue
            if corrected.plainly(kept, said):
                mended.rows.append(kept.id)
            else:
                mended.may_be(kept, said, corrected.entries(kept, said))
        rows = mended.all()
        run = self._store.connection.executemany
        run("UPDATE quarantine SET occurrence = ? WHERE id = ?", list(corrected.occurrences(self._own())))
        run(
            "INSERT INTO settlement (quarantine_id, how, import_file_id) VALUES (?, 'corrected', ?)",
            ((row, self._file) for row in rows),
        )
        run("UPDATE quarantine SET settled_by = ? WHERE id = ?", ((self._file, row) for row in rows))
        return Counter({"corrected": len(rows), "sent-again": repeats.write()})

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
        self._vague: list[tuple[int, int, list[int]]] = []

    def may_be(self, kept: Kept, said: Said, entries: list[int]) -> None:
        """The row is one of these entries, if of any."""
        if said.is_vague and entries:
            self._vague.append((kept.id, kept.file, entries))
        else:
            self._choose(kept.id, kept.file, entries)

    def _choose(self, row: int, file: int, entries: list[int]) -> None:
        for entry in entries:
            if (file, entry) not in self._used:
                self._used.add((file, entry))
                self.rows.append(row)
                return

    def all(self) -> list[int]:
        """Every one: what could be several entries comes last, and of those what has least choice first."""
        for vague in sorted(self._vague, key=lambda each: len(each[2])):
            self._choose(*vague)
        return self.rows
