"""Which NHS numbers may be one person's: the same name and birth date, entries that moved, or the same entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...model import Patient
from ...model.one_person import MOST_NUMBERS, may_be_one, named
from ...store import Store
from ...store.people.same_person import known_by_decisions, moved, names, shared_entries

SAME_NAME = "the same name and birth date"
MOVED = "entries of one number came again under the other, or a record names both"
SAME_ENTRIES = "the same birth date and the same entries"
_MOST_ON_A_DAY = 10
"""Where more than so many share a birth date, it tells nobody: no list of one practice has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Two numbers, the one seen first before the other, and why they may be one person's."""

    old: Patient
    new: Patient
    why: tuple[str, ...]


def suspicions(store: Store) -> tuple[Suspicion, ...]:
    """Every two numbers that may be one person's and that nobody has merged or told apart."""
    merged = known_by_decisions(store)
    patients = {one.nhs_number: one for one in names(store)}
    found: dict[tuple[str, str], list[str]] = {}
    for why, pairs in (
        (SAME_NAME, _same_name(patients.values())),
        (MOVED, (sorted(pair) for pair in moved(store))),
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


def suspected_pairs(store: Store) -> frozenset[tuple[str, str]]:
    """Every two numbers in use that may be one person's: a merged number stands as the one it is known by."""
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
        for one, other in _pairs(group):
            if may_be_one(one, other):
                yield one.nhs_number, other.nhs_number


def _same_entries(store: Store, patients: Iterable[Patient]) -> Iterator[tuple[str, str]]:
    """Of those with the same birth date, at least one of whom has no name to go by."""
    wanted = [
        (one.nhs_number, other.nhs_number)
        for group in _by((one.date_of_birth, one) for one in patients)
        if len(group) <= _MOST_ON_A_DAY
        for one, other in _pairs(group)
        if named(one) is None or named(other) is None
    ]
    yield from shared_entries(store, wanted)


def _pairs(group: list[Patient]) -> Iterator[tuple[Patient, Patient]]:
    for place, one in enumerate(group):
        yield from ((one, other) for other in group[place + 1 :])
