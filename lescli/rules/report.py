"""The standard report: the counts and shares that specifications ask for, and the audit tables of every service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from ..calendar import Period
from ..model import (
    Activity,
    Claim,
    ClaimRow,
    Measure,
    MeasureSpec,
    Recall,
    RecallList,
    RecallRule,
    Records,
    Register,
    RegisterEntry,
    Report,
    ServiceSpec,
    Table,
    names_in,
)
from .accepted import accepted_activity, given_rows
from .clocks import MET, runs_on_register
from .details import holds
from .eligibility import OWN, is_of_ours
from .recall import counted_from, last_day, rule_on, standard_recall, with_interval
from .register_doubts import is_no_first


def times_met(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recall: str
) -> tuple[bool, ...]:
    """For each recall that was done in the period, whether it was done in time.

    In time is up to the rule's last day plus the days of its first band. The work counted is that of every item
    claimed by a code the recall counts from; one patient on one day counts once. A first time, which nothing came
    before, is left out.
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
    """Whether the rule was for this patient on that day, by the register."""
    covering = next((entry for entry in entries if entry.covers(day)), None)
    return covering is None or all(holds(covering.detail_on(name, day), want) for name, want in rule.only_if)


def _in_time_until(
    rule: RecallRule, spec: ServiceSpec, records: Records, entries: tuple[RegisterEntry, ...], before: date
) -> date:
    asked = rule_on(spec, rule, before)
    held = with_interval(asked, spec, records, entries[-1]) if entries else asked
    tolerance = timedelta(days=rule.bands[0].up_to_days or 0) if rule.bands else timedelta()
    return (last_day(held, before) or counted_from(held, before)) + tolerance


def _done_before(
    day: date, history: list[date] | tuple[date, ...], entries: tuple[RegisterEntry, ...], rule: RecallRule
) -> date | None:
    """The day that the due date counts from: the time before, or the start in the register, whichever is later."""
    done = [one for one in history if one < day]
    days = list(done)
    for entry in entries:
        start = entry.detail(rule.start_detail) if rule.start_detail else None
        if isinstance(start, date) and start < day and not is_no_first(rule, entry, start, done):
            days.append(start)
    return max(days, default=None)


def standard_report(
    spec: ServiceSpec,
    records: Records,
    register: Register,
    claim: Claim,
    period: Period,
    recalls: RecallList | None = None,
) -> Report:
    """The measures in service.toml except those of kind `own`, which the plugin adds, and the audit tables.

    The register and the recalls are those at the end of the period, or on the day asked about if that is earlier.
    `recalls` are those of the service, as `les_report` receives them; without them the standard recall is used.
    """
    register = _ours(spec, records, register)
    called = standard_recall(spec, records, register) if recalls is None else recalls
    asked = _Asked(spec=spec, records=records, register=register, claim=claim, period=period, recalls=called)
    measures = [_KINDS[measure.kind](measure, asked) for measure in spec.measures if measure.kind in _KINDS]
    tables = [*_overdue_tables(asked), _completeness(spec, records, register)]
    tables += [_incidents(spec, records, period), _verdicts(claim, period)]
    return Report(measures=tuple(measures), tables=tuple(tables))


def _ours(spec: ServiceSpec, records: Records, register: Register) -> Register:
    """The register without patients of other practices for whom an item is paid: no measure of ours counts them."""
    if all(item.population == OWN for item in spec.items):
        return register
    entries = (one for one in register.entries if is_of_ours(spec, records, records.patient(one.nhs_number)))
    return Register(entries=tuple(entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a measure may look at."""

    spec: ServiceSpec
    records: Records
    register: Register
    claim: Claim
    period: Period
    recalls: RecallList


def on_register(records: Records, register: Register) -> tuple[RegisterEntry, ...]:
    """The register entries that cover the day asked about."""
    return tuple(entry for entry in register.entries if entry.covers(records.as_of))


def _items(measure: MeasureSpec, asked: _Asked) -> Measure:
    return measure.result(len(given_rows(asked.claim, measure.of, asked.period)))


def _register_size(measure: MeasureSpec, asked: _Asked) -> Measure:
    return measure.result(len(on_register(asked.records, asked.register)))


def _overdue(measure: MeasureSpec, asked: _Asked) -> Measure:
    return measure.result(len(_late(asked, measure.of)))


def _late(asked: _Asked, kind: str) -> list[Recall]:
    day = asked.records.as_of
    return [one for one in asked.recalls.recalls if one.kind == kind and one.days_overdue(day) > 0]


def _on_time(measure: MeasureSpec, asked: _Asked) -> Measure:
    met = times_met(asked.spec, asked.records, asked.register, asked.claim, asked.period, measure.of)
    return measure.result(sum(met), len(met))


def _clock_met(measure: MeasureSpec, asked: _Asked) -> Measure:
    """The share met in time of the clocks that ended in the period, each on one day only."""
    day = asked.records.as_of

    def accepted(name: str) -> tuple[Activity, ...]:
        return accepted_activity(asked.spec, asked.records, (name,))

    runs = runs_on_register(asked.spec.clock(measure.of), asked.spec, asked.records, asked.register, accepted)
    ended = [run for run in runs if run.ended_on(day) in asked.period]
    return measure.result(sum(run.state(day) == MET for run in ended), len(ended))


def _incident_count(measure: MeasureSpec, asked: _Asked) -> Measure:
    kinds = names_in(measure.of) or None
    happened = [i for i in asked.records.incidents() if date.fromisoformat(i.on[:10]) in asked.period]
    return measure.result(sum(kinds is None or incident.kind in kinds for incident in happened))


def _overdue_tables(asked: _Asked) -> list[Table]:
    tables = []
    for rule in asked.spec.recalls:
        counts = Counter(recall.band for recall in _late(asked, rule.name))
        # Also count recalls in a band that service.toml does not name, or in none.
        named = [band.name for band in rule.bands] or [""]
        bands = [*named, *sorted(set(counts) - set(named))]
        tables.append(
            Table(
                id=f"overdue-{rule.name}",
                title=f"{rule.title}: overdue by band",
                columns=("band", "patients"),
                rows=tuple((band or "overdue", counts[band]) for band in bands),
            )
        )
    return tables


def _completeness(spec: ServiceSpec, records: Records, register: Register) -> Table:
    entries = on_register(records, register)
    required = [field for field in spec.register.details if field.required]
    return Table(
        id="register-completeness",
        title="Register: what the specification requires, recorded",
        columns=("field", "clause", "recorded", "of", "percent"),
        rows=tuple(
            (
                field.name,
                field.clause,
                recorded := sum(field.name not in entry.missing for entry in entries),
                len(entries),
                round(100 * recorded / len(entries), 2) if entries else None,
            )
            for field in required
        ),
    )


def _incidents(spec: ServiceSpec, records: Records, period: Period) -> Table:
    happened = [i for i in records.incidents() if date.fromisoformat(i.on[:10]) in period]
    return Table(
        id="incidents",
        title="Untoward events and their reporting clock",
        columns=("kind", "on", "due", "notified", "in_time"),
        rows=tuple(
            (i.kind, i.on, i.due_at, i.notified_at, clock_state(i.due_at, i.notified_at, records.as_of))
            for i in happened
        ),
    )


def clock_state(due_at: str, notified_at: str | None, as_of: date) -> str:
    """Whether an incident was notified in time: yes, no, running or no clock. Times are compared as local ISO text."""
    if not due_at:
        return "no clock"
    if notified_at is not None:
        return "yes" if notified_at <= due_at else "no"
    return "no" if as_of.isoformat() > due_at[:10] else "running"


def _verdicts(claim: Claim, period: Period) -> Table:
    counts = Counter((row.verdict.value, row.reason) for row in claim.rows if row.day in period)
    return Table(
        id="verdicts",
        title="Activity of the period by verdict and reason",
        columns=("verdict", "reason", "count"),
        rows=tuple((verdict, reason, count) for (verdict, reason), count in sorted(counts.items())),
    )


_Kind = Callable[[MeasureSpec, _Asked], Measure]
_KINDS: dict[str, _Kind] = {
    "items": _items,
    "register-size": _register_size,
    "on-time": _on_time,
    "overdue": _overdue,
    "incidents": _incident_count,
    "clock-met": _clock_met,
}
