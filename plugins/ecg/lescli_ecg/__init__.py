"""Electrocardiograms: the standard rules, plus how long patients waited, and on which days no ECG was done."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from lescli.api import (
    Claim,
    Period,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    Table,
    given_rows,
    hookimpl,
    is_working_day,
    requests_of,
    specification_of,
    standard_report,
)

NOT_YET = "not yet"


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report, with interpretation, working days without an ECG, and days from request to ECG."""
    rows = given_rows(claim, "ecg", period)
    done, read = records.days(["ecg"]), records.days(["interpretation"])
    interpreted = 0
    for row in rows:
        after = next((day for day in done[row.nhs_number] if day > row.day), records.as_of + timedelta(days=1))
        interpreted += any(row.day <= day < after for day in read.get(row.nhs_number, ()))
    used = {row.day for row in rows}
    span = (min(period.end, records.as_of) - period.start).days + 1
    days = [period.start + timedelta(days=count) for count in range(span)]
    without = sum(is_working_day(day) and day not in used for day in days)
    waits: Counter[int | None] = Counter()
    for asked in requests_of(records, "request", period.start, period.end):
        met = (day for day in done.get(asked.nhs_number, ()) if day >= asked.day)
        waits[next(((day - asked.day).days for day in met), None)] += 1
    table = Table(
        id="days-from-request",
        title="Requests of the period by days until the ECG",
        columns=("days", "requests"),
        rows=tuple(
            (NOT_YET if days is None else days, waits[days])
            for days in sorted(waits, key=lambda days: (days is None, days or 0))
        ),
    )
    own = (spec.measure("interpreted").result(interpreted, len(rows)), spec.measure("days-without").result(without))
    return standard_report(spec, records, register, claim, period, recalls).with_own(measures=own, tables=(table,))
