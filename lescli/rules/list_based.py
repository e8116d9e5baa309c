"""Items paid for the practice's list and not for a patient: so much per 1,000 patients, or a block a month."""

from __future__ import annotations

from dataclasses import replace

from ..calendar import Period
from ..model import ClaimItem, ClaimRow, Records, Register, ServiceSpec
from .checks import Check
from .priced import priced_row
from .reasons import finding
from .standing import contract_findings
from .windows import looked_at


def per_list(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each month the claim looks at, dated its first day; the list is counted on that day."""
    standing = {row.day for row in records.claimed() if row.item == item.name}
    rows = []
    for month in looked_at(spec, period, records).months():
        if month.first > records.as_of:
            break
        size = records.list_size(month.first)
        found = [finding(spec, "claimed")] if month.first in standing else []
        found += contract_findings(spec, records, month.first)
        row = priced_row(spec, item, "", month.first, found, list_size=size)
        rows.append(replace(row, evidence=(f"list:{month.first.isoformat()}:{size}",)))
    return rows
