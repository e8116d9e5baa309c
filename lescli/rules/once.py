"""Items paid once for a patient, on the day the register names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ..calendar import Period
from ..model import ClaimItem, ClaimRow, Finding, Records, Register, RegisterEntry, ServiceSpec
from .checks import Check
from .priced import priced_row
from .reasons import finding
from .recall import holds
from .standing import contract_findings
from .windows import looked_at


def once_per_patient(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each patient whose register detail `date_detail` lies in the days the claim looks at.

    Once in a lifetime: a second day is refused, and what was claimed on another day is claimed. With `if_detail`, a
    register detail must be `if_value` on that day; otherwise the reason `else_reason` is given.
    """
    options = item.options or {}
    span = looked_at(spec, period)
    claimed = {row.nhs_number for row in records.claimed() if row.item == item.name}
    rows, counted = [], set(claimed)
    for day, entry in sorted(_dated(register, options["date_detail"], records.as_of), key=lambda one: one[0]):
        found: list[Finding] = []
        if entry.nhs_number in claimed:
            found.append(finding(spec, "claimed"))
        elif entry.nhs_number in counted:
            found.append(finding(spec, "duplicate"))
        found += contract_findings(spec, records, day)
        patient = records.patient(entry.nhs_number)
        if not patient.registered_on(min(day, patient.died_on or day), records.practice.ods_code):
            found.append(finding(spec, "not-registered"))
        elif not patient.alive_on(day):
            found.append(finding(spec, "after-death"))
        if "if_detail" in options and not holds(entry.detail_on(options["if_detail"], day), options["if_value"]):
            found.append(finding(spec, options["else_reason"]))
        row = priced_row(spec, item, entry.nhs_number, day, found)
        if row.unit_price_pence is not None:
            counted.add(entry.nhs_number)
        if day in span:
            rows.append(replace(row, evidence=entry.evidence))
    return rows


def _dated(register: Register, detail: str, as_of: date) -> Iterator[tuple[date, RegisterEntry]]:
    """The day each entry names, as known on the day asked about."""
    for entry in register.entries:
        day = entry.detail(detail)
        if isinstance(day, date) and day <= as_of:
            yield day, entry
