"""The standard recall: when each patient on the register is due, how late it is, and in which order to ring them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from ..calendar import add_months
from ..model import (
    Activity,
    Invitation,
    Recall,
    RecallList,
    RecallRule,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
)

DECLINED = "declined"


def standard_recall(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """Everyone alive, registered and on the register who is or will be due, longest overdue first.

    Who declined is left out until the date they set, or, when they set none, until they attend again.
    """
    contacts: dict[str, list[Invitation]] = {}
    for invitation in records.invitations():
        contacts.setdefault(invitation.nhs_number, []).append(invitation)
    current = [entry for entry in register.entries if _can_be_called(entry, records)]
    recalls: list[Recall] = []
    for rule in spec.recalls:
        for recall in KINDS[rule.kind](rule, records, [entry for entry in current if _applies(rule, entry)]):
            since = [c for c in contacts.get(recall.nhs_number, ()) if c.on >= (recall.last_done_on or date.min)]
            if not _declined(since, records.as_of):
                recalls.append(_with_lateness(rule, recall, len(since), records.as_of))
    return RecallList(recalls=tuple(sorted(recalls, key=lambda r: (r.due_on, r.nhs_number, r.kind))))


def counted_from(rule: RecallRule, day: date) -> date:
    """The day a recall falls due, counted from a day."""
    return _plus(rule, day, rule.interval)


def band_of(rule: RecallRule, days_overdue: int) -> str:
    """The name of the band so many days past due lie in; empty where the rule has no bands."""
    for band in rule.bands:
        if band.up_to_days is None or days_overdue <= band.up_to_days:
            return band.name
    return ""


def _plus(rule: RecallRule, day: date, count: int) -> date:
    if rule.unit == "months":
        return add_months(day, count)
    return day + timedelta(weeks=count) if rule.unit == "weeks" else day + timedelta(days=count)


def _can_be_called(entry: RegisterEntry, records: Records) -> bool:
    patient = records.patient(entry.nhs_number)
    here = patient.registered_on(records.as_of, records.practice.ods_code)
    # An entry that ends today has ended: nobody is rung about a service they leave.
    ended = entry.ended_on is not None and entry.ended_on <= records.as_of
    return here and patient.died_on is None and entry.covers(records.as_of) and not ended


def _applies(rule: RecallRule, entry: RegisterEntry) -> bool:
    return all(_text(entry.detail(name)) == wanted for name, wanted in rule.only_if)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _declined(since: list[Invitation], as_of: date) -> bool:
    said = [contact for contact in since if contact.outcome]
    return bool(said) and said[-1].outcome == DECLINED and (said[-1].until is None or as_of < said[-1].until)


def _with_lateness(rule: RecallRule, recall: Recall, invitations: int, as_of: date) -> Recall:
    return Recall(
        nhs_number=recall.nhs_number,
        kind=recall.kind,
        due_on=recall.due_on,
        clause=recall.clause,
        last_done_on=recall.last_done_on,
        overdue_after=recall.overdue_after,
        band=band_of(rule, recall.days_overdue(as_of)),
        invitations=invitations,
        evidence=recall.evidence,
    )


def _recall(rule: RecallRule, entry: RegisterEntry, due_on: date, done: Activity | None, base: date | None) -> Recall:
    return Recall(
        nhs_number=entry.nhs_number,
        kind=rule.name,
        due_on=due_on,
        clause=rule.clause,
        last_done_on=done.day if done else None,
        overdue_after=_plus(rule, base, rule.overdue_interval) if base and rule.overdue_interval is not None else None,
        evidence=(done.evidence,) if done else entry.evidence,
    )


def _detail_day(entry: RegisterEntry, name: str) -> date | None:
    value = entry.detail(name) if name else None
    return value if isinstance(value, date) else None


def _every(rule: RecallRule, records: Records, entries: list[RegisterEntry]) -> Iterator[Recall]:
    """An interval from the last time, or from the day in the register when that is later or nothing was done yet.

    Someone on the register with neither is due at once: not knowing is no reason not to call.
    """
    latest = _latest(rule.codelist, records)
    for entry in entries:
        done = latest.get(entry.nhs_number)
        start = _detail_day(entry, rule.start_detail)
        base = max((day for day in (done.day if done else None, start) if day), default=None)
        yield _recall(rule, entry, counted_from(rule, base) if base else entry.entered_on, done, base)


def _after(rule: RecallRule, records: Records, entries: list[RegisterEntry]) -> Iterator[Recall]:
    """Once, an interval after an event; settled by an entry of `done_codelist` dated after it."""
    events, settled = _latest(rule.codelist, records), _latest(rule.done_codelist, records)
    for entry in entries:
        event = events.get(entry.nhs_number)
        start = _detail_day(entry, rule.start_detail)
        base = max((day for day in (event.day if event else None, start) if day), default=None)
        done = settled.get(entry.nhs_number)
        if base and not (done and done.day > base):
            yield _recall(rule, entry, counted_from(rule, base), done, base)


def _on(rule: RecallRule, records: Records, entries: list[RegisterEntry]) -> Iterator[Recall]:
    """The day the register names; settled by an entry of `done_codelist` on or after it."""
    settled = _latest(rule.done_codelist, records)
    for entry in entries:
        day, done = _detail_day(entry, rule.start_detail), settled.get(entry.nhs_number)
        if day and not (done and done.day >= day):
            yield _recall(rule, entry, counted_from(rule, day), done, day)


def _open_request(rule: RecallRule, records: Records, entries: list[RegisterEntry]) -> Iterator[Recall]:
    """A request with nothing done since; the newest request of a patient stands for the older ones."""
    requests, settled = _latest(rule.codelist, records), _latest(rule.done_codelist, records)
    for entry in entries:
        request, done = requests.get(entry.nhs_number), settled.get(entry.nhs_number)
        if request and not (done and done.day >= request.day):
            yield _recall(rule, entry, counted_from(rule, request.day), done, request.day)


def _latest(codelist: str, records: Records) -> Mapping[str, Activity]:
    return records.latest(codelist) if codelist else {}


KINDS: dict[str, Callable[[RecallRule, Records, list[RegisterEntry]], Iterator[Recall]]] = {
    "every": _every,
    "after": _after,
    "on": _on,
    "open-request": _open_request,
}
"""How each kind of recall in a service's data is counted."""
