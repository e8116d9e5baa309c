"""A claim as an answer: lines, verdicts and reasons, and every row with its reason when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ...calendar import for_people
from ...model import ServiceSpec
from ...outputs import Answer, Column, Grid, Kind, Mail, counted
from ...rules.other_services import Key, allowed, keys_of, shared_work
from ...rules.unclaimed import Standing, Unclaimed, total
from ..choose_services import plain_lines
from ..position import Position
from ..values import as_cells, as_json
from .book import claim_sheets, filled_form, mail_body, mail_subject
from .preview import ClaimAnswer

_STILL_CLAIMABLE = (Standing.READY, Standing.NOT_OVER, Standing.AT_RISK, Standing.HELD_BACK)

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
    Column("evidence", "Evidence", between=" "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """The payable work of one service, as services compare it, and the services that may be paid for it too."""

    service: str
    work: tuple[tuple[Key, ...], ...]
    shares_with: frozenset[str]


def payable_of(spec: ServiceSpec, position: Position) -> Payable:
    """The payable work of one service that is in none of its claims yet."""
    work = shared_work(spec, (one.row for one in position.work))
    return Payable(service=spec.name, work=work, shares_with=frozenset(allowed(spec, position.as_of)))


def both_paid(payable: Sequence[Payable]) -> Iterator[tuple[tuple[str, str], str]]:
    """Each pair of services that would both be paid for the same work, and a line that says so."""
    for one, other in combinations(payable, 2):
        if one.service in other.shares_with or other.service in one.shares_with:
            continue
        held = {key for work in other.work for key in work}
        if both := sum(not held.isdisjoint(work) for work in one.work):
            yield (
                (one.service, other.service),
                f"{one.service} and {other.service} would both be paid for the same work, "
                f"{counted(both, 'activity', 'activities')}: whichever is submitted first claims it, and in the "
                "other it becomes claimed-in-another-service",
            )


def each_pound_once(asked: Sequence[tuple[ServiceSpec, Position]]) -> list[Position]:
    """The positions, with work that two services could claim counted once: where it is payable, else in the first.

    The other service lists that work as `also_claimable`, worth £0 there.
    """
    ranked = sorted(
        ((not one.is_payable, place, one) for place, (_, where) in enumerate(asked) for one in where.work),
        key=lambda found: found[:2],
    )
    held: dict[Key, list[int]] = {}
    counted_by: dict[int, int] = {}
    for _, place, one in ranked:
        row, spec = one.row, asked[place][0]
        if one.standing not in _STILL_CLAIMABLE or not row.nhs_number:
            continue
        keys = keys_of(spec, spec.item(row.item), row.code, row.nhs_number, row.day, row.entry_id)
        holders = (other for key in keys for other in held.get(key, ()))
        other = next((other for other in holders if _pays_once(asked[other][0], spec, one)), None)
        if other is not None and other != place:
            counted_by[id(one)] = other
            continue
        for key in keys:
            held.setdefault(key, []).append(place)
    return [_without(where, counted_by, [spec.name for spec, _ in asked]) for _, where in asked]


def _pays_once(one: ServiceSpec, other: ServiceSpec, work: Unclaimed) -> bool:
    """Whether the two services may not both be paid for the same work: no setting of either allows it."""
    day = work.row.day
    return one.name != other.name and one.name not in allowed(other, day) and other.name not in allowed(one, day)


def _without(where: Position, counted_by: dict[int, int], names: list[str]) -> Position:
    """A position without the work that another service counts."""
    if not any(id(one) in counted_by for one in where.work):
        return where

    def kept(work: Sequence[Unclaimed]) -> tuple[Unclaimed, ...]:
        return tuple(
            replace(one, standing=Standing.ALSO_CLAIMABLE, amount_pence=0) if id(one) in counted_by else one
            for one in work
        )

    others: dict[str, list[Unclaimed]] = {}
    for one in where.work:
        if id(one) in counted_by:
            others.setdefault(names[counted_by[id(one)]], []).append(one)
    return replace(
        where,
        work=kept(where.work),
        months=tuple(replace(month, work=kept(month.work)) for month in where.months),
        found_since=tuple(one for one in where.found_since if id(one) not in counted_by),
        also_claimable=tuple((name, total(work)) for name, work in others.items()),
    )


def told_of_each_other(answers: Sequence[ClaimAnswer]) -> list[ClaimAnswer]:
    """The previews, each with a warning for every other preview that would be paid for the same work."""
    payable = [Payable(service=one.service, work=one.work, shares_with=one.shares_with) for one in answers]
    warnings = list(both_paid(payable))
    return [_with(one, [text for names, text in warnings if one.service in names]) for one in answers]


def _with(one: ClaimAnswer, warnings: list[str]) -> ClaimAnswer:
    if not warnings:
        return one
    every = (*one.warnings, *warnings)
    return replace(one, warnings=every, data={**one.data, "warnings": list(every)})


def claim_answer(answers: Sequence[ClaimAnswer], warnings: Sequence[str], *, rows: bool, form: bytes = b"") -> Answer:
    """One claim as an object, several as an array. With `rows` the answer names patients and is marked identifiable.

    `form` is the commissioner's empty form, for a claim of one service.
    """
    if form and len(answers) == 1:
        return _on_form(claim_answer(answers, warnings, rows=rows), answers[0], form)
    shown = [{**one.data, "rows": [as_json(row) for row in one.rows]} if rows else one.data for one in answers]
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
        sheets=() if rows else claim_sheets(answers),
    )


def _on_form(answer: Answer, one: ClaimAnswer, form: bytes) -> Answer:
    """The answer with the filled form: as its workbook, and as a second attachment of its message."""
    made, name = filled_form(one, form), f"form-{one.service}-{one.data['month']}.xlsx"
    mail = replace(answer.mail, attached=((name, made),)) if answer.mail else None
    return replace(answer, workbook=made, mail=mail, mails=((one.service, mail),))


def _title(answers: Sequence[ClaimAnswer]) -> str:
    if not answers:
        return "Claim: no service to claim for"
    data = answers[0].data
    return f"Claim for {data['month']}, {data['practice']['name']} ({data['practice']['ods_code']}): " + ", ".join(
        f"{one.service} {_state(one)}" for one in answers
    )


def _state(one: ClaimAnswer) -> str:
    until = f", submit by {for_people(one.submit_by)}" if one.submit_by and one.data["status"] == "preview" else ""
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
    """The lines with the chain head in a column, because CSV has no other place for it."""
    heads = {one.service: one.chain_head for one in answers if one.chain_head}
    if not heads:
        return None
    grid = _lines(answers)
    rows = tuple((*row, heads.get(str(row[0]), "")) for row in grid.rows)
    return replace(grid, columns=(*grid.columns, _TOTALS[-1]), rows=rows)


def _totals(answers: Sequence[ClaimAnswer]) -> Grid:
    # A preview proves nothing, so it has no chain head.
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
        "no other activities, but patients with these codes are on no register"
        if missed
        else "no other activities, but rows with these codes wait in quarantine"
        if waits
        else "nothing was left out"
    )
    return Grid(title="Why the other activities are not claimed", columns=_REASONS, rows=rows, empty=empty)


def _rows(answers: Sequence[ClaimAnswer]) -> Grid:
    rows = tuple((one.service, *cells) for one in answers for cells in as_cells(one.rows, _ROWS[1:]))
    return Grid(title="Rows", columns=_ROWS, rows=rows, empty="no activity")


def _mail(one: ClaimAnswer) -> Mail | None:
    """A draft email to the commissioner with counts and amounts and no patient."""
    if not one.address:
        return None
    data = one.data
    name = f"{one.service}-{data['month']}{'' if data['status'] == 'submitted' else '-preview'}.xlsx"
    return Mail(to=one.address, subject=mail_subject(one), body=mail_body(one), attached_as=f"claim-{name}")
