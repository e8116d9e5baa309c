"""The standard recall: when each patient on the register is due, how late they are, and in which order to ring them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from ..calendar import for_people
from ..model import (
    Activity,
    Declined,
    Invitation,
    Planned,
    Recall,
    RecallList,
    RecallRule,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
)
from .accepted import Believed, accepted_activity, is_open, newest_of, plan_for, plans_of, requests_of, told
from .clocks import Run, day_after, runs_on_register
from .clocks import rule_of as clock_rule
from .clocks import told as still_to_do
from .details import folded, holds
from .eligibility import is_served
from .register_doubts import is_no_first
from .thresholds import newest_values
from .thresholds import rule_of as threshold_rule
from .unregistered import declined_by

Settled = Mapping[str, Activity]
"""Each patient's newest entry that settles a recall, by NHS number."""
_INTERVALS = range(1, 1201)
"""Intervals that are believed; a larger one could run beyond the calendar."""


def standard_recall(
    spec: ServiceSpec, records: Records, register: Register, *, believed: Believed | None = None
) -> RecallList:
    """Everyone alive, registered and on the register who is or will be due, longest overdue first.

    A patient who declined is listed under `declined` instead, until the day they set or, if they set none, until they
    attend again. An entry whose consultation type the claim does not accept does not settle a recall; the recall's note
    names it. An entry that the service does not believe does not settle one either, so an impossible result does not
    put off the next test; the service itself reports it.
    """
    contacts: dict[str, list[Invitation]] = {}
    for invitation in records.invitations():
        contacts.setdefault(invitation.nhs_number, []).append(invitation)
    as_of = records.as_of
    current = [entry for entry in register.entries if _can_be_called(spec, entry, records)]
    recalls: list[Recall] = []
    left_out: list[Declined] = []
    for rule in recall_rules(spec):
        plans = plans_of(rule, records)
        settling = rule.codelists if rule.kind == "every" else rule.done_codelists
        newest = newest_of(spec, records, settling, believed)
        not_accepted = newest.not_accepted
        concerned = [entry for entry in current if _applies(rule, entry, as_of)]
        for recall in _EVERY_KIND[rule.kind](rule, spec, records, concerned, newest.done):
            begun = max(recall.last_done_on or date.min, recall.counted_from or date.min)
            since = [c for c in contacts.get(recall.nhs_number, ()) if c.on >= begun]
            if declined := declined_by(since, recall, as_of):
                left_out.append(declined)
                continue
            plan = plan_for(recall, plans, as_of) if plans else None
            recalls.append(_told(spec, rule, recall, len(since), plan, not_accepted.get(recall.nhs_number), as_of))
    return RecallList(
        recalls=tuple(sorted(recalls, key=lambda r: (r.due_on, r.nhs_number, r.kind))),
        declined=tuple(sorted(left_out, key=lambda one: (one.due_on, one.nhs_number, one.kind))),
    )


def recall_rules(spec: ServiceSpec) -> tuple[RecallRule, ...]:
    """Everything a patient can be called for: the recalls of service.toml, its clocks and its thresholds."""
    return (*spec.recalls, *map(clock_rule, spec.clocks), *map(threshold_rule, spec.thresholds))


def rule_on(spec: ServiceSpec, rule: RecallRule, day: date) -> RecallRule:
    """The rule with the intervals in force on the day that it is counted from."""
    return next((one for one in spec.on(day).recalls if one.name == rule.name), rule) if spec.editions else rule


def counted_from(rule: RecallRule, day: date) -> date:
    """The day a recall falls due, the rule's interval after a day."""
    return _plus(rule, day, rule.interval)


def requested_by(rule: RecallRule, day: date, value: str) -> date:
    """The last day for a request: by the number of days that its value stands for, else by the rule's interval."""
    days = {folded(word): count for word, count in rule.by_value}
    said = days.get(folded(value))
    return counted_from(rule, day) if said is None else day + timedelta(days=said)


def last_day(rule: RecallRule, day: date) -> date | None:
    """The last day the work may be done, counted from a day; None when the rule has no `overdue_interval`."""
    return None if rule.overdue_interval is None else _plus(rule, day, rule.overdue_interval)


def band_of(rule: RecallRule, days_overdue: int) -> str:
    """The name of the band for a number of days overdue; empty when the rule has no such band."""
    for band in rule.bands:
        if band.up_to_days is None or days_overdue <= band.up_to_days:
            return band.name
    return ""


def _plus(rule: RecallRule, day: date, count: int) -> date:
    return day_after(day, count, rule.unit)


def _can_be_called(spec: ServiceSpec, entry: RegisterEntry, records: Records) -> bool:
    patient, as_of = records.patient(entry.nhs_number), records.as_of
    here = is_served(spec, records, patient, as_of)
    # An entry that ends today has ended: do not ring a patient about a service they are leaving.
    ended = entry.ended_on is not None and entry.ended_on <= as_of
    # The list may be asked for a past day, on which a patient who has died since was alive.
    alive = patient.can_be_called_on(as_of)
    return here and alive and entry.covers(as_of) and not ended


def _applies(rule: RecallRule, entry: RegisterEntry, as_of: date) -> bool:
    # As with a register entry, do not ring a patient on the day the treatment ends.
    until = _detail_day(entry, rule.until_detail)
    return (until is None or as_of < until) and all(holds(entry.detail(name), want) for name, want in rule.only_if)


def _told(
    spec: ServiceSpec,
    rule: RecallRule,
    recall: Recall,
    invitations: int,
    plan: Planned | None,
    entry: Activity | None,
    as_of: date,
) -> Recall:
    """The recall with how late it is, the contacts made, what is planned, and a note about a newer entry.

    That `entry` does not count; the note is for the person who rings to look at first.
    """
    evidence, note = recall.evidence, recall.note
    if plan is not None:
        evidence = tuple(dict.fromkeys((*evidence, plan.evidence)))
    begun = max(recall.last_done_on or date.min, recall.counted_from or date.min)
    if entry is not None and entry.day >= begun and entry.day != recall.last_done_on:
        evidence = tuple(dict.fromkeys((*evidence, entry.evidence)))
        note = "; ".join(part for part in (note, told(spec, entry)) if part)
    band = band_of(rule, recall.days_overdue(as_of))
    planned_for = plan.planned_on if plan else recall.planned_for
    facts = (band, invitations, planned_for, note, evidence)
    if facts == (recall.band, recall.invitations, recall.planned_for, recall.note, recall.evidence):
        return recall
    return replace(recall, band=band, invitations=invitations, planned_for=planned_for, note=note, evidence=evidence)


def _recall(
    rule: RecallRule, entry: RegisterEntry, due_on: date, done: Activity | None, base: date | None, note: str = ""
) -> Recall:
    return Recall(
        nhs_number=entry.nhs_number,
        kind=rule.name,
        due_on=due_on,
        clause=rule.clause,
        last_done_on=done.day if done else None,
        counted_from=base,
        overdue_after=last_day(rule, base) if base else None,
        evidence=(done.evidence,) if done else entry.evidence,
        note=note,
    )


def _detail_day(entry: RegisterEntry, name: str) -> date | None:
    value = entry.detail(name) if name else None
    return value if isinstance(value, date) else None


def _every(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: list[RegisterEntry], settled: Settled
) -> Iterator[Recall]:
    """Due an interval after the last time, or after the register's start day if that is later or nothing was done yet.

    A next day given in the register replaces the interval while it is after the last time. A first interval without a
    start day is counted from the register entry. A patient with none of these days is due at once, so that missing
    information keeps nobody off the list.
    """
    for entry in entries:
        begins, done = begins_on(rule, entry), settled.get(entry.nhs_number)
        early = done if done and begins and done.day < begins else None
        done = None if early else done
        base = max((day for day in (_base(rule, entry, done), begins) if day), default=None)
        if base is None and rule.first_interval is not None and not rule.start_detail:
            base = entry.entered_on
        named = _detail_day(entry, rule.next_detail)
        if named and not (base and base >= named):
            yield replace(_recall(rule_on(spec, rule, named), entry, named, done, named), counted_from=base)
            continue
        held = rule_on(spec, rule, base) if base else rule
        counted = with_first(with_interval(held, spec, records, entry), done.day if done else None, base, begins)
        due_on = counted_from(counted, base) if base else entry.entered_on
        yield _recall(counted, entry, due_on, done, base, _of_offset(rule, begins, early))


def _after(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: list[RegisterEntry], settled: Settled
) -> Iterator[Recall]:
    """Due once, an interval after an event; settled by an entry of `done_codelists` dated after the event."""
    events = newest_of(spec, records, rule.codelists).done
    for entry in entries:
        base, done = _base(rule, entry, events.get(entry.nhs_number)), settled.get(entry.nhs_number)
        if base and not (done and done.day > base):
            held = rule_on(spec, rule, base)
            yield _recall(held, entry, counted_from(with_interval(held, spec, records, entry), base), done, base)


def _on(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: list[RegisterEntry], settled: Settled
) -> Iterator[Recall]:
    """Due on a day from the register plus the interval; settled by a `done_codelists` entry on or after that day."""
    for entry in entries:
        day, done = _detail_day(entry, rule.start_detail), settled.get(entry.nhs_number)
        if day and not (done and done.day >= day):
            held = rule_on(spec, rule, day)
            yield replace(_recall(held, entry, counted_from(held, day), done, day), counted_from=None)


def _open_request(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: list[RegisterEntry], settled: Settled
) -> Iterator[Recall]:
    """Due for a request with nothing done since, by the days its value allows; each patient's most urgent one only."""
    on_register = {entry.nhs_number: entry for entry in entries}
    pressing: dict[str, Recall] = {}
    for name in rule.codelists:
        for request in requests_of(records, name):
            entry, done = on_register.get(request.nhs_number), settled.get(request.nhs_number)
            if entry is None or not is_open(request) or (done and done.day >= request.day):
                continue
            asked = rule_on(spec, rule, request.day)
            due_on = requested_by(asked, request.day, request.value)
            held = pressing.get(request.nhs_number)
            if held is None or due_on < held.due_on:
                found = _recall(asked, entry, due_on, done, None)
                pressing[request.nhs_number] = replace(found, counted_from=request.day, evidence=(request.evidence,))
    yield from pressing.values()


def begins_on(rule: RecallRule, entry: RegisterEntry) -> date | None:
    """The day on which a recall with an offset begins; None without an offset, or if its day is not recorded."""
    day = _detail_day(entry, rule.offset_detail)
    return day_after(day, rule.offset, rule.offset_unit) if day else None


def with_first(rule: RecallRule, done: date | None, base: date | None, begins: date | None) -> RecallRule:
    """The rule with its first interval, if nothing was done since the day that is counted from.

    A recall with an offset and without a first interval is first due on the day on which it begins.
    """
    if base is None or (done is not None and done >= base):
        return rule
    if rule.first_interval is not None:
        return replace(rule, interval=rule.first_interval, unit=rule.first_unit or rule.unit, overdue_interval=None)
    return replace(rule, interval=0, overdue_interval=None) if base == begins else rule


def _of_offset(rule: RecallRule, begins: date | None, early: Activity | None) -> str:
    """What to say of a beginning that nobody recorded, or of work that was done before it."""
    if rule.offset_detail and begins is None:
        return f"{rule.offset_detail} is not recorded, so nobody knows when this begins"
    if early and begins:
        return f"the entry of {for_people(early.day)} does not count: this begins on {for_people(begins)}"
    return ""


def _base(rule: RecallRule, entry: RegisterEntry, done: Activity | None) -> date | None:
    start = _detail_day(entry, rule.start_detail)
    if done and start and is_no_first(rule, entry, start, (done.day,)):
        return done.day
    return max((day for day in (done.day if done else None, start) if day), default=None)


def with_interval(rule: RecallRule, spec: ServiceSpec, records: Records, entry: RegisterEntry) -> RecallRule:
    """The rule with this patient's interval: from the register, else from the setting, else the rule's own."""
    given = entry.detail(rule.interval_detail) if rule.interval_detail else None
    if given is None and rule.interval_setting:
        setting = spec.setting(rule.interval_setting, records.as_of)
        given = setting if isinstance(setting, int) else None
    if given is None or int(str(given)) not in _INTERVALS:
        return rule  # An interval beyond the calendar is ignored: one patient's must not stop the whole list.
    return replace(rule, interval=int(str(given)))


def _clock(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: list[RegisterEntry], settled: Settled
) -> Iterator[Recall]:
    """Due on the last day of a clock that nothing has met; each patient's most pressing one only."""

    def accepted(name: str) -> tuple[Activity, ...]:
        return accepted_activity(spec, records, (name,))

    by_patient = {entry.nhs_number: entry for entry in entries}
    pressing: dict[str, Run] = {}
    for run in runs_on_register(spec.clock(rule.name), spec, records, Register(entries=tuple(entries)), accepted):
        held = pressing.get(run.nhs_number)
        if run.met_on is None and (held is None or run.last < held.last):
            pressing[run.nhs_number] = run
    for nhs_number, run in pressing.items():
        found = _recall(rule, by_patient[nhs_number], run.last, None, None)
        yield replace(found, counted_from=run.start, evidence=run.evidence, note=still_to_do(spec, run))


def _threshold(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: list[RegisterEntry], settled: Settled
) -> Iterator[Recall]:
    """Due on the day of a newest value beyond the threshold, until another value or a settling entry comes.

    A value that cannot be compared is on the list too, because nobody knows that it is not beyond the threshold.
    """
    for one in newest_values(spec.threshold(rule.name), spec, records, entries):
        done = settled.get(one.entry.nhs_number)
        if one.beyond is False or (done and rule.done_codelists and done.day >= one.value.day):
            continue
        found = _recall(rule, one.entry, one.value.day, None, None)
        yield replace(found, counted_from=one.value.day, evidence=(one.value.evidence,), note=one.words)


RecallKind = Callable[[RecallRule, ServiceSpec, Records, list[RegisterEntry], Settled], Iterator[Recall]]
KINDS: dict[str, RecallKind] = {
    "every": _every,
    "after": _after,
    "on": _on,
    "open-request": _open_request,
}
"""How each kind of recall in a service's data is counted."""
_EVERY_KIND = {**KINDS, "clock": _clock, "threshold": _threshold}
