"""A claim as an answer to show: lines, verdicts and reasons, and with `--rows` every row with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ...calendar import for_people
from ...outputs import Answer, Column, Grid, Kind, Mail, pounds
from ..choose_services import plain_lines
from .preview import ClaimAnswer

_LINES = (
    Column("service", "Service"),
    Column("item", "Item"),
    Column("activity_month", "Month of activity"),
    Column("quantity", "Quantity", Kind.COUNT),
    Column("unit_price_pence", "Price", Kind.PENCE),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("late", "Late"),
)
_TOTALS = (
    Column("service", "Service"),
    Column("total_pence", "Total", Kind.PENCE),
    Column("chain_head", "Chain head", Kind.CODE),
)
_VERDICTS = (Column("service", "Service"), Column("verdict", "Verdict"), Column("count", "Activities", Kind.COUNT))
_REASONS = (
    Column("service", "Service"),
    Column("verdict", "Verdict"),
    Column("reason", "Reason"),
    Column("clause", "Clause"),
    Column("count", "Activities", Kind.COUNT),
    Column("fix", "What to do"),
)
_ROWS = (
    Column("service", "Service"),
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("date", "Date", Kind.DATE),
    Column("code", "Code", Kind.CODE),
    Column("item", "Item"),
    Column("verdict", "Verdict"),
    Column("reason", "Reason"),
    Column("clause", "Clause"),
    Column("fix", "What to do"),
    Column("evidence", "Evidence"),
)


def claim_answer(answers: Sequence[ClaimAnswer], warnings: Sequence[str], *, rows: bool) -> Answer:
    """One claim as an object, several as an array; `rows` names patients and marks the answer identifiable."""
    shown = [{**one.data, "rows": list(one.rows)} if rows else one.data for one in answers]
    grids = (_lines(answers), _totals(answers), _verdicts(answers), _reasons(answers))
    return Answer(
        data=shown[0] if len(shown) == 1 else shown,
        title=_title(answers),
        grids=(_rows(answers), *grids) if rows else grids,
        notes=plain_lines((*warnings, *(text for one in answers for text in one.warnings))),
        identifiable=rows,
        mail=_mail(answers[0]) if len(answers) == 1 else None,
        mails=tuple((one.service, _mail(one)) for one in answers),
        records=None if rows else _proven_lines(answers),
    )


def _title(answers: Sequence[ClaimAnswer]) -> str:
    if not answers:
        return "Claim: no service to claim for"
    data = answers[0].data
    return f"Claim for {data['month']}, {data['practice']['name']} ({data['practice']['ods_code']}): " + ", ".join(
        f"{one.service} {_state(one)}" for one in answers
    )


def _state(one: ClaimAnswer) -> str:
    by = one.data["submit_by"]
    until = f", submit by {for_people(date.fromisoformat(by))}" if by and one.data["status"] == "preview" else ""
    return f"{one.data['status']}{until}"


def _lines(answers: Sequence[ClaimAnswer]) -> Grid:
    rows: list[tuple[object, ...]] = []
    for one in answers:
        for line in one.data["lines"]:
            late = "late" if line["late"] else ""
            values = (line[key] for key in ("item", "activity_month", "quantity", "unit_price_pence", "amount_pence"))
            rows.append((one.service, *values, late))
    return Grid(title="Lines", columns=_LINES, rows=tuple(rows), empty="nothing is payable")


def _proven_lines(answers: Sequence[ClaimAnswer]) -> Grid | None:
    """The lines with the head of the chain beside each: csv has no other place to print it."""
    heads = {one.service: one.chain_head for one in answers if one.chain_head}
    if not heads:
        return None
    grid = _lines(answers)
    rows = tuple((*row, heads.get(str(row[0]), "")) for row in grid.rows)
    return replace(grid, columns=(*grid.columns, _TOTALS[-1]), rows=rows)


def _totals(answers: Sequence[ClaimAnswer]) -> Grid:
    # A preview proves nothing, and has no head of the chain.
    columns = _TOTALS if any(one.chain_head for one in answers) else _TOTALS[:-1]
    cells = ((one.service, one.data["total_pence"], one.chain_head) for one in answers)
    rows = tuple(row[: len(columns)] for row in cells)
    return Grid(title="Total", columns=columns, rows=rows, empty="no service to claim for")


def _verdicts(answers: Sequence[ClaimAnswer]) -> Grid:
    rows: list[tuple[object, ...]] = []
    for one in answers:
        rows += [(one.service, verdict, count) for verdict, count in one.data["verdicts"].items() if count]
        rows.append((one.service, "considered", one.data["considered"]))
    return Grid(title="Every activity considered", columns=_VERDICTS, rows=tuple(rows))


def _reasons(answers: Sequence[ClaimAnswer]) -> Grid:
    rows = tuple(
        (one.service, *(row[key] for key in ("verdict", "reason", "clause", "count", "fix")))
        for one in answers
        for row in one.data["reasons"]
    )
    missed = any(one.data.get("unregistered") for one in answers)
    waits = any(one.data.get("quarantine") for one in answers)
    empty = (
        "nothing of it; patients with these codes are on no register"
        if missed
        else "nothing of it; rows with these codes wait in quarantine"
        if waits
        else "nothing was left out"
    )
    return Grid(title="Why the others are not in it", columns=_REASONS, rows=rows, empty=empty)


def _rows(answers: Sequence[ClaimAnswer]) -> Grid:
    rows = tuple((one.service, *_row(row)) for one in answers for row in one.rows)
    return Grid(title="Rows", columns=_ROWS, rows=rows, empty="no activity")


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["nhs_number"],
        date.fromisoformat(row["date"]),
        row["code"],
        row["item"],
        row["verdict"],
        row["reason"],
        row["clause"],
        row["fix"],
        " ".join(row["evidence"]),
    )


def _mail(one: ClaimAnswer) -> Mail | None:
    """The draft for the commissioner: counts and amounts, no patient."""
    if not one.address:
        return None
    data = one.data
    lines = [
        f"{line['item']}, activity of {line['activity_month']}: {line['quantity']} at "
        f"{pounds(line['unit_price_pence'])} = {pounds(line['amount_pence'])}"
        for line in data["lines"]
    ]
    practice = f"{data['practice']['name']} ({data['practice']['ods_code']})"
    head = f"{data['specification']['title']}: claim of {practice} for {data['month']}"
    total = f"Total: {pounds(data['total_pence'])}"
    proof = f"Claim {data['claim_id']}, chain head {one.chain_head}" if data["claim_id"] else "Preview, not submitted"
    return Mail(to=one.address, subject=head, body="\n".join([head, "", *lines, total, "", proof, ""]))
