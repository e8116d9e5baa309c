"""Merge what an import states of patients into the store. An empty cell erases nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ...readers import CheckedRow, PatientFacts
from ...readers.row_check import BEFORE_BIRTH
from ..database.connection import Store
from ..people.statements import Death, Words, said_of, together
from .result import OTHER_BIRTH_DATE, UNKNOWN_PATIENT

_Stated = tuple[str, str, str, str]  # practice, kind, start, end: "" where a row does not say


@dataclass(slots=True)
class _Held:
    """One patient as in the store. `dirty` once this import changed something; `last` is what its last row stated."""

    id: int
    birth: str
    facts: dict[str, str | int | None]
    death: Death
    stated: set[_Stated]
    facts_from: str
    # When the newest file was made that stated a death, and the newest that stated whether they are housebound.
    told_at: dict[str, str]
    dirty: bool = False
    fresh: bool = False
    last: PatientFacts | None = None
    restated: set[_Stated] = field(default_factory=set)


_MOST = 1 << 14
_FACTS = ("family_name", "given_name", "sex", "housebound")
_DEATH = ("died_on", "died_from", "died_by")


class PatientWriter:
    """Merges what the rows of one file state of patients; `flush` writes it.

    `contradicted` is true when the last described row changed what an earlier row or import had stated.
    """

    def __init__(self, store: Store, import_file: int, extracted_at: str | None, known_on: date, words: Words) -> None:
        self._store = store
        self._file = import_file
        self._practice = store.practice.ods_code
        self._from = extracted_at or ""
        self._known_on = known_on
        self._words = words
        self._held: dict[str, _Held | None] = {}
        # A new store has no patient to look up until the first ones are written and dropped from `_held`.
        self._nobody = not store.rows("SELECT 1 FROM patient LIMIT 1")
        self.contradicted = False

    def meets(self, row: CheckedRow) -> str:
        """Why the row contradicts what is known of its patient; "" if it does not.

        A row with a birth date makes an unknown patient known.
        """
        held = self._of(row.nhs_number)
        if held is None:
            if row.patient.date_of_birth is None:
                return UNKNOWN_PATIENT
            self._held[row.nhs_number] = self._make(row)
            return ""
        said = row.patient
        if said.date_of_birth is not None:
            return "" if said.date_of_birth.isoformat() == held.birth else OTHER_BIRTH_DATE
        born = date.fromisoformat(held.birth)
        if row.day is not None and row.day < born:
            return BEFORE_BIRTH
        died = said.died_in[1] if said.died_in else said.died_on
        for column, day in (("registered_on", said.registered_on), ("left_on", said.left_on), ("died_on", died)):
            if day is not None and day < born:
                return f"{column}: it is before the date of birth"
        return ""

    def birth_of(self, nhs_number: str) -> str:
        """The birth date of a known patient."""
        held = self._of(nhs_number)
        assert held is not None
        return held.birth

    def id_of(self, nhs_number: str) -> int:
        """The id of a known patient."""
        held = self._of(nhs_number)
        assert held is not None
        return held.id

    def describe(self, row: CheckedRow, *, speaks: bool = True) -> bool:
        """Merge what a row states of its patient; True if it states something that the store did not hold.

        `speaks` is false for a row of another file than the one that is being imported.
        """
        self.contradicted = False
        held = self._of(row.nhs_number)
        # The reader gives rows with equal patient cells the same object: it was merged with the last row.
        if held is None or held.last is row.patient:
            return False
        held.last = row.patient
        if speaks:
            self._words.spoke(held.id, row.patient)
        changed = self._merge_facts(held, row.patient)
        changed = self._merge_registration(held, row.patient) or changed
        # A patient who is new to the store is a change too.
        changed, held.fresh = changed or held.fresh, False
        held.dirty = held.dirty or changed
        return changed

    def _merge_facts(self, held: _Held, said: PatientFacts) -> bool:
        changed = False
        stated: dict[str, str | int | None] = {
            "family_name": said.family_name or None,
            "given_name": said.given_name or None,
            "sex": None if said.sex == "unknown" else said.sex or None,
            "housebound": None if said.housebound is None else int(said.housebound),
        }
        for name, value in stated.items():
            before = held.facts[name]
            older = self._is_older(held.told_at.get(name, held.facts_from))
            blank = before is None or before == "" or (name == "sex" and before == "unknown")
            if value is None or value == before or (older and not blank):
                continue
            held.facts[name] = value
            changed = True
            if not blank:
                self.contradicted = True
        changed = self._merge_death(held, said) or changed
        if self._from > held.facts_from:
            held.facts_from = self._from
            held.dirty = True
        return changed

    def _is_older(self, moment: str) -> bool:
        return bool(self._from and moment > self._from)

    def _merge_death(self, held: _Held, said: PatientFacts) -> bool:
        word = said_of(said, self._known_on)
        older = self._is_older(held.told_at["died"])
        death = together(held.death, word, older=older) if word else held.death
        if death == held.death:
            return False
        self.contradicted = self.contradicted or held.death.is_known
        held.death = death
        return True

    def _merge_registration(self, held: _Held, said: PatientFacts) -> bool:
        if not (said.registered_practice or said.registration or said.registered_on or said.left_on):
            return False
        stated = (
            said.registered_practice or self._practice,
            said.registration,
            said.registered_on.isoformat() if said.registered_on else "",
            said.left_on.isoformat() if said.left_on else "",
        )
        new = stated not in held.stated
        held.stated.add(stated)
        held.restated.add(stated)
        return new

    def _of(self, nhs_number: str) -> _Held | None:
        if nhs_number not in self._held:
            if len(self._held) >= _MOST:
                self.flush()
                self._held.clear()
                self._nobody = False
            self._held[nhs_number] = self._load(nhs_number)
        return self._held[nhs_number]

    def _load(self, nhs_number: str) -> _Held | None:
        if self._nobody:
            return None
        rows = self._store.rows(
            f"SELECT id, date_of_birth, facts_from, {_told_at('died')}, {_told_at('housebound')},"
            f" {', '.join((*_DEATH, *_FACTS))} FROM patient WHERE nhs_number = ?",
            nhs_number,
        )
        if not rows:
            return None
        number, birth, facts_from, died, housebound, on, first, last, *facts = rows[0]
        stated = self._store.rows(
            "SELECT practice, kind, start_on, end_on FROM registration WHERE patient_id = ?", number
        )
        known = dict(zip(_FACTS, facts, strict=True))
        told_at = {"died": died, "housebound": housebound}
        return _Held(number, birth, known, Death(on, first, last), set(stated), facts_from, told_at)

    def _make(self, row: CheckedRow) -> _Held:
        assert row.patient.date_of_birth is not None
        birth = row.patient.date_of_birth.isoformat()
        number = self._store.connection.execute(
            "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
            " VALUES (?, '', '', ?, 'unknown', '')",
            (row.nhs_number, birth),
        ).lastrowid
        assert number is not None
        blank: dict[str, str | int | None] = {
            "family_name": "",
            "given_name": "",
            "sex": "unknown",
            "housebound": None,
        }
        told_at = {"died": "", "housebound": ""}
        return _Held(number, birth, blank, Death(), set(), "", told_at, dirty=True, fresh=True)

    def flush(self) -> None:
        """Write every patient that changed."""
        changed = [held for held in self._held.values() if held is not None and held.dirty]
        run = self._store.connection.executemany
        facts = ", ".join(f"{name} = ?" for name in (*_FACTS, *_DEATH))
        run(
            f"UPDATE patient SET {facts}, facts_from = ? WHERE id = ?",
            [(*(held.facts[name] for name in _FACTS), *held.death, held.facts_from, held.id) for held in changed],
        )
        # `stated_by` becomes this file: where two statements differ, the later one wins (people/registrations.py).
        run(
            "INSERT INTO registration (patient_id, practice, kind, start_on, end_on, stated_by)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET stated_by = excluded.stated_by"
            " WHERE NOT coalesce((SELECT new.extracted_at < held.extracted_at FROM import_file new, import_file held"
            " WHERE new.id = excluded.stated_by AND held.id = registration.stated_by), 0)",
            [
                (held.id, *stated, self._file)
                for held in self._held.values()
                if held is not None
                for stated in sorted(held.restated)
            ],
        )
        for held in changed:
            held.dirty = False


def _told_at(fact: str) -> str:
    """SQL for the moment at which the last file that stated a fact was made; "" where it is unknown."""
    return (
        "coalesce((SELECT f.extracted_at FROM word w JOIN import_file f ON f.id = w.said_by"
        f" WHERE w.patient_id = patient.id AND w.fact = '{fact}'), '')"
    )
