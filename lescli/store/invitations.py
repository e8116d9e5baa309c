"""Store the contacts that the practice had with patients about its services."""

from __future__ import annotations

from collections import Counter
from datetime import date

from .database.connection import Store
from .practice_data import patient_id


def record_invitation(
    store: Store,
    service: str,
    nhs_number: str,
    *,
    on: date,
    by: str,
    outcome: str,
    until: date | None,
    export: str = "",
    note: str = "",
) -> bool:
    """Record an invitation. The same one again (service, patient, day, means of contact) updates its outcome.

    `export` is the digest of the file that it went out with; `note` is what a person wrote of the contact. The result
    says whether it was not recorded yet. An export leaves the outcome of a contact that is recorded already as it is.
    """
    patient = patient_id(store, nhs_number)
    there = store.rows(
        "SELECT 1 FROM invitation WHERE service = ? AND patient_id = ? AND on_date = ? AND by = ?",
        *(service, patient, on.isoformat(), by),
    )
    if there and export:
        return False
    store.connection.execute(
        "INSERT INTO invitation (service, patient_id, on_date, by, outcome, until, export, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET outcome = excluded.outcome,"
        " until = excluded.until, note = CASE excluded.note WHEN '' THEN note ELSE excluded.note END",
        (service, patient, on.isoformat(), by, outcome, until.isoformat() if until else None, export, note),
    )
    return not there


def exported_on(store: Store, service: str, day: date) -> Counter[str]:
    """How often exports of one service invited each patient on a day, by NHS number: once by each means of contact."""
    return Counter(
        row[0]
        for row in store.rows(
            "SELECT coalesce(p.known_as, p.nhs_number) FROM invitation i JOIN patient p ON p.id = i.patient_id"
            " WHERE i.service = ? AND i.on_date = ? AND i.export <> ''",
            *(service, day.isoformat()),
        )
    )
