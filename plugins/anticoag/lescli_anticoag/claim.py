"""The claim: the standard one, with patient-months nobody can price kept in sight and initiations for AF only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from lescli.api import (
    Claim,
    ClaimItem,
    ClaimRow,
    Finding,
    Month,
    Period,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
    Verdict,
    finding,
    priced_row,
    standard_claim,
)

from .indication import DETAIL as INDICATION
from .indication import has_af

MONTHLY = "per-patient-month"
ONCE = "once-per-patient"


def anticoag_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
    """Every patient-month, initiation and home visit, each with one verdict."""
    monthly = tuple(item for item in spec.items if item.kind == MONTHLY)
    once = tuple(item for item in spec.items if item.kind == ONCE)
    others = tuple(item for item in spec.items if item.kind not in (MONTHLY, ONCE))
    claims = [
        standard_claim(replace(spec, items=others), records, register, period),
        _initiations(spec, once, records, register, period),
        _patient_months(spec, monthly, records, register, period),
    ]
    return Claim(
        rows=tuple(row for claim in claims for row in claim.rows),
        notes=tuple(note for claim in claims for note in claim.notes),
        incomplete=tuple(text for claim in claims for text in claim.incomplete),
    )


def _patient_months(
    spec: ServiceSpec, items: tuple[ClaimItem, ...], records: Records, register: Register, period: Period
) -> Claim:
    """One row for each active patient and month: without a level that is paid by the month, one that says so.

    Such a row stands under the first item.
    """
    detail = (items[0].options or {})["detail"]
    paid = [(item.options or {})["value"] for item in items]
    filled = Register(entries=tuple(_with_some_level(entry, detail, paid) for entry in register.entries))
    claim = standard_claim(replace(spec, items=items), records, filled, period)

    def judged(row: ClaimRow) -> ClaimRow:
        level = _level(register, row, detail, records.as_of)
        if level in paid:
            return row
        return _with(spec, row, finding(spec, "level-missing" if level is None else "level-5"))

    return replace(claim, rows=tuple(judged(row) for row in claim.rows))


def _with_some_level(entry: RegisterEntry, detail: str, paid: list[str]) -> RegisterEntry:
    """The entry as if every time without a level that is paid by the month were at the first that is."""
    history = (
        (start, name, paid[0] if name == detail and value not in paid else value)
        for start, name, value in entry.history
    )
    return replace(entry, history=((date.min, detail, paid[0]), *history))


def _level(register: Register, row: ClaimRow, detail: str, as_of: date) -> object:
    """The level truly held on the patient's last day in the row's month."""
    last = min(Month.of(row.day).last, as_of)
    entry = [one for one in register.of(row.nhs_number) if one.entered_on <= last][-1]
    return entry.detail_on(detail, min(last, entry.ended_on or last))


def _initiations(
    spec: ServiceSpec, items: tuple[ClaimItem, ...], records: Records, register: Register, period: Period
) -> Claim:
    """Initiations for atrial fibrillation, in whatever words; without any indication there is something to check."""
    named = Register(entries=tuple(_with_one_word(spec, items, entry, records.as_of) for entry in register.entries))
    claim = standard_claim(replace(spec, items=items), records, named, period)
    known = {evidence for entry in register.entries if entry.detail(INDICATION) for evidence in entry.evidence}

    def judged(row: ClaimRow) -> ClaimRow:
        if known.issuperset(row.evidence):
            return row
        not_af = (spec.item(row.item).options or {})["else_reason"]
        return _with(spec, row, finding(spec, f"{INDICATION}-missing"), instead_of=not_af)

    return replace(claim, rows=tuple(judged(row) for row in claim.rows))


def _with_one_word(spec: ServiceSpec, items: Iterable[ClaimItem], entry: RegisterEntry, as_of: date) -> RegisterEntry:
    """The entry with its indication, if it is atrial fibrillation, in the one spelling the item asks for."""
    words = {(item.options or {})["if_value"] for item in items}
    others = [(start, name, value) for start, name, value in entry.history if name != INDICATION]
    said = [(date.min, INDICATION, word) for word in words if has_af(spec, entry, as_of)]
    return replace(entry, history=(*said, *others))


def _with(spec: ServiceSpec, row: ClaimRow, found: Finding, *, instead_of: str = "") -> ClaimRow:
    """The row judged again with another finding, and without those of one reason."""
    standing: list[Finding] = []
    if row.verdict not in (Verdict.PAYABLE, Verdict.UNPRICED):
        standing.append(Finding(verdict=row.verdict, reason=row.reason, clause=row.clause, fix=row.fix))
    kept = [one for one in (*standing, *row.also) if one.reason != instead_of]
    again = priced_row(spec, spec.item(row.item), row.nhs_number, row.day, [*kept, found])
    return replace(again, evidence=row.evidence)
