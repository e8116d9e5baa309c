"""Read and write register entries that were typed by hand, and record what each change replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ..model import HandEntry
from .database.connection import Store
from .people.same_person import WHO
from .practice_data import patient_id
from .records.latest import EVERYBODY, PatientIds
from .records.rows import day_of


def hand_entries_of(store: Store, service: str, whose: PatientIds = EVERYBODY) -> tuple[HandEntry, ...]:
    """The entries of one service's register that were not removed, in order of patient and start."""
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


def write_entry(
    store: Store, service: str, before: HandEntry | None, after: HandEntry, *, on: date, reason: str = ""
) -> int:
    """Write an entry as it is now; returns how many values were replaced or taken away.

    It records each of those as a change. A value that is only added needs none. Call it inside `store.writing()`.
    """
    days = (day.isoformat() if day else None for day in (after.entered_on, after.ended_on))
    stands = (*days, after.end_reason)
    if before is None:
        number = store.connection.execute(
            "INSERT INTO register_entry (service, patient_id, entered_on, ended_on, end_reason) VALUES (?, ?, ?, ?, ?)",
            (service, patient_id(store, after.nhs_number), *stands),
        ).lastrowid
        assert number is not None
        _write_details(store, number, {}, _details(after))
        return 0
    store.connection.execute(
        "UPDATE register_entry SET entered_on = ?, ended_on = ?, end_reason = ? WHERE id = ?", (*stands, before.id)
    )
    _write_details(store, before.id, _details(before), _details(after))
    replaced = [change for change in _changes(before, after) if change[1]]
    for what, old, new in replaced:
        keep_change(store, before.id, on=on, what=what, before=old, after=new, reason=reason)
    return len(replaced)


def remove_entry(store: Store, number: int, *, on: date, reason: str) -> None:
    """Mark an entry made by mistake as removed, so that it no longer counts. It stays in the store, with the reason."""
    store.connection.execute("UPDATE register_entry SET removed = 1 WHERE id = ?", (number,))
    keep_change(store, number, on=on, what="entry", before="kept", after="removed", reason=reason)


def keep_change(store: Store, number: int, *, on: date, what: str, before: str, after: str, reason: str) -> None:
    """Record one change of an entry: what it held before and after, and why."""
    store.connection.execute(
        "INSERT INTO register_change (register_entry_id, on_date, what, before, after, reason)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (number, on.isoformat(), what, before, after, reason),
    )


def _details(hand: HandEntry) -> dict[tuple[str, str], str]:
    return {(day.isoformat(), name): value for day, name, value in hand.details}


def _write_details(
    store: Store, number: int, before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]
) -> None:
    gone: list[Any] = [(number, *key) for key in before.keys() - after.keys()]
    store.connection.executemany(
        "DELETE FROM register_detail WHERE register_entry_id = ? AND start_on = ? AND name = ?", gone
    )
    store.connection.executemany(
        "INSERT INTO register_detail (register_entry_id, start_on, name, value) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value",
        [(number, *key, value) for key, value in after.items() if before.get(key) != value],
    )


def _changes(before: HandEntry, after: HandEntry) -> Iterator[tuple[str, str, str]]:
    """(what, before, after) for each value that differs."""
    for what in ("entered_on", "ended_on"):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            yield what, old.isoformat() if old else "", new.isoformat() if new else ""
    if before.end_reason != after.end_reason:
        yield "end_reason", before.end_reason, after.end_reason
    old_details, new_details = _details(before), _details(after)
    for key in sorted(old_details.keys() | new_details.keys()):
        old, new = old_details.get(key, ""), new_details.get(key, "")
        if old != new:
            yield f"{key[1]} from {key[0]}", old, new
