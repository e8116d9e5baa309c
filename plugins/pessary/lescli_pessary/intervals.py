"""Pessaries that stayed in for longer than 6 months (point 5 of the slide): how many, and whose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from lescli.api import Measure, Period, Records, Register, ServiceSpec, Table, counted_from

from .self_managing import manages_herself
from .wearing import Wearing

NAME = "interval-over-6-months"


def long_intervals(
    spec: ServiceSpec,
    records: Records,
    register: Register,
    wearings: Mapping[str, tuple[Wearing, ...]],
    period: Period,
) -> tuple[Measure, Table]:
    """The number of intervals that were too long on some day of the period, and a table of the patients, longest first.

    The last day in time is that of the measure's recall rule, even if the patient has a shorter interval of her own. An
    interval is left out if the patient manages the pessary herself when it ends, or on the last day looked at.
    """
    rule = spec.recall(spec.measure(NAME).of)
    until = min(records.as_of, period.end)
    found: list[tuple[str, str, str, str, int]] = []
    for nhs_number, worn in wearings.items():
        entry = register.of(nhs_number)[-1]
        for start, end in (interval for one in worn for interval in _intervals(one)):
            last, stop = counted_from(spec.on(start).recall(rule.name), start), min(end or until, until)
            if stop > last and stop >= period.start and not manages_herself(entry, stop):
                ended = end.isoformat() if end and end <= until else ""
                found.append((nhs_number, start.isoformat(), ended, last.isoformat(), (stop - last).days))
    found.sort(key=lambda row: (-row[4], row[0], row[1]))
    table = Table(
        id=NAME,
        title=rule.title,
        columns=("nhs_number", "from", "to", "last_day", "days_over"),
        rows=tuple(found),
        names_patients=True,
    )
    return spec.measure(NAME).result(len(found)), table


def _intervals(worn: Wearing) -> Iterator[tuple[date, date | None]]:
    """From each day a pessary was put in to the next such day, or to its removal; None while it is still in."""
    yield from pairwise(worn.placed)
    yield worn.placed[-1], worn.removed_on
