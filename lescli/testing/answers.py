"""A service's answers as rows of text, and assertions that compare them with a table."""

from __future__ import annotations

from datetime import date

from ..amounts import plain_pounds
from ..calendar import Month, for_people
from ..model import Claim, ClaimRow, RecallList, Register, Report
from .surgery import Surgery
from .tables import TextRow, assert_rows, assert_rows_in_order


def assert_claim(surgery: Surgery, expected: str, *, month: str, as_of: str | date | None = None) -> Claim:
    """The claim has exactly the rows of the table: patient | date | item | verdict | reason | price | month | …"""
    __tracebackhide__ = True
    claim = surgery.claim(month, as_of)
    assert_rows(expected, claim_rows(surgery, claim))
    return claim


def assert_recall(surgery: Surgery, expected: str, *, as_of: str | date) -> None:
    """The recall list has exactly the rows of the table, in that order: patient | due | late | band | invitations …"""
    __tracebackhide__ = True
    assert_rows_in_order(expected, recall_rows(surgery, surgery.recall(as_of), as_of))


def assert_register(surgery: Surgery, expected: str, *, as_of: str | date) -> None:
    """The register has exactly the rows of the table: patient | entered | ended | end reason | rule | missing …"""
    __tracebackhide__ = True
    assert_rows(expected, register_rows(surgery, surgery.register(as_of)))


def assert_measures(surgery: Surgery, expected: str, *, period: str, as_of: str | date | None = None) -> Report:
    """The report has exactly the measures of the table: measure | count | of | value."""
    __tracebackhide__ = True
    report = surgery.report(period, as_of)
    assert_rows(expected, measure_rows(report))
    return report


def claim_rows(surgery: Surgery, claim: Claim) -> list[TextRow]:
    """patient, date, item, code, verdict, reason, clause, fix, price (pounds), month and other findings (`also`).

    `consultation type`, `clinician` and `id` are those of the row's coded entry, or empty when it has none.
    """
    names = surgery.names()
    entries = surgery.entries()
    return [_claim_row(names, entries, row) for row in claim.rows]


def _claim_row(names: dict[str, str], entries: dict[str, tuple[str, str, str]], row: ClaimRow) -> TextRow:
    pence = row.unit_price_pence
    resting_on = next((entries[name] for name in row.evidence if name in entries), ("", "", ""))
    return {
        "patient": names[row.nhs_number] if row.nhs_number else "",
        "date": row.day.isoformat(),
        "item": row.item,
        "code": row.code,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "clause": row.clause,
        "fix": row.fix,
        "price": "" if pence is None else plain_pounds(pence),
        "month": str(Month.of(row.day)),
        "also": ", ".join(found.reason for found in row.also),
        **dict(zip(("consultation type", "clinician", "id"), resting_on, strict=True)),
    }


def recall_rows(surgery: Surgery, answer: RecallList, as_of: str | date) -> list[TextRow]:
    """patient, kind, due, last, planned, late (days), band, invitations, note, clause."""
    day = surgery.records(as_of).as_of
    names = surgery.names()
    return [
        {
            "patient": names[one.nhs_number],
            "kind": one.kind,
            "due": one.due_on.isoformat(),
            "last": one.last_done_on.isoformat() if one.last_done_on else "",
            "planned": one.planned_for.isoformat() if one.planned_for else "",
            "late": str(one.days_overdue(day)),
            "band": one.band,
            "invitations": str(one.invitations),
            "note": one.note,
            "clause": one.clause,
        }
        for one in answer.recalls
    ]


def register_rows(surgery: Surgery, register: Register) -> list[TextRow]:
    """patient, entered, ended, end reason, rule, clause, missing, advice, doubt, warnings, and each detail by name."""
    names = surgery.names()
    rows = []
    for entry in register.entries:
        details = {field.name: entry.detail(field.name) for field in surgery.shipped.spec.register.details}
        rows.append(
            {
                "patient": names[entry.nhs_number],
                "entered": entry.entered_on.isoformat(),
                "ended": entry.ended_on.isoformat() if entry.ended_on else "",
                "end reason": entry.end_reason,
                "rule": entry.rule,
                "clause": entry.clause,
                "missing": ", ".join(entry.missing),
                "advice": "; ".join(advice.text for advice in entry.advice),
                "doubt": entry.doubt,
                "warnings": "; ".join(entry.warnings),
                **{name: "" if value is None else str(value) for name, value in details.items()},
            }
        )
    return rows


def measure_rows(report: Report) -> list[TextRow]:
    """measure, count, of, value, unit, clause."""
    return [
        {
            "measure": one.id,
            "count": str(one.numerator),
            "of": "" if one.denominator is None else str(one.denominator),
            "value": "" if one.value is None else str(one.value),
            "unit": one.unit,
            "clause": one.clause,
        }
        for one in report.measures
    ]


def table_rows(report: Report, name: str) -> list[TextRow]:
    """One table of a report by its id; KeyError when the report has no such table."""
    for table in report.tables:
        if table.id == name:
            return [
                {column: _cell(value) for column, value in zip(table.columns, row, strict=True)} for row in table.rows
            ]
    raise KeyError(name)


def _cell(value: object) -> str:
    if isinstance(value, date):
        return for_people(value)
    return "" if value is None else str(value)
