"""Requests for a blood test, and when each was settled: by the first sample on or after it, or when its time ran out.

A request counts in the period in which it was settled. So each counts once, whatever periods are asked for, and none is
called late while there is time. An order counts like a coded request. An answered order without a sample is left out,
because nobody knows when the blood was taken.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lescli.api import (
    Period,
    RecallRule,
    Records,
    Register,
    ServiceSpec,
    counted_from,
    folded,
    is_open,
    requested_by,
    requests_of,
)

RECALL = "open-request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One request that was met on `day`, or whose time ran out on the day before `day`.

    `urgency` is empty when the request has none.
    """

    urgency: str
    clinician: str
    asked_on: date
    day: date
    in_time: bool


def settled_in(spec: ServiceSpec, records: Records, register: Register, period: Period) -> tuple[Settled, ...]:
    """The requests settled in a period. Those with the same patient, day, urgency and person who asked count once.

    Left out are open requests that are still in time, and those whose patient died or left before the time was up.
    """
    rule = spec.recall(RECALL)
    allowed = {folded(value) for value, _ in rule.by_value}
    # Earlier requests were met, or ran out of time, before the period began.
    longest = max(_longest(terms.recall(RECALL), period.start) for _, _, terms in spec.spans())
    first = period.start - longest - timedelta(days=1)
    requests: dict[tuple[str, date, str, str], bool] = {}
    for name in rule.codelists:
        for request in requests_of(records, name, first, period.end):
            urgency = folded(request.value) if folded(request.value) in allowed else ""
            key = (request.nhs_number, request.day, urgency, request.clinician)
            requests[key] = requests.get(key, False) or is_open(request)
    taken = records.days(rule.done_codelists, first)
    found: list[Settled] = []
    for nhs_number, asked_on, urgency, clinician in sorted(requests):
        last = requested_by(spec.on(asked_on).recall(RECALL), asked_on, urgency)
        samples = taken.get(nhs_number, ())
        place = bisect_left(samples, asked_on)
        met = samples[place] if place < len(samples) else None
        in_time = met is not None and met <= last
        if met is None and not requests[nhs_number, asked_on, urgency, clinician]:
            continue
        # An open request waits until its time runs out. It is left out for good if the patient died or left before.
        waiting = met is None and (last >= records.as_of or register.entry(nhs_number, last) is None)
        settled_on = met if met and in_time else last + timedelta(days=1)
        if register.of(nhs_number) and not waiting and settled_on in period:
            found.append(
                Settled(urgency=urgency, clinician=clinician, asked_on=asked_on, day=settled_on, in_time=in_time)
            )
    return tuple(found)


def _longest(rule: RecallRule, day: date) -> timedelta:
    """The longest time a request may take. Months differ in length, so the interval counts both ways from a day."""
    by_interval = max(counted_from(rule, day) - day, day - counted_from(replace(rule, interval=-rule.interval), day))
    return max(by_interval, *(timedelta(days=count) for _, count in rule.by_value))
