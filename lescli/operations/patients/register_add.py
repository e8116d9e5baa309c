"""`les register S --add`: put one patient on a register, or change details of the entry that the day given is about.

A day can mean more than one thing. What was understood is said, with the command for the other meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from ...calendar import for_people
from ...model import HandEntry, RegisterEntry
from ...rules.overlaps import in_days, numbers_of
from ...rules.possible_values import refuse_impossible
from ...rules.register_rows import HandRow, OnePatient, check, concerned, contradiction, with_details, with_row
from ...services import Service
from ...store import Store
from ...store.people.same_person import known_as
from .register_write import Written, known, patients_of, to_come, write_changed


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
