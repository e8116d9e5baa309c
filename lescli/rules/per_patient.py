"""Items paid once for each patient, on a day that the register gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from ..calendar import Period
from ..model import ClaimItem, ClaimRow, Finding, Records, Register, RegisterEntry, ServiceSpec
from .checks import Check, checks_of, on_the_day
from .details import holds_phrase
from .eligibility import contract_findings, patient_findings
from .verdict import finding, priced_row
from .windows import looked_at


def once_per_patient(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each patient whose register detail `date_detail` is one of the days the claim looks at.

    An item is paid once in a lifetime: a second day is refused, and if another day was claimed, the item is claimed.
    With `if_detail`, a register detail must contain a phrase of `if_setting` and none of `except_setting`. Otherwise
    the reason is `else_reason`, or `missing_reason` if the detail is not recorded. The detail's value is the one known
    on the day asked about, because the reason for a treatment is often recorded after it began.
    """
    options = item.options or {}
    span = looked_at(spec, period, records)
    claimed = {row.nhs_number for row in records.claimed() if row.item == item.name}
    checks = checks_of(spec, item, records, own_checks)
    rows, counted = [], set(claimed)
    for day, entry in sorted(_dated(register, options["date_detail"], records.as_of), key=lambda one: one[0]):
        found: list[Finding] = []
        if entry.nhs_number in claimed:
            found.append(finding(spec, "claimed"))
        elif entry.nhs_number in counted:
            found.append(finding(spec, "duplicate"))
        found += contract_findings(spec, records, day)
        patient = records.patient(entry.nhs_number)
        found += patient_findings(spec, records, patient, day)
        found += _condition(spec, options, entry, day)
        found += on_the_day(checks, patient, entry, day)
        row = priced_row(spec, item, entry.nhs_number, day, found)
        # Work claimed by other means is not in the ledger, but it was paid.
        if row.unit_price_pence is not None or row.reason == "claimed-elsewhere":
            counted.add(entry.nhs_number)
        if day in span:
            rows.append(replace(row, evidence=entry.evidence))
    return rows


def _condition(spec: ServiceSpec, options: Mapping[str, str], entry: RegisterEntry, day: date) -> Iterator[Finding]:
    if "if_detail" not in options:
        return
    written = entry.detail(options["if_detail"])
    if written is None:
        yield finding(spec, options["missing_reason"])
        return
    meant = holds_phrase(str(written), spec.setting(options["if_setting"], day))
    if not meant or holds_phrase(str(written), spec.setting(options["except_setting"], day)):
        yield finding(spec, options["else_reason"])


def _dated(register: Register, detail: str, as_of: date) -> Iterator[tuple[date, RegisterEntry]]:
    """Each entry with the day it gives, unless that is after the day asked about."""
    for entry in register.entries:
        day = entry.detail(detail)
        if isinstance(day, date) and day <= as_of:
            yield day, entry
