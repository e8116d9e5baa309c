"""`les patients`: NHS numbers that may be one person's, and what a person decided about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from ...calendar import Period
from ...errors import LesError
from ...model import Patient, Register
from ...model.record import MOST_NUMBERS, clearly_different_names, may_be_one, named
from ...outputs import Answer, Column, Grid, Kind, counted
from ...store import Store
from ...store.people.same_person import (
    Decision,
    decisions,
    known_as,
    known_by_decisions,
    merge,
    moved,
    names,
    names_alike,
    on_one_day,
    shared_entries,
    tell_apart,
)
from ..choose_services import chosen_services, doubts, register_of

SAME_NAME = "the same name and birth date"
MOVED = "entries of one number came again under the other, or a record names both"
SAME_ENTRIES = "the same birth date and the same entries"
_MOST_ON_A_DAY = 10
"""Ignore a birth date that more patients than this share. No real practice has that many on one day."""

_PEOPLE = (
    Column("old", "NHS number", Kind.CODE),
    Column("new", "Other number", Kind.CODE),
    Column("name", "Name"),
    Column("other_name", "Name of the other"),
    Column("date_of_birth", "Born", Kind.DATE),
)
_DOUBTS = (*_PEOPLE, Column("why", "Why"))
_DECIDED = (
    *_PEOPLE,
    Column("how", "Decided"),
    Column("on", "On", Kind.DATE),
    Column("reason", "Because"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Two numbers, the one seen first as `old`, and why they may be one person's."""

    old: Patient
    new: Patient
    why: tuple[str, ...]


def suspicions(store: Store) -> tuple[Suspicion, ...]:
    """Every pair of numbers that may be one person's and that nobody has merged or told apart."""
    merged = known_by_decisions(store)
    again = [sorted(pair) for pair in moved(store)]
    patients = {one.nhs_number: one for one in names_alike(store, {one for pair in again for one in pair})}
    found: dict[tuple[str, str], list[str]] = {}
    for why, pairs in (
        (SAME_NAME, _same_name(patients.values())),
        (MOVED, again),
        (SAME_ENTRIES, _same_entries(store, patients.values())),
    ):
        for one, other in pairs:
            apart = other in patients[one].apart_from
            if not apart and merged.get(one, one) != merged.get(other, other):
                found.setdefault((one, other), []).append(why)
    return tuple(
        Suspicion(old=patients[one], new=patients[other], why=tuple(why))
        for (one, other), why in sorted((tuple(sorted(pair)), why) for pair, why in found.items())
    )


def doubled_numbers(store: Store) -> frozenset[str]:
    """Every number in use that may be one person's together with another."""
    return frozenset(number for pair in suspected_pairs(store) for number in pair)


def suspected_pairs(store: Store) -> frozenset[tuple[str, str]]:
    """Every pair of numbers in use that may be one person's. A merged number is replaced by the one it is known by."""
    known = known_by_decisions(store)
    pairs = ((known.get(one, one), known.get(other, other)) for one, other in _numbers(suspicions(store)))
    return frozenset((min(pair), max(pair)) for pair in pairs)


def _numbers(found: Iterable[Suspicion]) -> Iterator[tuple[str, str]]:
    return ((one.old.nhs_number, one.new.nhs_number) for one in found)


def _by(keys: Iterable[tuple[object, Patient]]) -> Iterator[list[Patient]]:
    groups: dict[object, list[Patient]] = {}
    for key, patient in keys:
        if key is not None:
            groups.setdefault(key, []).append(patient)
    return (group for group in groups.values() if len(group) > 1)


def _same_name(patients: Iterable[Patient]) -> Iterator[tuple[str, str]]:
    groups = _by((named(one), one) for one in patients)
    for group in (each for each in groups if len(each) <= MOST_NUMBERS):
        for one, other in combinations(group, 2):
            if may_be_one(one, other):
                yield one.nhs_number, other.nhs_number


def _same_entries(store: Store, patients: Iterable[Patient]) -> Iterator[tuple[str, str]]:
    """Pairs with the same birth date and the same entries, where at least one of the two has no name to compare."""
    wanted = [
        (one.nhs_number, other.nhs_number)
        for group in _by((one.date_of_birth, one) for one in patients)
        if len(group) <= _MOST_ON_A_DAY
        for one, other in combinations(group, 2)
        if named(one) is None or named(other) is None
    ]
    yield from shared_entries(store, wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The result of a merge: one line that says so, and one for each thing that now waits for a person."""

    told: str
    waits: tuple[str, ...] = ()


def merge_patients(store: Store, old: str, new: str, *, on: date, reason: str, is_sure: bool) -> Merged:
    """Merge two numbers. Refuse different birth dates or names unless `is_sure`. The result names no patient."""
    with store.writing():
        merged = _merged(store, old, new, on, reason, is_sure=is_sure)
    if not merged:
        return Merged(told="they are one patient already, nothing was changed")
    told = f"the two numbers are one patient, so claims may change{_shared(store, new, 'now')}"
    told += "; `les patients apart OLD NEW --reason TEXT` takes it back"
    return Merged(told=told, waits=_contradictions(store, known_as(store, new), on))


def try_merging(store: Store, old: str, new: str, *, on: date, reason: str, is_sure: bool) -> Merged:
    """What `merge_patients` would say. It refuses the same, and everything is undone."""
    with store.trying():
        if not _merged(store, old, new, on, reason, is_sure=is_sure):
            return Merged(told="they are one patient already, nothing would change")
        told = f"the two numbers would be one patient, so claims may change{_shared(store, new, 'then')}"
        return Merged(told=told, waits=_contradictions(store, known_as(store, new), on))


def _merged(store: Store, old: str, new: str, on: date, reason: str, *, is_sure: bool) -> bool:
    known = {one.nhs_number: one for one in names(store) if one.nhs_number in (old, new)}
    if len(known) == 2 and not is_sure:
        _ask(
            other_day=known[old].date_of_birth != known[new].date_of_birth,
            other_name=clearly_different_names(known[old], known[new]),
        )
    return merge(store, old, new, on=on, reason=reason)


def _shared(store: Store, new: str, now: str) -> str:
    shared = on_one_day(store, known_as(store, new))
    return f": {counted(shared, 'entry', 'entries')} of both numbers on one day may {now} count once" if shared else ""


def _ask(*, other_day: bool, other_name: bool) -> None:
    what = " and ".join(["different birth dates"] * other_day + ["different names"] * other_name)
    if what:
        raise LesError(
            f"the two have {what}, so they are hardly one person", "if they are, add --yes; nothing was changed"
        )


def _contradictions(store: Store, patient: str, on: date) -> tuple[str, ...]:
    """One line with its cure for each register on which the merged patient's entries now contradict each other."""
    chosen = chosen_services(store, (), Period(on, on))
    found: list[str] = []
    for service in chosen.services:
        try:
            _, register = register_of(store, service, on)
        except LesError as fault:
            found.append(str(fault))
        else:
            found += doubts(service.spec, Register(entries=tuple(register.of(patient))))
    return tuple(found)


def apart_patients(store: Store, one: str, other: str, *, on: date, reason: str) -> bool:
    """Record that two numbers are different people, or take their merge back."""
    with store.writing():
        return tell_apart(store, one, other, on=on, reason=reason)


def patients_answer(store: Store) -> Answer:
    """Every pair in doubt, and every decision that still holds."""
    open_ones, known = suspicions(store), {one.nhs_number: one for one in names(store)}
    decided = decisions(store)
    return Answer(
        data={
            "schema": "les-patients/1",
            "suspicions": [_suspicion(one) for one in open_ones],
            "decisions": [_decision(one, known) for one in decided],
        },
        title=f"Patients: {counted(len(open_ones), 'pair')} of NHS numbers that may be one person's",
        grids=(
            Grid(
                title="May be one person",
                columns=_DOUBTS,
                rows=tuple((*_people(one.old, one.new), ", ".join(one.why)) for one in open_ones),
                empty="none",
            ),
            Grid(
                title="Decided",
                columns=_DECIDED,
                rows=tuple(
                    (*_people(known[one.old], known[one.new]), one.how, date.fromisoformat(one.on), one.reason)
                    for one in decided
                ),
                empty="nothing",
            ),
        ),
        notes=_settle(open_ones),
        identifiable=True,
    )


def _settle(open_ones: Sequence[Suspicion]) -> tuple[str, ...]:
    if not open_ones:
        return ()
    return (
        "if they are one person: `les patients merge OLD NEW --reason TEXT`; if not: "
        "`les patients apart OLD NEW --reason TEXT`",
    )


def _people(one: Patient, other: Patient) -> tuple[object, ...]:
    return one.nhs_number, other.nhs_number, one.name, other.name, one.date_of_birth


def _pair(one: Patient, other: Patient) -> dict[str, str]:
    return {
        "old": one.nhs_number,
        "new": other.nhs_number,
        "name": one.name,
        "other_name": other.name,
        "date_of_birth": one.date_of_birth.isoformat(),
    }


def _suspicion(one: Suspicion) -> dict[str, object]:
    return {**_pair(one.old, one.new), "why": list(one.why)}


def _decision(one: Decision, known: dict[str, Patient]) -> dict[str, object]:
    return {**_pair(known[one.old], known[one.new]), "how": one.how, "on": one.on, "reason": one.reason}


def suspicion_note(found: int) -> tuple[str, ...]:
    """One line with the number of pairs in doubt. It names no patient."""
    if not found:
        return ()
    return (f"{counted(found, 'pair')} of NHS numbers may be one person's: `les patients` lists them",)
