"""The standard claim: every activity that a period's claim looks at gets one verdict, with its reason and clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from ..calendar import Period
from ..model import Activity, Claim, ClaimedRow, ClaimItem, ClaimRow, Finding, Records, Register, ServiceSpec, Verdict
from .checks import Check, checks_of
from .claim_row import finding, priced_row
from .duplicates import Candidate, ClaimedBefore, choose_one
from .eligibility import contract_findings, patient_and_entry_findings
from .item_kinds import once_per_patient, per_list, per_patient
from .other_services import Elsewhere, told_apart
from .register_doubts import held_back
from .windows import looked_at


def standard_claim(
    spec: ServiceSpec, records: Records, register: Register, period: Period, checks: Iterable[Check] = ()
) -> Claim:
    """The rows of a claim: for each item, its activities, patient-months or months of the practice list.

    `checks` are the plugin's own. They are applied to every item besides the checks in service.toml, except to items
    paid for the practice list, which have no patient. A note says what cannot be found or claimed, and why.
    """
    rows: list[ClaimRow] = []
    notes: list[str] = []
    incomplete: list[str] = []
    own = tuple(checks)
    if own and spec.items and all(item.kind in PER_LIST for item in spec.items):
        incomplete.append("the service's own checks look at patients, and no item of it has one: leave the checks out")
    for item in spec.items:
        claim_kind = KINDS.get(item.kind)
        if claim_kind is None:
            incomplete.append(f"{item.name}: items of kind {item.kind} cannot be counted by this version of les")
            continue
        notes += _unset(spec, item, period)
        rows += claim_kind(spec, item, records, register, period, own)
    if notes and not any(spec.codelist(name).codes_on(period.end) for name in spec.claim_codelists()):
        incomplete.append("no code is known for any item, so nothing can be found")
    rows = told_apart(spec, records, held_back(spec, register, rows))
    return Claim(rows=tuple(sorted(rows, key=_order)), notes=tuple(notes), incomplete=tuple(incomplete))


def _order(row: ClaimRow) -> tuple[str, str, str, tuple[str, ...]]:
    return (row.day.isoformat(), row.nhs_number, row.item, row.evidence)


def _unset(spec: ServiceSpec, item: ClaimItem, period: Period) -> list[str]:
    return [
        f"{item.name}: no code is known for `{name}` ({spec.codelist(name).clause}), so nothing can be found; "
        f"set it with `les services set {spec.name} codes.{name}=CODE --from DATE --source TEXT`"
        for name in item.codelists
        if not spec.codelist(name).codes_on(period.end)
    ]


def _per_activity(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    span = looked_at(spec, period, records)
    # A cap counts from the start of the contract year, even if the claim looks back less far.
    since = spec.contract_year(span.start).start if _is_capped(spec, item) else span.start
    activities = {a.id: a for name in item.codelists for a in records.activity(name, since, span.end)}
    checks = checks_of(spec, item, records, own_checks)
    standing = [row for row in records.claimed() if row.item == item.name]
    elsewhere = Elsewhere(spec, records)
    contract: dict[date, tuple[Finding, ...]] = {}
    groups: dict[tuple[date, str], list[Candidate]] = {}
    for activity in sorted(activities.values(), key=lambda a: a.order):
        patient = records.patient(activity.nhs_number)
        entry = register.entry(activity.nhs_number, activity.day)
        if activity.day not in contract:
            contract[activity.day] = tuple(contract_findings(spec, records, activity.day))
        of_entry = patient_and_entry_findings(spec, records, activity, patient, item.population)
        findings = [*contract[activity.day], *of_entry]
        findings += [found for check in checks if (found := check(activity, patient, entry))]
        if held := elsewhere.finding(item, _code(spec, item, activity), *_identity(activity)):
            findings.append(held)
        groups.setdefault((activity.day, activity.nhs_number), []).append(Candidate(activity, findings))
    claimed = ClaimedBefore(standing)
    chosen: list[Candidate] = []
    for group in groups.values():
        chosen.append(choose_one(spec, group, claimed))
    _cap(spec, item, chosen, standing)
    return [_row(spec, item, one) for group in groups.values() for one in group if one.activity.day in span]


def _cap(spec: ServiceSpec, item: ClaimItem, chosen: list[Candidate], standing: list[ClaimedRow]) -> None:
    """Mark activities beyond the cap of a contract year. Claimed ones use it up first, then the earliest by date.

    The cap is that of the activity's day. All the work of the contract year counts towards it, under whatever cap.
    """
    if not _is_capped(spec, item):
        return
    used = Counter((row.nhs_number, spec.contract_year(row.day).start) for row in standing)
    in_order = sorted(chosen, key=lambda c: c.activity.order)
    for candidate in in_order:
        # Work claimed by other means is not in the ledger, but it was paid and uses up the cap. Rows of the ledger are
        # counted already.
        reasons = {found.reason for found in candidate.findings}
        if "claimed-elsewhere" in reasons and "claimed" not in reasons:
            used[candidate.activity.nhs_number, spec.contract_year(candidate.activity.day).start] += 1
    for candidate in in_order:
        if candidate.verdict is not Verdict.PAYABLE:
            continue
        key = (candidate.activity.nhs_number, spec.contract_year(candidate.activity.day).start)
        used[key] += 1
        held = spec.on(candidate.activity.day).item(item.name)
        if held.cap is not None and used[key] > held.cap:
            candidate.findings.append(finding(spec, "over-cap", clause=held.cap_clause))


def _is_capped(spec: ServiceSpec, item: ClaimItem) -> bool:
    """Whether the item has a cap on any day."""
    return any(terms.item(item.name).cap is not None for _, _, terms in spec.spans())


def _row(spec: ServiceSpec, item: ClaimItem, candidate: Candidate) -> ClaimRow:
    activity = candidate.activity
    row = priced_row(spec, item, activity.nhs_number, activity.day, candidate.findings)
    return replace(row, code=_code(spec, item, activity), entry_id=activity.id, evidence=(activity.evidence,))


def _code(spec: ServiceSpec, item: ClaimItem, activity: Activity) -> str:
    """The entry's code that the item claims; the entry may have other codes."""
    codes = {code for name in item.codelists for code in spec.codelist(name).codes_on(activity.day)}
    return next(code.code for code in activity.codes if code in codes)


def _identity(activity: Activity) -> tuple[str, date, int]:
    return activity.nhs_number, activity.day, activity.id


ItemKind = Callable[[ServiceSpec, ClaimItem, Records, Register, Period, tuple[Check, ...]], list[ClaimRow]]
KINDS: dict[str, ItemKind] = {
    "per-activity": _per_activity,
    "per-patient-month": per_patient,
    "per-patient": per_patient,
    "once-per-patient": once_per_patient,
    "capitation": per_list,
    "block": per_list,
}
"""How each kind of claim item is counted."""
PER_LIST = ("capitation", "block")
"""Kinds that are paid for the practice list: their rows have no patient, so no check can look at one."""
