"""Store what the practice types: registers, terms, contracts, accreditations, incidents, services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from ..calendar import for_people
from ..errors import LesError
from ..model import HandEntry
from ..specification import LocalTerm
from .database.connection import Store
from .people.same_person import WHO, known_as
from .records.latest import EVERYBODY, PatientIds
from .records.rows import day_of

_Span = tuple[date, date | None]  # First and last day of a contract; None: no end.


_DELETE_SPAN = "DELETE FROM signature WHERE service = ? AND start_on = ?"


def rename_practice(store: Store, name: str) -> bool:
    """Change the practice's name; False when that is its name already. Its ODS code stays."""
    return bool(store.connection.execute("UPDATE practice SET name = ?1 WHERE name <> ?1", (name,)).rowcount)


def patient_id(store: Store, nhs_number: str) -> int:
    """The patient's id in the store, by any of their NHS numbers; LesError when no import has described them."""
    found = store.rows("SELECT id FROM patient WHERE nhs_number = ?", known_as(store, nhs_number))
    if not found:
        raise unknown_patient()
    return int(found[0][0])


def unknown_patient() -> LesError:
    """The error for a patient whom no import has described."""
    return LesError("no patient with that NHS number is in the store", "import a file that describes them first")


def add_entry(store: Store, service: str, nhs_number: str, entered_on: date | None) -> int:
    """The id of a patient's open register entry, made when there is none; a given `entered_on` replaces its start."""
    patient = patient_id(store, nhs_number)
    running = store.rows(
        "SELECT id FROM register_entry WHERE service = ? AND patient_id = ? AND ended_on IS NULL AND NOT removed",
        service,
        patient,
    )
    if running:
        if entered_on is not None:
            store.tables.table("register_entry").update(running[0][0], {"entered_on": entered_on.isoformat()})
        return int(running[0][0])
    entry = {
        "service": service,
        "patient_id": patient,
        "entered_on": entered_on.isoformat() if entered_on else None,
    }
    number = store.tables.table("register_entry").insert(entry).last_pk
    assert isinstance(number, int)
    return number


def set_details(store: Store, entry: int, details: Mapping[str, str], start: date) -> int:
    """Store details that hold from a day, replacing those of the same name and day; returns how many it replaced."""
    held = dict(
        store.rows(
            "SELECT name, value FROM register_detail WHERE register_entry_id = ? AND start_on = ?",
            entry,
            start.isoformat(),
        )
    )
    store.connection.executemany(
        "INSERT INTO register_detail (register_entry_id, start_on, name, value) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value",
        [(entry, start.isoformat(), name, value) for name, value in details.items()],
    )
    return sum(name in held and held[name] != value for name, value in details.items())


def end_entry(store: Store, entry: int, on: date, reason: str) -> None:
    """End a register entry; `on` is its last day."""
    store.tables.table("register_entry").update(entry, {"ended_on": on.isoformat(), "end_reason": reason})


def local_terms(store: Store, service: str) -> tuple[LocalTerm, ...]:
    """The service's local terms in the order they were recorded."""
    return tuple(
        LocalTerm(
            key=row[0],
            value=row[1],
            adds=row[2] > 0,
            removes=row[2] < 0,
            start=date.fromisoformat(row[3]),
            source=row[4],
        )
        for row in store.rows(
            "SELECT key, value, adds, start_on, source FROM term WHERE service = ? ORDER BY id", service
        )
    )


def add_term(store: Store, service: str, term: LocalTerm) -> bool:
    """Record a local term; False when the very same one already holds.

    Of two terms for one key and day, the one recorded last holds. So recording the first of them again is a change.
    """
    alike = [one for one in local_terms(store, service) if (one.key, one.start) == (term.key, term.start)]
    if term in alike and _still_holds(alike, term):
        return False
    row = {
        "service": service,
        "key": term.key,
        "value": term.value,
        "adds": int(term.adds) - int(term.removes),
        "start_on": term.start.isoformat(),
        "source": term.source,
    }
    store.tables.table("term").insert(row)
    return True


def _still_holds(alike: Sequence[LocalTerm], term: LocalTerm) -> bool:
    """Whether nothing recorded since changed what a term says; other values may have been added or removed too."""
    since = alike[len(alike) - 1 - alike[::-1].index(term) :]
    return all((one.adds, one.removes) == (term.adds, term.removes) for one in since) and (
        term.adds or term.removes or since[-1] == term
    )


def signed_services(store: Store) -> dict[str, list[_Span]]:
    """Service -> the spans, (first day, last day or None), in which the practice had the contract."""
    signed: dict[str, list[_Span]] = {}
    for service, start, end in store.rows("SELECT service, start_on, end_on FROM signature ORDER BY service, start_on"):
        signed.setdefault(service, []).append((date.fromisoformat(start), date.fromisoformat(end) if end else None))
    return signed


def sign(store: Store, service: str, start: date, source: str) -> bool:
    """Record a contract as signed from a day on, without an end; False when it is signed from then already."""
    spans = signed_services(store).get(service, ())
    # Put spans together: one that ends the day before, or later, goes on, and one that begins later begins on this day.
    met = [each for each in spans if each[1] is None or each[1] >= start - timedelta(days=1)]
    begins = min([start, *(held_from for held_from, _ in met)])
    if met == [(begins, None)]:
        return False
    for held_from, _ in met:
        store.connection.execute(_DELETE_SPAN, (service, held_from.isoformat()))
    store.tables.table("signature").insert(
        {"service": service, "start_on": begins.isoformat(), "end_on": None, "source": source}
    )
    return True


def unsign(store: Store, service: str, on: date) -> bool:
    """Record that the practice gives a contract up; `on` is its last day, and replaces an earlier answer.

    False when it ends on that day already.
    """
    spans = signed_services(store).get(service, ())
    if not spans:
        raise LesError(
            "the practice never held a contract of that name",
            "record it with `les services sign S --from DATE`; `les services` shows what it holds",
        )
    begun = [each for each in spans if each[0] <= on]
    if not begun:
        began = for_people(spans[0][0])
        raise LesError(
            f"the contract for {service} began on {began}, after that day",
            f"give that day or a later one, or {_day_before(spans[0][0])} if it was never held",
        )
    later = [each for each in spans if each[0] > on]
    if later and begun[-1][1] is not None:
        raise LesError(
            f"the contract for {service} was taken up again on {for_people(later[0][0])}",
            f"give a last day on or after that one, or {_day_before(later[0][0])} if it was not taken up again",
        )
    if begun[-1][1] == on:
        return False
    for held_from, _ in later:
        store.connection.execute(_DELETE_SPAN, (service, held_from.isoformat()))
    store.connection.execute(
        "UPDATE signature SET end_on = ? WHERE service = ? AND start_on = ?",
        (on.isoformat(), service, begun[-1][0].isoformat()),
    )
    return True


def _day_before(first: date) -> str:
    return for_people(first - timedelta(days=1))


def record_accreditation(store: Store, clinician: str, kind: str, start: date, end: date) -> None:
    """Record what a clinician may do, from `start` to `end`; the same start again replaces the end."""
    store.connection.execute(
        "INSERT INTO accreditation VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET end_on = excluded.end_on",
        (clinician, kind, start.isoformat(), end.isoformat()),
    )


def record_incident(
    store: Store, service: str, kind: str, *, on: str, due_at: str, notified_at: str | None, nhs_number: str | None
) -> None:
    """Record an incident. The same one again (kind, time, patient) records when it was notified."""
    patient = patient_id(store, nhs_number) if nhs_number else None
    known = store.rows(
        "SELECT id FROM incident WHERE service = ? AND kind = ? AND on_time = ? AND patient_id IS ?",
        service,
        kind,
        on,
        patient,
    )
    if known:
        if notified_at:
            store.tables.table("incident").update(known[0][0], {"notified_at": notified_at})
        return
    store.tables.table("incident").insert(
        {
            "service": service,
            "kind": kind,
            "on_time": on,
            "due_at": due_at,
            "notified_at": notified_at,
            "patient_id": patient,
        }
    )


def folder_services(store: Store) -> tuple[tuple[str, str], ...]:
    """The services added from a folder: (name, text of service.toml)."""
    return tuple((row[0], row[1]) for row in store.rows("SELECT name, toml FROM folder_service ORDER BY name"))


def add_folder_service(store: Store, name: str, toml: str, digest: str) -> None:
    """Store a service's specification, so that it stays with the claims made under it."""
    store.connection.execute(
        "INSERT INTO folder_service VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET toml = excluded.toml,"
        " sha256 = excluded.sha256",
        (name, toml, digest),
    )


def remove_folder_service(store: Store, typed: str) -> str:
    """Remove a service that was added from a folder; returns its name. LesError when something was claimed under it."""
    name = typed.strip().casefold()
    if not store.rows("SELECT 1 FROM folder_service WHERE name = ?", name):
        raise LesError(
            "no service of that name was added from a folder", "a service that is a package is removed with pip"
        )
    if store.rows("SELECT 1 FROM claim WHERE service = ?", name):
        raise LesError(
            f"{name} has submitted claims, which need its specification",
            f"give the contract up with `les services unsign {name} --on DATE`",
        )
    store.connection.execute("DELETE FROM folder_service WHERE name = ?", (name,))
    return name


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
