"""Phlebotomy, Lancashire and South Cumbria ICB, from April 2025, reckoned from the slide."""

from __future__ import annotations

from datetime import date

from .days import age_on, in_core_hours
from .reckoning import Found, Item, Row, Service, code_days, entry_rows, set_on
from .record import FOREVER, Entry, Record
from .register import detail, on_day


def own(record: Record, entry: Entry, item: str, as_of: date) -> list[Found]:
    """Points 1, 2, 5 and 10: core hours, ages, and who is on a community nurse's caseload."""
    found: list[Found] = []
    patient = record.patients[entry.nhs]
    age = age_on(patient.born, entry.day)
    if age < 5:
        found.append(("check", "under-5"))
    elif age < 12 and set_on(record, "setting.trained_for_children", entry.day, "no") != "yes":
        found.append(("check", "under-12"))
    if not in_core_hours(entry.day):
        found.append(("check", "outside-core-hours"))
    time = on_day(record, entry.nhs, code_days(record, PHLEBOTOMY, entry.nhs, as_of), entry.day)
    if detail(time, "community_nurse_caseload", entry.day) == "yes" and patient.housebound is not False:
        found.append(("refused", "community-nurse-caseload"))
    return found


PHLEBOTOMY = Service(
    name="phlebotomy",
    start=date(2025, 4, 1),
    end=FOREVER,
    window=None,
    items=(Item("sample", ("snomed:22778000",), None),),
    own=own,
    opened_by=("sample", "request"),
    lists={"request": ()},
)


def reckon(record: Record, month: str, as_of: date) -> list[Row]:
    """The claim of a month, asked on a day."""
    return entry_rows(record, PHLEBOTOMY, month, as_of)
