"""Patients as one service's register has them, whatever the day: what a change of it is worked out on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ...model import HandEntry
from ...rules.register import codes_of
from ...rules.register_rows import OnePatient
from ...services import Service
from ...store import Store, practice_data
from ...store.records.records import StoreRecords


def patients_of(store: Store, service: Service, numbers: set[str]) -> dict[str, OnePatient]:
    """Patients as their registers stand, whatever the day; asked once for all of them."""
    records = StoreRecords(store, service.spec, date.max, numbers)
    codes = codes_of(service.spec, records, numbers)
    hands: dict[str, list[HandEntry]] = {}
    for hand in records.hand_entries():
        if hand.nhs_number in numbers:
            hands.setdefault(hand.nhs_number, []).append(hand)
    # One look a patient, without the rest of what is known of them.
    births = {number: _born(store, number) for number in numbers}
    return {
        number: OnePatient(
            spec=service.spec,
            nhs_number=number,
            hands=tuple(hands.get(number, ())),
            codes=tuple(codes.get(number, ())),
            born=births[number],
        )
        for number in sorted(numbers)
        if number in hands or number in codes or births[number]
    }


def _born(store: Store, nhs_number: str) -> date | None:
    """The birth date; None of somebody no import has described."""
    found = store.rows("SELECT date_of_birth FROM patient WHERE nhs_number = ?", nhs_number)
    return date.fromisoformat(found[0][0]) if found else None


def known(patients: Mapping[str, OnePatient], nhs_number: str) -> OnePatient:
    """One of them; LesError when no import has described them yet."""
    if nhs_number not in patients:
        raise practice_data.unknown_patient()
    return patients[nhs_number]
