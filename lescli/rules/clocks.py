"""Clocks: what must be done within a time of an event, who is still in time, and who is not.

One definition, `[[clock]]` of service.toml, is a recall, a measure and a check of an item. Entries have only a day:

- A clock is met on its last day. In days, weeks, months and working days, the day of the event is not counted.
- Hours are counted from the first minute of the event's day, and an entry counts at the last minute of its own. So 48
  hours from 4 May end with 5 May, and no clock is longer than the document allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..calendar import add_months, add_working_days
from ..model import Activity, Clock, RecallRule, Records, Register, RegisterEntry, ServiceSpec
from .eligibility import is_served
from .windows import after_hours

Entries = Callable[[str], Iterable[Activity]]
"""Takes the name of a code list; returns the entries of it that count."""

MET, LATE, MISSED, RUNNING, STOPPED = "met", "late", "missed", "running", "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One clock of one patient, from `start` to its last day.

    `met_on` is the day on which all was done, and `missing` are the code lists that still have no entry. `stopped_on`
    is the last day on the register of a patient who left before the last day of the clock.
    """

    clock: Clock
    nhs_number: str
    start: date
    last: date
    met_on: date | None = None
    missing: tuple[str, ...] = ()
    stopped_on: date | None = None
    evidence: tuple[str, ...] = ()

    def state(self, as_of: date) -> str:
        """How it stands on a day: met, late (met after its last day), missed, running or stopped."""
        if self.met_on and self.met_on <= self.last:
            return MET
        if self.stopped_on:
            return STOPPED
        return LATE if self.met_on else RUNNING if as_of <= self.last else MISSED

    def ended_on(self, as_of: date) -> date | None:
        """The day on which it ended: that on which it was met, or the day after its last one; None while it runs."""
        if self.met_on and self.met_on <= self.last:
            return self.met_on
        after = self.last + timedelta(days=1)
        return after if not self.stopped_on and after <= as_of else None


def last_day_of(clock: Clock, start: date) -> date:
    """The last day on which a clock that starts on a day is met."""
    if clock.unit == "hours":
        # Only a day that is over by then is surely in time.
        due = date.fromisoformat(after_hours(start.isoformat(), clock.within)[:10])
        return max(start, due - timedelta(days=1))
    return day_after(start, clock.within, clock.unit)


def day_after(day: date, count: int, unit: str) -> date:
    """The day a number of days, working-days, weeks or months after a day."""
    if unit == "working-days":
        return add_working_days(day, count)
    if unit == "months":
        return add_months(day, count)
    return day + timedelta(days=count * (7 if unit == "weeks" else 1))


def runs_of(
    clock: Clock, spec: ServiceSpec, entries: Entries, starts: Iterable[tuple[str, date, str]]
) -> tuple[Run, ...]:
    """Every run of a clock, by patient and day. `starts` are (NHS number, day, evidence); the day decides the time.

    A second event while a clock runs is part of the same run. Once the clock is met or over, an event starts it anew.
    """
    done: dict[str, dict[str, list[Activity]]] = {}
    for name in clock.to:
        for entry in entries(name):
            done.setdefault(entry.nhs_number, {}).setdefault(name, []).append(entry)
    runs: list[Run] = []
    for nhs_number, day, evidence in sorted(set(starts)):
        before = runs[-1] if runs and runs[-1].nhs_number == nhs_number else None
        if before and day <= min(before.last, before.met_on or before.last):
            continue
        held = spec.on(day).clock(clock.name)
        started = Run(clock=held, nhs_number=nhs_number, start=day, last=last_day_of(held, day), evidence=(evidence,))
        runs.append(_settled(started, done.get(nhs_number, {})))
    return tuple(runs)


def _settled(run: Run, done: dict[str, list[Activity]]) -> Run:
    """The run with the first entry on or after its start: of any list or, if the clock needs all, of every list."""
    first: dict[str, Activity] = {}
    for name in run.clock.to:
        since = (one for one in done.get(name, ()) if one.day >= run.start)
        if found := min(since, key=lambda one: one.order, default=None):
            first[name] = found
    missing = tuple(name for name in run.clock.to if name not in first)
    if not first or (run.clock.needs_all and missing):
        partly = (one.evidence for one in first.values())
        return replace(run, missing=missing, evidence=tuple(dict.fromkeys((*run.evidence, *partly))))
    ending = sorted(first.values(), key=lambda one: one.order)
    counted = ending if run.clock.needs_all else ending[:1]
    evidence = tuple(dict.fromkeys((*run.evidence, *(one.evidence for one in counted))))
    return replace(run, met_on=counted[-1].day, evidence=evidence)


def starts_of(
    clock: Clock, entries: Entries, on_register: Iterable[RegisterEntry], as_of: date
) -> Iterator[tuple[str, date, str]]:
    """What starts a clock up to a day: entries of its code lists, and the day of its register detail."""
    for name in clock.from_codelists:
        for one in entries(name):
            yield one.nhs_number, one.day, one.evidence
    if clock.from_detail:
        for entry in on_register:
            day = entry.detail(clock.from_detail)
            if isinstance(day, date) and day <= as_of:
                yield entry.nhs_number, day, entry.evidence[-1]


def runs_on_register(
    clock: Clock, spec: ServiceSpec, records: Records, register: Register, entries: Entries
) -> tuple[Run, ...]:
    """The runs of patients who were on the register, and the practice's, while the clock ran.

    That of a patient who left before its last day is stopped. An event from before the patient came is not counted: it
    was another practice's to answer.
    """
    found = []
    for run in runs_of(clock, spec, entries, starts_of(clock, entries, register.entries, records.as_of)):
        there = _there(run, register)
        patient = records.patient(run.nhs_number)
        if there and any(is_served(spec, records, patient, day) for day in (run.start, run.last)):
            found.append(_on_register(run, there[-1], records.as_of))
    return tuple(found)


def _there(run: Run, register: Register) -> list[RegisterEntry]:
    """The patient's register entries with a day of the run in them, earliest first."""
    last = run.met_on or run.last
    return [
        entry
        for entry in register.of(run.nhs_number)
        if entry.entered_on <= max(last, run.last) and (entry.ended_on is None or entry.ended_on >= run.start)
    ]


def _on_register(run: Run, entry: RegisterEntry, as_of: date) -> Run:
    # An end that is still to come stops nothing yet.
    ended = entry.ended_on is not None and entry.ended_on < run.last and entry.ended_on <= as_of
    return replace(run, stopped_on=entry.ended_on) if ended else run


def rule_of(clock: Clock) -> RecallRule:
    """A clock as a recall, so that it is called, planned, declined and counted like any other."""
    return RecallRule(
        name=clock.name,
        title=clock.title,
        kind="clock",
        clause=clock.clause,
        codelists=clock.from_codelists,
        done_codelists=clock.to,
    )


def told(spec: ServiceSpec, run: Run) -> str:
    """What is still to be done, for a clock that needs several things; empty for one that needs only one."""
    if not run.clock.needs_all or not run.missing:
        return ""
    return f"still to do: {', '.join(spec.codelist(name).title for name in run.missing)}"
