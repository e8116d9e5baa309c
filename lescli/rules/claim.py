"""The standard claim: every activity that a period's claim looks at gets one verdict, with its reason and clause."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import filterfalse

from ..calendar import Period
from ..model import Claim, ClaimItem, ClaimRow, Records, Register, ServiceSpec
from .all_of import all_of
from .checks import Check
from .claim_row import PER_LIST
from .duplicates import Candidate, ClaimedBefore, choose_one
from .entries import Judge, days_judged, left_to_another, rows_of
from .episodes import per_episode
from .item_kinds import once_per_patient, per_list, per_patient
from .other_services import told_apart
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
    named = spec.claim_codelists()
    if notes and not any(spec.codelist(name).codes_on(period.end) for name in named):
        # One line in place of one an item: a practice that looks at every service would read dozens.
        keys = ", ".join(f"codes.{name}" for name in named)
        cure = f"set each with `les services set {spec.name} KEY=CODE --from DATE --source TEXT`: {keys}"
        incomplete.append(f"no code is known for any item, so nothing can be found; {cure}")
        notes = []
    notes += _unset_register(spec, period)
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


def _unset_register(spec: ServiceSpec, period: Period) -> list[str]:
    """A note where an item is paid from the register and no code puts anybody on it."""
    finding = spec.register.find_by
    paid = any(not item.codelists and item.kind not in PER_LIST for item in spec.items)
    if not paid or not finding or any(spec.codelist(name).codes_on(period.end) for name in finding):
        return []
    keys = ", ".join(f"codes.{name}" for name in finding)
    cure = f"set each with `les services set {spec.name} KEY=CODE --from DATE --source TEXT`: {keys}"
    return [f"no code is known that finds patients for the register, so only those added by hand are counted; {cure}"]


def _per_activity(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    span = looked_at(spec, period, records)
    judged = days_judged(spec, item, span, records.as_of)
    activities = {a.id: a for name in item.codelists for a in records.activity(name, *judged.ends)}
    judge, is_left = Judge(spec, item, records, register, own_checks), left_to_another(spec, item, records)
    groups: dict[tuple[date, str], list[Candidate]] = {}
    for activity in sorted(filterfalse(is_left, activities.values()), key=lambda a: a.order):
        groups.setdefault((activity.day, activity.nhs_number), []).append(judge.candidate(activity))
    standing = [row for row in records.claimed() if row.item == item.name]
    claimed = ClaimedBefore(standing)
    chosen = [choose_one(spec, group, claimed) for group in groups.values()]
    return rows_of(spec, item, [one for group in groups.values() for one in group], chosen, standing, span)


ItemKind = Callable[[ServiceSpec, ClaimItem, Records, Register, Period, tuple[Check, ...]], list[ClaimRow]]
KINDS: dict[str, ItemKind] = {
    "per-activity": _per_activity,
    "per-episode": per_episode,
    "all-of": all_of,
    "per-patient-month": per_patient,
    "per-patient": per_patient,
    "once-per-patient": once_per_patient,
    "capitation": per_list,
    "block": per_list,
}
"""How each kind of claim item is counted."""
FROM_REGISTER = ("per-patient-month", "per-patient")
"""Kinds that are paid for a patient's month, quarter or year on the register, and for nobody else."""
