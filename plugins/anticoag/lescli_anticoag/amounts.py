"""What the quarter is worth and how many patient-months it holds, month by month."""

from __future__ import annotations

from collections import Counter
from datetime import date

from lescli.api import Claim, ClaimRow, Month, Period, ServiceSpec, Table, Verdict, contract_year

MONTHLY = "per-patient-month"
_PAID = (Verdict.PAYABLE, Verdict.CLAIMED)
_ELSEWHERE = "claimed-elsewhere"


def quarterly_amount(spec: ServiceSpec, claim: Claim, period: Period) -> Table:
    """Whole pence by quarter of the contract year, month and item, each quarter with its total.

    Counted is what was claimed with this program or is payable in the period, at the price of its date.
    """
    rows = [row for row in claim.rows if Month.of(row.day) in period.months()]
    quantities = Counter((Month.of(row.day), row.item) for row in rows if _is_paid(row))
    amounts: Counter[tuple[Month, str]] = Counter()
    for row in rows:
        if _is_paid(row):
            amounts[Month.of(row.day), row.item] += _price(spec, row)
    shown: list[tuple[str | int, ...]] = []
    quarters = list(dict.fromkeys(quarter_of(month.first) for month in period.months()))
    for quarter in quarters:
        keys = [key for key in sorted(quantities) if quarter_of(key[0].first) == quarter]
        shown += [(quarter, str(month), item, quantities[month, item], amounts[month, item]) for month, item in keys]
        total = (sum(quantities[key] for key in keys), sum(amounts[key] for key in keys))
        shown.append((quarter, "total", "", *total))
    return Table(
        id="quarterly-amount",
        title="Amount by quarter, month and item, in pence",
        columns=("quarter", "month", "item", "quantity", "amount_pence"),
        rows=tuple(shown),
    )


def _is_paid(row: ClaimRow) -> bool:
    return row.verdict in _PAID and row.reason != _ELSEWHERE


def _price(spec: ServiceSpec, row: ClaimRow) -> int:
    if row.unit_price_pence is not None:
        return row.unit_price_pence
    price = spec.item(row.item).price_on(row.day)
    return (price.value.pence or 0) if price else 0


def quarter_of(day: date) -> str:
    """The quarter of the contract year as `les report --period` takes it: `2020-21-Q1`."""
    start = contract_year(day).start
    months = (day.year - start.year) * 12 + day.month - start.month
    return f"{start.year}-{contract_year(day).end:%y}-Q{months // 3 + 1}"


def patient_months(spec: ServiceSpec, claim: Claim, period: Period) -> Table:
    """Every patient-month of the period by month, item, verdict and reason."""
    monthly = {item.name for item in spec.items if item.kind == MONTHLY}
    counts = Counter(
        (str(Month.of(row.day)), row.item, row.verdict.value, row.reason)
        for row in claim.rows
        if row.item in monthly and Month.of(row.day) in period.months()
    )
    return Table(
        id="patient-months",
        title="Patient-months by month, item, verdict and reason",
        columns=("month", "item", "verdict", "reason", "patients"),
        rows=tuple((*key, count) for key, count in sorted(counts.items())),
    )
