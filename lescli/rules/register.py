"""The standard register: every patient with a code that finds cases, and those whom the practice added by hand."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ..model import DetailValue, HandEntry, Patient, Records, Register, RegisterEntry, ServiceSpec
from .accepted import Request, activity_of, first_requests, request_lists, requests_of
from .details import typed_detail
from .eligibility import is_covered, is_served
from .register_doubts import set_aside, settled, unreadable_detail, with_no_first

BY_HAND = "by-hand"
History = tuple[tuple[date, str, DetailValue], ...]


def standard_register(spec: ServiceSpec, records: Records) -> Register:
    """Who is or was on the register on the day asked about, from when and by which rule.

    An entry ends when the practice ends it, or when the patient dies or leaves. A code dated after the practice ended
    an entry opens a new one. Entries that contradict one another are joined into one in doubt (`overlaps.py`).
    """
    finding = spec.register.find_by
    coded = _first_of([*(records.first(name) for name in finding), first_requests(spec, records, finding)])
    by_hand: dict[str, list[HandEntry]] = {}
    for hand in records.hand_entries():
        by_hand.setdefault(hand.nhs_number, []).append(hand)
    again = _codes_after_an_end(spec, records, by_hand)
    entries: list[RegisterEntry] = []
    for nhs_number in sorted({*coded, *by_hand}):
        found = coded.get(nhs_number)
        if nhs_number in by_hand:
            hands = by_hand[nhs_number]
            written_for = {hand.id: hand.written_for for hand in hands}
            stand = settled(spec, entries_of(spec, hands, found, again.get(nhs_number, ())), written_for)
            entries += [set_aside(entry, hands, spec, records) for entry in stand]
        elif found and _is_for(spec, records, records.patient(nhs_number), found.day):
            entries.append(_from_code(spec, found))
    stands = (_as_it_stands(spec, records, entry) for entry in entries if entry.entered_on <= records.as_of)
    told = with_no_first(spec, records, stands)
    return Register(entries=tuple(sorted(told, key=lambda entry: (entry.nhs_number, entry.entered_on))))


def entries_of(
    spec: ServiceSpec, hands: Iterable[HandEntry], first: Request | None, later: Sequence[Request]
) -> list[RegisterEntry]:
    """One patient's entries, from what was written by hand and from codes; contradictions are left in.

    `first` is the oldest code that finds cases. `later` contains at least the codes dated after the first end, oldest
    first. A code after the practice ended an entry opens the next one, even one written by hand for a later day.
    """
    entries: list[RegisterEntry] = []
    ended: date | None = None
    running = False
    ordered = in_order(hands)
    for place, hand in enumerate(ordered):
        code = first if place == 0 else None if running else _after(later, ended)
        entry = _from_hand(spec, hand, code)
        if entry is not None:
            entries.append(entry)
        running = running or hand.ended_on is None
        ended = max(filter(None, (ended, hand.ended_on)), default=None)
    opened = _after(later, ended) if ordered and not running else None if ordered else first
    return [*entries, _from_code(spec, opened)] if opened else entries


def in_order(hands: Iterable[HandEntry]) -> list[HandEntry]:
    """Entries by hand in the order of their start; one without a start of its own, which a code gives, comes first."""
    return sorted(hands, key=lambda hand: (hand.entered_on or date.min, hand.id))


def codes_of(spec: ServiceSpec, records: Records, patients: Container[str]) -> dict[str, list[Request]]:
    """The codes that find cases, for some patients, oldest first."""
    found: dict[str, list[Request]] = {}
    for name in spec.register.find_by:
        select = requests_of if name in request_lists(spec) else activity_of
        for one in select(records, name, date.min):
            if one.nhs_number in patients:
                found.setdefault(one.nhs_number, []).append(one)
    return {nhs_number: sorted(each, key=lambda one: one.order) for nhs_number, each in found.items()}


def _after(codes: Sequence[Request], end: date | None) -> Request | None:
    return next((one for one in codes if end and one.day > end), None)


def _first_of(found: Iterable[Mapping[str, Request]]) -> dict[str, Request]:
    first: dict[str, Request] = {}
    for by_patient in found:
        for nhs_number, activity in by_patient.items():
            held = first.get(nhs_number)
            if held is None or activity.order < held.order:
                first[nhs_number] = activity
    return first


def _codes_after_an_end(
    spec: ServiceSpec, records: Records, by_hand: dict[str, list[HandEntry]]
) -> dict[str, list[Request]]:
    """For patients with an ended entry: the codes dated after the first end, oldest first."""
    ends = {
        nhs_number: min(hand.ended_on for hand in hands if hand.ended_on)
        for nhs_number, hands in by_hand.items()
        if any(hand.ended_on for hand in hands)
    }
    if not ends:
        return {}
    found: dict[str, list[Request]] = {}
    for name in spec.register.find_by:
        select = requests_of if name in request_lists(spec) else activity_of
        for one in select(records, name, min(ends.values())):
            end = ends.get(one.nhs_number)
            if end and one.day > end:
                found.setdefault(one.nhs_number, []).append(one)
    return {nhs_number: sorted(each, key=lambda one: one.order) for nhs_number, each in found.items()}


def _from_code(spec: ServiceSpec, activity: Request) -> RegisterEntry:
    return RegisterEntry(
        nhs_number=activity.nhs_number,
        entered_on=activity.day,
        ended_on=None,
        end_reason="",
        rule=spec.register.rule,
        clause=spec.register.clause,
        evidence=(activity.evidence,),
    )


def _from_hand(spec: ServiceSpec, hand: HandEntry, code: Request | None) -> RegisterEntry | None:
    found = code if code and not (hand.entered_on and hand.entered_on <= code.day) else None
    entered = found.day if found else hand.entered_on
    if entered is None:
        return None  # The patient's only code was removed from the record: only details are left, and no start.
    history, unreadable = _history(spec, hand)
    return RegisterEntry(
        nhs_number=hand.nhs_number,
        entered_on=entered,
        ended_on=hand.ended_on,
        end_reason=hand.end_reason,
        rule=spec.register.rule if found else BY_HAND,
        clause=spec.register.clause,
        history=history,
        evidence=(found.evidence, hand.evidence) if found else (hand.evidence,),
        doubt=unreadable_detail(spec, hand.id, unreadable) if unreadable else "",
    )


def _history(spec: ServiceSpec, hand: HandEntry) -> tuple[History, tuple[str, ...]]:
    """The dated details, and the names of those whose values service.toml no longer accepts."""
    history: list[tuple[date, str, DetailValue]] = []
    unreadable: list[str] = []
    for start, name, text in hand.details:
        field = spec.register.field(name)
        if field is None:
            continue
        try:
            history.append((start, name, typed_detail(field, text)))
        except ValueError:
            unreadable.append(name)
    return tuple(history), tuple(dict.fromkeys(unreadable))


def on_our_list(patient: Patient, records: Records) -> bool:
    """Whether the patient was ever registered with the practice."""
    practice = records.practice.ods_code
    return any(spell.practice == practice and spell.kind != "none" for spell in patient.registrations)


def _is_for(spec: ServiceSpec, records: Records, patient: Patient, day: date) -> bool:
    """Whether a code puts a patient on the register: if ever registered here, or if the service may be for them.

    A registration elsewhere that began after the code counts too: the claim judges each month's payment by its days.
    """
    if on_our_list(patient, records) or is_served(spec, records, patient, day):
        return True
    return any(is_covered(spec, spell) for spell in patient.registrations)


def _as_it_stands(spec: ServiceSpec, records: Records, entry: RegisterEntry) -> RegisterEntry:
    """The entry with its end through death or leaving, its details on the day asked about, and the missing ones."""
    patient = records.patient(entry.nhs_number)
    ends = [(entry.ended_on, entry.end_reason)] if entry.ended_on else []
    if patient.last_alive and patient.last_alive <= records.as_of and not patient.death_in_doubt:
        ends.append((patient.last_alive, "died"))
    if left := _left_on(spec, patient, records, entry.entered_on):
        ends.append((left, "left the practice"))
    ended_on, reason = min(ends, default=(None, ""))
    if ended_on and ended_on < entry.entered_on:
        ended_on = entry.entered_on
    details: dict[str, DetailValue] = {name: value for start, name, value in entry.history if start <= records.as_of}
    missing = tuple(field.name for field in spec.register.details if field.required and field.name not in details)
    stands = (ended_on, reason, tuple(sorted(details.items())), missing)
    if stands == (entry.ended_on, entry.end_reason, entry.details, entry.missing):
        return entry
    return replace(entry, ended_on=stands[0], end_reason=stands[1], details=stands[2], missing=stands[3])


def _left_on(spec: ServiceSpec, patient: Patient, records: Records, since: date) -> date | None:
    """The day the patient left for good; None while they are registered, or when no leaving day is recorded.

    Also None if they left before the entry began and the service may be for them as a patient of another practice.
    """
    practice = records.practice.ods_code
    if patient.registered_on(records.as_of, practice):
        return None
    ours = [spell for spell in patient.registrations if spell.practice == practice]
    now = {spell.kind for spell in ours if spell.covers(records.as_of)}
    past = (s.end for s in ours if s.end and s.end < records.as_of and s.kind not in now)
    left = max(past, default=None)
    return None if left and left < since and is_served(spec, records, patient, records.as_of) else left
