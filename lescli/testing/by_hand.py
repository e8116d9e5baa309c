"""Writes to a store what a practice records by hand, from rows of tables; call these inside `store.writing()`.

Each docstring lists the columns of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..calendar import parse_date
from ..model import ServiceSpec
from ..rules.details import stored_detail
from ..rules.windows import due_at
from ..specification import LocalTerm
from ..store import Store, practice_data
from .tables import TextRow

_NO_DETAILS = ("patient", "entered", "ended", "end reason", "from")
_LONG_AGO = date(1990, 1, 1)


def add_term(store: Store, spec: ServiceSpec, row: TextRow) -> None:
    """key (followed by `+` to add to a list) | value | from | source."""
    key = row["key"].rstrip("+= ")
    start = parse_date(row["from"])
    term = LocalTerm(key=key, value=row["value"], start=start, source=row.get("source", "test"), adds=row["key"] != key)
    practice_data.add_term(store, spec.name, term)


def sign(store: Store, spec: ServiceSpec, row: TextRow) -> None:
    """from | to."""
    practice_data.sign(store, spec.name, parse_date(row["from"]), "test")
    if row.get("to"):
        practice_data.unsign(store, spec.name, parse_date(row["to"]))


def accredit(store: Store, spec: ServiceSpec, row: TextRow) -> None:
    """clinician | kind | from | to."""
    practice_data.record_accreditation(
        store, row["clinician"], row["kind"], parse_date(row["from"]), parse_date(row["to"])
    )


def enter(store: Store, spec: ServiceSpec, numbers: Mapping[str, str], row: TextRow) -> None:
    """patient | entered | ended | end reason | from | any detail of the register."""
    entered = parse_date(row["entered"]) if row.get("entered") else None
    entry = practice_data.add_entry(store, spec.name, numbers[row["patient"]], entered)
    details: dict[str, str] = {}
    for column, text in row.items():
        if column in _NO_DETAILS or not text:
            continue
        field = spec.register.field(column.replace(" ", "_"))
        if field is None:
            raise ValueError(f"the register of {spec.name} has no detail `{column}`")
        details[field.name] = stored_detail(field, text)
    start = parse_date(row["from"]) if row.get("from") else entered or _LONG_AGO
    practice_data.set_details(store, entry, details, start)
    if row.get("ended"):
        practice_data.end_entry(store, entry, parse_date(row["ended"]), row.get("end reason", ""))


def invite(store: Store, spec: ServiceSpec, numbers: Mapping[str, str], row: TextRow) -> None:
    """patient | on | by | outcome | until."""
    practice_data.record_invitation(
        store,
        spec.name,
        numbers[row["patient"]],
        on=parse_date(row["on"]),
        by=row.get("by") or "letter",
        outcome=row.get("outcome", ""),
        until=parse_date(row["until"]) if row.get("until") else None,
    )


def report_incident(store: Store, spec: ServiceSpec, numbers: Mapping[str, str], row: TextRow) -> None:
    """kind | on | notified | patient."""
    kind = next(kind for kind in spec.incidents if kind.kind == row["kind"])
    practice_data.record_incident(
        store,
        spec.name,
        kind.kind,
        on=row["on"],
        due_at=due_at(kind, row["on"]),
        notified_at=row.get("notified") or None,
        nhs_number=numbers[row["patient"]] if row.get("patient") else None,
    )
