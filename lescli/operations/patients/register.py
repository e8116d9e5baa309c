"""The register of one service: shown, and patients added, changed and ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ...calendar import for_people
from ...model import DetailValue, HandEntry, Records, RegisterEntry
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
    UnregisteredPatient,
    results_grid,
    results_in_doubt,
    results_line,
    unregistered_grid,
    unregistered_lines,
    unregistered_people,
)
from ..quarantine import waiting_data, waiting_lines, waiting_of
from ..values import LEFT_OUT, as_cells, as_json
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceLine:
    """One line of advice on a register entry."""

    text: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One register entry, with the fields of docs/reference/json.md in their order."""

    nhs_number: str
    name: str
    date_of_birth: date
    entered_on: date
    ended_on: date | None
    end_reason: str
    rule: str
    clause: str
    details: Mapping[str, DetailValue]
    missing: tuple[str, ...]
    evidence: tuple[str, ...]
    numbers: tuple[int, ...]
    doubt: str = field(default="", metadata=LEFT_OUT)
    warnings: tuple[str, ...] = field(default=(), metadata=LEFT_OUT)
    advice: tuple[AdviceLine, ...] = field(default=(), metadata=LEFT_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterShown:
    """The register on a day, with the fields of docs/reference/json.md in their order."""

    schema: str = "les-register/1"
    service: str
    as_of: date
    entries: tuple[EntryRow, ...]
    results_in_doubt: int = field(default=0, metadata=LEFT_OUT)
    quarantine: Mapping[str, Any] = field(default_factory=dict, metadata=LEFT_OUT)
    unregistered: tuple[UnregisteredPatient, ...] = field(default=(), metadata=LEFT_OUT)


def register_answer(store: Store, service: Service, as_of: date) -> Answer:
    """The register on a day, including ended entries."""
    records, register = register_of(store, service, as_of)
    entries = tuple(entry_row(records, entry) for entry in register.entries)
    missed = unregistered(service.spec, records, register, whole_period(service.spec, records))
    people = unregistered_people(records, missed)
    running = [entry for entry in entries if entry.ended_on is None]
    incomplete = sum(bool(entry.missing) for entry in running)
    waits = waiting_of(service.spec, waiting_rows(store), as_of)
    shown = RegisterShown(
        service=service.name,
        as_of=as_of,
        entries=entries,
        results_in_doubt=results_in_doubt(register),
        quarantine=waiting_data(waits) if waits else {},
        unregistered=tuple(people),
    )
    return Answer(
        data=as_json(shown),
        title=f"Register of {service.name} on {for_people(as_of)}: "
        f"{counted(len(running), 'patient')}, {incomplete} with something missing",
        grids=(
            Grid(title="", columns=_COLUMNS, rows=as_cells(entries, _COLUMNS), empty="nobody is on the register"),
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


def entry_row(records: Records, entry: RegisterEntry) -> EntryRow:
    """One entry with its patient."""
    patient = records.patient(entry.nhs_number)
    return EntryRow(
        nhs_number=entry.nhs_number,
        name=patient.name,
        date_of_birth=patient.date_of_birth,
        entered_on=entry.entered_on,
        ended_on=entry.ended_on,
        end_reason=entry.end_reason,
        rule=entry.rule,
        clause=entry.clause,
        details=dict(entry.details),
        missing=tuple(entry.missing),
        evidence=tuple(entry.evidence),
        numbers=tuple(numbers_of(entry)),
        doubt=entry.doubt,
        warnings=tuple(entry.warnings),
        advice=tuple(AdviceLine(text=advice.text, clause=advice.clause) for advice in entry.advice),
    )


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
