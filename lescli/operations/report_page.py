"""A report as a page for people: sentences first, then the year's trend, the money, and every table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ..calendar import Month, Period, for_people
from ..model import Claim, ServiceSpec, Verdict
from ..outputs import Answer, Chart, Column, Grid, Kind, Section, Series, counted, pounds
from ..store.ledger.read import LedgerClaim
from .small_numbers import HIDDEN

_DONE = (Verdict.PAYABLE, Verdict.CLAIMED)


def page_sections(
    spec: ServiceSpec,
    measures: Sequence[dict[str, Any]],
    grids: Sequence[Grid],
    *,
    trend: tuple[Section, ...] = (),
    prefix: str = "",
) -> tuple[Section, ...]:
    """What the commissioner asks first, then how the year goes, then each table under its own heading."""
    asked = Section(
        heading=f"{prefix}What the commissioner asks",
        text=tuple(sentence_of(one) for one in measures) or ("The specification asks for no measures.",),
        grid=grids[0] if measures else None,
    )
    tables = (Section(heading=f"{prefix}{grid.title}", grid=_untitled(grid)) for grid in grids[1:])
    return (asked, *trend, *tables)


def _untitled(grid: Grid) -> Grid:
    return Grid(title="", columns=grid.columns, rows=grid.rows, empty=grid.empty)


def sentence_of(measure: dict[str, Any]) -> str:
    """A measure in plain words: `On time: 12 of 13, which is 92.31 %.`"""
    title, part, whole = measure["title"], measure["numerator"], measure["denominator"]
    if part is None:
        return f"{title}: {HIDDEN}, a small number is hidden."
    if whole is None:
        # A unit is in the plural, so one of it is said without: no rule makes every English word singular.
        unit = "" if part == 1 else measure["unit"]
        return f"{title}: {part:,} {unit}." if unit and unit not in ("percent", "count") else f"{title}: {part:,}."
    if not whole:
        return f"{title}: nothing to count it of."
    return f"{title}: {part:,} of {whole:,}, which is {measure['value']:g} %."


def trend_sections(
    spec: ServiceSpec, claim: Claim, submitted: Sequence[LedgerClaim], period: Period, as_of: date, prefix: str = ""
) -> tuple[Section, ...]:
    """The contract year by month: work that is paid or payable, where it leads, and the money claimed and paid."""
    year = spec.contract_year(period.start)
    last = min(as_of, period.end)
    months = list(Period(year.start, last).months()) if last >= year.start else []
    counts = Counter(Month.of(row.day) for row in claim.rows if row.verdict in _DONE and year.start <= row.day <= last)
    if not months or not counts:
        return (
            Section(heading=f"{prefix}The year so far", text=("No work of this contract year is paid or payable.",)),
        )
    values = tuple(float(counts[month]) for month in months)
    labels = tuple(month.short for month in months)
    done = Chart(
        shape="bars",
        title=f"{spec.title}: activities by month",
        description=f"Activities that are paid or payable, by month, from {labels[0]} to {labels[-1]}.",
        labels=labels,
        series=(Series(name="Activities", values=values),),
    )
    found = [
        Section(
            heading=f"{prefix}The year so far",
            text=tuple(_told(counts, year, last)),
            chart=done,
            grid=_beneath(done, Kind.COUNT),
        )
    ]
    names = {str(month) for month in months}
    own = [one for one in submitted if one.service == spec.name and one.month in names and not one.withdrawn_on]
    found += (
        Section(
            heading=f"{prefix}Claimed and paid", text=(_money_told(own),), chart=chart, grid=_beneath(chart, Kind.PENCE)
        )
        for chart in _money(spec, own, months, labels)
    )
    return tuple(found)


def _beneath(chart: Chart, kind: Kind) -> Grid:
    """The numbers of a chart as a table."""
    columns = (Column("month", "Month"), *(Column(one.name.casefold(), one.name, kind) for one in chart.series))
    values = ((None if value is None else int(value) for value in one.values) for one in chart.series)
    return Grid(title="", columns=columns, rows=tuple(zip(chart.labels, *values, strict=True)))


def _told(counts: Counter[Month], year: Period, last: date) -> Iterator[str]:
    total = counts.total()
    days, whole = (last - year.start).days + 1, (year.end - year.start).days + 1
    yield f"{counted(total, 'activity', 'activities')} from {for_people(year.start)} to {for_people(last)}."
    if days < whole:
        yield (
            f"If the year goes on at this pace, it ends at about {round(total * whole / days):,}: "
            f"{total:,} in {counted(days, 'day')} of {whole}, scaled to the whole year."
        )


def _money(
    spec: ServiceSpec, submitted: Sequence[LedgerClaim], months: Sequence[Month], labels: tuple[str, ...]
) -> Iterator[Chart]:
    names = [str(month) for month in months]
    own = {one.month: one for one in submitted}
    if spec.every != "month" or not any(name in own for name in names):
        return
    claimed = tuple(float(own[n].total_pence - own[n].reversed_pence) if n in own else None for n in names)
    paid = tuple(float(own[n].paid_pence) if n in own else None for n in names)
    yield Chart(
        shape="bars",
        title=f"{spec.title}: claimed and paid",
        description="Pounds claimed and paid, by month claimed; a month without a bar is not submitted.",
        labels=labels,
        series=(Series(name="Claimed", values=claimed), Series(name="Paid", values=paid)),
        unit=Kind.PENCE,
    )


def _money_told(own: Sequence[LedgerClaim]) -> str:
    """The sums of the months that the chart shows, and of no other year."""
    claimed = sum(one.total_pence - one.reversed_pence for one in own)
    paid = sum(one.paid_pence for one in own)
    owed = sum(max(0, one.owed_pence) for one in own)
    return f"Claimed {pounds(claimed)}, paid {pounds(paid)}, owed {pounds(owed)}."


def one_page(answers: Sequence[Answer], title: str, notes: Sequence[str]) -> Answer:
    """The reports of several services as one answer: an array in JSON, one page for people."""
    return Answer(
        data=[one.data for one in answers],
        title=title,
        grids=tuple(grid for one in answers for grid in one.grids),
        notes=tuple(dict.fromkeys((*notes, *(note for one in answers for note in one.notes)))),
        identifiable=any(one.identifiable for one in answers),
        patients=sum(one.patients_shown for one in answers),
        sections=tuple(section for one in answers for section in one.sections),
    )
