"""Whether an import holds what a quarantined row was meant to say: by its id, its patient, its place or its entry."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from ...readers import CheckedRow, PatientFacts, Reading, Row, RowCheck
from ..database.connection import Store
from .rows import Kept, Said, folded, may_be, states

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


class Misnamed:
    """Looks for their entries among the new ones of an import.

    `lines` are the cells of the rows on a line, where that line was not refused; `undated` are the patients, by their
    ids, of rows whose date is at fault.
    """

    def __init__(
        self,
        store: Store,
        reading: Reading,
        held: Held,
        lines: Mapping[int, list[tuple[str, ...]]],
        undated: set[int],
    ) -> None:
        self._store = store
        self._reading = reading
        self._columns = json.dumps(reading.columns)
        self._check = RowCheck(reading.columns)
        self._held = held
        self._lines = lines
        self._undated = undated

    @cached_property
    def _new(self) -> dict[int, list[NewEntry]]:
        return self._held.new_of(self._undated)

    def entries(self, kept: Kept, said: Said, patient: int | None) -> list[int]:
        """The entries of the import that the row may be."""
        return self._on_its_line(kept, said) or ([] if patient is None else self._alike(said, patient))

    def _alike(self, said: Said, patient: int) -> list[int]:
        """The only new entry of the patient that says all the rest: its term, or the day it was recorded, tells it."""
        faulty = said.blame.faulty
        if said.is_vague or not faulty.isdisjoint({"term", "recorded_on"}):
            return []
        term, recorded_on = said.term, said.recorded_on
        new: list[NewEntry] = []
        if "code" in faulty and said.day and term:
            new = self._held.new_on(patient, said.day)
        elif "date" in faulty and said.code and recorded_on:
            new = [entry for entry in self._new.get(patient, ()) if entry.acts[1] == said.code]
        found = [
            entry.id
            for entry in new
            if (entry.term, entry.recorded_on) == (term, recorded_on) and (entry.acts[0], *entry.acts[2:]) == said.acts
        ]
        return found if len(found) == 1 else []

    def _on_its_line(self, kept: Kept, said: Said) -> list[int]:
        """Entries that stand where the row stood, with every cell as it was but those at fault."""
        for cells in self._of_its_line(kept, said):
            checked = self._check(Row(kept.line, "", cells))
            if not isinstance(checked, CheckedRow) or checked.day is None:
                continue
            if "date" in said.blame.faulty and not _is_day_of(said, checked):
                continue
            patient = self._store.rows("SELECT id FROM patient WHERE nhs_number = ?", checked.nhs_number)[0][0]
            code = str(checked.codes[0])
            acts = (checked.value, code, checked.consultation_type, checked.clinician, checked.done_at)
            held = self._held.of(patient, checked.day.isoformat(), code)
            if found := [entry.id for entry in held if entry.is_new and entry.acts == acts]:
                return found
        return []

    def _of_its_line(self, kept: Kept, said: Said) -> list[tuple[str, ...]]:
        if (kept.profile, kept.columns) != (self._reading.profile, self._columns) or kept.cells is None:
            return []
        before = json.loads(kept.cells)
        return [
            cells
            for cells in self._lines.get(kept.line, ())
            if all(
                old == new or column in said.blame.faulty
                for column, old, new in zip(self._reading.columns, before, cells, strict=True)
            )
        ]


def _is_day_of(said: Said, checked: CheckedRow) -> bool:
    """Whether the new date can be what the broken one meant: the next month's export may hold a row like it."""
    assert checked.day is not None
    if not (said.number or said.people):
        return False
    return said.recorded_on != "" or may_be(said.row.get("date", ""), checked.day)


class Watched(NamedTuple):
    """What the import was seen to hold that the store does not tell afterwards.

    `touched` are the patients, by their ids in the store. `sources` are ids of entries, true where met; `facts` what
    was said of patients, by NHS number.
    """

    touched: set[int]
    sources: Mapping[str, bool]
    facts: Mapping[str, list[PatientFacts]]


class Corrected:
    """Asks it of the rows of earlier files, and counts for the import's own rows what later ones will be asked."""

    def __init__(self, store: Store, import_file: int, reading: Reading, held: Held, watched: Watched) -> None:
        self._store = store
        self._file = import_file
        self._system = reading.source_system
        self._held = held
        self._watched = watched

    @cached_property
    def touched(self) -> dict[str, int]:
        """The patients of the import by their NHS numbers; read when there is a row to ask about."""
        known = self._store.connection.execute("SELECT nhs_number, id FROM patient")
        return {number: patient for number, patient in known if patient in self._watched.touched}

    @cached_property
    def _people(self) -> dict[tuple[str, str, str], list[int]]:
        """Everybody in the store by names and birth date."""
        found: dict[tuple[str, str, str], list[int]] = {}
        for patient, *who in self._store.rows("SELECT id, family_name, given_name, date_of_birth FROM patient"):
            found.setdefault(folded(*who), []).append(patient)
        return found

    def plainly(self, kept: Kept, said: Said) -> bool:
        """Whether the import holds the row's `source_id`, or says of its patient what the row meant to say."""
        if said.source_id:
            return self._has_source(kept, said.source_id)
        if said.is_entry or said.blame.waits or not said.number:
            return False
        return any(
            states(facts, said) and not (said.blame.doubtful and facts.family_name != said.facts.get("family_name"))
            for facts in self._watched.facts.get(said.number, ())
        )

    def _has_source(self, kept: Kept, source_id: str) -> bool:
        if kept.source_system != self._system:
            return False  # The same id from two systems is two entries.
        if self._watched.sources.get(source_id):
            return True
        found = self._store.rows(
            "SELECT 1 FROM activity WHERE source = (SELECT id FROM phrase WHERE text = ?) AND source_id = ?"
            " AND import_file_id = ?",
            self._system,
            source_id,
            self._file,
        )
        return bool(found)

    def entries(self, kept: Kept, said: Said, patient: int) -> list[int]:
        """The entries of the import that the row may be; none when it holds fewer like it than the row's own file."""
        near = list(self._held.of(patient, said.day, said.code))
        fitting = [entry for entry in near if _fits(said, entry)]
        if len(near if said.is_vague else fitting) < kept.occurrence:
            return []
        # What was known before may be a good row of the earlier file: the new ones come first.
        return [entry.id for entry in sorted(fitting, key=lambda entry: not entry.is_new)]

    def occurrences(self, rows: Iterable[Kept]) -> Iterator[tuple[int, int]]:
        """(`Kept.occurrence`, id) of the import's own rows in quarantine, where that is more than one."""
        like: Counter[tuple[object, ...]] = Counter()
        vague: list[tuple[int, int, list[tuple[object, ...]]]] = []
        for kept in rows:
            said = kept.said()
            if said is None or said.source_id or not (said.day and said.code):
                continue
            patient = self.patient(said)
            held = [] if patient is None else list(self._held.of(patient, said.day, said.code))
            # Somebody not in the store may be known by a number in one row and by a name in another.
            people = (patient,) if patient is not None else filter(None, (said.number, said.people))
            near: list[tuple[object, ...]] = [(one, said.day, said.code) for one in people]
            like.update(near)
            if said.is_vague:
                vague.append((kept.id, len(held), near))
                continue
            same = [(*one, said.acts) for one in near]
            like.update(same)
            occurrence = max((like[one] for one in same), default=0) + sum(_fits(said, entry) for entry in held)
            if occurrence > 1:
                yield occurrence, kept.id
        # One that may be any of several needs as many as there are rows of that patient, day and code.
        for number, taken_in, near in vague:
            yield taken_in + max((like[one] for one in near), default=1), number

    def patient(self, said: Said) -> int | None:
        """The patient of the import whom the row is about, by their id."""
        number = said.number
        if number:
            patient = self.touched.get(number)
            if patient is None or not said.blame.doubtful:
                return patient
            family = str(said.facts.get("family_name", ""))
            held = self._store.rows("SELECT family_name FROM patient WHERE id = ?", patient)[0][0]
            return patient if family and held.casefold() == family.casefold() else None
        people = said.people
        # Two people of one name, born on one day, cannot be told apart.
        same = self._people.get(people, []) if people else []
        return same[0] if len(same) == 1 and same[0] in self._watched.touched else None


def _fits(said: Said, entry: Entry) -> bool:
    wanted = (said.acts[0], said.code, *said.acts[1:])
    return all(part is None or part == held for part, held in zip(wanted, entry.acts, strict=True))
