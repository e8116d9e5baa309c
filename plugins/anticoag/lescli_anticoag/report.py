"""The report: counts of the monthly return, share monitored, amount of the quarter and INR control."""

from __future__ import annotations

from datetime import date

from lescli.api import (
    Claim,
    ClaimItem,
    ClaimRow,
    Measure,
    Month,
    Period,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    Verdict,
    standard_report,
)

from .amounts import MONTHLY, patient_months, quarterly_amount
from .control import Controls, control_measure, control_table, controls
from .plausible import CODELIST, doubtful_table, limits
from .ranges import number

_NOT_OURS = ("not-registered", "after-death")


def anticoag_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report with this service's own measures, tables and notes, as of the period's end."""
    end = min(period.end, records.as_of)
    month = Period.of_month(Month.of(end))
    standard = standard_report(spec, records, register, claim, period, recalls)
    control = controls(spec, records, register, end)
    monthly = [item for item in spec.items if item.kind == MONTHLY]
    return standard.with_own(
        measures=(
            *(spec.measure(item.name).result(len(_managed(item, claim, month))) for item in monthly),
            _monitored(spec, claim, month),
            control_measure(spec, control.found),
        ),
        first=(quarterly_amount(spec, records, claim, period), patient_months(spec, claim, period)),
        tables=(
            control_table(spec, control.found),
            *([doubtful_table(control.doubtful)] if control.doubtful else []),
        ),
        notes=_notes(spec, end, control),
    )


def _managed(item: ClaimItem, claim: Claim, month: Period) -> set[str]:
    """The patients managed at an item's level in a month, whether or not they are paid for.

    Months held back to be put right count. Months that the service refuses do not count, nor do patients who died or
    have no level.
    """
    options = item.options or {}
    others = {*_NOT_OURS, "inactive", options.get("missing_reason"), options.get("unpaid_reason")}
    return {
        row.nhs_number
        for row in claim.rows
        if row.item == item.name
        and row.day in month
        and not _reasons(row).intersection(others)
        and (row.reason == "claimed" or Verdict.REFUSED not in _verdicts(row))
    }


def _monitored(spec: ServiceSpec, claim: Claim, month: Period) -> Measure:
    """How many of a month's active patients, at any level, were monitored by its end."""
    monthly = {item.name for item in spec.items if item.kind == MONTHLY}
    rows = [row for row in claim.rows if row.item in monthly and row.day in month]
    active = [row for row in rows if not _reasons(row).intersection(_NOT_OURS)]
    monitored = [row for row in active if "not-monitored" not in _reasons(row)]
    return spec.measure("monitored").result(len(monitored), len(active))


def _verdicts(row: ClaimRow) -> set[Verdict]:
    return {row.verdict, *(found.verdict for found in row.also)}


def _reasons(row: ClaimRow) -> set[str]:
    return {row.reason, *(found.reason for found in row.also)}


def _notes(spec: ServiceSpec, end: date, control: Controls) -> list[str]:
    settings = {name: number(spec, name, end) for name in ("ttr_months", "ttr_first_days", "ttr_longest_gap_days")}
    notes = [
        "time in therapeutic range: Rosendaal's linear interpolation, continuous (exact crossing points), bounds "
        f"inside, over the {settings['ttr_months']} months (ttr_months) to {end.isoformat()}, without the first "
        f"{settings['ttr_first_days']} days of treatment (ttr_first_days) and gaps of more than "
        f"{settings['ttr_longest_gap_days']} days between tests (ttr_longest_gap_days)"
    ]
    if control.unread:
        notes.append(f"INR entries without a number, which were left out: {control.unread}")
    if control.doubtful:
        count = sum(len(own) for own in control.doubtful.values())
        notes.append(
            f"INR results outside {limits(spec, end).words}, whose value is not used until it is corrected or "
            f"confirmed: {count}; `les explain {spec.name} --patient NHS` says how"
        )
    if spec.codelist(CODELIST).status_on(end) == "suggested":
        notes.append(
            f"the code of `{CODELIST}` is suggested, not specified; confirm it with "
            f"`les services set {spec.name} codes.{CODELIST}=CODE --from DATE --source TEXT`"
        )
    return notes
