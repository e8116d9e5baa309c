"""What a person writes into a register: worked out and checked as a whole before anything is written.

The register of each patient concerned is made in memory, as it would be read; a contradiction refuses the command with
the entry it contradicts, and nothing is written. What is there already is not written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..calendar import for_people
from ..errors import LesError, LockedError, PluginError
from ..model import HandEntry, RegisterEntry
from ..rules.overlaps import in_days, numbers_of
from ..rules.possible import refuse_impossible
from ..rules.register import codes_of
from ..rules.register_rows import (
    HandRow,
    OnePatient,
    check,
    concerned,
    contradiction,
    with_details,
    with_row,
)
from ..services import Service
from ..store import Store, keeping
from ..store.records import StoreRecords
from ..store.register_entries import write_entry
from ..store.same_person import known_as


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many patients rows were about, in how many of them something changed, how many values were replaced."""

    patients: int
    changed: int
    replaced: int
    notes: tuple[str, ...] = ()


def write_rows(store: Store, service: Service, rows: Sequence[HandRow], as_of: date) -> Written:
    """Write the rows of a file, all or nothing; LesError names the line of a row that cannot be."""
    with store.writing():
        rows = [replace(row, nhs_number=known_as(store, row.nhs_number)) for row in rows]
        before = patients_of(store, service, {row.nhs_number for row in rows})
        after = dict(before)
        lines: dict[str, int | None] = {}
        for row in rows:
            with _Line(row.line):
                after[row.nhs_number] = with_row(known(after, row.nhs_number), row, as_of)
            lines[row.nhs_number] = row.line
        for nhs_number, line in lines.items():
            with _Line(line):
                check(before[nhs_number], after[nhs_number])
        _check_agree(rows, after, as_of)
        return write_changed(store, service, before, after, as_of)


def _check_agree(rows: Sequence[HandRow], after: Mapping[str, OnePatient], as_of: date) -> None:
    """Taken once more, the rows must change nothing; where they do, one of them says otherwise than another."""
    again = dict(after)
    for row in rows:
        with _Line(row.line):
            again[row.nhs_number] = with_row(again[row.nhs_number], row, as_of)
    for row in rows:
        if again[row.nhs_number].hands != after[row.nhs_number].hands:
            with _Line(row.line):
                raise LesError(
                    "another row says otherwise of the same entry",
                    "give each row the `entered_on` of its entry, and one end for all of them; nothing was loaded",
                )


def add_patient(store: Store, service: Service, row: HandRow, as_of: date) -> Written:
    """Put a patient on the register, or change the details of the entry that the row concerns.

    LesError where nothing would come of it, although the person evidently means something: the entry ends, or begins
    after the day given.
    """
    with store.writing():
        row = replace(row, nhs_number=known_as(store, row.nhs_number))
        before = patients_of(store, service, {row.nhs_number})
        patient = known(before, row.nhs_number)
        refuse_impossible(service.spec, row.details, (row.start,), as_of, patient.born)
        entry = concerned(patient, row, as_of)
        if entry is not None and _begins_earlier(patient, entry, row):
            row = replace(row, entered_on=row.start)
        elif entry is not None:
            _refuse_what_says_nothing(patient, entry, row)
        after = with_row(patient, row, as_of)
        check(patient, after)
        done = write_changed(store, service, before, {row.nhs_number: after}, as_of)
    return replace(done, notes=tuple(_notes(entry, row))) if entry is not None and done.changed else done


def _begins_earlier(patient: OnePatient, entry: RegisterEntry, row: HandRow) -> bool:
    """A day alone, before the code that opened the first entry: they have been on it since then."""
    hand = patient.hand(entry)
    by_code = entry == patient.entries()[0] and (hand is None or hand.entered_on is None)
    return by_code and not row.details and row.start is not None and row.start < entry.entered_on


def _refuse_what_says_nothing(patient: OnePatient, entry: RegisterEntry, row: HandRow) -> None:
    if not row.details and row.start and row.start < entry.entered_on:
        raise contradiction(patient.spec, entry, f"it begins after {for_people(row.start)}")
    hand = patient.hand(entry)
    if entry.ended_on is None or hand is None:
        return
    start = row.start or entry.entered_on
    if row.details and with_details(hand, row.details, start) == hand:
        return
    held = {name: value for day, name, value in hand.details if day <= start}
    if all(held.get(name) == value for name, value in row.details.items()):
        raise contradiction(patient.spec, entry, "it holds that and has an end" if row.details else "it has an end")


def _notes(entry: RegisterEntry, row: HandRow) -> Iterable[str]:
    if row.details and row.start and row.start < entry.entered_on:
        yield f"the entry begins on {for_people(entry.entered_on)}; the details hold from then"
    if entry.ended_on:
        yield f"the entry is that {in_days(entry)}; its end stays as it is"


def end_patient(store: Store, service: Service, nhs_number: str, on: date, reason: str, as_of: date) -> Written:
    """End the entry that covers a day, which becomes its last."""
    with store.writing():
        nhs_number = known_as(store, nhs_number)
        before = patients_of(store, service, {nhs_number})
        patient = known(before, nhs_number)
        entries = patient.entries()
        entry = next((one for one in entries if one.covers(on)), None)
        if entry is None:
            numbers = [number for one in entries for number in numbers_of(one)]
            amend = f"; `les register {service.name} --amend {numbers[-1]}` changes their last entry" if numbers else ""
            raise LesError(
                f"that patient is not on the register of {service.name} on that day",
                f"`les register {service.name}` shows who is{amend}",
            )
        hand = patient.hand(entry) or patient.new(None if entry is entries[0] else entry.entered_on)
        after = patient.written(replace(hand, ended_on=on, end_reason=reason))
        return write_changed(store, service, before, {nhs_number: after}, as_of, reason)


def patients_of(store: Store, service: Service, numbers: set[str]) -> dict[str, OnePatient]:
    """Patients as their registers stand, whatever the day; asked once for all of them."""
    records = StoreRecords(store, service.spec, date.max, numbers)
    codes = codes_of(service.spec, records, numbers)
    hands: dict[str, list[HandEntry]] = {}
    for hand in records.hand_entries():
        if hand.nhs_number in numbers:
            hands.setdefault(hand.nhs_number, []).append(hand)
    return {
        number: OnePatient(
            spec=service.spec,
            nhs_number=number,
            hands=tuple(hands.get(number, ())),
            codes=tuple(codes.get(number, ())),
            born=records.patient(number).date_of_birth,
        )
        for number in sorted(numbers)
        if number in hands or number in codes or store.rows("SELECT 1 FROM patient WHERE nhs_number = ?", number)
    }


def known(patients: Mapping[str, OnePatient], nhs_number: str) -> OnePatient:
    """One of them; LesError when no import has described them yet."""
    if nhs_number not in patients:
        raise keeping.unknown_patient()
    return patients[nhs_number]


def write_changed(
    store: Store,
    service: Service,
    before: Mapping[str, OnePatient],
    after: Mapping[str, OnePatient],
    as_of: date,
    reason: str = "",
    *,
    mending: bool = False,
) -> Written:
    """Write what changed, once the service's own register agrees with it.

    An entry can be mended also where a service fails, for the entry may be why.
    """
    changed = [number for number, patient in after.items() if patient.hands != before[number].hands]
    if not changed:
        return Written(patients=len(after), changed=0, replaced=0)
    days = [day for number in changed for hand in after[number].hands for day in (hand.entered_on, hand.ended_on)]
    records = StoreRecords(store, service.spec, max((as_of, *filter(None, days))), changed)
    answered = _answers(service, records) if mending else service.register(records) is not None
    replaced = 0
    for number in changed:
        held = {hand.id: hand for hand in before[number].hands}
        for hand in after[number].hands:
            if held.get(hand.id) != hand:
                replaced += write_entry(store, service.name, held.get(hand.id), hand, on=as_of, reason=reason)
    if answered:
        # A plugin may hold more against an entry than the standard rules do.
        service.register(records)
    return Written(patients=len(after), changed=len(changed), replaced=replaced)


def _answers(service: Service, records: StoreRecords) -> bool:
    try:
        service.register(records)
    except LockedError:
        raise
    except PluginError:
        return False
    return True


class _Line:
    """Says on which line of a file a refusal stands."""

    def __init__(self, line: int | None) -> None:
        self._line = line

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if self._line and isinstance(fault, LesError) and not isinstance(fault, LockedError):
            raise LesError(f"line {self._line}: {fault.what}", fault.fix) from None
