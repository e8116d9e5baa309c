"""Whether an import holds what a row in quarantine was meant to say: by its id, its patient's facts or its entry."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from ..readers import CheckedRow, PatientFacts, Reading, Row, RowCheck
from .connection import Store
from .kept import Kept
from .said import Said, folded, may_be, states

# Found by day, patient and code; `met` tells how many times the importer met a row the store held already.
ENTRIES = """
SELECT a.id, a.import_file_id, a.value || char(31) || k.key, a.n, a.source_id, m.times
FROM code_set_member c JOIN activity a ON a.code_set_id = c.code_set_id AND a.day = ? AND a.patient_id = ?
JOIN act k ON k.id = a.act_id LEFT JOIN temp.met m ON m.id = a.id
WHERE c.system = ? AND c.code = ? AND NOT a.withdrawn ORDER BY a.n, a.id
"""


class Watched(NamedTuple):
    """What the import was seen to hold that the store does not tell afterwards.

    `touched` are the patients, by their ids in the store. `sources` are ids of entries, true where met; `facts` what
    was said of patients, by NHS number; `lines` the cells of the rows on a line, where that line was not refused.
    """

    touched: set[int]
    sources: Mapping[str, bool]
    facts: Mapping[str, list[PatientFacts]]
    lines: Mapping[int, list[tuple[str, ...]]]


class _Entry(NamedTuple):
    """An entry that the import holds; `acts` as in `Said`, with the code behind the value."""

    id: int
    is_new: bool
    acts: tuple[str, ...]


class Corrected:
    """Asks it of the rows of earlier files, and counts for the import's own rows what later ones will be asked."""

    def __init__(self, store: Store, import_file: int, reading: Reading, watched: Watched) -> None:
        self._store = store
        self._file = import_file
        self._reading = reading
        self._columns = json.dumps(reading.columns)
        self._check = RowCheck(reading.columns)
        self._watched = watched
        self._source = store.rows("SELECT id FROM phrase WHERE text = ?", reading.source_system)

    @cached_property
    def _touched(self) -> dict[str, int]:
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

    def may_hold(self, kept: Kept, said: Said) -> bool:
        """Whether the row is worth a look: of a patient of the import, of nobody known, with an id, or on its line."""
        number = said.number
        return bool(not number or number in self._touched or said.source_id or self._watched.lines.get(kept.line))

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
        if kept.source_system != self._reading.source_system:
            return False  # The same id from two systems is two entries.
        if self._watched.sources.get(source_id):
            return True
        found = self._store.rows(
            "SELECT 1 FROM activity WHERE source = ? AND source_id = ? AND import_file_id = ?",
            self._source[0][0] if self._source else 0,
            source_id,
            self._file,
        )
        return bool(found)

    def entries(self, kept: Kept, said: Said) -> list[int]:
        """The entries of the import that the row may be; none when it holds fewer like it than the row's own file."""
        if said.source_id:
            return []
        patient = None if said.blame.waits else self._patient(said)
        if patient is None or not said.day or not said.code:
            return self._on_its_line(kept, said)
        near = list(self._held(patient, said.day, said.code))
        fitting = [entry.id for entry in near if _fits(said, entry)]
        return fitting if len(near if said.is_vague else fitting) >= kept.occurrence else []

    def occurrences(self, rows: Iterable[Kept]) -> Iterator[tuple[int, int]]:
        """(`Kept.occurrence`, id) of the import's own rows in quarantine, where that is more than one."""
        like: Counter[tuple[object, ...]] = Counter()
        vague: list[tuple[int, int, list[tuple[object, ...]]]] = []
        for kept in rows:
            said = kept.said()
            if said is None or said.source_id or not (said.day and said.code):
                continue
            patient = self._patient(said)
            held = [] if patient is None else list(self._held(patient, said.day, said.code))
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

    def _patient(self, said: Said) -> int | None:
        """The patient of the import whom the row is about."""
        number = said.number
        if number:
            patient = self._touched.get(number)
            if patient is None or not said.blame.doubtful:
                return patient
            family = str(said.facts.get("family_name", ""))
            held = self._store.rows("SELECT family_name FROM patient WHERE id = ?", patient)[0][0]
            return patient if family and held.casefold() == family.casefold() else None
        people = said.people
        # Two people of one name, born on one day, cannot be told apart.
        same = self._people.get(people, []) if people else []
        return same[0] if len(same) == 1 and same[0] in self._watched.touched else None

    def _held(self, patient: int, day: str, code: str) -> Iterator[_Entry]:
        """The entries of a patient, day and code that the import holds, new or as the store had them."""
        times: Counter[str] = Counter()
        for number, file, act, n, source_id, met in self._store.rows(ENTRIES, day, patient, *code.split(":", 1)):
            times[act] += met or 0
            acts = tuple(act.split("\x1f"))
            if acts[1] == code and (file == self._file or (source_id is None and n <= times[act])):
                yield _Entry(number, file == self._file, acts)

    def _on_its_line(self, kept: Kept, said: Said) -> list[int]:
        """Entries that are new and stand where the row stood, with every cell as it was but those at fault."""
        for cells in self._of_its_line(kept, said):
            checked = self._check(Row(kept.line, "", cells))
            if not isinstance(checked, CheckedRow) or checked.day is None:
                continue
            if "date" in said.blame.faulty and not self._is_day_of(kept, said, checked):
                continue
            patient = self._store.rows("SELECT id FROM patient WHERE nhs_number = ?", checked.nhs_number)[0][0]
            code = str(checked.codes[0])
            acts = (checked.value, code, checked.consultation_type, checked.clinician, checked.done_at)
            held = self._held(patient, checked.day.isoformat(), code)
            if found := [entry.id for entry in held if entry.is_new and entry.acts == acts]:
                return found
        return []

    def _of_its_line(self, kept: Kept, said: Said) -> list[tuple[str, ...]]:
        if (kept.profile, kept.columns) != (self._reading.profile, self._columns) or kept.cells is None:
            return []
        before = json.loads(kept.cells)
        return [
            cells
            for cells in self._watched.lines.get(kept.line, ())
            if all(
                old == new or column in said.blame.faulty
                for column, old, new in zip(self._reading.columns, before, cells, strict=True)
            )
        ]

    def _is_day_of(self, kept: Kept, said: Said, checked: CheckedRow) -> bool:
        """Whether the new date can be what the broken one meant: the next month's export may hold a row like it."""
        assert checked.day is not None
        if not (said.number or said.people):
            return False
        cells = dict(zip(self._reading.columns, json.loads(kept.cells or "[]"), strict=True))
        entered = "recorded_on" not in said.blame.faulty and cells.get("recorded_on", "").strip()
        return bool(entered) or may_be(cells["date"], checked.day)


def _fits(said: Said, entry: _Entry) -> bool:
    wanted = (said.acts[0], said.code, *said.acts[1:])
    return all(part is None or part == held for part, held in zip(wanted, entry.acts, strict=True))
