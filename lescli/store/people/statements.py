"""What each file states of a patient's facts, registration and death, and which file counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from datetime import date
from typing import NamedTuple

from ...model import NO_SILENCE, Silence, Statement
from ...readers import PatientFacts
from ...readers.cells import nhs_number
from ..database.connection import Store
from ..records.latest import EVERYBODY, PatientIds

FACTS: dict[str, tuple[str, ...]] = {
    "died": ("died_on", "deceased"),
    "left": ("left_on",),
    "registration": ("registration",),
    "practice": ("registered_practice",),
    "housebound": ("housebound",),
}
"""Facts that a newer file can take back by leaving them out -> the columns that state them."""

_COLUMNS = {column: fact for fact, columns in FACTS.items() for column in columns}
_NEWER = """
NOT coalesce((SELECT new.extracted_at < held.extracted_at FROM import_file new, import_file held
WHERE new.id = excluded.{by} AND held.id = word.{by}), 0)
"""
_WRITE = (
    "INSERT INTO word (patient_id, fact, {by}) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET {by} = excluded.{by} WHERE " + _NEWER
)


class Words:
    """Collects which facts one file states about its patients, by patient id; `write` stores them."""

    def __init__(self, store: Store, import_file: int, columns: tuple[str, ...], states: Collection[str]) -> None:
        self._store = store
        self._file = import_file
        self._places = [(place, _COLUMNS[name]) for place, name in enumerate(columns) if name in _COLUMNS]
        self._number = columns.index("nhs_number") if "nhs_number" in columns else None
        self._can_state = {_COLUMNS[column] for column in states if column in _COLUMNS}
        self._said: dict[int, frozenset[str]] = {}
        self._refused: defaultdict[str, set[str]] = defaultdict(set)

    def spoke(self, patient: int, facts: PatientFacts) -> None:
        """Note a row that was taken in and describes or names a patient."""
        self._said[patient] = self._said.get(patient, frozenset()).union(_stated(facts))

    def refused(self, cells: tuple[str, ...]) -> None:
        """Note a quarantined row: the facts it states are not known, but the file did not leave them out either."""
        named = [fact for place, fact in self._places if place < len(cells) and cells[place].strip()]
        if named and self._number is not None and self._number < len(cells):
            self._refused[nhs_number(cells[self._number])[0]].update(named)

    def write(self) -> None:
        """Store which facts were stated and left out, except where a newer file has done so already."""
        unread = self._patients(self._refused)
        run = self._store.connection.executemany
        said = ((patient, fact, self._file) for patient, facts in sorted(self._said.items()) for fact in sorted(facts))
        run(_WRITE.format(by="said_by"), said)
        silent = (
            (patient, fact, self._file)
            for patient, facts in sorted(self._said.items())
            for fact in sorted(self._can_state - facts - unread.get(patient, set()))
        )
        run(_WRITE.format(by="silent_by"), silent)
        self._said.clear()

    def _patients(self, by_number: dict[str, set[str]]) -> dict[int, set[str]]:
        return {
            row[0]: facts
            for number, facts in by_number.items()
            for row in self._store.rows("SELECT id FROM patient WHERE nhs_number = ?", number)
        }


def _stated(facts: PatientFacts) -> Iterable[str]:
    if facts.died_on or facts.died_in or facts.deceased:
        yield "died"
    if facts.left_on:
        yield "left"
    if facts.registration:
        yield "registration"
    if facts.registered_practice:
        yield "practice"
    if facts.housebound is not None:
        yield "housebound"


class Death(NamedTuple):
    """A death in ISO days: its day `on`, or if that is not known, the `first` (if known) and `last` possible days."""

    on: str | None = None
    first: str | None = None
    last: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether the patient is known to have died."""
        return self.on is not None or self.last is not None

    def may_be_on(self, day: str) -> bool:
        """Whether the death can have been on that day."""
        return self.on is None and (self.first or "") <= day <= (self.last or "9999")


def said_of(facts: PatientFacts, known_on: date) -> Death | None:
    """The death that a row states, or None. A death without a day was on `known_on` at the latest."""
    if facts.died_on:
        return Death(on=facts.died_on.isoformat())
    if facts.died_in:
        first, last = facts.died_in
        # A month that is still in the future stays as stated: we cannot narrow its days.
        return Death(first=first.isoformat(), last=(min(last, known_on) if first <= known_on else last).isoformat())
    return Death(last=known_on.isoformat()) if facts.deceased else None


def together(held: Death, said: Death, *, older: bool) -> Death:
    """The death after one more file: an exact day stays if a vaguer statement allows it, else the newer one counts."""
    if not held.is_known or held == said:
        return said
    newer, other = (held, said) if older else (said, held)
    if newer.on:
        return newer
    if other.on:
        # A file that says only that the patient is dead allows any day that was known before.
        return other if newer.first is None or newer.may_be_on(other.on) else newer
    both = Death(first=newer.first or other.first, last=min(newer.last or "", other.last or ""))
    return both if (both.first or "") <= (both.last or "") else newer


class Stated(NamedTuple):
    """What files stated of one patient's registrations, what newer files left out, and what a person settled."""

    statements: tuple[Statement, ...] = ()
    silence: Silence = NO_SILENCE
    settled: frozenset[tuple[str, str]] = frozenset()


NOTHING = Stated()


_SAID = """
SELECT r.patient_id, r.practice, r.kind, r.start_on, r.end_on, r.stated_by, f.extracted_at,
  coalesce(f.states, '') LIKE '%"left_on"%'
FROM registration r JOIN import_file f ON f.id = r.stated_by
"""
# Only what was stated can be taken back, so few patients are in here. CROSS JOIN: SQLite finds these few first.
_LEFT_OUT = """
SELECT DISTINCT w.patient_id, w.fact, w.silent_by, f.extracted_at
FROM registration r CROSS JOIN word w ON w.patient_id = r.patient_id AND w.silent_by IS NOT NULL
CROSS JOIN import_file f ON f.id = w.silent_by
WHERE (r.end_on <> '' OR r.kind IN ('none', 'temporary') OR r.practice <> (SELECT ods_code FROM practice))
AND ((w.fact = 'left' AND r.end_on <> '') OR (w.fact = 'registration' AND r.kind IN ('none', 'temporary'))
  OR (w.fact = 'practice' AND r.practice <> (SELECT ods_code FROM practice)))
"""
_SETTLED = """
SELECT s.patient_id, s.fact, s.held, s.how = 'stated' FROM fact_settled s WHERE s.id =
  (SELECT max(id) FROM fact_settled WHERE patient_id = s.patient_id AND fact = s.fact AND held = s.held)
"""


def registrations_stated(store: Store, patients: Iterable[int] | None = None) -> dict[int, Stated]:
    """Patient id -> what files stated of the patient's registrations.

    `patients` None means all. For many patients the answer may hold others as well.
    """
    whose = EVERYBODY if patients is None else PatientIds(tuple(patients))
    only = whose.sql("r.patient_id") if whose.are_few else ""
    said: dict[int, list[tuple[str, str, str, str, int, int]]] = {}
    left_out: dict[int, dict[str, int]] = {}
    extracts: dict[int, dict[int, str]] = {}
    for patient, practice, kind, start, end, file, extracted_at, tells_end in store.rows(f"{_SAID} WHERE 1 {only}"):
        said.setdefault(patient, []).append((practice, kind, start, end, file, tells_end))
        extracts.setdefault(patient, {})[file] = extracted_at or ""
    for patient, fact, file, extracted_at in store.rows(f"{_LEFT_OUT} {only}"):
        left_out.setdefault(patient, {})[fact] = file
        extracts[patient][file] = extracted_at or ""
    settled: dict[int, set[tuple[str, str]]] = {}
    stands: dict[int, set[tuple[str, str]]] = {}
    for patient, fact, held, holds in store.rows(_SETTLED):
        settled.setdefault(patient, set()).add((fact, held))
        if holds:
            stands.setdefault(patient, set()).add((fact, held))
    found: dict[int, Stated] = {}
    alike: dict[Hashable, Stated] = {}
    for patient, rows in said.items():
        plain = patient not in left_out and patient not in settled
        words = (tuple(rows), tuple(extracts[patient].items()))
        if plain and words in alike:
            found[patient] = alike[words]
            continue
        order = files_in_order(extracts[patient].items())
        statements = tuple(
            Statement(
                practice=practice, kind=kind, start=_day(start), end=_day(end), order=order[file], tells_end=bool(tells)
            )
            for practice, kind, start, end, file, tells in rows
        )
        facts = {fact: order[file] for fact, file in left_out.get(patient, {}).items()}
        kept = frozenset(stands.get(patient, ()))
        silence = Silence(**facts, stands=kept) if facts or kept else NO_SILENCE
        found[patient] = Stated(statements, silence, frozenset(settled.get(patient, ())))
        if plain:
            alike[words] = found[patient]
    return found


def files_in_order(files: Iterable[tuple[int, str]]) -> dict[int, int]:
    """Rank files, given as (id, moment of the export or ""): id -> place. The last place counts most.

    Files rank in the order they were imported, but an export imported after a newer one ranks just before that.
    """
    placed: list[tuple[int, str]] = []
    for number, moment in sorted(files):
        newer = (place for place, (_, held) in enumerate(placed) if moment and held > moment)
        placed.insert(next(newer, len(placed)), (number, moment))
    return {number: place for place, (number, _) in enumerate(placed)}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
