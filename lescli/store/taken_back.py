"""Take back what the practice typed by mistake: it no longer counts, and the store keeps it with the reason.

Each row is moved into a table that only grows. So nothing that reads contacts, terms, contracts, accreditations or
incidents needs a word for those that were a mistake, and the same may be recorded again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..calendar import for_people, moment_for_people
from ..errors import LesError
from .database.connection import Store
from .people.same_person import NUMBERS
from .practice_data import local_terms, patient_id, signed_services

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """On which day something is taken back, and why; the reason is kept with it."""

    on: date
    reason: str


def take_back_contacts(
    store: Store, service: str, day: date, by: str, mistake: Mistake, nhs_number: str | None = None
) -> int:
    """Take back one patient's contact of a day and means, or everybody's; how many. LesError when there is none."""
    where, values = "service = ? AND on_date = ? AND by = ?", [service, day.isoformat(), by]
    if nhs_number is None:
        count = _take_back(store, "invitation", where, values, mistake)
        if not count:
            raise LesError(
                f"no contact of {service} is recorded by {by} of {for_people(day)}",
                "check --on and --by; nothing was changed",
            )
        return count
    # Contacts recorded before two numbers were merged stand under the old one.
    whose = [
        int(row[0])
        for row in store.rows(f"SELECT id FROM patient WHERE id IN {NUMBERS}", patient_id(store, nhs_number))
    ]
    marks = ", ".join("?" * len(whose))
    count = _take_back(store, "invitation", f"{where} AND patient_id IN ({marks})", [*values, *whose], mistake)
    if not count:
        known = store.rows(
            f"SELECT on_date, by FROM invitation WHERE service = ? AND patient_id IN ({marks})"
            " ORDER BY on_date DESC, by",
            *(service, *whose),
        )
        told = [f"{for_people(date.fromisoformat(on))} by {means}" for on, means in known]
        raise LesError(f"no such contact of that patient is recorded for {service}", _there_are(told))
    return count


def take_back_accreditation(store: Store, clinician: str, kind: str, start: date, mistake: Mistake) -> None:
    """Take back an accreditation, known by its first day. LesError when there is none."""
    where, values = "clinician = ? AND kind = ?", [clinician, kind]
    if _take_back(store, "accreditation", f"{where} AND start_on = ?", [*values, start.isoformat()], mistake):
        return
    known = store.rows(f"SELECT start_on FROM accreditation WHERE {where} ORDER BY start_on DESC", *values)
    told = [f"from {for_people(date.fromisoformat(row[0]))}" for row in known]
    raise LesError("no accreditation of that clinician and kind begins on that day", _there_are(told))


def take_back_incident(
    store: Store, service: str, kind: str, on: str, mistake: Mistake, nhs_number: str | None = None
) -> None:
    """Take back an incident with its notification. LesError when there is none."""
    patient = patient_id(store, nhs_number) if nhs_number else None
    where, values = "service = ? AND kind = ? AND patient_id IS ?", [service, kind, patient]
    if _take_back(store, "incident", f"{where} AND on_time = ?", [*values, on], mistake):
        return
    known = store.rows(f"SELECT on_time FROM incident WHERE {where} ORDER BY on_time DESC", *values)
    told = [f"of {moment_for_people(row[0])}" for row in known]
    raise LesError(f"no such incident of {service} is recorded at that time", _there_are(told))


def take_back_terms(store: Store, service: str, key: str, start: date, mistake: Mistake) -> int:
    """Take back every local term of a key from a day; how many. LesError when there is none."""
    where, values = "service = ? AND key = ? AND start_on = ?", [service, key, start.isoformat()]
    count = _take_back(store, "term", where, values, mistake)
    if not count:
        days = dict.fromkeys(one.start for one in local_terms(store, service) if one.key == key)
        told = [f"from {for_people(day)}" for day in sorted(days, reverse=True)]
        raise LesError(f"the practice has recorded no such term of {service} from that day", _there_are(told))
    return count


def take_back_contract(store: Store, service: str, on: date, mistake: Mistake) -> bool:
    """Take back a contract whose first day is the day after `on`, because it was never held; False if there is none."""
    first = on + timedelta(days=1)
    if first not in [start for start, _ in signed_services(store).get(service, ())]:
        return False
    return bool(_take_back(store, "signature", "service = ? AND start_on = ?", [service, first.isoformat()], mistake))


def _there_are(told: Sequence[str]) -> str:
    more = f" and {len(told) - _MOST_NAMED} earlier" if len(told) > _MOST_NAMED else ""
    known = f"{', '.join(told[:_MOST_NAMED])}{more}"
    return f"name what is recorded: {known}" if told else "none is recorded, so nothing has to be taken back"


def _take_back(store: Store, table: str, where: str, values: Sequence[object], mistake: Mistake) -> int:
    """Move the rows of a table; how many. Call it inside `store.writing()`."""
    columns = [row[1] for row in store.rows(f"PRAGMA table_info({table})")]
    rows = store.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}", *values)
    store.connection.executemany(
        "INSERT INTO taken_back (what, was, on_date, reason) VALUES (?, ?, ?, ?)",
        [
            (table, json.dumps(dict(zip(columns, row, strict=True))), mistake.on.isoformat(), mistake.reason)
            for row in rows
        ],
    )
    store.connection.execute(f"DELETE FROM {table} WHERE {where}", values)
    return len(rows)
