"""The share of first fittings that were followed up 4 to 6 weeks later (point 3 of the slide).

A fitting counts in the period in which it was settled: on the day of its follow-up, or on the day after the time ran
out. So each counts once, whatever periods are asked for, and none is called late while there is still time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from lescli.api import Measure, Period, RecallRule, Records, Register, ServiceSpec, counted_from, last_day

from .wearing import Wearing

NAME = "follow-up-4-6-weeks"


def followed_up(
    spec: ServiceSpec,
    records: Records,
    register: Register,
    wearings: Mapping[str, tuple[Wearing, ...]],
    period: Period,
) -> Measure:
    """The share of first fittings settled in the period with an attendance in the time for follow-up.

    A fitting is left out if the patient was not seen in that time and, before it was up, left or had the pessary
    removed.
    """
    rule = spec.recall(spec.measure(NAME).of)
    seen = records.days(rule.done_codelists)
    settled = [
        met
        for nhs_number, worn in wearings.items()
        for day, met in _settled(spec, worn, rule, seen.get(nhs_number, ()), records.as_of)
        if day in period
    ]
    return spec.measure(NAME).result(sum(settled), len(settled))


def _settled(
    spec: ServiceSpec, worn: Iterable[Wearing], rule: RecallRule, seen: Sequence[date], as_of: date
) -> Iterator[tuple[date, bool]]:
    """For each first fitting, the day on which its follow-up was settled, and whether it was in time."""
    for one in worn:
        if one.fitted_on is None:
            continue
        held = spec.on(one.fitted_on).recall(rule.name)
        first = counted_from(held, one.fitted_on)
        last = last_day(held, one.fitted_on) or first
        in_time = min((day for day in seen if first <= day <= last), default=None)
        if in_time:
            yield in_time, True
        elif last < as_of and not (one.removed_on and one.removed_on <= last):
            yield last + timedelta(days=1), False
