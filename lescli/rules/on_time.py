"""Whether what recurs was done by the day it fell due: what the measure `on-time` counts."""

from __future__ import annotations

from datetime import date, timedelta

from ..calendar import Period
from ..model import Claim, ClaimRow, RecallRule, Records, Register, RegisterEntry, ServiceSpec
from .accepted import accepted_activity
from .details import holds
from .first_time import is_no_first
from .given import given_rows
from .recall import counted_from, last_day, with_interval


def times_met(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recall: str
) -> tuple[bool, ...]:
    """For each time in the period that fell due before, whether it came by the rule's last day and its first band.

    The work is that of every item claimed by a code the recall counts from; who comes once on a day counts once.
    """
    rule = spec.recall(recall)
    history: dict[str, list[date]] = {}
    for activity in accepted_activity(spec, records, rule.codelists):
        if activity.day <= period.end:
            history.setdefault(activity.nhs_number, []).append(activity.day)
    met = []
    for nhs_number, day in sorted(_done(spec, rule, claim, period)):
        entries = register.of(nhs_number)
        before = _done_before(day, history.get(nhs_number, ()), entries, rule)
        if before and day in history.get(nhs_number, ()) and _holds(rule, entries, day):
            met.append(day <= _in_time_until(rule, spec, records, entries, before))
    return tuple(met)


def _done(spec: ServiceSpec, rule: RecallRule, claim: Claim, period: Period) -> set[tuple[str, date]]:
    items = [item.name for item in spec.items if set(item.codelists).intersection(rule.codelists)]
    rows: list[ClaimRow] = [row for name in items for row in given_rows(claim, name, period)]
    return {(row.nhs_number, row.day) for row in rows}


def _holds(rule: RecallRule, entries: tuple[RegisterEntry, ...], day: date) -> bool:
    """The rule is for this patient, as the register says on that day."""
    covering = next((entry for entry in entries if entry.covers(day)), None)
    return covering is None or all(holds(covering.detail_on(name, day), want) for name, want in rule.only_if)


def _in_time_until(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: tuple[RegisterEntry, ...], before: date
) -> date:
    held = with_interval(rule, spec, records, entries[-1]) if entries else rule
    tolerance = timedelta(days=rule.bands[0].up_to_days or 0) if rule.bands else timedelta()
    return (last_day(held, before) or counted_from(held, before)) + tolerance


def _done_before(
    day: date, history: list[date] | tuple[date, ...], entries: tuple[RegisterEntry, ...], rule: RecallRule
) -> date | None:
    """The day this one's due date counts from: the time before, or the start the register names."""
    done = [one for one in history if one < day]
    days = list(done)
    for entry in entries:
        start = entry.detail(rule.start_detail) if rule.start_detail else None
        if isinstance(start, date) and start < day and not is_no_first(rule, entry, start, done):
            days.append(start)
    return max(days, default=None)
