"""Rows of the store as the field's values."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..model import Activity, Code, Patient, spells_of
from ..model.one_person import one_person
from .connection import Store
from .same_person import apart_from, known_by_decisions
from .stated import registrations_stated


def patients(store: Store) -> tuple[Patient, ...]:
    """Every patient the store has seen, with all their registrations, by NHS number; one person is one patient."""
    found = {patient.nhs_number: patient for patient in each_number(store)}
    merged = known_by_decisions(store)
    for old, new in sorted(merged.items()):
        found[new] = one_person(found[new], found[old])
    return tuple(patient for number, patient in found.items() if number not in merged)


def each_number(store: Store) -> tuple[Patient, ...]:
    """The record of every NHS number, whoever it is known to belong to."""
    stated = registrations_stated(store)
    here = store.practice.ods_code
    apart = apart_from(store)
    return tuple(
        Patient(
            nhs_number=row[1],
            family_name=row[2],
            given_name=row[3],
            date_of_birth=date.fromisoformat(row[4]),
            sex=row[5],
            died_on=day_of(row[6]),
            housebound=None if row[7] is None else bool(row[7]),
            died_from=day_of(row[8]),
            died_by=day_of(row[9]),
            registrations=spells_of(stated.get(row[0], ()), here),
            apart_from=apart.get(row[1], ()),
        )
        for row in store.rows(
            "SELECT id, nhs_number, family_name, given_name, date_of_birth, sex, died_on, housebound, died_from,"
            " died_by FROM patient ORDER BY nhs_number"
        )
    )


def activity_of(row: Any) -> Activity:
    """An entry, from the columns `records` selects."""
    return Activity(
        id=row[0],
        nhs_number=row[1],
        day=date.fromisoformat(row[2]),
        codes=parse_codes(row[3]),
        term=row[4],
        value=row[5],
        unit=row[6],
        consultation_type=row[7],
        clinician=row[8],
        done_at=row[9],
        recorded_on=day_of(row[10]),
        identity=f"{row[11] or ''}|{row[3]}|{row[8]}|{row[9]}|{row[12] or ''}",
    )


def parse_codes(text: str) -> tuple[Code, ...]:
    """`"snomed:700139004 read2:66QD"` as the store keeps it -> codes."""
    pairs = (part.split(":", 1) for part in text.split(" "))
    return tuple(Code(system=system, code=code) for system, code in pairs)


def day_of(text: str | None) -> date | None:
    """A date kept as ISO text; None for NULL and for empty."""
    return date.fromisoformat(text) if text else None
