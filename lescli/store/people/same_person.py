"""Merge two NHS numbers of one person, or tell two people apart.

No entry is moved to another number, so each decision can be undone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...errors import LesError
from ...model import Patient
from ...model.record import named_as
from ..database.connection import Store

WHO = "coalesce(p.known_as, p.nhs_number)"
"""In SQL: the NHS number that a row of the table `patient p` is known by now."""
NUMBERS = "(SELECT ?1 UNION SELECT o.id FROM patient o JOIN patient n ON n.nhs_number = o.known_as WHERE n.id = ?1)"
"""In SQL: the patient id in parameter 1, and the ids of the old numbers that were merged into that patient."""
MERGED, APART = "merged", "apart"
LEAST_SHARED = 2
"""Two people may share one equal entry by chance; two or more shared entries mean one history."""
# Places in a row of `latest.with_words`: person, day, codes, value, consultation type, clinician and place; patient id.
_ENTRY = (1, 2, 8, 3, 11, 12, 13)
_PATIENT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The last decision about two numbers: `merged`, so that `old` is known as `new`, or `apart`."""

    old: str
    new: str
    how: str
    on: str
    reason: str


def known_as(store: Store, nhs_number: str) -> str:
    """The number that a patient is known by now; a number that was not merged comes back as it is."""
    found = store.rows("SELECT known_as FROM patient WHERE nhs_number = ? AND known_as IS NOT NULL", nhs_number)
    return str(found[0][0]) if found else nhs_number


def decisions(store: Store) -> tuple[Decision, ...]:
    """The last decision about each pair of numbers, in the order they were made."""
    last: dict[frozenset[str], Decision] = {}
    for row in store.rows(
        "SELECT p.nhs_number, o.nhs_number, s.how, s.on_date, s.reason FROM same_person s"
        " JOIN patient p ON p.id = s.patient_id JOIN patient o ON o.id = s.other_id ORDER BY s.id"
    ):
        pair = frozenset(row[:2])
        last.pop(pair, None)
        last[pair] = Decision(old=row[0], new=row[1], how=row[2], on=row[3], reason=row[4])
    return tuple(last.values())


def apart_from(store: Store) -> dict[str, tuple[str, ...]]:
    """Each number -> the numbers it was told apart from."""
    found: dict[str, set[str]] = {}
    for one in decisions(store):
        if one.how == APART:
            found.setdefault(one.old, set()).add(one.new)
            found.setdefault(one.new, set()).add(one.old)
    return {number: tuple(sorted(others)) for number, others in found.items()}


_SHARED_BIRTH_DATE = """
WHERE date_of_birth IN (SELECT date_of_birth FROM patient GROUP BY date_of_birth HAVING count(*) > 1)
OR nhs_number IN (SELECT value FROM json_each(?))
"""


_NAMES = "SELECT nhs_number, family_name, given_name, date_of_birth, sex FROM patient"


def names(store: Store) -> tuple[Patient, ...]:
    """Every NHS number with only the facts that identify a patient: names, birth date, sex, and whom they are not."""
    return _identified(store, store.rows(f"{_NAMES} ORDER BY nhs_number"))


def names_alike(store: Store, also: Collection[str]) -> tuple[Patient, ...]:
    """The same of the numbers that may be one person's with another: all others need not be looked at.

    They share a birth date and a full name, or a birth date with somebody whose name is not complete. Of such a birth
    date everybody is there. `also` are further numbers.
    """
    # Most patients share neither, so their rows are told apart before values are made of them.
    rows = store.rows(f"{_NAMES} {_SHARED_BIRTH_DATE} ORDER BY nhs_number", json.dumps(sorted(also)))
    keys = [named_as(row[3], row[1], row[2]) for row in rows]
    shared = Counter(keys)
    unnamed = {row[3] for row, key in zip(rows, keys, strict=True) if key is None}
    wanted = (
        row for row, key in zip(rows, keys, strict=True) if row[3] in unnamed or shared[key] > 1 or row[0] in also
    )
    return _identified(store, wanted)


def _identified(store: Store, rows: Iterable[Any]) -> tuple[Patient, ...]:
    apart = apart_from(store)
    return tuple(
        Patient(
            nhs_number=row[0],
            family_name=row[1],
            given_name=row[2],
            date_of_birth=date.fromisoformat(row[3]),
            sex=row[4],
            apart_from=apart.get(row[0], ()),
        )
        for row in rows
    )


def merge(store: Store, old: str, new: str, *, on: date, reason: str) -> bool:
    """Make the old number's patient the same person as the new one's; False when they are one person already.

    Call it inside `store.writing()`. LesError when the old number was merged with a third one.
    """
    ids = _ids(store, old, new)
    if known_as(store, old) == known_as(store, new):
        return False
    if known_as(store, old) != old:
        raise LesError(
            "the first number is already merged with a third one",
            "tell those two apart with `les patients apart` first, or merge with that one",
        )
    _decide(store, *ids, MERGED, on, reason)
    return True


def tell_apart(store: Store, one: str, other: str, *, on: date, reason: str) -> bool:
    """Say that two numbers are two people, which also undoes a merge; False when that was decided already."""
    ids = _ids(store, one, other)
    stands = next((each for each in decisions(store) if {each.old, each.new} == {one, other}), None)
    if stands is not None and stands.how == APART:
        return False
    if (stands is None or stands.how != MERGED) and known_as(store, one) == known_as(store, other):
        raise LesError(
            "the two are one person through a third number", "`les patients` shows it; tell that one apart instead"
        )
    _decide(store, *ids, APART, on, reason)
    return True


def _ids(store: Store, one: str, other: str) -> tuple[int, int]:
    if one == other:
        raise LesError("that is the same number twice", "give the old and the new number")
    found: list[Any] = [store.rows("SELECT id FROM patient WHERE nhs_number = ?", each) for each in (one, other)]
    if not all(found):
        which = "the first" if not found[0] else "the second"
        raise LesError(f"no patient with {which} number is in the store", "import a file that describes them first")
    return found[0][0][0], found[1][0][0]


def _decide(store: Store, one: int, other: int, how: str, on: date, reason: str) -> None:
    store.connection.execute(
        "INSERT INTO same_person (patient_id, other_id, how, on_date, reason) VALUES (?, ?, ?, ?, ?)",
        (one, other, how, on.isoformat(), reason),
    )
    follow = known_by_decisions(store)
    store.connection.execute("UPDATE patient SET known_as = NULL WHERE known_as IS NOT NULL")
    store.connection.executemany(
        "UPDATE patient SET known_as = ? WHERE nhs_number = ?", [(new, old) for old, new in follow.items()]
    )


def known_by_decisions(store: Store) -> dict[str, str]:
    """Each merged number -> the number it is known by, worked out from the last decisions."""
    steps = {one.old: one.new for one in decisions(store) if one.how == MERGED}
    found: dict[str, str] = {}
    for old, step in steps.items():
        seen, new = {old}, step
        while new in steps and new not in seen:
            seen.add(new)
            new = steps[new]
        found[old] = new
    return found


# Days and codes for which a patient has entries under more than one NHS number.
_ON_ONE_DAY = """
SELECT count(*) FROM (SELECT 1 FROM activity WHERE NOT withdrawn AND patient_id IN
  (SELECT id FROM patient WHERE nhs_number = ?1 OR known_as = ?1)
GROUP BY day, code_set_id HAVING count(DISTINCT patient_id) > 1)
"""


def on_one_day(store: Store, nhs_number: str) -> int:
    """For how many days and codes a patient has entries under more than one NHS number."""
    return int(store.rows(_ON_ONE_DAY, nhs_number)[0][0])


def note_moved(store: Store, before: int, after: int, import_file: int) -> None:
    """Note that an import found an entry under another NHS number than before."""
    store.connection.execute(
        "INSERT INTO moved_entries VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (before, after, import_file)
    )


def note_former(store: Store, former: Sequence[str], patients: Collection[int], import_file: int) -> None:
    """Note that a record names its patient's former NHS numbers: those in the store may be the same person's."""
    for number in former:
        for before, *_ in store.rows("SELECT id FROM patient WHERE nhs_number = ?", number):
            for after in patients:
                note_moved(store, before, after, import_file)


def moved(store: Store) -> set[frozenset[str]]:
    """Each pair of NHS numbers between which entries moved."""
    return {
        frozenset(row)
        for row in store.rows(
            "SELECT p.nhs_number, o.nhs_number FROM moved_entries m JOIN patient p ON p.id = m.patient_id"
            " JOIN patient o ON o.id = m.other_id"
        )
    }


def shared_entries(store: Store, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of numbers that share entries equal in day, code, value, consultation type, clinician and place."""
    wanted = {number for pair in pairs for number in pair}
    if not wanted:
        return []
    entries: dict[str, set[tuple[str, int, str]]] = {number: set() for number in wanted}
    for number, *entry in store.rows(
        "SELECT p.nhs_number, a.day, a.act_id, a.value FROM activity a JOIN patient p ON p.id = a.patient_id"
        " WHERE NOT a.withdrawn"
    ):
        if number in wanted:
            entries[number].add((entry[0], entry[1], entry[2]))
    return [pair for pair in pairs if len(entries[pair[0]] & entries[pair[1]]) >= LEAST_SHARED]


def without_copies(store: Store, rows: list[Any]) -> list[Any]:
    """The selected rows without copies of an entry under a person's other NHS numbers.

    Of equal entries, the rows of the number that has it most often stay. If two numbers have it equally often, the one
    whose entry was claimed stays, otherwise the number in use.
    """
    if not store.rows("SELECT 1 FROM same_person LIMIT 1"):
        return rows
    persons = dict(store.rows("SELECT id, known_as FROM patient WHERE known_as IS NOT NULL"))
    if not persons:
        return rows
    shared = set(persons.values())
    held: dict[Hashable, Counter[int]] = {}
    for row in rows:
        if row[1] in shared:
            held.setdefault(_entry(row), Counter())[row[_PATIENT]] += 1
    twice = {entry for entry, numbers in held.items() if len(numbers) > 1}
    if not twice:
        return rows
    claimed = {
        row[0]
        for row in store.rows(
            "SELECT activity_id FROM claim_row WHERE verdict = 'payable' AND activity_id IS NOT NULL"
            " AND id NOT IN (SELECT claim_row_id FROM reversal)"
        )
    }
    ids: dict[Hashable, set[int]] = {}
    for row in rows:
        if _entry(row) in twice and row[0] in claimed:
            ids.setdefault(_entry(row), set()).add(row[_PATIENT])
    kept = {
        entry: max(held[entry], key=lambda one: (held[entry][one], one in ids.get(entry, ()), one not in persons, one))
        for entry in twice
    }
    return [row for row in rows if kept.get(_entry(row), row[_PATIENT]) == row[_PATIENT]]


def _entry(row: Any) -> Hashable:
    return tuple(row[place] for place in _ENTRY)
