"""INR control of patients on the register: time in range, results beyond the thresholds, and whom to reassess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from lescli.api import Measure, Period, Records, Register, RegisterEntry, ServiceSpec, Table, on_register

from .indication import has_af
from .inr import Inr, read_all
from .plausible import CODELIST, Results, set_aside
from .poor_control import days_beyond, last_months, of_inrs, planned_interruptions, reasons
from .ranges import number, range_of
from .ttr import TimeInRange, time_in_range

POOR, WELL, NOT_AF, UNKNOWN = "yes", "no", "not-af", "indication-missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How well one patient's INR was controlled.

    `days` is how many days count for the time in range. `counts` has a number for each threshold on INRs.
    """

    nhs_number: str
    percent: Fraction | None
    days: int
    inr_count: int
    counts: tuple[int, ...]
    poor: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Every patient on the register, worst first; `unread` counts INR entries without a number.

    `doubtful` has the implausible results that nobody confirmed.
    """

    found: tuple[Control, ...]
    unread: int
    doubtful: Results


def controls(spec: ServiceSpec, records: Records, register: Register, end: date) -> Controls:
    """INR control of every patient on the register, over the months up to a day."""
    read, unread = read_all(records.activity(CODELIST, first_looked_at(spec, end), end))
    results, doubtful = set_aside(spec, register, read)
    entries = on_register(records, register)
    found = [_control(spec, entry, results.get(entry.nhs_number, []), end) for entry in entries]
    ours = {entry.nhs_number for entry in entries}
    return Controls(
        found=tuple(sorted(found, key=_worst_first)),
        unread=unread,
        doubtful={nhs_number: own for nhs_number, own in doubtful.items() if nhs_number in ours},
    )


def first_looked_at(spec: ServiceSpec, end: date) -> date:
    """The earliest day whose result can matter for INR control on a day."""
    gap, months = number(spec, "ttr_longest_gap_days", end), number(spec, "ttr_months", end)
    start = min(last_months(end, count).start for count in (months, *(one.months for one in of_inrs(spec))))
    return start - timedelta(days=gap)


def _worst_first(one: Control) -> tuple[bool, bool, bool, Fraction, str]:
    return (one.poor != POOR, not one.reasons, one.percent is None, one.percent or Fraction(0), one.nhs_number)


def _control(spec: ServiceSpec, entry: RegisterEntry, inrs: list[Inr], end: date) -> Control:
    span = last_months(end, number(spec, "ttr_months", end))
    time = _time_in_range(spec, entry, inrs, span)
    pauses = planned_interruptions(entry, number(spec, "interruption_days_after", end), end)
    counts = tuple(days_beyond(threshold, inrs, end, pauses) for threshold in of_inrs(spec))
    why = reasons(spec, counts, time.percent)
    af = has_af(spec, entry, end)
    return Control(
        nhs_number=entry.nhs_number,
        percent=time.percent,
        days=time.days,
        inr_count=sum(one.day in span for one in inrs),
        counts=counts,
        poor=UNKNOWN if af is None else NOT_AF if not af else POOR if why else WELL,
        reasons=why,
    )


def _time_in_range(spec: ServiceSpec, entry: RegisterEntry, inrs: list[Inr], span: Period) -> TimeInRange:
    nothing = TimeInRange(days=0, in_range=Fraction(0))
    bounds = range_of(spec, entry, span.end)
    began = entry.detail("started_on") or entry.detail("initiated_on")
    start = span.start
    if isinstance(began, date):
        start = max(start, began + timedelta(days=number(spec, "ttr_first_days", span.end)))
    if bounds is None or start > span.end:
        return nothing
    return time_in_range(
        ((one.day, one.value) for one in inrs),
        *bounds,
        Period(start, span.end),
        longest_gap_days=number(spec, "ttr_longest_gap_days", span.end),
    )


def control_table(spec: ServiceSpec, found: tuple[Control, ...]) -> Table:
    """A table with one row for each patient, worst first."""
    return Table(
        id="inr-control",
        title="INR control: time in therapeutic range and whom to reassess",
        columns=(
            *("nhs_number", "ttr_percent", "days", "inr_count"),
            *(threshold.column for threshold in of_inrs(spec)),
            *("poor_control", "reasons"),
        ),
        rows=tuple(
            (
                one.nhs_number,
                None if one.percent is None else round(float(one.percent), 2),
                one.days,
                one.inr_count,
                *one.counts,
                one.poor,
                "; ".join(one.reasons),
            )
            for one in found
        ),
        names_patients=True,
    )


def control_measure(spec: ServiceSpec, found: tuple[Control, ...]) -> Measure:
    """The share of patients with atrial fibrillation whose INR control is poor."""
    of_af = [one.poor for one in found if one.poor in (POOR, WELL)]
    return spec.measure("poor-control").result(of_af.count(POOR), len(of_af))
