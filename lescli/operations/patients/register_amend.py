"""Change or take away one register entry, by its number: its start, its end, why it ended, its details.

Together with `--add` and `--end` there is a command for every mending of what was written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ...calendar import for_people
from ...errors import LesError
from ...model import HandEntry
from ...rules.overlaps import numbers_of
from ...rules.possible_values import refuse_impossible
from ...rules.register_rows import OnePatient, check, with_details
from ...services import Service
from ...store import Store
from ...store.people.same_person import WHO
from ...store.register_entries import remove_entry
from .register_patients import patients_of
from .register_write import Written, to_come, write_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What to change in one entry; what is empty stays. `unset` names details whose value of the day `start` goes."""

    starts: date | None = None
    on: date | None = None
    reopen: bool = False
    reason: str = ""
    details: Mapping[str, str] | None = None
    unset: tuple[str, ...] = ()
    start: date | None = None


def amend_entry(store: Store, service: Service, number: int, amendment: Amendment, as_of: date) -> Written:
    """Change one entry: its start, its end, why it ended, its details; or open it again."""
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
    """Take an entry away that was made by mistake; the store keeps it, and why."""
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
