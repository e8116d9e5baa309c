"""What the practice wrote by hand into one service's register, as it stands."""

from __future__ import annotations

from datetime import date

from ..model import HandEntry
from .database.connection import Store
from .people.same_person import WHO
from .records.rows import day_of
from .records.selecting import EVERYBODY, PatientIds


def hand_entries_of(store: Store, service: str, whose: PatientIds = EVERYBODY) -> tuple[HandEntry, ...]:
    """The entries of one service's register that stand, by patient and start."""
    details: dict[int, list[tuple[date, str, str]]] = {}
    for entry, start, name, value in store.rows(
        "SELECT d.register_entry_id, d.start_on, d.name, d.value FROM register_detail d "
        "JOIN register_entry e ON e.id = d.register_entry_id WHERE e.service = ? "
        f"{whose.sql('e.patient_id')} ORDER BY d.start_on, d.name",
        service,
    ):
        details.setdefault(entry, []).append((date.fromisoformat(start), name, value))
    return tuple(
        HandEntry(
            id=row[0],
            nhs_number=row[1],
            entered_on=day_of(row[2]),
            ended_on=day_of(row[3]),
            end_reason=row[4],
            details=tuple(details.get(row[0], ())),
            written_for=row[5],
        )
        for row in store.rows(
            f"SELECT e.id, {WHO}, e.entered_on, e.ended_on, e.end_reason, "
            "iif(p.known_as IS NULL, '', p.nhs_number) FROM register_entry e "
            "JOIN patient p ON p.id = e.patient_id WHERE e.service = ? AND NOT e.removed "
            f"{whose.sql('e.patient_id')} ORDER BY 2, e.entered_on, e.id",
            service,
        )
    )
