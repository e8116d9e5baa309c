"""`les year`: by service and month what was claimed, paid, is owed, can still be claimed, and has expired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..calendar import ClaimPeriod, Month, Period, for_people, parse_claim_period
from ..errors import LesError, LockedError, UsageError
from ..model import ServiceSpec
from ..outputs import Answer, Chart, Column, Grid, Kind, Section, Series, counted, pounds
from ..rules.unclaimed import Standing, Unclaimed
from ..store import Store
from ..store.ledger.read import LedgerClaim, claims
from .choose_services import chosen_services, register_of
from .claim.view import each_pound_once
from .position import Position, position_of

_COLUMNS = (
    Column("service", "Service"),
    Column("month", "Month"),
    Column("claimed_pence", "Claimed", Kind.PENCE),
    Column("paid_pence", "Paid", Kind.PENCE),
    Column("owed_pence", "Owed", Kind.PENCE),
    Column("overpaid_pence", "Paid too much", Kind.PENCE),
    Column("open_pence", "Not claimed yet", Kind.PENCE),
    Column("held_back_pence", "To put right", Kind.PENCE),
    Column("expired", "Expired", Kind.COUNT),
    Column("lost_pence", "Lost", Kind.PENCE),
    Column("state", "State"),
)
_SUMS = ("claimed_pence", "paid_pence", "owed_pence", "overpaid_pence", "open_pence", "held_back_pence", "lost_pence")
_CAN_BE_CLAIMED = (Standing.READY, Standing.NOT_OVER, Standing.AT_RISK)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearDone:
    """The year as an answer, and one line for each service that failed."""

    answer: Answer
    failed: tuple[str, ...]


def year_of(store: Store, typed: str, as_of: date) -> YearDone:
    """The contract year by its name, `2026-27`, or the one that `as_of` is in, of every service of the practice.

    Claimed is what was submitted less what was taken back. Expired work can be claimed no more; lost is its worth. Each
    pound of unclaimed work stands under one service, as in `les status`.
    """
    chosen = chosen_services(store, (), Period(as_of, as_of))
    failed = list(chosen.broken)
    asked: list[tuple[ServiceSpec, Position]] = []
    for service in chosen.services:
        try:
            records, register = register_of(store, service, as_of)
            asked.append((service.spec, position_of(store, service, records, register)))
        except LockedError:
            raise
        except LesError as fault:
            failed.append(str(fault))
    positions = each_pound_once(asked)
    every = claims(store)
    known = {spec.name for spec, _ in asked}
    rows: list[dict[str, Any]] = []
    for (spec, _), position in zip(asked, positions, strict=True):
        year = _year(spec, typed, as_of)
        rows += _of_service(spec, year, [one for one in every if one.service == spec.name], position.work, as_of)
    gone = sorted({one.service for one in every} - known - {line.partition(":")[0] for line in failed})
    failed += [f"{name}: it has claims, but its service is not among the signed ones" for name in gone]
    return YearDone(answer=_answer(rows, typed, as_of, chosen.warnings), failed=tuple(failed))


def _year(spec: ServiceSpec, typed: str, as_of: date) -> Period:
    if not typed:
        return spec.contract_year(as_of)
    try:
        period = parse_claim_period(typed, spec.year_starts)
    except ValueError as fault:
        raise UsageError(f"the year: {fault}", "write it as 2026-27") from None
    if period.every != "year":
        raise UsageError("that is no contract year", "write it as 2026-27")
    return Period.of_claim(period)


def _of_service(
    spec: ServiceSpec, year: Period, submitted: Sequence[LedgerClaim], work: Sequence[Unclaimed], as_of: date
) -> Iterator[dict[str, Any]]:
    """A row for each month of the year that has begun (or quarter, as the service is claimed)."""
    periods = [spec.claim_period(year.start)]
    while periods[-1].last < year.end:
        periods.append(periods[-1].plus(1))
    by_claim: defaultdict[str, list[LedgerClaim]] = defaultdict(list)
    for one in submitted:
        by_claim[_within(spec, one.month, periods)].append(one)
    by_work: defaultdict[str, list[Unclaimed]] = defaultdict(list)
    for each in work:
        by_work[str(spec.claim_period(each.row.day))].append(each)
    for period in periods:
        if period.first > as_of and not by_claim[str(period)]:
            continue
        yield _row(spec.name, period, by_claim[str(period)], by_work[str(period)], as_of)


def _within(spec: ServiceSpec, name: str, periods: Sequence[ClaimPeriod]) -> str:
    """The period of the table that a claim belongs to: its own, or the one it begins in if that was another span."""
    with suppress(ValueError):
        first = parse_claim_period(name, spec.year_starts).first
        return next((str(one) for one in periods if one.first <= first <= one.last), name)
    return name


def _row(
    service: str, period: ClaimPeriod, submitted: Sequence[LedgerClaim], work: Sequence[Unclaimed], as_of: date
) -> dict[str, Any]:
    owed = [one.owed_pence for one in submitted if not one.withdrawn_on]
    lost = [one for one in work if one.standing is Standing.EXPIRED]
    state = "not over" if as_of <= period.last else "submitted" if any(not c.withdrawn_on for c in submitted) else ""
    return {
        "service": service,
        "month": str(period),
        "claimed_pence": sum(one.total_pence - one.reversed_pence for one in submitted),
        "paid_pence": sum(one.paid_pence for one in submitted),
        "owed_pence": sum(pence for pence in owed if pence > 0),
        "overpaid_pence": -sum(pence for pence in owed if pence < 0),
        "open_pence": sum(one.amount_pence for one in work if one.is_payable and one.standing in _CAN_BE_CLAIMED),
        "held_back_pence": sum(one.amount_pence for one in work if one.standing is Standing.HELD_BACK),
        "expired": len(lost),
        "lost_pence": sum(one.amount_pence for one in lost),
        "state": state,
    }


def _answer(rows: Sequence[dict[str, Any]], typed: str, as_of: date, warnings: Sequence[str]) -> Answer:
    totals = {name: sum(row[name] for row in rows) for name in _SUMS}
    services = list(dict.fromkeys(row["service"] for row in rows))
    data: dict[str, Any] = {
        "schema": "les-year/1",
        "year": typed or None,
        "as_of": as_of.isoformat(),
        "months": list(rows),
        "totals": totals,
    }
    said = (
        f"Claimed {pounds(totals['claimed_pence'])}, paid {pounds(totals['paid_pence'])}, "
        f"owed {pounds(totals['owed_pence'])}, not claimed yet {pounds(totals['open_pence'])}, "
        f"lost {pounds(totals['lost_pence'])}."
    )
    grid = Grid(title="Months", columns=_COLUMNS, rows=_cells(rows), empty="no service")
    title = f"The year {typed or 'so far'} on {for_people(as_of)}, {counted(len(services), 'service')}"
    return Answer(
        data=data,
        title=title,
        grids=(grid, Grid(title="Together", columns=_COLUMNS, rows=_cells([{**dict.fromkeys(_names()), **totals}]))),
        notes=tuple(warnings),
        sections=(
            Section(heading="Together", text=(said,), chart=_chart("All services", rows)),
            *(_section(name, [row for row in rows if row["service"] == name]) for name in services),
        ),
    )


def _names() -> list[str]:
    return [column.name for column in _COLUMNS]


def _section(service: str, rows: Sequence[dict[str, Any]]) -> Section:
    grid = Grid(title="", columns=_COLUMNS[1:], rows=tuple(row[1:] for row in _cells(rows)))
    return Section(heading=service, chart=_chart(service, rows), grid=grid)


def _chart(title: str, rows: Sequence[dict[str, Any]]) -> Chart | None:
    """Claimed and paid by month. Months of services that are claimed by the quarter stand under the quarter's name."""
    labels = tuple(dict.fromkeys(row["month"] for row in sorted(rows, key=lambda row: str(row["month"]))))
    sums = {name: dict.fromkeys(labels, 0) for name in ("claimed_pence", "paid_pence")}
    for row in rows:
        for name, held in sums.items():
            held[row["month"]] += row[name]
    if not any(value for held in sums.values() for value in held.values()):
        return None
    return Chart(
        shape="bars",
        title=f"{title}: claimed and paid",
        description="Pounds claimed and paid by month claimed; the table beneath has the numbers.",
        labels=tuple(map(_short, labels)),
        series=(
            Series(name="Claimed", values=tuple(sums["claimed_pence"].values())),
            Series(name="Paid", values=tuple(sums["paid_pence"].values())),
        ),
        unit=Kind.PENCE,
    )


def _short(period: str) -> str:
    """A month as a chart has room for: `Apr 26`."""
    with suppress(ValueError):
        return Month.parse(period).short
    return period


def _cells(rows: Sequence[dict[str, Any]]) -> tuple[tuple[object, ...], ...]:
    return tuple(tuple(row.get(column.name) for column in _COLUMNS) for row in rows)
