"""Whether an import holds what a row in quarantine was meant to say: by its id, its patient's facts or its entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from ...readers import PatientFacts, Reading
from ..database.connection import Store
from .held import Entry, Held
from .rows import Kept
from .said import Said, folded, states


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
