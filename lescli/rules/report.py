"""The standard report: the counts and shares that specifications ask for, and the audit tables every service has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from ..calendar import Period
from ..model import (
    Activity,
    Claim,
    ClaimRow,
    Measure,
    MeasureSpec,
    Records,
    Register,
    RegisterEntry,
    Report,
    ServiceSpec,
    Table,
    Verdict,
)
from .recall import counted_from, standard_recall

_GIVEN = (Verdict.PAYABLE, Verdict.CLAIMED, Verdict.EXPIRED, Verdict.OVER_CAP, Verdict.UNPRICED)
"""Work that was done as the specification asks, whether or not it is paid for."""
_NOT_GIVEN = (Verdict.REFUSED, Verdict.CHECK)


def standard_report(spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period) -> Report:
    """The measures of the service's data (those of kind `own` are the plugin's), and tables of register and incidents.

    The register and the recalls are taken at the end of the period, or on the day asked about when that is earlier.
    """
    measures = [
        _KINDS[measure.kind](measure, spec, records, register, claim, period)
        for measure in spec.measures
        if measure.kind in _KINDS
    ]
    tables = [*_overdue_tables(spec, records, register), _completeness(spec, records, register)]
    tables += [_incidents(spec, records, period), _verdicts(claim, period)]
    return Report(measures=tuple(measures), tables=tuple(tables))


def on_register(records: Records, register: Register) -> tuple[RegisterEntry, ...]:
    """Entries that cover the day asked about."""
    return tuple(entry for entry in register.entries if entry.covers(records.as_of))


def given_rows(claim: Claim, item: str, period: Period) -> tuple[ClaimRow, ...]:
    """Rows of an item dated in the period whose work was done as the specification asks."""
    return tuple(row for row in claim.rows if row.item == item and row.day in period and _given(row))


def _given(row: ClaimRow) -> bool:
    # Before the first month claimed here nothing was judged when it was claimed, so it is judged now.
    unjudged = row.reason == "claimed-elsewhere"
    return row.verdict in _GIVEN and not (unjudged and any(one.verdict in _NOT_GIVEN for one in row.also))


def _items(
    measure: MeasureSpec, spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period
) -> Measure:
    return _count(measure, len(given_rows(claim, measure.of, period)))


def _register_size(
    measure: MeasureSpec, spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period
) -> Measure:
    return _count(measure, len(on_register(records, register)))


def _overdue(
    measure: MeasureSpec, spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period
) -> Measure:
    recalls = standard_recall(spec, records, register).recalls
    late = [r for r in recalls if r.kind == measure.of and r.days_overdue(records.as_of) > 0]
    return _count(measure, len(late))


def _on_time(
    measure: MeasureSpec, spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period
) -> Measure:
    """Of the work of the period that fell due, the share done within the rule's first band."""
    rule = spec.recall(measure.of)
    tolerance = timedelta(days=rule.bands[0].up_to_days or 0) if rule.bands else timedelta()
    history: dict[str, list[Activity]] = {}
    for activity in (a for name in rule.codelists for a in records.activity(name, end=period.end)):
        history.setdefault(activity.nhs_number, []).append(activity)
    due = [
        (row, counted_from(rule, base))
        for row in given_rows(claim, measure.of, period)
        if (base := _done_before(row, history, register, rule.start_detail))
    ]
    on_time = sum(row.day <= due_on + tolerance for row, due_on in due)
    return Measure(
        id=measure.id,
        title=measure.title,
        clause=measure.clause,
        numerator=on_time,
        denominator=len(due),
        unit=measure.unit,
    )


def _done_before(
    row: ClaimRow, history: dict[str, list[Activity]], register: Register, start_detail: str
) -> date | None:
    """The day this row's due date counts from: the time before, or the start the register names."""
    days = [activity.day for activity in history.get(row.nhs_number, ()) if activity.day < row.day]
    for entry in register.of(row.nhs_number):
        start = entry.detail(start_detail) if start_detail else None
        if isinstance(start, date) and start < row.day:
            days.append(start)
    return max(days, default=None)


def _incident_count(
    measure: MeasureSpec, spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period
) -> Measure:
    kinds = [kind.strip() for kind in measure.of.split(",")] if measure.of else None
    happened = [i for i in records.incidents() if date.fromisoformat(i.on[:10]) in period]
    return _count(measure, sum(kinds is None or incident.kind in kinds for incident in happened))


def _count(measure: MeasureSpec, number: int) -> Measure:
    return Measure(id=measure.id, title=measure.title, clause=measure.clause, numerator=number, unit=measure.unit)


def _overdue_tables(spec: ServiceSpec, records: Records, register: Register) -> list[Table]:
    recalls = standard_recall(spec, records, register).recalls
    tables = []
    for rule in spec.recalls:
        late = [r for r in recalls if r.kind == rule.name and r.days_overdue(records.as_of) > 0]
        counts = Counter(recall.band for recall in late)
        bands = [band.name for band in rule.bands] or [""]
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
    """Whether a reporting clock was met: yes, no, or running; times are local ISO text and compare as such."""
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


_Kind = Callable[[MeasureSpec, ServiceSpec, Records, Register, Claim, Period], Measure]
_KINDS: dict[str, _Kind] = {
    "items": _items,
    "register-size": _register_size,
    "on-time": _on_time,
    "overdue": _overdue,
    "incidents": _incident_count,
}
