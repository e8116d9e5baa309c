"""The recall part of `les explain`: what one patient is due for, and why each other recall does not apply."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ...calendar import for_people
from ...model import Declined, Patient, RecallRule, Records, RegisterEntry, ServiceSpec
from ...outputs import counted
from ...rules.details import holds
from ...rules.eligibility import is_served
from .recall import RecallRow

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
            held = ("no", "yes")[value] if isinstance(value, bool) else "not recorded" if value is None else value
            return f"none: {name} in the register is {held}"
    return None
