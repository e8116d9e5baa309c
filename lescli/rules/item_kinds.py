"""The kinds of item that are paid from the register or the list: once per patient, and by month, quarter or year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..calendar import ClaimPeriod, Period, claim_period_of
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
    SettingValue,
    Verdict,
    names_in,
)
from ..model.registration import Registration
from .accepted import refusal_of
from .checks import Check, checks_of, on_the_day
from .claim_row import finding, priced_row, row_day
from .details import holds, holds_phrase
from .eligibility import contract_findings, is_ours, needs_findings, patient_findings
from .tariffs import codelist_of, level_of
from .windows import claims_from, looked_at

PARTS = "accept_part_months"
"""The setting that pays a whole month, quarter or year although the contract was held on only some of its days."""


def per_list(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each month, quarter or year the claim looks at; the list size is that of its first day.

    One in which the contract was held on only some days waits as `check`, because the data does not say what is paid
    for it.
    """
    standing = _standing(spec, item, (row for row in records.claimed() if row.item == item.name))
    rows = []
    for paid in _periods(spec, item, looked_at(spec, period, records), records.as_of):
        size = records.list_size(paid.first)
        found = [finding(spec, "claimed")] if ("", paid) in standing else []
        found += _contract_of(spec, records, paid, (Period.of_claim(paid),), whole=True)
        found += needs_findings(spec, item, records, paid.first)
        row = priced_row(spec, item, "", row_day(spec, paid), found, list_size=size)
        rows.append(replace(row, evidence=(f"list:{paid.first.isoformat()}:{size}",)))
    return rows


def _periods(spec: ServiceSpec, item: ClaimItem, span: Period, as_of: date) -> Iterator[ClaimPeriod]:
    """The months, quarters or years of an item whose rows are dated in the days that a claim looks at."""
    paid = claim_period_of(span.start, item.every, spec.year_starts)
    while row_day(spec, paid) <= min(span.end, as_of):
        if row_day(spec, paid) >= span.start:
            yield paid
        paid = paid.plus(1)


def _standing(spec: ServiceSpec, item: ClaimItem, claimed: Iterable[ClaimedRow]) -> set[tuple[str, ClaimPeriod]]:
    """The periods that were claimed, with their patients."""
    return {(row.nhs_number, claim_period_of(row.day, item.every, spec.year_starts)) for row in claimed}


def _contract_of(
    spec: ServiceSpec, records: Records, paid: ClaimPeriod, active: Sequence[Period], *, whole: bool
) -> Iterator[Finding]:
    """Findings of the contract on the days paid for. A part of a period that must be `whole` waits as `check`."""
    found = list(contract_findings(spec, records, row_day(spec, paid), active))
    since = claims_from(spec, records.as_of)
    begins_inside = since is not None and paid.first < since.first <= paid.last
    if begins_inside:
        found = [one for one in found if one.reason != "claimed-elsewhere"]
    yield from found
    if not whole or any(one.verdict is Verdict.REFUSED for one in found) or _accepts_parts(spec, paid.first):
        return
    if begins_inside or not _held_throughout(spec, records, Period.of_claim(paid)):
        yield finding(spec, "part-month" if paid.every == "month" else "part-period")


def _held_throughout(spec: ServiceSpec, records: Records, days: Period) -> bool:
    """Whether the specification was in force, and signed if the practice recorded its contracts, on every day."""
    signed = records.signed()
    every = (days.start + timedelta(days=count) for count in range((days.end - days.start).days + 1))
    return all(spec.in_force_on(day) and (not signed or any(span.covers(day) for span in signed)) for day in every)


def _accepts_parts(spec: ServiceSpec, day: date) -> bool:
    return any(setting.name == PARTS for setting in spec.settings) and spec.setting(PARTS, day) is True


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
        found += _condition(spec, spec.on(day).item(item.name).options or {}, entry, day)
        found += on_the_day(checks, patient, entry, day)
        found += needs_findings(spec, item, records, day)
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


MONTH_END = "month-end"
_Monitored = Callable[[str, ClaimPeriod, date], bool]
"""Takes an NHS number, a month and the last active day in it; returns whether the patient was monitored.

It is always true when the item does not ask for monitoring.
"""


def per_patient(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each patient active in each month, quarter or year that the claim looks at.

    A patient is active with at least one day on the register, or, if the item counts the `last-day`, on that day. A
    quarter or year in which the contract was held on only some days waits as `check`.

    An item of kind per-patient-month is paid to those whose register `detail` has its `value`. The level is that of the
    patient's last active day in the month. No active month disappears: a patient without a level, or at one that no
    item pays for, gets a row of the first item of that detail, with the reason that its options name
    (`missing_reason`, `unpaid_reason`). Its setting `active_setting` = `month-end` counts the last day. The evidence of
    a row is the register entry. A month is paid at one level: once claimed at any, it is claimed.
    """
    claimed = [row for row in records.claimed() if row.item in _same_group(spec, item)]
    times = Counter((row.nhs_number, claim_period_of(row.day, item.every, spec.year_starts)) for row in claimed)
    checks = checks_of(spec, item, records, own_checks)
    span = looked_at(spec, period, records)
    monitored = _monitored(spec, item, records, span)
    rows: list[ClaimRow] = []
    for month in _periods(spec, item, span, records.as_of):
        terms = spec.on(month.first)
        held = terms.item(item.name)
        active = _active(spec, held, records, register, month)
        rows += _no_longer_active(spec, item, claimed, month, {one.entry.nhs_number for one in active})
        for one in active:
            reason = _level_reason(terms, held, one)
            if reason is None:
                continue
            patient = records.patient(one.entry.nhs_number)
            found = [finding(spec, reason)] if reason else []
            if times[patient.nhs_number, month]:
                found.append(finding(spec, "claimed"))
            if times[patient.nhs_number, month] > 1:
                # Claimed under two numbers that are one person now: the practice has to reverse one.
                found.append(finding(spec, "duplicate"))
            found += _contract_of(spec, records, month, one.days, whole=item.every != "month")
            found += patient_findings(spec, records, patient, one.last)
            if not monitored(patient.nhs_number, month, one.until):
                found.append(finding(spec, "not-monitored"))
            found += on_the_day(checks, patient, one.entry, one.last)
            found += needs_findings(spec, item, records, one.last)
            tariff, unknown = _tariff(spec, item, records, one)
            found += unknown
            row = priced_row(spec, item, patient.nhs_number, row_day(spec, month), found, tariff=tariff)
            rows.append(replace(row, evidence=one.entry.evidence))
    return rows


def _tariff(spec: ServiceSpec, item: ClaimItem, records: Records, one: _Active) -> tuple[str, tuple[Finding, ...]]:
    """The tariff of a patient's period: the detail on the last active day, or the code list of the newest entry."""
    if item.price_by == "detail":
        return level_of(spec, item, one.entry.detail_on(item.price_detail, one.last))
    if item.price_by != "codelist":
        return "", ()
    held = (records.latest(name, one.last).get(one.entry.nhs_number) for name in item.codelists)
    newest = max((entry for entry in held if entry is not None), key=lambda entry: entry.order, default=None)
    if newest is None:
        return "", (finding(spec, "entry-missing", clause=item.clause),)
    return codelist_of(spec, item, newest), ()


def _no_longer_active(
    spec: ServiceSpec, item: ClaimItem, claimed: list[ClaimedRow], month: ClaimPeriod, active: set[str]
) -> Iterator[ClaimRow]:
    """Claimed months in which the patient is no longer active. They stay claimed; the practice has to reverse them."""
    for one in claimed:
        if one.item == item.name and month.first <= one.day <= month.last and one.nhs_number not in active:
            row = priced_row(spec, item, one.nhs_number, one.day, [finding(spec, "claimed"), finding(spec, "inactive")])
            yield replace(row, evidence=one.evidence)


def _same_group(spec: ServiceSpec, item: ClaimItem) -> dict[str, str]:
    """The items paid by the same detail, each with the value that it pays for."""
    detail = (item.options or {}).get("detail")
    if detail is None:
        return {item.name: ""}
    return {
        one.name: (one.options or {})["value"]
        for one in spec.items
        if one.kind == item.kind and (one.options or {}).get("detail") == detail
    }


def _level_reason(spec: ServiceSpec, item: ClaimItem, one: _Active) -> str | None:
    """The reason for a row although the register detail has another value than the item; "" if it has that value."""
    options = item.options or {}
    if "detail" not in options:
        return ""
    level = one.entry.detail_on(options["detail"], one.last)
    return "" if holds(level, options["value"]) else _unpaid(spec, item, level)


def _unpaid(spec: ServiceSpec, item: ClaimItem, level: DetailValue | None) -> str | None:
    """The reason for a row of this item although the level is not its own; None for no row."""
    group = _same_group(spec, item)
    if item.name != next(iter(group)) or any(holds(level, value) for value in group.values()):
        return None
    options = item.options or {}
    return options.get("missing_reason", "detail-missing") if level is None else options.get("unpaid_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Active:
    """One patient's active days in a month, with the newest register entry behind them.

    `last` is the last active day up to the day asked about. `until` is the last active day of the whole month, which
    may not be over. `served` is false when the entry began after the patient died or left, so no day can be paid.
    """

    entry: RegisterEntry
    served: bool
    days: tuple[Period, ...]
    last: date
    until: date


def _active(
    spec: ServiceSpec, item: ClaimItem, records: Records, register: Register, month: ClaimPeriod
) -> tuple[_Active, ...]:
    """Every patient who is active in a month, quarter or year."""
    setting = (item.options or {}).get("active_setting")
    on_setting = bool(setting) and spec.setting(setting or "", month.first) == MONTH_END
    at_month_end = on_setting or item.count == "last-day"
    found: dict[str, _Active] = {}
    for entry in register.entries:
        days = _days(spec, entry, records, month)
        if not at_month_end:
            days = _before_death_in_doubt(records.patient(entry.nhs_number), days)
        known = [Period(one.start, min(one.end, records.as_of)) for one in days if one.start <= records.as_of]
        last = max((one.end for one in known), default=None)
        if last is None or (at_month_end and last < month.last):
            continue
        held = found.get(entry.nhs_number)
        served = _is_served(spec, records, entry, days[0].start)
        if held is not None and held.served != served:
            # A code dated after death or departure opens a register entry in which no day is active.
            if held.served:
                continue
            held = None
        before = held.days if held else ()
        newest = entry if held is None or held.last < last else held.entry
        found[entry.nhs_number] = _Active(
            entry=newest,
            served=served,
            days=(*before, *known),
            last=max(last, held.last if held else last),
            until=max(one.end for one in (*days, *before)),
        )
    return tuple(found.values())


def _is_served(spec: ServiceSpec, records: Records, entry: RegisterEntry, first: date) -> bool:
    patient = records.patient(entry.nhs_number)
    alive = patient.last_alive is None or first <= patient.last_alive
    return alive and not _never_here([one for one in patient.registrations if is_ours(spec, records, one)], entry)


def _days(spec: ServiceSpec, entry: RegisterEntry, records: Records, month: ClaimPeriod) -> list[Period]:
    """The days of a month, quarter or year on which a patient is on the register and registered.

    A patient who left and came back has one entry, and the days in between do not count. For a patient who was never
    registered here, the days are those of the entry; the claim then refuses them or holds them back.
    """
    first, last = max(month.first, entry.entered_on), min(month.last, entry.ended_on or date.max)
    if first > last:
        return []
    spells = [spell for spell in records.patient(entry.nhs_number).registrations if is_ours(spec, records, spell)]
    if _never_here(spells, entry):
        return [Period(first, last)]
    spans = ((max(first, spell.start or first), min(last, spell.end or last)) for spell in spells)
    return [Period(start, end) for start, end in spans if start <= end]


def _before_death_in_doubt(patient: Patient, days: list[Period]) -> list[Period]:
    """The days that count whether the death is true or not; all days if there are none, so that the month has a row."""
    died = patient.last_alive
    if died is None or not patient.death_in_doubt:
        return days
    return [Period(one.start, min(one.end, died)) for one in days if one.start <= died] or days


def _never_here(spells: list[Registration], entry: RegisterEntry) -> bool:
    """Whether no registration that counts has a day in common with the entry."""
    return not any(
        (spell.start or date.min) <= (entry.ended_on or date.max) and entry.entered_on <= (spell.end or date.max)
        for spell in spells
    )


def _monitored(spec: ServiceSpec, item: ClaimItem, records: Records, span: Period) -> _Monitored:
    """A function that looks for an entry of the item's monitoring lists in the days up to the last active day."""
    options = item.options or {}
    setting = options.get("monitored_setting")
    if setting is None:
        return lambda nhs_number, month, last: True
    counts: dict[ClaimPeriod, SettingValue | None] = {
        month: spec.setting(setting, month.first) for month in span.months()
    }
    longest = max((count for count in counts.values() if isinstance(count, int)), default=0)
    refused = refusal_of(spec, records)
    days: dict[str, list[date]] = {}
    for name in names_in(options.get("monitored_codelists", "")):
        for one in records.activity(name, span.start - timedelta(days=longest), span.end):
            if refused(one) is None:
                days.setdefault(one.nhs_number, []).append(one.day)

    def within(nhs_number: str, month: ClaimPeriod, last: date) -> bool:
        count = counts[month]
        if not isinstance(count, int):
            return True
        # The first day counts too: a patient who comes exactly on the day the recall falls due is monitored.
        first = last - timedelta(days=count)
        return any(first <= day <= last for day in days.get(nhs_number, ()))

    return within
