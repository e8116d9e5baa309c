"""Items paid for the whole practice list: a price per 1,000 patients, or a fixed sum (block) a month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ..calendar import Period
from ..model import ClaimItem, ClaimRow, Records, Register, ServiceSpec, Verdict
from .checks import Check
from .eligibility import contract_findings
from .verdict import finding, priced_row
from .windows import looked_at

PARTS = "accept_part_months"
"""The setting that pays a whole month although the contract was held on only some of its days."""


def per_list(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each month the claim looks at, dated its first day; the list size is that of the same day.

    A month in which the contract was held on only some days waits as `check`, because the data does not say what is
    paid for it.
    """
    standing = {row.day for row in records.claimed() if row.item == item.name}
    rows = []
    for month in looked_at(spec, period, records).months():
        if month.first > records.as_of:
            break
        size = records.list_size(month.first)
        found = [finding(spec, "claimed")] if month.first in standing else []
        days = Period.of_month(month)
        contract = list(contract_findings(spec, records, month.first, (days,)))
        refused = any(one.verdict is Verdict.REFUSED for one in contract)
        if not (refused or _held_throughout(spec, records, days) or _accepts_parts(spec, month.first)):
            contract.append(finding(spec, "part-month"))
        found += contract
        row = priced_row(spec, item, "", month.first, found, list_size=size)
        rows.append(replace(row, evidence=(f"list:{month.first.isoformat()}:{size}",)))
    return rows


def _held_throughout(spec: ServiceSpec, records: Records, days: Period) -> bool:
    """Whether the specification was in force, and signed if the practice recorded its contracts, on every day."""
    signed = records.signed()
    every = (days.start + timedelta(days=count) for count in range((days.end - days.start).days + 1))
    return all(spec.in_force_on(day) and (not signed or any(span.covers(day) for span in signed)) for day in every)


def _accepts_parts(spec: ServiceSpec, day: date) -> bool:
    return any(setting.name == PARTS for setting in spec.settings) and spec.setting(PARTS, day) is True
