"""The recall list: who is due, in the order to ring them, and the recalls of one patient explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ...calendar import for_people
from ...model import (
    Activity,
    Declined,
    Patient,
    Recall,
    RecallList,
    RecallRule,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
)
from ...model.quick import quickly_made
from ...outputs import Answer, Column, Event, Grid, Kind, counted
from ...rules.accepted import accepted_activity
from ...rules.clocks import LATE, MET, MISSED, RUNNING, STOPPED, runs_on_register
from ...rules.clocks import told as still_to_do
from ...rules.details import holds, text_of
from ...rules.eligibility import is_served
from ...rules.thresholds import newest_values
from ...rules.unregistered import DECLINED
from ...services import Service
from ...store import Store
from ..choose_services import doubts, register_of
from ..values import as_cells, as_json
from .doubts import mark_of

DEFAULT_WITHIN = timedelta(days=28)
_COLUMNS = (
    Column("service", "Service"),
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("kind", "For"),
    Column("due_on", "Due", Kind.DATE),
    Column("status", "Status"),
    Column("days_overdue", "Days overdue", Kind.COUNT),
    Column("band", "Band"),
    Column("last_done_on", "Last done", Kind.DATE),
    Column("planned_for", "Planned for", Kind.DATE),
    Column("invitations", "Invited", Kind.COUNT),
    Column("doubt", "In doubt"),
    Column("note", "To look at first"),
    Column("clause", "Clause"),
)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRow:
    """One patient due for one thing, with the fields of docs/reference/json.md in their order."""

    service: str
    nhs_number: str
    name: str
    kind: str
    due_on: date
    status: str
    days_overdue: int
    band: str
    last_done_on: date | None
    planned_for: date | None
    invitations: int
    doubt: str
    note: str
    clause: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """How many patients of one service are left out, and why, with the fields of docs/reference/json.md in order."""

    service: str
    reason: str
    patients: int


def recalls_of(store: Store, service: Service, as_of: date) -> tuple[Records, RecallList, tuple[str, ...]]:
    """One service's recall list, the records behind it, and a line for each doubtful register entry."""
    records, register = register_of(store, service, as_of)
    return records, service.recall(records, register), doubts(service.spec, register)


def status_of(recall: Recall, as_of: date, within: timedelta) -> str:
    """`overdue` after the last day, `due` when that day is within the given time of `as_of`, else `upcoming`."""
    if recall.days_overdue(as_of):
        return "overdue"
    return "due" if recall.due_on <= as_of + within else "upcoming"


def left_out_of(service: str, recalls: RecallList) -> tuple[LeftOut, ...]:
    """The number of patients of a service that declined, or nothing when there are none."""
    patients = len({one.nhs_number for one in recalls.declined})
    return (LeftOut(service=service, reason=DECLINED, patients=patients),) if patients else ()


def left_out_lines(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """One line for each service that leaves patients out. It names no patient."""
    return tuple(
        f"{one.service}: left out: {one.patients} {one.reason}; "
        f"`les explain {one.service} --patient NHS` says since when"
        for one in left_out
    )


def recall_rows(
    records: Records, service: str, recalls: RecallList, within: timedelta, doubled: Collection[str] = ()
) -> list[RecallRow]:
    """One service's recalls.

    `doubled` holds NHS numbers that may belong to one person together with another number.
    """
    as_of = records.as_of
    asked = ((one, records.patient(one.nhs_number)) for one in recalls.recalls)
    return [
        RecallRow(
            service=service,
            nhs_number=one.nhs_number,
            name=patient.name,
            kind=one.kind,
            due_on=one.due_on,
            status=status_of(one, as_of, within),
            days_overdue=one.days_overdue(as_of),
            band=one.band,
            last_done_on=one.last_done_on,
            planned_for=one.planned_for,
            invitations=one.invitations,
            doubt=mark_of(patient.doubts, may_be_one=one.nhs_number in doubled),
            note=one.note,
            clause=one.clause,
            evidence=tuple(one.evidence),
        )
        for one, patient in asked
    ]


def recall_answer(
    rows: Sequence[RecallRow],
    as_of: date,
    within: timedelta,
    warnings: Sequence[str],
    left_out: Sequence[LeftOut] = (),
    quarantine: Sequence[dict[str, Any]] = (),
) -> Answer:
    """The recalls of all services in one list, longest overdue first.

    `quarantine` holds each service's rows in quarantine: a patient known only from there is not in the list.
    """
    ordered = sorted(rows, key=lambda row: (-row.days_overdue, row.due_on, row.service, row.nhs_number, row.kind))
    counts = {status: sum(row.status == status for row in ordered) for status in ("overdue", "due", "upcoming")}
    data: dict[str, Any] = {
        "schema": "les-recall/1",
        "as_of": as_of.isoformat(),
        "within_days": within.days,
        "recalls": [as_json(row) for row in ordered],
        "left_out": [as_json(one) for one in left_out],
    }
    if quarantine:
        data["quarantine"] = list(quarantine)
    return Answer(
        data=data,
        title=f"Recall on {for_people(as_of)}: " + ", ".join(f"{count} {status}" for status, count in counts.items()),
        grids=(
            Grid(
                title="",
                columns=_COLUMNS,
                rows=as_cells(ordered, _COLUMNS),
                empty="nobody is due",
            ),
        ),
        notes=(*warnings, *left_out_lines(left_out)),
        identifiable=True,
        events=_events(ordered, as_of),
    )


def _events(rows: Sequence[RecallRow], as_of: date) -> tuple[Event, ...]:
    """One calendar event for each day and service, with a count and no names, and none on a past day.

    A patient who is planned for a day to come is counted there. Who is overdue is counted on the day asked.
    """
    days: Counter[tuple[date, str, str]] = Counter()
    for row in rows:
        if row.planned_for and row.planned_for >= as_of:
            days[row.planned_for, row.service, "clinic"] += 1
        else:
            days[max(row.due_on, as_of), row.service, "overdue" if row.due_on < as_of else "recall"] += 1
    told = {"clinic": "planned", "overdue": "overdue for recall", "recall": "due for recall"}
    return tuple(
        Event(uid=f"{kind}-{service}-{day}", day=day, title=f"{service}: {count} {told[kind]}")
        for (day, service, kind), count in sorted(days.items())
    )


_NOTHING_OPEN = {
    "every": "none: the service's own rules leave the patient out",
    "after": "none: nothing to count from is recorded, or it was done since",
    "on": "none: the register names no day, or it was done since",
    "open-request": "none: no request is open",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer: the rule, what it says, its clause and its evidence."""

    rule: str
    answer: str
    clause: str = ""
    evidence: tuple[str, ...] = ()


def recall_said(
    spec: ServiceSpec,
    records: Records,
    patient: Patient,
    entries: Sequence[RegisterEntry],
    recalls: Sequence[RecallRow],
    declined: Sequence[Declined],
) -> Iterator[Said]:
    """One answer for each recall of the service: due, declined, or not due with the reason."""
    yield from (line for recall in recalls for line in _due(recall))
    for one in declined:
        yield Said(rule=f"recall: {one.kind}", answer=declined_text(one, spec.name), clause=one.clause)
    if not entries:
        return
    if why := _nobody_to_call(spec, records, patient, entries):
        # A plugin's own rule may recall a patient whom the standard rules would not; give no reason against it then.
        if not recalls:
            yield Said(rule="recall", answer=f"none: {why}")
        return
    told = {recall.kind for recall in recalls} | {one.kind for one in declined}
    yield from _not_asked_for(spec, records, entries, told)


_STATES = {
    MET: "met on {met}, in time: its last day was {last}",
    LATE: "met late, on {met}: its last day was {last}",
    MISSED: "not met: its last day was {last}",
    RUNNING: "running: its last day is {last}",
    STOPPED: "stopped: the patient's time on the register ended on {stopped}, before its last day, {last}",
}


def clocks_said(spec: ServiceSpec, records: Records, register: Register, nhs_number: str) -> Iterator[Said]:
    """One answer for each time that a clock of the specification ran for a patient, and for each newest value."""

    def accepted(name: str) -> tuple[Activity, ...]:
        return accepted_activity(spec, records, (name,))

    for clock in spec.clocks:
        for run in runs_on_register(clock, spec, records, register, accepted):
            if run.nhs_number != nhs_number:
                continue
            days = {"met": run.met_on, "last": run.last, "stopped": run.stopped_on}
            shown = {name: for_people(day) for name, day in days.items() if day}
            answer = _STATES[run.state(records.as_of)].format(**shown)
            rest = still_to_do(spec, run)
            yield Said(
                rule=f"clock: {clock.name} from {for_people(run.start)}",
                answer=f"{answer}; {rest}" if rest else answer,
                clause=clock.clause,
                evidence=run.evidence,
            )
    for threshold in spec.thresholds:
        current = [entry for entry in register.of(nhs_number) if _current(entry, records.as_of)]
        for one in newest_values(threshold, spec, records, current):
            yield Said(
                rule=f"threshold: {threshold.name}",
                answer=f"{for_people(one.value.day)}: {one.words}",
                clause=threshold.clause,
                evidence=(one.value.evidence,),
            )


def declined_text(one: Declined, service: str) -> str:
    """The day a patient declined, when the recall would be due, and how to recall them again."""
    since = f"left out: declined on {for_people(one.declined_on)}"
    due = f"would be due {for_people(one.due_on)}"
    if one.again_on:
        return f"{since}, asked again from {for_people(one.again_on)}; {due}"
    again = f"`les invite {service} NHS --on DATE --by MEANS --outcome declined --until DATE`"
    return f"{since}, until they attend again; {due}; to ask again from a day: {again}"


def _due(recall: RecallRow) -> Iterator[Said]:
    late = f", {counted(recall.days_overdue, 'day')} overdue" if recall.days_overdue else ""
    band = f" ({recall.band})" if recall.band else ""
    ahead = f", planned for {for_people(recall.planned_for)}" if recall.planned_for else ""
    yield Said(
        rule=f"recall: {recall.kind}",
        answer=f"{recall.status}, due {for_people(recall.due_on)}{late}{band}{ahead}",
        clause=recall.clause,
        evidence=recall.evidence,
    )
    if recall.note:
        last = recall.evidence[-1:]
        yield Said(rule="to look at first", answer=recall.note, clause=recall.clause, evidence=last)
    if recall.doubt:
        yield Said(rule="in doubt", answer=recall.doubt, clause=recall.clause)


def _nobody_to_call(
    spec: ServiceSpec, records: Records, patient: Patient, entries: Sequence[RegisterEntry]
) -> str | None:
    """Why a patient gets no recall of any kind, or None when they can be recalled."""
    if not patient.can_be_called_on(records.as_of):
        return "the record says the patient died"
    if not is_served(spec, records, patient, records.as_of):
        return "the patient is not registered here as the service asks"
    if not any(_current(entry, records.as_of) for entry in entries):
        last = max((entry.ended_on for entry in entries if entry.ended_on), default=None)
        return f"the register entry ended on {for_people(last)}" if last else "no register entry covers the day"
    return None


def _current(entry: RegisterEntry, as_of: date) -> bool:
    return entry.covers(as_of) and not (entry.ended_on and entry.ended_on <= as_of)


def _not_asked_for(
    spec: ServiceSpec, records: Records, entries: Sequence[RegisterEntry], told: Collection[str]
) -> Iterator[Said]:
    entry = next(one for one in entries if _current(one, records.as_of))
    for rule in spec.recalls:
        if rule.name not in told:
            answer = _condition(rule, entry, records.as_of) or _NOTHING_OPEN[rule.kind]
            yield Said(rule=f"recall: {rule.name}", answer=answer, clause=rule.clause)


def _condition(rule: RecallRule, entry: RegisterEntry, as_of: date) -> str | None:
    """The register detail that switches this recall off, or None when no detail does."""
    until = entry.detail(rule.until_detail) if rule.until_detail else None
    if isinstance(until, date) and as_of >= until:
        return f"none: {rule.until_detail} in the register is {for_people(until)}"
    for name, want in rule.only_if:
        value = entry.detail(name)
        if not holds(value, want):
            held = "not recorded" if value is None else text_of(value)
            return f"none: {name} in the register is {held}"
    return None
