"""Tables of the report: the amount of each quarter, and the number of patient-months in each month."""

from __future__ import annotations

from collections import Counter
from datetime import date

from lescli.api import Claim, Month, Period, Records, ServiceSpec, Table, Verdict, contract_year, not_over

MONTHLY = "per-patient-month"
_Key = tuple[Month, str]
_NONE = (0, 0, 0, 0, 0)


def quarterly_amount(spec: ServiceSpec, records: Records, claim: Claim, period: Period) -> Table:
    """Whole pence by quarter of the contract year, month and item, with a total for each quarter.

    Work claimed with les and not reversed has the amount it was claimed at. Payable work is shown beside it.
    `not_over_pence` is the part of the payable amount in a month that is not over, which cannot be claimed yet.
    """
    months = period.months()
    quantities: Counter[_Key] = Counter()
    claimed: Counter[_Key] = Counter()
    payable: Counter[_Key] = Counter()
    for standing in records.claimed():
        if Month.of(standing.day) in months:
            quantities[Month.of(standing.day), standing.item] += 1
            claimed[Month.of(standing.day), standing.item] += standing.amount_pence
    for row in claim.rows:
        if row.verdict is Verdict.PAYABLE and Month.of(row.day) in months:
            quantities[Month.of(row.day), row.item] += 1
            payable[Month.of(row.day), row.item] += row.unit_price_pence or 0
    waits: Counter[_Key] = Counter()
    for row in not_over(spec, claim):
        if Month.of(row.day) in months:
            waits[Month.of(row.day), row.item] += row.unit_price_pence or 0
    shown: list[tuple[str | int, ...]] = []
    for quarter in dict.fromkeys(quarter_of(month.first) for month in months):
        keys = [key for key in sorted(quantities) if quarter_of(key[0].first) == quarter]
        lines = [(quantities[key], claimed[key], payable[key], claimed[key] + payable[key], waits[key]) for key in keys]
        shown += [(quarter, str(month), item, *line) for (month, item), line in zip(keys, lines, strict=True)]
        shown.append((quarter, "total", "", *map(sum, zip(_NONE, *lines, strict=True))))
    return Table(
        id="quarterly-amount",
        title="Amount by quarter, month and item: claimed, payable, and what of that is of a month not over",
        columns=(
            *("quarter", "month", "item", "quantity"),
            *("claimed_pence", "payable_pence", "amount_pence", "not_over_pence"),
        ),
        rows=tuple(shown),
    )


def quarter_of(day: date) -> str:
    """The quarter of the contract year, as typed after `les report --period`: `2020-21-Q1`."""
    start = contract_year(day).start
    months = (day.year - start.year) * 12 + day.month - start.month
    return f"{start.year}-{contract_year(day).end:%y}-Q{months // 3 + 1}"


def patient_months(spec: ServiceSpec, claim: Claim, period: Period) -> Table:
    """The number of patient-months in the period, by month, item, verdict and reason."""
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
