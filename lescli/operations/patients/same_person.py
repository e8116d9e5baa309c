"""`les patients`: NHS numbers that may be one person's, and what was decided of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ...model import Patient
from ...outputs import Answer, Column, Grid, Kind, counted
from ...store import Store
from ...store.people.same_person import Decision, decisions, names
from .suspicions import Suspicion, suspicions

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


def patients_answer(store: Store) -> Answer:
    """Every two numbers in doubt, and every decision that stands."""
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
    """A line for so many pairs in doubt; it names nobody."""
    if not found:
        return ()
    return (f"{counted(found, 'pair')} of NHS numbers may be one person's: `les patients` lists them",)
