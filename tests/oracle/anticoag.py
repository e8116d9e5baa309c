"""Anticoagulation monitoring, Sheffield CCG, 2020-21, reckoned from the specification."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from .days import days_between, first_of, last_of, months_between
from .reckoning import (
    ACCEPTED,
    Found,
    Item,
    Row,
    Service,
    code_days,
    codes_of,
    entry_rows,
    first_looked_at,
    held,
    in_force,
    not_registered,
    price_on,
    registered,
    set_on,
)
from .record import Entry, Record, alive
from .register import Time, contradicts_itself, detail, on_day, times, times_that_hold

PENCE = {"level-3": 1325, "level-4": 1775}


def own(record: Record, entry: Entry, item: str, as_of: date) -> list[Found]:
    """Schedule 2 C: home visits are for levels 3 and 4."""
    time = on_day(record, entry.nhs, code_days(record, ANTICOAG, entry.nhs, as_of), entry.day)
    level = level_on(record, entry.nhs, time, entry.day)
    if level == "5":
        return [("refused", "home-visit-level")]
    return [] if level else [("check", "level-missing")]


def level_on(record: Record, nhs: str, time: Time | None, day: date) -> str:
    """3.2 d: who tests with a meter of their own is at level 3: so a code or the register says, whichever is newer."""
    told = [one for one in (time.hand.written if time and time.hand else []) if one.name == "self_monitoring"]
    said_no = [one.start for one in told if one.start <= day]
    coded = [
        entry.day
        for entry in record.entries
        if entry.nhs == nhs
        and entry.day <= day
        and entry.code in codes_of(record, ANTICOAG, "self-monitoring", entry.day)
    ]
    own_meter = detail(time, "self_monitoring", day) == "yes" or (coded and (not said_no or max(coded) > max(said_no)))
    return "3" if own_meter else detail(time, "level", day)


ANTICOAG = Service(
    name="anticoag",
    start=date(2020, 4, 1),
    end=date(2021, 3, 31),
    window=None,
    items=(Item("home-visit", ("ctv3:XaQyK", "read2:9K27"), 600, most_a_year=12),),
    own=own,
    opened_by=("monitoring", "self-monitoring", "home-visit"),
    for_the_town=True,
    or_nowhere=True,
    lists={
        "monitoring": ("ctv3:XaMh8", "read2:66QD"),
        "self-monitoring": ("ctv3:XaNbr", "read2:66QE"),
        "inr": ("snomed:165581004", "read2:42QE"),
    },
)


def reckon(record: Record, month: str, as_of: date) -> list[Row]:
    """The claim of a month, asked on a day."""
    return entry_rows(record, ANTICOAG, month, as_of) + patient_months(record, month, as_of)


def patient_months(record: Record, month: str, as_of: date) -> list[Row]:
    """One row for each patient and month in which they are on the register on one day."""
    first = first_looked_at(record, ANTICOAG, month, as_of)
    return [
        row
        for nhs in record.patients
        for name in months_between(first, last_of(month))
        for row in patient_month(record, nhs, name, as_of)
    ]


def patient_month(record: Record, nhs: str, month: str, as_of: date) -> list[Row]:
    """Schedule 3 A: active on one day of the month is active; the level is that of the last active day."""
    record = as_known(record, nhs, as_of)
    codes = code_days(record, ANTICOAG, nhs, as_of)
    days = active_days(record, nhs, month, codes, as_of)
    standing = [one for one in record.standing() if one.item in PENCE and (one.nhs, one.day) == (nhs, first_of(month))]
    if not days:
        # Claimed work stays claimed, whoever left since.
        return [Row(one.item, nhs, one.day, None, frozenset(), [("claimed", "claimed")]) for one in standing]
    found: list[Found] = []
    if contradicts_itself(times(record, nhs, codes)):
        found.append(("check", "register-overlap"))
    claims_from = set_on(record, "setting.claims_from", as_of, None)
    if claims_from and month < claims_from:
        found.append(("claimed", "claimed-elsewhere"))
    for holds, why in (
        (lambda day: in_force(record, ANTICOAG, day), lambda day: ("refused", "no-specification")),
        (lambda day: held(record, day), lambda day: ("refused", "not-signed")),
        (
            lambda day: registered(record, nhs, day) or not_registered(record, ANTICOAG, nhs, day) == ACCEPTED,
            lambda day: not_registered(record, ANTICOAG, nhs, day),
        ),
    ):
        if not any(holds(day) for day in days if day <= as_of):
            found.append(why(days[-1]))
    last = days[-1]
    level = level_on(record, nhs, on_day(record, nhs, codes, last), min(last, as_of))
    item = "level-4" if level == "4" else "level-3"
    if level == "5":
        found.append(("refused", "level-5"))
    elif not level:
        found.append(("check", "level-missing"))
    number = int(set_on(record, "setting.monitored_days", first_of(month), "84") or 0)
    if not monitored(record, nhs, last, number, as_of):
        found.append(("check", "not-monitored"))
    if standing:
        item = standing[0].item
        found.append(("claimed", "claimed"))
    row = Row(item, nhs, first_of(month), None, frozenset(found), found)
    if row.verdict == "payable":
        row.pence = price_on(record, item, row.day, PENCE[item], ANTICOAG.start)
    return [row]


def active_days(record: Record, nhs: str, month: str, codes: list[date], as_of: date) -> list[date]:
    """The days of a month on which a patient was on the register, alive, and not certainly another practice's.

    A time on the register that begins after the day asked on is not known of yet.
    """
    first, last = first_of(month), last_of(month)
    if first > as_of:
        return []
    begun = [one for one in times_that_hold(record, nhs, codes) if one.start <= as_of]
    spans = [one for one in begun if one.start <= last and one.end >= first]
    return [
        day
        for day in (days_between(first, last) if spans else [])
        if alive(record, nhs, day)
        and any(one.covers(day) for one in spans)
        and (registered(record, nhs, day) or not_registered(record, ANTICOAG, nhs, day)[0] != "refused")
    ]


def as_known(record: Record, nhs: str, as_of: date) -> Record:
    """Asked on a day, nobody knows of a death after it."""
    patient = record.patients[nhs]
    if not patient.died or patient.died <= as_of:
        return record
    known = replace(patient, died=None)
    return replace(record, patients={**record.patients, nhs: known})


def monitored(record: Record, nhs: str, last: date, number: int, as_of: date) -> bool:
    """An INR or a monitoring entry in so many days up to a day, that day among them."""
    since = last - timedelta(days=number)
    return any(
        entry.nhs == nhs
        and since <= entry.day <= min(last, as_of)
        and entry.code in codes_of(record, ANTICOAG, name, entry.day)
        for entry in record.entries
        for name in ("monitoring", "inr")
    )
