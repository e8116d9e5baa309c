"""What a row written by hand changes in one patient's register: it amends the entry it is about, or adds a new one.

These functions are pure: they take a patient's entries and return the entries that the row asks for. A row that
contradicts an entry is refused before anything is written; the message names that entry and the command to change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..calendar import for_people
from ..errors import LesError
from ..model import HandEntry, RegisterEntry, ServiceSpec
from .accepted import Request
from .register import entries_of, in_order
from .register_doubts import in_days, numbers_of, overlapping, refuse_impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class HandRow:
    """One row of a register file, or one `--add`: what to write for one patient."""

    nhs_number: str
    entered_on: date | None
    ended_on: date | None
    end_reason: str
    details: Mapping[str, str]
    start: date | None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePatient:
    """One patient's entries by hand, and the codes that find cases, oldest first. New entries have numbers below 0."""

    spec: ServiceSpec
    nhs_number: str
    hands: tuple[HandEntry, ...]
    codes: tuple[Request, ...] = ()
    born: date | None = None

    def entries(self) -> list[RegisterEntry]:
        """The register entries that follow from these, by their start; contradictions are left in."""
        found = entries_of(self.spec, self.hands, self.codes[0] if self.codes else None, self.codes)
        return sorted(found, key=lambda one: one.entered_on)

    def hand(self, entry: RegisterEntry) -> HandEntry | None:
        """The entry by hand behind a register entry; None when only a code put the patient on the register."""
        return next((hand for hand in self.hands if hand.id in numbers_of(entry)), None)

    def written(self, hand: HandEntry) -> OnePatient:
        """The patient with one entry by hand changed or added."""
        others = tuple(one for one in self.hands if one.id != hand.id)
        return replace(self, hands=tuple(in_order((*others, hand))))

    def pinned(self) -> OnePatient:
        """The patient with each start that comes from a code written into the entry by hand.

        This is needed before an earlier entry is added, because the code would then give its start to that one.
        """
        starts = {hand.id: entry.entered_on for entry in self.entries() if (hand := self.hand(entry))}
        return replace(
            self,
            hands=tuple(
                replace(hand, entered_on=starts[hand.id]) if hand.entered_on is None and hand.id in starts else hand
                for hand in self.hands
            ),
        )

    def new(self, entered_on: date | None) -> HandEntry:
        """A new entry by hand that is not in the store yet."""
        number = min((hand.id for hand in self.hands), default=0)
        return HandEntry(
            id=min(number, 0) - 1,
            nhs_number=self.nhs_number,
            entered_on=entered_on,
            ended_on=None,
            end_reason="",
            details=(),
        )


def with_row(patient: OnePatient, row: HandRow, as_of: date) -> OnePatient:
    """The patient's register after the row is written; LesError when the row contradicts an entry."""
    refuse_impossible(patient.spec, row.details, (row.entered_on, row.start), as_of, patient.born)
    entries = patient.entries()
    entry = _concerned(patient, row, as_of, entries)
    if entry is None:
        began = row.entered_on or row.start or as_of
        patient = patient.pinned() if any(one.entered_on > began for one in entries) else patient
        hand = patient.new(began)
    else:
        began = entry.entered_on
        hand = patient.hand(entry) or patient.new(None if entry is entries[0] else began)
        if row.entered_on and hand.entered_on is None:
            hand, began = replace(hand, entered_on=row.entered_on), min(began, row.entered_on)
    hand = with_details(hand, row.details, row.start or row.entered_on or began)
    if row.ended_on:
        if row.ended_on < began:
            raise LesError(
                "the entry would end before it began", "give an end on or after its start; nothing was changed"
            )
        hand = with_end(hand, began, row.ended_on, row.end_reason or hand.end_reason)
    last = hand.ended_on
    if row.details and last and row.start and row.start > last:
        raise LesError(
            f"the details would apply from {for_people(row.start)}, after the entry ended on {for_people(last)}",
            "give a day inside the entry; nothing was changed",
        )
    return patient if hand in patient.hands else patient.written(hand)


def concerned(patient: OnePatient, row: HandRow, as_of: date) -> RegisterEntry | None:
    """The entry that a row is about; None when the row adds a new one."""
    return _concerned(patient, row, as_of, patient.entries())


def _concerned(
    patient: OnePatient, row: HandRow, as_of: date, entries: Sequence[RegisterEntry]
) -> RegisterEntry | None:
    """The entry a row is about: by its start, by the first day of its details or by its end; else the next one."""
    if row.entered_on:
        return _begun(patient, row, entries)
    day = row.start or row.ended_on or as_of
    covering = next((one for one in entries if one.covers(day)), None)
    if covering is not None:
        return covering
    # Details from before the patient came onto the register belong to the entry that begins next.
    return next((one for one in entries if one.entered_on > day and one.covers(one.entered_on)), None)


def _begun(patient: OnePatient, row: HandRow, entries: Sequence[RegisterEntry]) -> RegisterEntry | None:
    """The entry that began on the day the row states, or one opened by a code, whose start the row may change."""
    day = row.entered_on
    assert day is not None
    for one in entries:
        hand = patient.hand(one)
        if day in (one.entered_on, hand.entered_on if hand else None):
            return one
    for one in entries:
        hand = patient.hand(one)
        by_code = hand is None or hand.entered_on is None
        before = day < one.entered_on and (row.ended_on is None or row.ended_on >= one.entered_on)
        if by_code and (one.covers(day) or (before and one is entries[0])):
            return one
        if one.covers(day):
            raise contradiction(patient.spec, one, f"it says that the entry began on {for_people(day)}")
    return None


def with_details(hand: HandEntry, details: Mapping[str, str], start: date) -> HandEntry:
    """The entry with details that apply from a day; a detail with the same name and day is replaced."""
    held = {(day, name): value for day, name, value in hand.details}
    held.update({(start, name): value for name, value in details.items()})
    return replace(hand, details=tuple((day, name, value) for (day, name), value in sorted(held.items())))


def with_end(hand: HandEntry, began: date, last: date, reason: str) -> HandEntry:
    """An entry with its last day. If its written start is later, it starts on `began`, the day of its code."""
    start = began if hand.entered_on and hand.entered_on > last else hand.entered_on
    return replace(hand, entered_on=start, ended_on=last, end_reason=reason)


def check(before: OnePatient, after: OnePatient) -> None:
    """LesError when a change makes the patient's entries contradict one another. Earlier contradictions are allowed."""
    known = {_pair(*pair) for pair in overlapping(before.entries())}
    for pair in overlapping(after.entries()):
        if _pair(*pair) in known:
            continue
        first, second = pair
        if first is second:
            raise LesError(
                "the entry would end before it began", "give an end on or after its start; nothing was changed"
            )
        stands = first if _stood(before, first) or not _stood(before, second) else second
        raise contradiction(after.spec, stands, "the two would overlap")


def contradiction(spec: ServiceSpec, entry: RegisterEntry, why: str) -> LesError:
    """The error for a row that contradicts an entry: it names the entry by number and days, and how to change it."""
    number = max(numbers_of(entry), default=0)
    stands = f"the patient is on the register {in_days(entry)} already"
    if number > 0:
        amend = f"`les register {spec.name} --amend {number} --reason TEXT`"
        return LesError(
            f"{stands} (entry {number}); {why}",
            f"change that entry with {amend} and --starts DATE, --on DATE or --reopen; nothing was changed",
        )
    told = "another row of the file" if number else "found by a code of the record"
    return LesError(
        f"{stands} ({told}); {why}",
        "give the day of a change in `from`, and end the entry with "
        f"`les register {spec.name} --end NHS --on DATE --reason TEXT`; nothing was changed",
    )


def _pair(first: RegisterEntry, second: RegisterEntry) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return numbers_of(first), numbers_of(second)


def _stood(before: OnePatient, entry: RegisterEntry) -> bool:
    """Whether an entry with the same days existed before the change."""
    return any((one.entered_on, one.ended_on) == (entry.entered_on, entry.ended_on) for one in before.entries())
