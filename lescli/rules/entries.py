"""Judges the coded entries that an item may pay for, and makes their rows: findings, cap, price and evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from ..calendar import ContractPeriod, Month, Period
from ..model import Activity, ClaimedRow, ClaimItem, ClaimRow, Finding, Records, Register, ServiceSpec, Verdict
from .accepted import CONSULTATION_TYPE
from .checks import Check, checks_of, dated_checks
from .claim_row import finding, priced_row
from .duplicates import Candidate, ClaimedBefore
from .eligibility import OTHER, contract_findings, needs_findings, patient_and_entry_findings, registration_finding
from .other_services import Elsewhere
from .tariffs import give_tariffs, is_counted_by_year, tariff_of


class Judge:
    """Judges one entry after another for one item. What is the same for many entries is asked once."""

    def __init__(
        self, spec: ServiceSpec, item: ClaimItem, records: Records, register: Register, own_checks: Iterable[Check]
    ) -> None:
        self._spec, self._item, self._records, self._register = spec, item, records, register
        self._checks = checks_of(spec, item, records, own_checks)
        self._seen = dated_checks(spec, item, records, lambda check: check.rule == CONSULTATION_TYPE)
        self._elsewhere = Elsewhere(spec, records)
        self._contract: dict[date, tuple[Finding, ...]] = {}

    def candidate(self, activity: Activity) -> Candidate:
        """The entry with every finding against it on its day, and the tariff that it is paid at."""
        spec, item = self._spec, self._item
        entry = self._register.entry(activity.nhs_number, activity.day)
        patient = self._records.patient(activity.nhs_number)
        findings = [*self._of_contract(activity.day), *self.of_entry(activity)]
        findings += [found for check in self._checks if (found := check(activity, patient, entry))]
        if held := self._elsewhere.finding(
            item, code_of(spec, item, activity), activity.nhs_number, activity.day, activity.id
        ):
            findings.append(held)
        tariff, missing = tariff_of(spec, item, activity, entry)
        findings += missing
        return Candidate(activity, findings, tariff=tariff)

    def of_entry(self, activity: Activity) -> tuple[Finding, ...]:
        """The findings of the patient on that day and of the entry itself."""
        patient = self._records.patient(activity.nhs_number)
        return tuple(patient_and_entry_findings(self._spec, self._records, activity, patient, self._item.population))

    def of_part(self, activity: Activity) -> tuple[Finding, ...]:
        """The findings of an entry that is a part of the work: those of the entry, and of how the patient was seen."""
        patient = self._records.patient(activity.nhs_number)
        seen = (check(activity, patient, None) for check in self._seen)
        return (*self.of_entry(activity), *(found for found in seen if found))

    def _of_contract(self, day: date) -> tuple[Finding, ...]:
        if day not in self._contract:
            found = contract_findings(self._spec, self._records, day)
            self._contract[day] = (*found, *needs_findings(self._spec, self._item, self._records, day))
        return self._contract[day]


def left_to_another(spec: ServiceSpec, item: ClaimItem, records: Records) -> Callable[..., bool]:
    """Whether work is another item's, where one item is for our own patients and one for those of other practices.

    Both have the same code lists, so each entry has one row and not two. What was claimed under one of them stays
    there, so that it is not paid again under the other when a registration is corrected. The function takes the entry
    that is paid, and the others of its episode or set.
    """
    others = [one.name for one in spec.items if one.shares_entries_with(item)]
    standing = records.claimed() if others else ()
    here = ClaimedBefore([row for row in standing if row.item == item.name])
    there = ClaimedBefore([row for row in standing if row.item in others])

    def is_left(activity: Activity, *more: Activity) -> bool:
        work = (activity, *more)
        if not others or any(here.holds(one) for one in work):
            return False
        if any(there.holds(one) for one in work):
            return True
        patient = records.patient(activity.nhs_number)
        day = min(activity.day, patient.last_alive or activity.day)
        return (registration_finding(spec, records, patient, day) is None) == (item.population == OTHER)

    return is_left


def days_judged(spec: ServiceSpec, item: ClaimItem, span: Period, as_of: date) -> Period:
    """The days of the entries to judge. A cap, a volume or parts count from before the days that a claim looks at.

    What was claimed after those days takes its place in a volume or a sum too.
    """
    is_by_year = is_counted_by_year(item)
    if is_by_year or any(terms.item(item.name).cap is not None for _, _, terms in spec.spans()):
        return Period(spec.contract_year(span.start).start, max(span.end, as_of) if is_by_year else span.end)
    return span


def rows_of(
    spec: ServiceSpec,
    item: ClaimItem,
    candidates: Sequence[Candidate],
    chosen: Sequence[Candidate],
    standing: list[ClaimedRow],
    span: Period,
) -> list[ClaimRow]:
    """A row for each candidate of the days looked at. Only the `chosen` ones can be paid and use up a cap."""
    _cap(spec, item, chosen, standing)
    give_tariffs(spec, item, chosen, standing)
    return [_row(spec, item, one) for one in candidates if one.activity.day in span]


def _cap(spec: ServiceSpec, item: ClaimItem, chosen: Sequence[Candidate], standing: list[ClaimedRow]) -> None:
    """Mark activities beyond the cap. Claimed ones use it up first, then the earliest by date.

    The cap is that of the activity's day. All the work of its span counts towards it, under whatever cap.
    """
    if all(terms.item(item.name).cap is None for _, _, terms in spec.spans()):
        return
    used = Counter(cap_key(spec, item, row.nhs_number, row.day) for row in standing)
    in_order = sorted(chosen, key=lambda c: c.activity.order)
    for candidate in in_order:
        # Work claimed by other means is not in the ledger, but it was paid and uses up the cap. Rows of the ledger are
        # counted already.
        reasons = {found.reason for found in candidate.findings}
        if "claimed-elsewhere" in reasons and "claimed" not in reasons:
            used[cap_key(spec, item, candidate.activity.nhs_number, candidate.activity.day)] += 1
    for candidate in in_order:
        if candidate.verdict is not Verdict.PAYABLE:
            continue
        key = cap_key(spec, item, candidate.activity.nhs_number, candidate.activity.day)
        used[key] += 1
        held = spec.on(candidate.activity.day).item(item.name)
        if held.cap is not None and used[key] > held.cap:
            candidate.findings.append(finding(spec, "over-cap", clause=held.cap_clause))


def cap_key(spec: ServiceSpec, item: ClaimItem, nhs_number: str, day: date) -> tuple[str, date]:
    """Whose cap a day's work uses up, the patient's or ("") the practice's, and from which day it counts."""
    starts = {
        "year": lambda: spec.contract_year(day).start,
        "quarter": lambda: ContractPeriod.of(day, "quarter", spec.year_starts).first,
        "month": lambda: Month.of(day).first,
    }
    return ("" if item.cap_of == "practice" else nhs_number, starts[item.cap_per]())


def _row(spec: ServiceSpec, item: ClaimItem, candidate: Candidate) -> ClaimRow:
    activity = candidate.activity
    row = priced_row(
        spec,
        item,
        activity.nhs_number,
        activity.day,
        candidate.findings,
        tariff=candidate.tariff,
        pence=candidate.pence,
    )
    evidence = candidate.evidence or (activity.evidence,)
    return replace(row, code=code_of(spec, item, activity), entry_id=activity.id, evidence=evidence)


def code_of(spec: ServiceSpec, item: ClaimItem, activity: Activity) -> str:
    """The entry's code that the item claims; the entry may have other codes."""
    codes = {code for name in item.codelists for code in spec.codelist(name).codes_on(activity.day)}
    return next(code.code for code in activity.codes if code in codes)


def by_patient(records: Records, codelists: Iterable[str]) -> Iterator[tuple[str, list[Activity]]]:
    """Each patient's entries of some code lists up to the day asked about, by date, each entry once.

    Entries after the period of a claim count too, so that a piece of work is the same in every claim and report.
    """
    found = {one.id: one for name in codelists for one in records.activity(name)}
    patients: dict[str, list[Activity]] = {}
    for one in sorted(found.values(), key=lambda each: each.order):
        patients.setdefault(one.nhs_number, []).append(one)
    yield from sorted(patients.items())
