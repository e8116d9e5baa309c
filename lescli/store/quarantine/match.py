"""The one rule by which an import takes rows of earlier files off the quarantine list.

A quarantined row is settled when a newer file of the same profile

- holds an accepted row that equals it in every cell that was not at fault (an equal `source_id` alone is enough), or
- holds the same row in quarantine again: the row then stays on the list once, under the newer file.

A wrongly settled row costs a claim, and a row too many costs a look. So when in doubt a row stays on the list until a
person closes it (manual.py). docs/how-to/work-the-quarantine.md explains the rule to its users.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from ...readers import CheckedRow, PatientFacts, Reading
from ..database.connection import Store
from .rows import Kept, Said, folded, kept_before, kept_in, states

# Entries with one identity. `met` counts how often the importer met a row that the store had already.
SAME = """
SELECT a.id, a.import_file_id, a.n, m.times
FROM code_set_member c JOIN activity a ON a.code_set_id = c.code_set_id AND a.day = ? AND a.patient_id = ?
JOIN act k ON k.id = a.act_id LEFT JOIN temp.met m ON m.id = a.id
WHERE c.system = ? AND c.code = ? AND k.key = ? AND a.value = ? AND NOT a.withdrawn ORDER BY a.n, a.id
"""
_NEW = """
SELECT a.patient_id, a.id, a.day, a.value || char(31) || k.key, t.text, coalesce(a.recorded_on, '')
FROM activity a JOIN act k ON k.id = a.act_id JOIN entry_kind e ON e.id = a.kind_id JOIN phrase t ON t.id = e.term
WHERE a.import_file_id = ? AND a.source_id IS NULL AND NOT a.withdrawn AND """
NEW_ON_A_DAY = f"{_NEW} a.day = ? AND a.patient_id = ?"
# New entries have the highest ids.
NEW_OF_PATIENTS = f"{_NEW} a.id > ? AND a.patient_id IN (SELECT value FROM json_each(?))"


class Settling:
    """Watches one import; `settle`, at its end and in its transaction, takes rows of earlier files off the list.

    With an empty quarantine nothing is watched, and the import pays for one look at an index.
    `newest` is the highest id of an entry before the import.
    """

    def __init__(self, store: Store, import_file: int, reading: Reading) -> None:
        self._store = store
        self._file = import_file
        self._reading = reading
        self.newest: int = store.rows("SELECT max(id) FROM activity")[0][0] or 0
        self._sources: dict[str, bool] = {}
        self._facts: dict[str, list[PatientFacts]] = {}
        self._undated: set[str] = set()
        for kept in kept_before(store, import_file):
            said = kept.said() if self._may_correct(kept) else None
            if said is not None:
                self._watch(said)

    def _watch(self, said: Said) -> None:
        if said.source_id:
            self._sources[said.source_id] = False
        elif not said.is_entry:
            self._facts[said.number] = []
        elif "date" in said.blame.faulty and said.recorded_on:
            self._undated.add(said.number)

    def _may_correct(self, kept: Kept) -> bool:
        """Whether this file can correct the row: one profile, and the row is not of a newer extract."""
        moment, here = kept.extracted_at, self._reading.extracted_at
        return kept.profile == self._reading.profile and not (moment and here and moment > here)

    def met(self, checked: CheckedRow) -> None:
        """Remember what the store does not: the `source_id` of an accepted row, and what it states of its patient."""
        if checked.source_id in self._sources:
            self._sources[checked.source_id] = True
        facts = self._facts.get(checked.nhs_number)
        if facts is not None and checked.patient not in facts:
            facts.append(checked.patient)

    def settle(self, touched: set[int]) -> Counter[str]:
        """Settle rows of earlier files; how many in which way. `touched` are the ids of the patients of this import.

        `sent-again`: the same row is in quarantine again, under this file. `corrected`: the import accepted the row, or
        found its entry unchanged in the store.
        """
        accepted = _Accepted(self._store, self._file, self.newest, touched, self._undated)
        repeats = _Repeats(self._store, self._file, kept_in(self._store, self._file))
        choice = _Choice()
        for kept in kept_before(self._store, self._file):
            # An import does not overrule a person who closed or reopened a row.
            if repeats.has(kept) or kept.reopened or kept.closed or not self._may_correct(kept):
                continue
            said = kept.said()
            if said is None:
                continue
            if said.source_id or not said.is_entry:
                if self._has_source(kept, said) if said.source_id else self._describes(said):
                    choice.rows.append(kept.id)
            elif not said.blame.waits and (patient := accepted.patient(said)) is not None:
                choice.add(kept, *accepted.entries(kept, said.with_its_date(), patient))
        rows = choice.all()
        run = self._store.connection.executemany
        occurrences = list(accepted.occurrences(kept_in(self._store, self._file)))
        run("UPDATE quarantine SET occurrence = ? WHERE id = ?", occurrences)
        run(
            "INSERT INTO settlement (quarantine_id, how, import_file_id) VALUES (?, 'corrected', ?)",
            ((row, self._file) for row in rows),
        )
        run("UPDATE quarantine SET settled_by = ? WHERE id = ?", ((self._file, row) for row in rows))
        return Counter({"corrected": len(rows), "sent-again": repeats.write()})

    def _has_source(self, kept: Kept, said: Said) -> bool:
        """Whether the import accepted a row with the same `source_id`."""
        if kept.source_system != self._reading.source_system:
            return False  # The same id from two systems is two entries.
        if self._sources.get(said.source_id):
            return True
        # Rows written in bulk are not met one by one.
        found = self._store.rows(
            "SELECT 1 FROM activity WHERE source = (SELECT id FROM phrase WHERE text = ?) AND source_id = ?"
            " AND import_file_id = ?",
            self._reading.source_system,
            said.source_id,
            self._file,
        )
        return bool(found)

    def _describes(self, said: Said) -> bool:
        """Whether an accepted row states the same facts of the patient, with the fault corrected."""
        if said.blame.waits or not said.number:
            return False
        return any(
            states(facts, said) and not (said.blame.doubtful and facts.family_name != said.facts.get("family_name"))
            for facts in self._facts.get(said.number, ())
        )


_CELLS = ("date", "value", "code", "consultation_type", "clinician", "done_at", "term", "recorded_on")
_NewEntry = tuple[int, tuple[str, ...]]
"""The id of an entry without a `source_id` that the import brought, and its cells in the columns of `_CELLS`."""
_MOST_ALIKE = 20
"""Of more new entries than these nobody can tell which one a row is."""


class _Accepted:
    """The entries that one import accepted. `undated` are the NHS numbers of rows whose date was at fault."""

    def __init__(self, store: Store, import_file: int, newest: int, touched: set[int], undated: set[str]) -> None:
        self._store = store
        self._file = import_file
        self._newest = newest
        self._touched = touched
        self._undated = undated

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The patients of the import by NHS number; read when there is a row to ask about."""
        known = self._store.connection.execute("SELECT nhs_number, id FROM patient")
        return {number: patient for number, patient in known if patient in self._touched}

    @cached_property
    def _people(self) -> dict[tuple[str, str, str], list[int]]:
        """All patients in the store by names and birth date."""
        found: dict[tuple[str, str, str], list[int]] = {}
        for patient, *who in self._store.rows("SELECT id, family_name, given_name, date_of_birth FROM patient"):
            found.setdefault(folded(*who), []).append(patient)
        return found

    @cached_property
    def _new_recorded(self) -> dict[tuple[int, str], list[_NewEntry]]:
        """The new entries of the undated rows' patients by patient and day of recording, read in one query."""
        found: dict[tuple[int, str], list[_NewEntry]] = defaultdict(list)
        listed = json.dumps(sorted(self._numbers[number] for number in self._undated & self._numbers.keys()))
        for patient, new in self._new(NEW_OF_PATIENTS, self._newest, listed) if listed != "[]" else ():
            found[patient, new[1][-1]].append(new)
        return found

    def _new(self, sql: str, *values: object) -> Iterator[tuple[int, _NewEntry]]:
        run = self._store.connection.execute
        for patient, number, day, act, term, recorded_on in run(sql, (self._file, *values)):
            yield patient, (number, (day, *act.split("\x1f"), term, recorded_on))

    def patient(self, said: Said) -> int | None:
        """The patient of the import whom the row is about, by their id; by names and birth date without a number."""
        if said.number:
            patient = self._numbers.get(said.number)
            if patient is None or not said.blame.doubtful:
                return patient
            family = str(said.facts.get("family_name", ""))
            held = self._store.rows("SELECT family_name FROM patient WHERE id = ?", patient)[0][0]
            return patient if family and held.casefold() == family.casefold() else None
        # Two people of one name, born on one day, cannot be told apart.
        same = self._people.get(said.people, []) if said.people else []
        return same[0] if len(same) == 1 and same[0] in self._touched else None

    def entries(self, kept: Kept, said: Said, patient: int) -> tuple[list[int], bool]:
        """The entries that the row may be, and whether the row states all that an entry is known by."""
        if said.is_identified:
            same = self._same(said, patient)
            # The file must hold as many such entries as the row's own file had such rows, good and bad.
            return (same if len(same) >= kept.occurrence else []), True
        return self._new_like(said, patient), False

    def _same(self, said: Said, patient: int) -> list[int]:
        """Entries of the import with the identity of the row: the new ones, then those found unchanged."""
        value, *act = map(str, said.acts)
        key = "\x1f".join((said.code, *act))
        # A row whose `source_id` cell is blank is not the same as a row that has an id.
        may_have_id = "source_id" in said.blame.faulty or "source_id" not in said.row
        times, new, unchanged = 0, [], []
        for number, file, n, met in self._store.rows(SAME, said.day, patient, *said.code.split(":", 1), key, value):
            times += met or 0
            if n is None and not (may_have_id and file == self._file):
                continue
            if file == self._file:
                new.append(number)
            elif n <= times:
                unchanged.append(number)
        return new + unchanged

    def _new_like(self, said: Said, patient: int) -> list[int]:
        """New entries that equal the row in every cell that was not at fault.

        A row whose code was at fault needs a term to be known by, one whose date was at fault the day of recording:
        next month's entry may equal it in everything else. An entry that was in the store before is another row.
        """
        faulty = said.blame.faulty
        stated = (said.day, said.acts[0], said.code, *said.acts[1:], said.term, said.recorded_on)
        near: Iterable[_NewEntry] = ()
        if said.day and ((said.code and "code" not in faulty) or ("code" in faulty and said.term)):
            near = (new for _, new in self._new(NEW_ON_A_DAY, said.day, patient))
        elif "date" in faulty and said.code and said.recorded_on:
            near = self._new_recorded.get((patient, said.recorded_on), ())
        trusted = [(place, stated[place]) for place, column in enumerate(_CELLS) if column not in faulty]
        found = [number for number, cells in near if all(cells[place] == cell for place, cell in trusted)]
        return found if len(found) <= _MOST_ALIKE else []

    def occurrences(self, rows: Iterable[Kept]) -> Iterator[tuple[int, int]]:
        """(`Kept.occurrence`, id) of the import's own rows in quarantine, where that is more than one."""
        like: Counter[tuple[object, ...]] = Counter()
        for kept in rows:
            said = kept.said()
            if said is None or said.source_id or not (said := said.with_its_date()).is_identified:
                continue
            patient = self.patient(said)
            taken_in = 0 if patient is None else len(self._same(said, patient))
            # A patient who is not in the store may be known by a number in one row and by a name in another.
            people: Iterable[Any] = (patient,) if patient is not None else filter(None, (said.number, said.people))
            same = [(who, said.day, said.code, said.acts) for who in people]
            like.update(same)
            occurrence = max((like[one] for one in same), default=0) + taken_in
            if occurrence > 1:
                yield occurrence, kept.id


class _Choice:
    """Chooses an entry for each row; no entry settles two rows of one file."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._used: set[tuple[int, int]] = set()
        self._unsure: list[tuple[int, int, list[int]]] = []

    def add(self, kept: Kept, entries: list[int], is_identified: bool) -> None:
        """The row is one of these entries, if any."""
        if not is_identified:
            if entries:
                self._unsure.append((kept.file, kept.id, entries))
            return
        free = next((entry for entry in entries if (kept.file, entry) not in self._used), None)
        if free is not None:
            self._used.add((kept.file, free))
            self.rows.append(kept.id)

    def all(self) -> list[int]:
        """Every settled row. Where rows may be several entries, all of them are settled or none."""
        groups: dict[tuple[int, frozenset[int]], list[int]] = defaultdict(list)
        for file, row, entries in self._unsure:
            groups[file, frozenset(entry for entry in entries if (file, entry) not in self._used)].append(row)
        claims = Counter((file, entry) for file, entries in groups for entry in entries)
        for (file, free), rows in groups.items():
            if len(rows) == len(free) and all(claims[file, entry] == 1 for entry in free):
                self.rows += rows
        return self.rows


class _Repeats:
    """Tells which rows of earlier files are among `own`, the rows in quarantine of one import.

    The first of two equal rows in one file is the first in the other. So a file with only one of them settles one.
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
        """Whether a row of an earlier file is one of them; `write` then settles it."""
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
        """Settle the repeated rows; how many. What a person decided about a row passes to the newer one."""
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
    """Settle repeats of what an import quarantined beside its rows: planned entries, which have no cells."""
    repeats = _Repeats(store, import_file, (kept for kept in kept_in(store, import_file) if kept.cells is None))
    for kept in kept_before(store, import_file):
        if kept.cells is None:
            repeats.has(kept)
    return repeats.write()
