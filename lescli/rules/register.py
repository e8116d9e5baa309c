"""The standard register: everyone with a code that finds cases, and those the practice added by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from ..model import DetailValue, HandEntry, Patient, Records, Register, RegisterEntry, ServiceSpec
from .details import typed_detail
from .requests import Request, activity_of, first_requests, request_lists, requests_of

BY_HAND = "by-hand"
History = tuple[tuple[date, str, DetailValue], ...]


def standard_register(spec: ServiceSpec, records: Records) -> Register:
    """Who is on the register as of the day asked about, since when and by which rule.

    An entry ends when the practice ends it, when the patient dies or when they leave; a code after the practice ended
    it opens a new entry.
    """
    finding = spec.register.find_by
    coded = _first_of([*(records.first(name) for name in finding), first_requests(spec, records, finding)])
    by_hand: dict[str, list[HandEntry]] = {}
    for hand in records.hand_entries():
        by_hand.setdefault(hand.nhs_number, []).append(hand)
    again = _coded_again(spec, records, by_hand)
    entries: list[RegisterEntry] = []
    for nhs_number in sorted({*coded, *by_hand}):
        patient = records.patient(nhs_number)
        found = coded.get(nhs_number)
        if nhs_number in by_hand:
            entries += _from_hand(spec, by_hand[nhs_number], found)
            entries += [_from_code(spec, activity) for activity in again.get(nhs_number, ())]
        elif found and _ours(patient, records):
            entries.append(_from_code(spec, found))
    stands = (_as_it_stands(spec, records, entry) for entry in entries if entry.entered_on <= records.as_of)
    return Register(entries=tuple(sorted(stands, key=lambda entry: (entry.nhs_number, entry.entered_on))))


def _first_of(found: Iterable[Mapping[str, Request]]) -> dict[str, Request]:
    first: dict[str, Request] = {}
    for by_patient in found:
        for nhs_number, activity in by_patient.items():
            held = first.get(nhs_number)
            if held is None or activity.order < held.order:
                first[nhs_number] = activity
    return first


def _coded_again(
    spec: ServiceSpec, records: Records, by_hand: dict[str, list[HandEntry]]
) -> dict[str, tuple[Request, ...]]:
    """For patients whose last entry was ended: the first code after that, which opens a new one."""
    ends = {
        nhs_number: max(hand.ended_on for hand in hands if hand.ended_on)
        for nhs_number, hands in by_hand.items()
        if all(hand.ended_on for hand in hands)
    }
    if not ends:
        return {}
    found: dict[str, Request] = {}
    for name in spec.register.find_by:
        select = requests_of if name in request_lists(spec) else activity_of
        for activity in select(records, name, min(ends.values()) + timedelta(days=1)):
            end = ends.get(activity.nhs_number)
            if end and activity.day > end:
                held = found.get(activity.nhs_number)
                found[activity.nhs_number] = min(held, activity, key=lambda a: a.order) if held else activity
    return {nhs_number: (activity,) for nhs_number, activity in found.items()}


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


def _from_hand(spec: ServiceSpec, hands: list[HandEntry], coded: Request | None) -> Iterable[RegisterEntry]:
    for place, hand in enumerate(hands):
        found = coded if place == 0 and coded and not (hand.entered_on and hand.entered_on <= coded.day) else None
        entered = found.day if found else hand.entered_on
        if entered is None:
            continue  # Details kept for someone whose only code was withdrawn since: nothing puts them on.
        yield RegisterEntry(
            nhs_number=hand.nhs_number,
            entered_on=entered,
            ended_on=hand.ended_on,
            end_reason=hand.end_reason,
            rule=spec.register.rule if found else BY_HAND,
            clause=spec.register.clause,
            history=_history(spec, hand),
            evidence=(found.evidence, hand.evidence) if found else (hand.evidence,),
        )


def _history(spec: ServiceSpec, hand: HandEntry) -> History:
    return tuple(
        (start, name, typed_detail(field, text))
        for start, name, text in hand.details
        if (field := spec.register.field(name)) is not None
    )


def _ours(patient: Patient, records: Records) -> bool:
    practice = records.practice.ods_code
    return any(spell.practice == practice and spell.kind != "none" for spell in patient.registrations)


def _as_it_stands(spec: ServiceSpec, records: Records, entry: RegisterEntry) -> RegisterEntry:
    """With its end through death or leaving, its details on the day asked about, and what is missing."""
    patient = records.patient(entry.nhs_number)
    ends = [(entry.ended_on, entry.end_reason)] if entry.ended_on else []
    if patient.died_on and patient.died_on <= records.as_of:
        ends.append((patient.died_on, "died"))
    if left := _left_on(patient, records):
        ends.append((left, "left the practice"))
    ended_on, reason = min(ends, default=(None, ""))
    if ended_on and ended_on < entry.entered_on:
        ended_on = entry.entered_on
    details: dict[str, DetailValue] = {name: value for start, name, value in entry.history if start <= records.as_of}
    missing = tuple(field.name for field in spec.register.details if field.required and field.name not in details)
    return replace(entry, ended_on=ended_on, end_reason=reason, details=tuple(sorted(details.items())), missing=missing)


def _left_on(patient: Patient, records: Records) -> date | None:
    """The day they left for good: None while registered, and None when nobody recorded when."""
    practice = records.practice.ods_code
    if patient.registered_on(records.as_of, practice):
        return None
    past = (s.end for s in patient.registrations if s.practice == practice and s.end and s.end < records.as_of)
    return max(past, default=None)
