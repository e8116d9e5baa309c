"""The measures that service.toml asks for: counts and shares, each from its cases, and split by what it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ..calendar import Month, Period, add_months, age_on
from ..model import (
    Activity,
    Claim,
    Clock,
    Measure,
    MeasureSpec,
    Recall,
    RecallList,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
    Table,
    names_in,
)
from .accepted import accepted_activity, given_rows, newest_of
from .clocks import MET, Run, runs_of, runs_on_register, starts_of
from .details import holds, text_of
from .eligibility import is_served
from .limits import limits_on, value_of
from .on_time import times_done
from .thresholds import newest_values

NETWORKS = "networks"
"""The list setting with the practices of each primary care network, as in `Y00001 North`."""
_TEN_YEARS = tuple(range(10, 100, 10))
_NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a measure may look at."""

    spec: ServiceSpec
    records: Records
    register: Register
    claim: Claim
    period: Period
    recalls: RecallList


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that a measure looks at; `counts` when it is in the numerator, None when nobody can tell."""

    nhs_number: str
    day: date
    counts: bool | None = True
    place: str = ""


def on_register(records: Records, register: Register) -> tuple[RegisterEntry, ...]:
    """The register entries that cover the day asked about."""
    return tuple(entry for entry in register.entries if entry.covers(records.as_of))


def late_recalls(asked: Asked, kind: str) -> list[Recall]:
    """The recalls of a kind that are overdue."""
    day = asked.records.as_of
    return [one for one in asked.recalls.recalls if one.kind == kind and one.days_overdue(day) > 0]


def measured(asked: Asked) -> tuple[list[Measure], list[Table], list[str]]:
    """Every measure of the specification but the plugin's own, with its tables and a note on what it cannot tell."""
    measures, tables, notes = [], [], []
    for measure in asked.spec.measures:
        if measure.kind not in KINDS:
            continue
        every = KINDS[measure.kind](measure, asked)
        cases = [case for case in every if case.counts is not None]
        counting = sum(case.counts is True for case in cases)
        measures.append(measure.result(counting, len(cases) if measure.kind in _SHARES else None))
        if measure.by:
            tables.append(_split(measure, asked, cases))
        if measure.kind in _NAMED:
            tables.append(_patients(measure, cases))
        if unclear := len(every) - len(cases):
            notes.append(f"{measure.title}: not counted, because the newest value cannot be compared: {unclear}")
    return measures, tables, notes


def _patients(measure: MeasureSpec, cases: Iterable[Case]) -> Table:
    rows = sorted((case.nhs_number, case.day.isoformat(), "yes" if case.counts else "no") for case in cases)
    return Table(
        id=f"{measure.id}-patients",
        title=f"{measure.title}: patients",
        columns=("nhs_number", "on", "counted"),
        rows=tuple(rows),
        names_patients=True,
    )


def _split(measure: MeasureSpec, asked: Asked, cases: Iterable[Case]) -> Table:
    """The measure for each value of what it is split by."""
    key = _GROUPS[measure.by.partition(":")[0]](measure, asked)
    groups: dict[tuple[int, str], list[Case]] = {}
    for case in cases:
        groups.setdefault(key(case), []).append(case)
    share = measure.kind in _SHARES
    rows: list[tuple[str | int | float | None, ...]] = []
    for (_, name), held in sorted(groups.items()):
        counting = sum(case.counts is True for case in held)
        rows.append(
            (name, counting, len(held), measure.result(counting, len(held)).value) if share else (name, counting)
        )
    split_by = measure.by.rpartition(":")[2]
    return Table(
        id=f"{measure.id}-by-{split_by}",
        title=f"{measure.title}, by {split_by.replace('_', ' ')}",
        columns=(split_by, "counted", "of", "percent") if share else (split_by, "count"),
        rows=tuple(rows),
    )


_Key = Callable[[Case], tuple[int, str]]
"""Takes a case; returns the place and the name of its group."""


def _by_detail(measure: MeasureSpec, asked: Asked) -> _Key:
    name = measure.by.partition(":")[2]
    field = asked.spec.register.field(name)
    order = list(field.choices) if field else []

    def key(case: Case) -> tuple[int, str]:
        entry = asked.register.entry(case.nhs_number, case.day)
        value = entry.detail_on(name, case.day) if entry else None
        if value is None:
            return len(order) + 1, _NOT_RECORDED
        text = text_of(value)
        return (order.index(text) if text in order else len(order)), text

    return key


def _by_age(measure: MeasureSpec, asked: Asked) -> _Key:
    starts = measure.bands or _TEN_YEARS

    def key(case: Case) -> tuple[int, str]:
        if not case.nhs_number:
            return len(starts) + 1, _NOT_RECORDED
        age = age_on(asked.records.patient(case.nhs_number).date_of_birth, case.day)
        place = sum(age >= start for start in starts)
        first = starts[place - 1] if place else 0
        return place, f"{first} to {starts[place] - 1}" if place < len(starts) else f"{first} and over"

    return key


def _by_sex(measure: MeasureSpec, asked: Asked) -> _Key:
    return lambda case: (0, asked.records.patient(case.nhs_number).sex) if case.nhs_number else (1, _NOT_RECORDED)


def _by_month(measure: MeasureSpec, asked: Asked) -> _Key:
    return lambda case: (0, str(Month.of(case.day)))


def _by_place(measure: MeasureSpec, asked: Asked) -> _Key:
    """Where the work was done: the ODS code of the entry, else the practice."""
    return lambda case: (0, case.place or asked.records.practice.ods_code)


def _by_network(measure: MeasureSpec, asked: Asked) -> _Key:
    """The primary care network of the practice that the patient is registered with, by the setting."""
    given = asked.spec.setting(NETWORKS, asked.records.as_of)
    lines = (line.strip().partition(" ") for line in given) if isinstance(given, tuple) else ()
    networks = {ods.upper(): name.strip() for ods, _, name in lines}

    def key(case: Case) -> tuple[int, str]:
        here = asked.records.practice.ods_code
        spells = asked.records.patient(case.nhs_number).registrations if case.nhs_number else ()
        held = [one.practice for one in spells if one.kind != "none" and one.covers(case.day)]
        practice = here if here in held or not case.nhs_number else held[0] if held else ""
        return (0, networks[practice]) if practice in networks else (1, "no network recorded")

    return key


_GROUPS: dict[str, Callable[[MeasureSpec, Asked], _Key]] = {
    "detail": _by_detail,
    "age": _by_age,
    "sex": _by_sex,
    "month": _by_month,
    "place": _by_place,
    "network": _by_network,
}


def _items(measure: MeasureSpec, asked: Asked) -> list[Case]:
    rows = given_rows(asked.claim, measure.of, asked.period)
    places: dict[int, str] = {}
    if measure.by == "place":
        item = asked.spec.item(measure.of)
        entries = (one for name in item.codelists for one in asked.records.activity(name))
        places = {one.id: one.done_at for one in entries}
    return [Case(nhs_number=row.nhs_number, day=row.day, place=places.get(row.entry_id or 0, "")) for row in rows]


def _register_size(measure: MeasureSpec, asked: Asked) -> list[Case]:
    return [Case(nhs_number=one.nhs_number, day=asked.records.as_of) for one in _current(asked, measure)]


def _overdue(measure: MeasureSpec, asked: Asked) -> list[Case]:
    return [Case(nhs_number=one.nhs_number, day=asked.records.as_of) for one in late_recalls(asked, measure.of)]


def _on_time(measure: MeasureSpec, asked: Asked) -> list[Case]:
    done = times_done(asked.spec, asked.records, asked.register, asked.claim, asked.period, measure.of)
    return [Case(nhs_number=one.nhs_number, day=one.day, counts=one.in_time) for one in done]


def _incidents(measure: MeasureSpec, asked: Asked) -> list[Case]:
    kinds = names_in(measure.of) or None
    days = ((one, date.fromisoformat(one.on[:10])) for one in asked.records.incidents())
    happened = [(one, day) for one, day in days if day in asked.period]
    return [
        Case(nhs_number=one.nhs_number or "", day=day) for one, day in happened if kinds is None or one.kind in kinds
    ]


def _count(measure: MeasureSpec, asked: Asked) -> list[Case]:
    """The entries of some code lists in the period, of the practice's own patients."""
    found = {one.id: one for one in accepted_activity(asked.spec, asked.records, measure.codelists)}
    return [
        Case(nhs_number=one.nhs_number, day=one.day, place=one.done_at)
        for one in sorted(found.values(), key=lambda one: one.order)
        if one.day in asked.period
        and is_served(asked.spec, asked.records, asked.records.patient(one.nhs_number), one.day)
    ]


def _current(asked: Asked, measure: MeasureSpec) -> Iterator[RegisterEntry]:
    """The patients on the register whose details are as `only_if` asks."""
    for entry in on_register(asked.records, asked.register):
        if all(holds(entry.detail(name), want) for name, want in measure.only_if):
            yield entry


def _is_recent(measure: MeasureSpec, asked: Asked, day: date) -> bool:
    """Whether a day is in the last months that the measure looks at; the day on which they are over is."""
    return measure.months is None or add_months(day, measure.months) >= asked.records.as_of


def _share(measure: MeasureSpec, asked: Asked) -> list[Case]:
    """The patients on the register with a recent entry of some code lists, or with a register detail."""
    newest = newest_of(asked.spec, asked.records, measure.codelists).done

    def counts(entry: RegisterEntry) -> bool:
        if measure.detail:
            value = entry.detail(measure.detail)
            since = max((start for start, name, _ in entry.history if name == measure.detail), default=date.min)
            wanted = value is not None and (not measure.value or holds(value, measure.value))
            return wanted and _is_recent(measure, asked, since)
        one = newest.get(entry.nhs_number)
        return one is not None and _is_recent(measure, asked, one.day)

    day = asked.records.as_of
    return [Case(nhs_number=one.nhs_number, day=day, counts=counts(one)) for one in _current(asked, measure)]


def _latest_value(measure: MeasureSpec, asked: Asked) -> list[Case]:
    """The patients on the register with a recent value, and whether it is above or below the number."""
    newest = newest_of(asked.spec, asked.records, measure.codelists).done

    def counts(entry: RegisterEntry, one: Activity) -> bool | None:
        read = value_of(one, measure.value_unit)
        limits = limits_on(measure.limits, asked.spec, entry, asked.records.as_of)
        return limits.holds(read) if read else None

    return [
        Case(nhs_number=entry.nhs_number, day=asked.records.as_of, counts=counts(entry, one))
        for entry in _current(asked, measure)
        if (one := newest.get(entry.nhs_number)) and _is_recent(measure, asked, one.day)
    ]


def _threshold(measure: MeasureSpec, asked: Asked) -> list[Case]:
    threshold = asked.spec.threshold(measure.of)
    found = newest_values(threshold, asked.spec, asked.records, on_register(asked.records, asked.register))
    return [Case(nhs_number=one.entry.nhs_number, day=asked.records.as_of, counts=one.beyond) for one in found]


def every_run(clock: Clock, spec: ServiceSpec, records: Records) -> tuple[Run, ...]:
    """Every run of a clock that an entry starts, of patients of any practice, whether on the register or not.

    A patient who died before its last day, and was not seen, is left out.
    """

    def accepted(name: str) -> tuple[Activity, ...]:
        return accepted_activity(spec, records, (name,))

    runs = runs_of(clock, spec, accepted, starts_of(clock, accepted, (), records.as_of))
    return tuple(
        run for run in runs if run.met_on or records.patient(run.nhs_number).alive_on(min(run.last, records.as_of))
    )


def _clock_met(measure: MeasureSpec, asked: Asked) -> list[Case]:
    """The clocks that ended in the period, each on one day only."""
    as_of = asked.records.as_of

    def accepted(name: str) -> tuple[Activity, ...]:
        return accepted_activity(asked.spec, asked.records, (name,))

    runs = runs_on_register(asked.spec.clock(measure.of), asked.spec, asked.records, asked.register, accepted)
    ended = ((run, run.ended_on(as_of)) for run in runs)
    return [
        Case(nhs_number=run.nhs_number, day=day, counts=run.state(as_of) == MET)
        for run, day in ended
        if day is not None and day in asked.period
    ]


_SHARES = ("on-time", "share", "clock-met", "latest-value", "threshold")
_NAMED = ("count", "share", "clock-met", "latest-value", "threshold")
"""Measures that name their patients in a table of their own, shown only when the person asks for rows."""
KINDS: dict[str, Callable[[MeasureSpec, Asked], list[Case]]] = {
    "items": _items,
    "register-size": _register_size,
    "on-time": _on_time,
    "overdue": _overdue,
    "incidents": _incidents,
    "count": _count,
    "share": _share,
    "clock-met": _clock_met,
    "latest-value": _latest_value,
    "threshold": _threshold,
}
