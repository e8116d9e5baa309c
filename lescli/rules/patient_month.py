"""Items paid per active patient and month: one row a patient and month, at the one level they hold in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from ..calendar import Month, Period
from ..model import (
    ClaimedRow,
    ClaimItem,
    ClaimRow,
    DetailValue,
    Finding,
    Patient,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
)
from .checks import Check, checks_of, on_the_day
from .priced import priced_row
from .reasons import finding
from .recall import holds
from .standing import contract_findings
from .windows import looked_at

MONTH_END = "month-end"


def per_patient_month(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each patient active in each month the claim looks at, whose register `detail` has the item's `value`.

    The level is the one held on the patient's last day in the month. A patient without one, or at one that no item of
    the detail pays for, stands under the first item with the reason its options name (`missing_reason`,
    `unpaid_reason`), so that no active month disappears. Active is at least one day on the register, or
    (`active_setting` = `month-end`) the month's last day. A row's date is the first of its month, its evidence the
    register entry. A month counts at one level: once claimed at any, it is claimed.
    """
    options = item.options or {}
    claimed = [row for row in records.claimed() if row.item in _same_group(spec, item)]
    standing = {(row.nhs_number, row.day) for row in claimed}
    checks = checks_of(spec, item, records, own_checks)
    rows: list[ClaimRow] = []
    for month in looked_at(spec, period, records).months():
        if month.first > records.as_of:
            break
        monitored = _monitored(spec, item, records, month)
        active = list(_active(spec, item, records, register, month))
        rows += _no_longer_active(spec, item, claimed, month, {entry.nhs_number for entry, _ in active})
        for entry, last in active:
            level = entry.detail_on(options["detail"], last)
            reason = "" if holds(level, options["value"]) else _unpaid(spec, item, level)
            if reason is None:
                continue
            found = [finding(spec, reason)] if reason else []
            if (entry.nhs_number, month.first) in standing:
                found.append(finding(spec, "claimed"))
            found += contract_findings(spec, records, month.first)
            found += _of_patient(spec, records, records.patient(entry.nhs_number), last)
            if monitored is not None and entry.nhs_number not in monitored:
                found.append(finding(spec, "not-monitored"))
            found += on_the_day(checks, records.patient(entry.nhs_number), entry, last)
            row = priced_row(spec, item, entry.nhs_number, month.first, found)
            rows.append(replace(row, evidence=entry.evidence))
    return rows


def _no_longer_active(
    spec: ServiceSpec, item: ClaimItem, claimed: list[ClaimedRow], month: Month, active: set[str]
) -> Iterator[ClaimRow]:
    """Months that were claimed and have lost their support since stay claimed: they are a reversal to make."""
    for one in claimed:
        if one.item == item.name and one.day == month.first and one.nhs_number not in active:
            row = priced_row(spec, item, one.nhs_number, one.day, [finding(spec, "claimed"), finding(spec, "inactive")])
            yield replace(row, evidence=one.evidence)


def _same_group(spec: ServiceSpec, item: ClaimItem) -> dict[str, str]:
    """The items that share this one's detail, with the value each pays for."""
    detail = (item.options or {}).get("detail")
    return {
        one.name: (one.options or {})["value"]
        for one in spec.items
        if one.kind == item.kind and (one.options or {}).get("detail") == detail
    }


def _unpaid(spec: ServiceSpec, item: ClaimItem, level: DetailValue | None) -> str | None:
    """Why a level that is not this item's stands under it all the same; None when it does not."""
    group = _same_group(spec, item)
    if item.name != next(iter(group)) or any(holds(level, value) for value in group.values()):
        return None
    options = item.options or {}
    return options.get("missing_reason", "detail-missing") if level is None else options.get("unpaid_reason")


def _active(
    spec: ServiceSpec, item: ClaimItem, records: Records, register: Register, month: Month
) -> Iterator[tuple[RegisterEntry, date]]:
    """Each active patient's newest entry in the month, and their last day in it."""
    setting = (item.options or {}).get("active_setting")
    at_month_end = bool(setting) and spec.setting(setting or "", month.first) == MONTH_END
    found: dict[str, tuple[RegisterEntry, date]] = {}
    for entry in register.entries:
        last = _last_day(entry, records, month)
        if last is None or (at_month_end and last < month.last):
            continue
        held = found.get(entry.nhs_number)
        if held is None or held[1] < last:
            found[entry.nhs_number] = (entry, last)
    yield from found.values()


def _last_day(entry: RegisterEntry, records: Records, month: Month) -> date | None:
    """The last day of the month on which a patient is on the register and registered; None when there is none.

    Who left and came back has one entry and was not there in between. Someone who was never registered here is
    judged on the entry's own last day, and then refused for it.
    """
    last = min(month.last, records.as_of, entry.ended_on or date.max)
    first = max(month.first, entry.entered_on)
    spells = [
        spell
        for spell in records.patient(entry.nhs_number).registrations
        if spell.practice == records.practice.ods_code and spell.kind != "none"
    ]
    if not spells:
        return last if first <= last else None
    days = [min(last, spell.end or last) for spell in spells if (spell.start or first) <= last]
    return max((day for day in days if first <= day), default=None)


def _monitored(spec: ServiceSpec, item: ClaimItem, records: Records, month: Month) -> set[str] | None:
    """Who was monitored in the days up to the month's end; None where the item does not ask."""
    options = item.options or {}
    if "monitored_setting" not in options:
        return None
    days = spec.setting(options["monitored_setting"], month.first)
    if not isinstance(days, int):
        return None
    # A test so many days before the month's end counts: whoever comes exactly when the recall falls due is monitored.
    start = month.last - timedelta(days=days)
    names = options.get("monitored_codelists", "").replace(",", " ").split()
    return {one.nhs_number for name in names for one in records.activity(name, start, month.last)}


def _of_patient(spec: ServiceSpec, records: Records, patient: Patient, last: date) -> Iterator[Finding]:
    last_alive = min(last, patient.last_alive or last)
    if not patient.registered_on(last_alive, records.practice.ods_code):
        yield finding(spec, "not-registered")
    elif not patient.alive_on(last):
        # Put on the register after their death: an entry never ends before it begins.
        yield finding(spec, "after-death")
