"""`les register`: who is on one service's register."""

from __future__ import annotations

from datetime import date
from typing import Any

from ...calendar import for_people
from ...model import Records, Register, RegisterEntry
from ...outputs import Answer, Column, Grid, Kind, counted
from ...rules.overlaps import numbers_of
from ...rules.unclaimed import whole_period
from ...rules.unregistered import unregistered
from ...services import Service
from ...store import Store
from ...store.quarantine.waiting import waiting_rows
from ..choose_services import doubts, register_of
from ..claim.unregistered import unregistered_grid, unregistered_lines, unregistered_people
from ..claim.warnings import suggested_notes
from ..results_in_doubt import results_grid, results_in_doubt, results_line
from ..values import as_json
from ..waiting import waiting_data, waiting_lines, waiting_of

_COLUMNS = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("date_of_birth", "Born", Kind.DATE),
    Column("entered_on", "Since", Kind.DATE),
    Column("ended_on", "Until", Kind.DATE),
    Column("end_reason", "Ended because"),
    Column("rule", "Rule"),
    Column("clause", "Clause"),
    Column("details", "Recorded"),
    Column("missing", "Missing"),
    Column("numbers", "Entry"),
)


def register_answer(store: Store, service: Service, as_of: date) -> Answer:
    """The register on a day, including ended entries."""
    records, register = register_of(store, service, as_of)
    entries = [entry_data(records, entry) for entry in register.entries]
    missed = unregistered(service.spec, records, register, whole_period(service.spec, records))
    people = unregistered_people(records, missed)
    running = sum(entry["ended_on"] is None for entry in entries)
    incomplete = sum(bool(entry["missing"]) and entry["ended_on"] is None for entry in entries)
    data: dict[str, Any] = {
        "schema": "les-register/1",
        "service": service.name,
        "as_of": as_of.isoformat(),
        "entries": entries,
    }
    if results := results_in_doubt(register):
        data["results_in_doubt"] = results
    if waits := waiting_of(service.spec, waiting_rows(store), as_of):
        data["quarantine"] = waiting_data(waits)
    return Answer(
        data={**data, "unregistered": [as_json(one) for one in people]} if people else data,
        title=f"Register of {service.name} on {for_people(as_of)}: "
        f"{counted(running, 'patient')}, {incomplete} with something missing",
        grids=(
            _grid(register, records),
            *([unregistered_grid(people)] if people else []),
            *results_grid(records, register),
        ),
        notes=(
            *doubts(service.spec, register),
            *unregistered_lines(service.spec, missed),
            *results_line(service.name, register),
            *waiting_lines(service.spec, waits),
            *suggested_notes(service.spec, as_of),
        ),
        identifiable=True,
    )


def in_doubt(answer: Answer) -> bool:
    """Whether an entry contradicts another, a recorded value is hardly possible, or rows wait in quarantine."""
    if not isinstance(answer.data, dict):
        return False
    entries = answer.data["entries"]
    waits = "results_in_doubt" in answer.data or "quarantine" in answer.data
    return waits or any("doubt" in entry or "warnings" in entry for entry in entries)


def entry_data(records: Records, entry: RegisterEntry) -> dict[str, Any]:
    """One entry in the shape that docs/reference/json.md gives."""
    patient = records.patient(entry.nhs_number)
    data: dict[str, Any] = {
        "nhs_number": entry.nhs_number,
        "name": patient.name,
        "date_of_birth": patient.date_of_birth.isoformat(),
        "entered_on": entry.entered_on.isoformat(),
        "ended_on": entry.ended_on.isoformat() if entry.ended_on else None,
        "end_reason": entry.end_reason,
        "rule": entry.rule,
        "clause": entry.clause,
        "details": {name: value.isoformat() if isinstance(value, date) else value for name, value in entry.details},
        "missing": list(entry.missing),
        "evidence": list(entry.evidence),
        "numbers": list(numbers_of(entry)),
    }
    if entry.doubt:
        data["doubt"] = entry.doubt
    if entry.warnings:
        data["warnings"] = list(entry.warnings)
    if entry.advice:
        data["advice"] = [{"text": advice.text, "clause": advice.clause} for advice in entry.advice]
    return data


def _grid(register: Register, records: Records) -> Grid:
    rows = []
    for entry in register.entries:
        patient = records.patient(entry.nhs_number)
        rows.append(
            (
                entry.nhs_number,
                patient.name,
                patient.date_of_birth,
                entry.entered_on,
                entry.ended_on,
                entry.end_reason,
                entry.rule,
                entry.clause,
                "; ".join(f"{name}={value}" for name, value in entry.details),
                ", ".join(entry.missing),
                ", ".join(map(str, numbers_of(entry))),
            )
        )
    return Grid(title="", columns=_COLUMNS, rows=tuple(rows), empty="nobody is on the register")
