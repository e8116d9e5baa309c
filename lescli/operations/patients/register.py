"""The register of one service: shown, and patients added, changed and ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ...calendar import for_people
from ...model import HandEntry, Records, Register, RegisterEntry
from ...outputs import Answer, Column, Grid, Kind, counted
from ...rules.register_doubts import in_days, numbers_of, refuse_impossible
from ...rules.register_rows import HandRow, OnePatient, check, concerned, contradiction, with_details, with_row
from ...rules.unclaimed import whole_period
from ...rules.unregistered import unregistered
from ...services import Service
from ...store import Store
from ...store.people.same_person import known_as
from ...store.quarantine.waiting import waiting_rows
from ..choose_services import doubts, register_of
from ..claim.preview import suggested_notes
from ..claim.unregistered import (
    results_grid,
    results_in_doubt,
    results_line,
    unregistered_grid,
    unregistered_lines,
    unregistered_people,
)
from ..quarantine import waiting_data, waiting_lines, waiting_of
from ..values import as_json
from .register_write import Written, known, patients_of, to_come, write_changed

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


def add_patient(store: Store, service: Service, row: HandRow, as_of: date) -> Written:
    """Put a patient on the register, or change details of the entry that the row is about.

    LesError when the row would change nothing although the person means a change: the entry has ended, or begins after
    the day given.
    """
    with store.writing():
        row = replace(row, nhs_number=known_as(store, row.nhs_number))
        before = patients_of(store, service, {row.nhs_number})
        patient = known(before, row.nhs_number)
        refuse_impossible(service.spec, row.details, (row.start,), as_of, patient.born)
        entry = concerned(patient, row, as_of)
        typed = row
        if entry is not None and _begins_earlier(patient, entry, row):
            row = replace(row, entered_on=row.start)
        elif entry is not None and (following := _next_without(patient, entry, row)):
            row = replace(row, start=following.entered_on)
        elif entry is not None:
            _refuse_what_says_nothing(patient, entry, row)
        after = with_row(patient, row, as_of)
        check(patient, after)
        done = write_changed(store, service, before, {row.nhs_number: after}, as_of)
        written = known(patients_of(store, service, {row.nhs_number}), row.nhs_number)
    if not done.changed:
        return done
    notes = _notes(patient, entry, typed, row, written) if entry else ()
    return replace(done, notes=(*notes, *to_come([(row.start,)], as_of)))


def _begins_earlier(patient: OnePatient, entry: RegisterEntry, row: HandRow) -> bool:
    """Whether the row gives a day earlier than the code that opened the first entry, and so moves that start.

    A row of a file does the same with its `entered_on`.
    """
    hand = patient.hand(entry)
    by_code = entry == patient.entries()[0] and (hand is None or hand.entered_on is None)
    return by_code and row.start is not None and row.start < entry.entered_on


def _next_without(patient: OnePatient, entry: RegisterEntry, row: HandRow) -> RegisterEntry | None:
    """The next entry, where it lacks the details and the ended one that covers the day has them already.

    A month in which one entry ended and the next began is judged by the second, and its row has the first's days.
    """
    hand = patient.hand(entry)
    if hand is None or entry.ended_on is None or row.start is None or not row.details:
        return None
    has_them = _holds(hand, row.start, row.details) and with_details(hand, row.details, row.start) != hand
    return _following(patient, entry, row.details) if has_them else None


def _following(patient: OnePatient, entry: RegisterEntry, details: Mapping[str, str]) -> RegisterEntry | None:
    """The entry after another one, where it has no value of one of the details on its first day."""
    later = next((one for one in patient.entries() if one.entered_on > entry.entered_on), None)
    hand = patient.hand(later) if later else None
    known_then = {name for day, name, _ in hand.details if later and day <= later.entered_on} if hand else set()
    return later if later and not details.keys() <= known_then else None


def _refuse_what_says_nothing(patient: OnePatient, entry: RegisterEntry, row: HandRow) -> None:
    if not row.details and row.start and row.start < entry.entered_on:
        raise contradiction(patient.spec, entry, f"it begins after {for_people(row.start)}")
    hand = patient.hand(entry)
    if entry.ended_on is None or hand is None:
        return
    start = row.start or entry.entered_on
    if row.details and with_details(hand, row.details, start) == hand:
        return
    if _holds(hand, start, row.details):
        raise contradiction(patient.spec, entry, "it holds that and has an end" if row.details else "it has an end")


def _holds(hand: HandEntry, day: date, details: Mapping[str, str]) -> bool:
    held = {name: value for start, name, value in hand.details if start <= day}
    return all(held.get(name) == value for name, value in details.items())


def _notes(
    patient: OnePatient, entry: RegisterEntry, typed: HandRow, row: HandRow, written: OnePatient
) -> Iterable[str]:
    """What was understood where a command can mean two things, and the command for the other meaning."""
    service, began = patient.spec.name, for_people(entry.entered_on)
    numbers = [number for one in written.entries() if one.covers(entry.entered_on) for number in numbers_of(one)]
    amend = f"`les register {service} --amend {max(numbers, default=0)} --starts"
    if row.start != typed.start and row.start:
        yield f"the entry {in_days(entry)} has that already; the next one has it now from {for_people(row.start)} on"
        return
    if row.details and row.start and row.start < entry.entered_on:
        day = row.start.isoformat()
        if row.entered_on:
            back = f"{amend} {entry.entered_on.isoformat()} --reason TEXT`"
            yield f"the entry begins on {for_people(row.start)} now, before the code of {began}; to undo that: {back}"
        else:
            yield (
                f"the entry begins on {began}, and the details hold from then; if the patient was on the register "
                f"before: {amend} {day} --reason TEXT`"
            )
    if entry.ended_on:
        yield f"the entry is that {in_days(entry)}; its end stays as it is"
        if row.details and (later := _following(patient, entry, row.details)):
            lacks = ", ".join(row.details)
            names = " ".join(f"--set {name}=VALUE" for name in row.details)
            there = f"`les register {service} --add NHS {names} --from {later.entered_on.isoformat()}`"
            yield f"the next entry, {in_days(later)}, has no {lacks} yet; {there} records it there"
