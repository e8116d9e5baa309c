"""Denosumab injections, Lancashire and South Cumbria ICB, 2026-27, reckoned from the specification."""

from __future__ import annotations

from datetime import date

from .reckoning import Found, Item, Row, Service, entry_rows, listed_on, plain
from .record import Entry, Record

ACCEPTED = ("face to face", "home visit", "enterprise")
EXCEPTED = ("non face to face", "not face to face")


def own(record: Record, entry: Entry, item: str, as_of: date) -> list[Found]:
    """2.1.1: the first dose is the hospital's. Appendix 1: only some consultation types count."""
    found: list[Found] = []
    if entry.day == first_dose(record, entry.nhs, as_of):
        found.append(("refused", "first-dose"))
    accepted = listed_on(record, "setting.accepted_consultation_types", entry.day, ACCEPTED)
    excepted = listed_on(record, "setting.excepted_consultation_types", entry.day, EXCEPTED)
    told = plain(entry.type)
    counts = any(plain(one) in told for one in accepted) and not any(plain(one) in told for one in excepted)
    if not counts:
        found.append(("check", "consultation-type"))
    return found


def first_dose(record: Record, nhs: str, as_of: date) -> date | None:
    """The day that the register names as that of the first dose: what was said of it last, as far as it is known."""
    told = [
        one
        for time in record.register
        if time.nhs == nhs
        for one in time.written
        if one.name == "first_dose_on" and one.start <= as_of
    ]
    return date.fromisoformat(max(told, key=lambda one: one.start).value) if told else None


DENOSUMAB = Service(
    name="denosumab",
    start=date(2026, 4, 1),
    end=date(2027, 3, 31),
    window=3,
    items=(Item("injection", ("snomed:700139004",), 2000),),
    own=own,
    opened_by=("injection",),
)


def reckon(record: Record, month: str, as_of: date) -> list[Row]:
    """The claim of a month, asked on a day."""
    return entry_rows(record, DENOSUMAB, month, as_of)
