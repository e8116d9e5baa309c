"""The standard report: the counts and shares that specifications ask for, and the audit tables of every service."""

from __future__ import annotations

from collections import Counter
from datetime import date

from ..calendar import Period
from ..model import (
    Claim,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    Table,
)
from .eligibility import OWN, is_of_ours
from .measures import Asked, late_recalls, measured, on_register
from .recall import standard_recall


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
    asked = Asked(spec=spec, records=records, register=register, claim=claim, period=period, recalls=called)
    measures, split, notes = measured(asked)
    tables = [*split, *_overdue_tables(asked), _completeness(spec, records, register)]
    tables += [_incidents(spec, records, period), _verdicts(claim, period)]
    return Report(measures=tuple(measures), tables=tuple(tables), notes=tuple(notes))


def _ours(spec: ServiceSpec, records: Records, register: Register) -> Register:
    """The register without patients of other practices for whom an item is paid: no measure of ours counts them."""
    if all(item.population == OWN for item in spec.items):
        return register
    entries = (one for one in register.entries if is_of_ours(spec, records, records.patient(one.nhs_number)))
    return Register(entries=tuple(entries))


def _overdue_tables(asked: Asked) -> list[Table]:
    tables = []
    for rule in asked.spec.recalls:
        counts = Counter(recall.band for recall in late_recalls(asked, rule.name))
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
