"""Facts that a newer file left out, and deaths without a day: list them, and settle them as a person decides.

A fact is, for example, a death or the end of a registration. Until a person settles a doubt, the fact holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...calendar import for_people
from ...errors import LesError
from ...model import spells_of
from ..database.connection import Store
from ..records.latest import EVERYBODY, PatientIds
from .statements import registrations_stated

STATED, WITHDRAWN = "stated", "withdrawn"
"""How a person settles a doubt: the fact holds all the same, or it never held."""
UNDATED = "day-of-death"
"""A death whose day no file gives: in doubt until a person gives the day."""
ENTRY, ASIDE = "entry", "entry-aside"
"""Entries in doubt: missing from the newest export that covers them, or quarantined there."""
NOT_IN_DOUBT = "`les patients doubts` lists the facts in doubt, and with --settled the settled ones"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One fact of one patient that was left out: `held` is what had been stated (a day, a kind or a practice).

    `said_by` and `silent_by` are the names of the files that stated it and left it out. `entry` is the id of a missing
    entry. `how` is "" until the doubt is settled. `died_on` is the day of death that a person gave.
    """

    patient: int
    nhs_number: str
    fact: str
    held: str
    said_by: str
    silent_by: str
    silent_file: int
    entry: int = 0
    how: str = ""
    died_on: str = ""
    on: str = ""
    by: str = ""
    why: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has settled it yet."""
        return not self.how


_LATER = """
(t.id IS NULL OR CASE WHEN n.extracted_at <> t.extracted_at THEN n.extracted_at > t.extracted_at ELSE n.id > t.id END)
"""
_SETTLED = """
LEFT JOIN fact_settled s ON s.id = (SELECT max(id) FROM fact_settled
  WHERE patient_id = p.id AND fact = w.fact AND held = {held})
"""
DEATH_HELD = "coalesce(p.died_on, coalesce(p.died_from, '') || '..' || p.died_by)"
_FROM_PATIENT = f"""
SELECT p.id, p.nhs_number, w.fact, {{held}}, coalesce(t.name, ''), n.name, n.id,
  coalesce(s.how, ''), coalesce(s.died_on, ''), coalesce(s.on_date, ''), coalesce(s.by, ''), coalesce(s.why, '')
FROM patient p CROSS JOIN word w ON w.patient_id = p.id AND w.fact = '{{fact}}'
JOIN import_file n ON n.id = w.silent_by LEFT JOIN import_file t ON t.id = w.said_by {_SETTLED}
WHERE {{has}} AND {_LATER} {{only}} ORDER BY p.id
"""

_DIED = {"held": DEATH_HELD, "fact": "died", "has": "(p.died_on IS NOT NULL OR p.died_by IS NOT NULL)"}
_AT_HOME = {"held": "'yes'", "fact": "housebound", "has": "p.housebound = 1"}
_REGISTRATION = (
    """
SELECT p.id, p.nhs_number, w.fact, ?3, coalesce((SELECT name FROM import_file WHERE id = (SELECT max(stated_by)
  FROM registration WHERE patient_id = p.id AND CASE w.fact WHEN 'left' THEN end_on WHEN 'practice' THEN practice
  ELSE kind END = ?3)), ''), n.name, n.id, coalesce(s.how, ''), '', coalesce(s.on_date, ''), coalesce(s.by, ''),
  coalesce(s.why, '')
FROM patient p JOIN word w ON w.patient_id = p.id AND w.fact = ?2
JOIN import_file n ON n.id = coalesce(w.silent_by, w.said_by)
"""
    + _SETTLED.format(held="?3")
    + "WHERE p.id = ?1"
)


_MAY_BE_RAISED_BY = """
SELECT DISTINCT w.patient_id FROM word w JOIN registration r ON r.patient_id = w.patient_id
WHERE w.fact IN ('left', 'registration', 'practice') AND (w.silent_by = ?1 OR w.said_by = ?1)
AND (r.end_on <> '' OR r.kind IN ('none', 'temporary') OR r.practice <> ?2)
"""


def doubts(store: Store, file: int | None = None) -> list[Doubt]:
    """Every fact in doubt, settled or not, in order of patient and fact; with `file`, only those that it raised."""
    practice = store.practice.ods_code
    asked = (_CAN_BE_TAKEN_BACK,) if file is None else (_MAY_BE_RAISED_BY, file, practice)
    patients = [row[0] for row in store.rows(*asked)]
    found = [*_of_patients(store, _DIED), *_of_patients(store, _AT_HOME)]
    for patient, stated in registrations_stated(store, patients).items():
        for fact, held in spells_of(stated.statements, practice, stated.silence).taken_back:
            found += _read_doubts(store, _REGISTRATION, patient, fact, held)
    found += entries_in_doubt(store)
    found = [one for one in found if file in (None, one.silent_file)]
    return sorted(found, key=lambda one: (one.nhs_number, one.fact, one.held))


# Nothing else can be taken back: see `spells_of`.
_CAN_BE_TAKEN_BACK = """
SELECT patient_id FROM registration WHERE end_on <> '' UNION SELECT patient_id FROM word WHERE silent_by IS NOT NULL
"""
_ENTRIES = """
SELECT a.patient_id, p.nhs_number, g.aside, a.day || ' ' || s.codes, t.name, n.name, n.id, a.id, coalesce(e.how, ''),
  coalesce(e.on_date, ''), coalesce(e.by, ''), coalesce(e.why, '')
FROM missing g JOIN activity a ON a.id = g.activity_id JOIN patient p ON p.id = a.patient_id
JOIN code_set s ON s.id = a.code_set_id JOIN import_file t ON t.id = a.import_file_id
JOIN import_file n ON n.id = g.import_file_id
LEFT JOIN fact_settled e ON e.id = (SELECT max(id) FROM fact_settled
  WHERE patient_id = a.patient_id AND fact = 'entry' AND held = CAST(a.id AS TEXT))
WHERE NOT a.withdrawn OR e.id IS NOT NULL
"""


def entries_in_doubt(store: Store) -> Iterator[Doubt]:
    """Entries in doubt: a newer export should hold them, and they are missing or quarantined there."""
    for patient, number, aside, held, said_by, silent_by, file, entry, how, on, by, why in store.rows(_ENTRIES):
        fact = ASIDE if aside else ENTRY
        yield Doubt(
            patient=patient, nhs_number=number, fact=fact, held=held, said_by=said_by, silent_by=silent_by,
            silent_file=file, entry=entry, how=how, on=on, by=by, why=why,
        )  # fmt: skip


def deaths_in_doubt(store: Store, patients: Iterable[int] | None = None) -> dict[int, Doubt]:
    """Patient id -> the doubt about the patient's death; `patients` None means all."""
    return {one.patient: one for one in _of_patients(store, _DIED, patients)}


def housebound_in_doubt(store: Store, patients: Iterable[int] | None = None) -> dict[int, Doubt]:
    """Patient id -> the doubt whether the patient is housebound; `patients` None means all."""
    return {one.patient: one for one in _of_patients(store, _AT_HOME, patients)}


def _of_patients(store: Store, fact: dict[str, str], patients: Iterable[int] | None = None) -> Iterator[Doubt]:
    whose = EVERYBODY if patients is None else PatientIds(tuple(patients))
    return _read_doubts(store, _FROM_PATIENT.format(**fact, only=whose.sql("p.id")))


def _read_doubts(store: Store, sql: str, *values: Any) -> Iterator[Doubt]:
    for row in store.connection.execute(sql, values):
        yield Doubt(
            patient=row[0],
            nhs_number=row[1],
            fact=row[2],
            held=row[3],
            said_by=row[4],
            silent_by=row[5],
            silent_file=row[6],
            how=row[7],
            died_on=row[8],
            on=row[9],
            by=row[10],
            why=row[11],
        )


# The last settlement of a death counts, even if it gives no day, so that a day typed for the wrong patient can be taken
# back. Earlier versions accepted impossible days: such a day counts as none, and les asks for it again.
_WITHOUT_DAY = f"""
SELECT p.id, p.nhs_number, 'died', {DEATH_HELD}, '', '', 0,
  coalesce(s.how, ''),
  iif(s.died_on BETWEEN max(p.date_of_birth, coalesce(p.died_from, '')) AND p.died_by, s.died_on, ''),
  coalesce(s.on_date, ''), coalesce(s.by, ''), coalesce(s.why, '')
FROM patient p LEFT JOIN fact_settled s ON s.id = (SELECT max(id) FROM fact_settled
  WHERE patient_id = p.id AND fact = 'died' AND held = {DEATH_HELD})
WHERE p.died_on IS NULL AND p.died_by IS NOT NULL {{only}} ORDER BY p.id
"""


def deaths_without_day(store: Store, patients: Iterable[int] | None = None) -> list[Doubt]:
    """Every death whose day no file gives, with the last settlement of it, whether that gave a day or not.

    `patients` None means all.
    """
    whose = EVERYBODY if patients is None else PatientIds(tuple(patients))
    return list(_read_doubts(store, _WITHOUT_DAY.format(only=whose.sql("p.id"))))


def given_deaths(store: Store, patients: Iterable[int] | None = None) -> dict[int, str]:
    """Patient id -> the day of death that a person gave, where no file gives it; `patients` None means all."""
    return {one.patient: one.died_on for one in deaths_without_day(store, patients) if one.died_on}


def undated_deaths(store: Store) -> list[Doubt]:
    """Deaths whose day neither a file nor a person gave.

    A death settled as withdrawn is left out, until an export states it again.
    """
    undated = [one for one in deaths_without_day(store) if not one.died_on]
    doubted = deaths_in_doubt(store, [one.patient for one in undated]) if undated else {}
    return [one for one in undated if one.patient not in doubted or doubted[one.patient].how != WITHDRAWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many doubts were settled; `was` and `day_was` are the earlier answers and day of death now replaced."""

    count: int
    was: tuple[str, ...] = ()
    day_was: str = ""

    @property
    def replaced(self) -> bool:
        """Whether an earlier settlement was replaced."""
        return bool(self.was)


def settle(
    store: Store, nhs_number: str, fact: str, *, how: str, died_on: date | None, on: date, by: str, why: str
) -> Settled:
    """Settle a fact in doubt as a person says. LesError when it is not in doubt, or the day of death is impossible."""
    wanted, fact = fact, "died" if fact == UNDATED else fact
    found = [one for one in doubts(store) if one.nhs_number == nhs_number and one.fact == fact]
    undated = _undated(store, nhs_number) if fact == "died" else None
    if undated is not None:
        _check_undated(undated, how=how, died_on=died_on, on=on, is_doubted=bool(found))
        found = found or [undated.doubt]
    elif died_on and (found or fact == "died"):
        raise LesError(
            "--died-on is for a death without a day, and that patient has none",
            "correct a day of death in the clinical system",
        )
    if not found or (wanted == UNDATED and undated is None):
        raise LesError("that fact of that patient is not in doubt", NOT_IN_DOUBT)
    for one in found:
        _write(store, one.patient, fact, one.held, how, died_on, on, by, why)
    was = tuple(one.how for one in found if one.how)
    return Settled(count=len(found), was=was, day_was=found[-1].died_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undated:
    """A death whose day no file gives: its doubt, date of birth, and first and last possible day, as ISO text."""

    doubt: Doubt
    born: str
    first: str
    last: str


def _undated(store: Store, nhs_number: str) -> _Undated | None:
    """The patient's death if no file gives its day, settled or not; None otherwise."""
    for one in deaths_without_day(store):
        if one.nhs_number == nhs_number:
            sql = "SELECT date_of_birth, coalesce(died_from, ''), died_by FROM patient WHERE id = ?"
            born, first, last = store.rows(sql, one.patient)[0]
            return _Undated(doubt=one, born=born, first=first, last=last)
    return None


def _check_undated(undated: _Undated, *, how: str, died_on: date | None, on: date, is_doubted: bool) -> None:
    """Refuse an impossible day of death, and an answer that would change nothing."""
    if died_on is not None:
        _check_day(undated, died_on, on)
    elif not is_doubted and how == WITHDRAWN:
        raise LesError(
            "the newest export still states that death, so it cannot be withdrawn here",
            "take it out of the clinical system and import again",
        )
    elif not is_doubted and not undated.doubt.died_on:
        raise LesError(
            "the day of that death is missing",
            "give it: `les patients settle NHS --fact day-of-death --as stated --died-on DATE --reason TEXT`",
        )


def _check_day(undated: _Undated, died_on: date, on: date) -> None:
    day = died_on.isoformat()
    if died_on > on:
        raise LesError(f"--died-on is after {for_people(on)}, the day asked on", "give the day of the death")
    if day < undated.born:
        # A message never prints the date of birth.
        raise LesError("--died-on is before that patient was born", "give the day of the death")
    if (undated.first and day < undated.first) or day > undated.last:
        raise LesError(
            f"--died-on is not a day the record allows: the death was {span(undated.doubt.held)}",
            "give a day in that time; if the record is wrong, correct it in the clinical system and import again",
        )


def span(held: str) -> str:
    """The days of a death in plain English, from `2026-08-01..2026-08-31`, `..2026-06-05` or a single day."""
    first, _, last = held.rpartition("..")
    told = for_people(date.fromisoformat(last))
    if first and first != last:
        return f"between {for_people(date.fromisoformat(first))} and {told}"
    if ".." in held and not first:
        return f"by {told}"
    return f"on {told}" if first else told


def settle_entries(
    store: Store, nhs_number: str, day: date, fact: str, *, how: str, on: date, by: str, why: str
) -> Settled:
    """Settle a patient's entries in doubt on a day. `withdrawn` withdraws the entry, as an export would.

    Where the day has missing and quarantined entries, `entry` means the missing and `entry-aside` the quarantined ones.
    Where it has only quarantined ones, `entry` means those.
    """
    known = [
        one for one in entries_in_doubt(store) if one.nhs_number == nhs_number and one.held.startswith(day.isoformat())
    ]
    found = [one for one in known if one.fact == fact] or [one for one in known if fact == ENTRY and one.fact == ASIDE]
    if not found:
        raise LesError("no such entry of that patient on that day is in doubt", NOT_IN_DOUBT)
    for one in found:
        _write(store, one.patient, ENTRY, str(one.entry), how, None, on, by, why)
        store.connection.execute("UPDATE activity SET withdrawn = ? WHERE id = ?", (int(how != STATED), one.entry))
    return Settled(count=len(found), was=tuple(one.how for one in found if one.how))


def _write(
    store: Store, patient: int, fact: str, held: str, how: str, died_on: date | None, on: date, by: str, why: str
) -> None:
    store.connection.execute(
        "INSERT INTO fact_settled (patient_id, fact, held, how, died_on, on_date, by, why)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (patient, fact, held, how, died_on.isoformat() if died_on else None, on.isoformat(), by, why),
    )
