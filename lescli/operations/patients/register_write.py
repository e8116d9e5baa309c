"""What a person writes into a register: worked out and checked as a whole before anything is written.

Each affected patient's register is built in memory first. If it contradicts itself, the command is refused, the
contradicting entry is named and nothing is written. Anything already recorded is not written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ...calendar import for_people
from ...errors import LesError, LockedError, PluginError
from ...model import HandEntry, ServiceSpec
from ...outputs import counted
from ...rules.register import codes_of
from ...rules.register_doubts import numbers_of, refuse_impossible
from ...rules.register_rows import HandRow, OnePatient, check, with_details, with_end, with_row
from ...services import Service
from ...store import Store, practice_data
from ...store.people.same_person import WHO, known_as
from ...store.practice_data import remove_entry, write_entry
from ...store.records.records import StoreRecords
from .register_csv import Faults


def patients_of(store: Store, service: Service, numbers: set[str]) -> dict[str, OnePatient]:
    """Each patient's whole register, past and future; all patients are read together."""
    records = StoreRecords(store, service.spec, date.max, numbers)
    codes = codes_of(service.spec, records, numbers)
    hands: dict[str, list[HandEntry]] = {}
    for hand in records.hand_entries():
        if hand.nhs_number in numbers:
            hands.setdefault(hand.nhs_number, []).append(hand)
    # Read one column for each patient, not everything that is known of them.
    births = {number: _born(store, number) for number in numbers}
    return {
        number: OnePatient(
            spec=service.spec,
            nhs_number=number,
            hands=tuple(hands.get(number, ())),
            codes=tuple(codes.get(number, ())),
            born=births[number],
        )
        for number in sorted(numbers)
        if number in hands or number in codes or births[number]
    }


def _born(store: Store, nhs_number: str) -> date | None:
    """The birth date, or None when no import has described the patient."""
    found = store.rows("SELECT date_of_birth FROM patient WHERE nhs_number = ?", nhs_number)
    return date.fromisoformat(found[0][0]) if found else None


def known(patients: Mapping[str, OnePatient], nhs_number: str) -> OnePatient:
    """One of the patients. LesError when no import has described them yet."""
    if nhs_number not in patients:
        raise practice_data.unknown_patient()
    return patients[nhs_number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The number of patients in the rows, of patients with a change, and of values replaced."""

    patients: int
    changed: int
    replaced: int
    notes: tuple[str, ...] = ()


def write_rows(
    store: Store,
    service: Service,
    rows: Sequence[HandRow],
    as_of: date,
    faults: Faults | None = None,
    *,
    dry_run: bool = False,
) -> Written:
    """Write every row of a file or none. LesError lists all faults with their lines, those of reading it too.

    A dry run checks and counts in the same way, and undoes everything.
    """
    faults = faults or Faults()
    with store.trying() if dry_run else store.writing():
        rows = [replace(row, nhs_number=known_as(store, row.nhs_number)) if row.nhs_number else row for row in rows]
        before = patients_of(store, service, {row.nhs_number for row in rows if row.nhs_number})
        after = dict(before)
        lines: dict[str, int | None] = {}
        wrong: set[str] = set()
        for row in rows:
            _take(service.spec, after, row, as_of, faults, follows=row.nhs_number in wrong)
            lines[row.nhs_number] = row.line
            if faults.has(row.line):
                wrong.add(row.nhs_number)
        for nhs_number, line in lines.items():
            if nhs_number not in wrong:
                with faults.of(line):
                    check(before[nhs_number], after[nhs_number])
        if not faults.found:
            _check_agree(rows, after, as_of, faults)
        faults.tell()
        done = write_changed(store, service, before, after, as_of)
    return replace(done, notes=tuple(to_come([(row.entered_on, row.start) for row in rows], as_of)))


def _take(
    spec: ServiceSpec, after: dict[str, OnePatient], row: HandRow, as_of: date, faults: Faults, *, follows: bool
) -> None:
    """Apply one row. Report all its faults, even when it or the patient's earlier row already has one."""
    patient = after.get(row.nhs_number)
    with faults.of(row.line):
        refuse_impossible(spec, row.details, (row.entered_on, row.start), as_of, patient.born if patient else None)
    if row.nhs_number:
        with faults.of(row.line):
            known(after, row.nhs_number)
    if patient and not follows and not faults.has(row.line):
        with faults.of(row.line):
            after[row.nhs_number] = with_row(patient, row, as_of)


def _check_agree(rows: Sequence[HandRow], after: Mapping[str, OnePatient], as_of: date, faults: Faults) -> None:
    """Apply the rows a second time. If that changes anything, two rows contradict each other."""
    again = dict(after)
    for row in rows:
        with faults.of(row.line):
            again[row.nhs_number] = with_row(again[row.nhs_number], row, as_of)
    for row in rows:
        if again[row.nhs_number].hands != after[row.nhs_number].hands and not faults.has(row.line):
            with faults.of(row.line):
                raise LesError(
                    "another row says otherwise of the same entry",
                    "give each row the `entered_on` of its entry, and one end for all of them; nothing was loaded",
                )


def to_come(rows: Sequence[tuple[date | None, ...]], as_of: date) -> Iterable[str]:
    """A note about values that hold only from a future day, which may be a mistyped year."""
    later = [max(days) for row in rows if (days := [day for day in row if day and day > as_of])]
    if later:
        last = max(later)
        about = "it holds" if len(rows) == 1 else f"{counted(len(later), 'row')} for a day to come, the last"
        yield f"{about} from {for_people(last)} on, {counted((last - as_of).days, 'day')} from now"


def end_patient(store: Store, service: Service, nhs_number: str, on: date, reason: str, as_of: date) -> Written:
    """End the entry that covers a day. That day is the entry's last."""
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
        after = patient.written(with_end(hand, entry.entered_on, on, reason))
        return write_changed(store, service, before, {nhs_number: after}, as_of, reason)


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
    """Write the changes once the service's own register accepts them.

    With `mending`, write even when the service fails, because the entry being mended may be the cause.
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
        # Ask again after writing: a plugin may refuse an entry that the standard rules accept.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What to change in one entry; empty fields change nothing. `unset` names details to drop from the day `start`."""

    starts: date | None = None
    on: date | None = None
    reopen: bool = False
    reason: str = ""
    details: Mapping[str, str] | None = None
    unset: tuple[str, ...] = ()
    start: date | None = None


def amend_entry(store: Store, service: Service, number: int, amendment: Amendment, as_of: date) -> Written:
    """Change one entry's start, end, end reason or details, or open it again."""
    with store.writing():
        before, patient, hand = _numbered(store, service, number)
        days = (amendment.starts, amendment.start)
        refuse_impossible(service.spec, amendment.details or {}, days, as_of, patient.born)
        changed = _amended(patient, hand, amendment)
        after = patient.written(changed)
        if amendment.starts:
            _check_start(after, number, amendment.starts)
        check(patient, after)
        after_by = {patient.nhs_number: after}
        done = write_changed(store, service, before, after_by, as_of, amendment.reason, mending=True)
    return replace(done, notes=tuple(to_come([days], as_of))) if done.changed else done


def _amended(patient: OnePatient, hand: HandEntry, amendment: Amendment) -> HandEntry:
    entry = next((one for one in patient.entries() if hand.id in numbers_of(one)), None)
    began = entry.entered_on if entry else hand.entered_on
    if amendment.starts:
        hand = replace(hand, entered_on=amendment.starts)
    if amendment.reopen:
        hand = replace(hand, ended_on=None, end_reason="")
    if amendment.on:
        hand = replace(hand, ended_on=amendment.on, end_reason=amendment.reason)
    start = amendment.start or amendment.starts or began
    if start is None and (amendment.details or amendment.unset):
        raise LesError("the entry has no start, so the day must be given", "give it with --from DATE")
    if amendment.details and start:
        hand = with_details(hand, amendment.details, start)
    for name in amendment.unset:
        kept = tuple(each for each in hand.details if each[:2] != (start, name))
        if kept == hand.details:
            days = ", ".join(for_people(day) for day, known, _ in hand.details if known == name) or "none"
            raise LesError(
                f"entry {hand.id} has no {name} from that day", f"its days are: {days}; name one with --from DATE"
            )
        hand = replace(hand, details=kept)
    return hand


def _check_start(after: OnePatient, number: int, starts: date) -> None:
    began = next((one.entered_on for one in after.entries() if number in numbers_of(one)), starts)
    if began != starts:
        raise LesError(
            f"entry {number} begins with a code of the record, on {for_people(began)}",
            "correct the code in the clinical system and import again; nothing was changed",
        )


def remove(store: Store, service: Service, number: int, reason: str, as_of: date) -> None:
    """Remove an entry that was made by mistake. The store keeps the entry and the reason."""
    with store.writing():
        _numbered(store, service, number)
        remove_entry(store, number, on=as_of, reason=reason)


def _numbered(store: Store, service: Service, number: int) -> tuple[dict[str, OnePatient], OnePatient, HandEntry]:
    found = store.rows(
        f"SELECT {WHO} FROM register_entry e JOIN patient p ON p.id = e.patient_id"
        " WHERE e.id = ? AND e.service = ? AND NOT e.removed",
        number,
        service.name,
    )
    if not found:
        raise LesError(
            f"the register of {service.name} has no entry {number} that was written by hand",
            f"`les register {service.name}` shows the numbers, in the column Entry",
        )
    before = patients_of(store, service, {found[0][0]})
    patient = before[found[0][0]]
    return before, patient, next(hand for hand in patient.hands if hand.id == number)
