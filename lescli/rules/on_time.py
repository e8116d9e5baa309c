"""Whether work that a recall asks for was done in time, for every kind of recall, with a claim item or without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ..calendar import Period
from ..model import Claim, ClaimRow, RecallRule, Records, Register, RegisterEntry, ServiceSpec
from .accepted import accepted_activity, given_rows, requests_of
from .details import holds
from .recall import begins_on, counted_from, last_day, requested_by, rule_on, with_first, with_interval
from .register_doubts import is_no_first


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One time that a patient had what a recall asks for, and whether it was in time."""

    nhs_number: str
    day: date
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    spec: ServiceSpec
    records: Records
    register: Register
    rule: RecallRule
    done: Mapping[str, list[date]]

    def of(self, base: date, entries: tuple[RegisterEntry, ...]) -> RecallRule:
        """The rule with the intervals in force on the day counted from, and with the patient's own."""
        held = rule_on(self.spec, self.rule, base)
        return with_interval(held, self.spec, self.records, entries[-1]) if entries else held


def times_done(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recall: str
) -> tuple[Done, ...]:
    """Each time that what a recall asks for was done in the period, by patient and day.

    In time is up to the rule's last day plus the days of its first band. The work counted is that of every item claimed
    by a code of the recall or, if there is no such item, every entry of a patient on the register; one patient on one
    day counts once. A first time, which nothing came before, is left out.
    """
    rule = spec.recall(recall)
    settling = rule.codelists if rule.kind == "every" else rule.done_codelists
    history: dict[str, list[date]] = {}
    for activity in accepted_activity(spec, records, settling):
        if activity.day <= period.end:
            history.setdefault(activity.nhs_number, []).append(activity.day)
    known = _Known(spec=spec, records=records, register=register, rule=rule, done=history)
    due = _DUE[rule.kind](known)
    found = []
    for nhs_number, day in sorted(_work(known, settling, claim, period)):
        until = due(nhs_number, day) if _holds(rule, register.of(nhs_number), day) else None
        if until and day in history.get(nhs_number, ()):
            found.append(Done(nhs_number=nhs_number, day=day, in_time=day <= until))
    return tuple(found)


def _work(known: _Known, settling: Iterable[str], claim: Claim, period: Period) -> set[tuple[str, date]]:
    spec = known.spec
    items = [item.name for item in spec.items if set(item.codelists).intersection(settling)]
    if items:
        rows: list[ClaimRow] = [row for name in items for row in given_rows(claim, name, period)]
        return {(row.nhs_number, row.day) for row in rows}
    return {
        (nhs_number, day)
        for nhs_number, days in known.done.items()
        for day in days
        if day in period and known.register.entry(nhs_number, day)
    }


def _holds(rule: RecallRule, entries: tuple[RegisterEntry, ...], day: date) -> bool:
    """Whether the rule was for this patient on that day, by the register."""
    covering = next((entry for entry in entries if entry.covers(day)), None)
    return covering is None or all(holds(covering.detail_on(name, day), want) for name, want in rule.only_if)


_Due = Callable[[str, date], date | None]
"""Takes a patient and a day on which the work was done; returns until when that was in time, or None."""


def _every(known: _Known) -> _Due:
    rule = known.rule

    def due(nhs_number: str, day: date) -> date | None:
        entries = known.register.of(nhs_number)
        begins = max((on for entry in entries if (on := begins_on(rule, entry))), default=None)
        done = [one for one in known.done.get(nhs_number, ()) if one < day and (begins is None or one >= begins)]
        days = [*done, *([begins] if begins and begins <= day else [])]
        for entry in entries:
            start = entry.detail(rule.start_detail) if rule.start_detail else None
            if isinstance(start, date) and start < day and not is_no_first(rule, entry, start, done):
                days.append(start)
        base = max(days, default=None)
        if base is None or (begins and day < begins):
            return None
        return _until(with_first(known.of(base, entries), max(done, default=None), base, begins), base)

    return due


def _after(known: _Known) -> _Due:
    events: dict[str, list[date]] = {}
    for activity in accepted_activity(known.spec, known.records, known.rule.codelists):
        events.setdefault(activity.nhs_number, []).append(activity.day)

    def due(nhs_number: str, day: date) -> date | None:
        entries = known.register.of(nhs_number)
        begun = [*events.get(nhs_number, ()), *_starts(known.rule, entries)]
        base = max((one for one in begun if one < day), default=None)
        if base is None or any(base < one < day for one in known.done.get(nhs_number, ())):
            return None
        return _until(known.of(base, entries), base)

    return due


def _on(known: _Known) -> _Due:
    def due(nhs_number: str, day: date) -> date | None:
        base = max((one for one in _starts(known.rule, known.register.of(nhs_number)) if one <= day), default=None)
        if base is None or any(base <= one < day for one in known.done.get(nhs_number, ())):
            return None
        return _until(rule_on(known.spec, known.rule, base), base)

    return due


def _open_request(known: _Known) -> _Due:
    asked: dict[str, list[tuple[date, date]]] = {}
    for name in known.rule.codelists:
        for one in requests_of(known.records, name):
            last = requested_by(rule_on(known.spec, known.rule, one.day), one.day, one.value)
            asked.setdefault(one.nhs_number, []).append((one.day, last))

    def due(nhs_number: str, day: date) -> date | None:
        before = [one for one in known.done.get(nhs_number, ()) if one < day]
        waiting = [last for on, last in asked.get(nhs_number, ()) if on <= day and not any(on <= one for one in before)]
        return min(waiting) + _tolerance(known.rule) if waiting else None

    return due


def _starts(rule: RecallRule, entries: Iterable[RegisterEntry]) -> Iterator[date]:
    for entry in entries:
        day = entry.detail(rule.start_detail) if rule.start_detail else None
        if isinstance(day, date):
            yield day


def _until(rule: RecallRule, base: date) -> date:
    return (last_day(rule, base) or counted_from(rule, base)) + _tolerance(rule)


def _tolerance(rule: RecallRule) -> timedelta:
    return timedelta(days=rule.bands[0].up_to_days or 0) if rule.bands else timedelta()


_DUE: dict[str, Callable[[_Known], _Due]] = {
    "every": _every,
    "after": _after,
    "on": _on,
    "open-request": _open_request,
}
