"""The checks on every plugin's answers: rows are true, complete, correctly priced and in order.

The facade in `service.py` turns `Untrue` into a PluginError that names the service, the hook and the rule, never a
patient.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from ..calendar import Period
from ..model import Claim, ClaimRow, Patient, RecallList, Records, Register, Report, ServiceSpec, Verdict
from ..rules.claim_row import days_paid, price_of
from ..rules.eligibility import is_served
from ..rules.tariffs import is_price
from ..rules.windows import looked_at

T = TypeVar("T")


def register(spec: ServiceSpec, records: Records, given: object) -> Register:
    """Checks that entries belong to known patients, begin by the day asked about, end later and do not overlap."""
    answer = _is(given, Register)
    for entry in answer.entries:
        _unless(_known(records, entry.nhs_number), "an entry is of a patient the store does not know")
        _unless(entry.entered_on <= records.as_of, "an entry begins after the day asked about")
        _unless(entry.ended_on is None or entry.ended_on >= entry.entered_on, "an entry ends before it begins")
        _unless(bool(entry.evidence), "an entry has no evidence")
        _unless(bool(entry.rule and entry.clause), "an entry names no rule or clause")
    ordered = sorted(answer.entries, key=lambda entry: (entry.nhs_number, entry.entered_on))
    for before, after in pairwise(ordered):
        apart = before.nhs_number != after.nhs_number or not before.covers(after.entered_on)
        _unless(apart, "two entries of a patient overlap")
    return Register(entries=tuple(ordered))


def recall(spec: ServiceSpec, records: Records, register: Register, given: object) -> RecallList:
    """Checks that patients are alive, registered and on the register, once for each kind; longest overdue first."""
    answer, as_of = _is(given, RecallList), records.as_of
    for one in answer.recalls:
        patient = _patient(records, one.nhs_number)
        if patient is None:
            raise Untrue("broke a rule: a recall is of a patient the store does not know")
        _unless(patient.can_be_called_on(as_of), "a recall is of someone who died")
        _unless(is_served(spec, records, patient, as_of), "a recall is of someone who left")
        _unless(register.entry(one.nhs_number, as_of) is not None, "a recall is of someone not on the register")
        _unless(bool(one.clause and one.evidence), "a recall names no clause or evidence")
    for declined in answer.declined:
        _unless(_known(records, declined.nhs_number), "a recall is of a patient the store does not know")
    once = Counter((one.nhs_number, one.kind) for one in answer.recalls)
    once.update((one.nhs_number, one.kind) for one in answer.declined)
    _unless(max(once.values(), default=1) == 1, "a patient is recalled twice for the same thing")
    return RecallList(
        recalls=tuple(
            sorted(
                answer.recalls,
                key=lambda one: (-one.days_overdue(as_of), one.due_on, one.nhs_number, one.kind),
            )
        ),
        declined=tuple(sorted(answer.declined, key=lambda one: (one.due_on, one.nhs_number, one.kind))),
    )


def claim(spec: ServiceSpec, records: Records, period: Period, given: object) -> Claim:
    """Checks that each activity has one row for each item, with true dates, prices and evidence, and is paid once."""
    answer = _is(given, Claim)
    span = looked_at(spec, period, records)
    for row in answer.rows:
        _unless(row.item in [item.name for item in spec.items], "a row has an item that is not in the specification")
        _unless(row.day in span and row.day <= records.as_of, "a row is outside the days that the claim looks at")
        _unless(bool(row.reason), "a row has no reason")
        _unless(bool(row.evidence), "a row has no evidence")
        if row.verdict is Verdict.PAYABLE:
            _check_payable(spec, records, row)
    counted = Counter(row.key for row in answer.rows if row.verdict is Verdict.PAYABLE)
    _unless(max(counted.values(), default=1) == 1, "the same patient, item and day is paid twice")
    _check_complete(spec, records, span, answer)
    standing = {(row.item, row.nhs_number, row.day) for row in records.claimed()}
    again = any(
        row.verdict is Verdict.PAYABLE and (row.item, row.nhs_number, row.day) in standing for row in answer.rows
    )
    _unless(not again, "something already claimed is paid again")
    rows = sorted(answer.rows, key=lambda row: (row.day, row.nhs_number, row.item, row.evidence))
    return replace(answer, rows=tuple(rows))


def _check_payable(spec: ServiceSpec, records: Records, row: ClaimRow) -> None:
    item = spec.item(row.item)
    days = days_paid(spec, item, row.day)
    size = records.list_size(days.start) if item.kind == "capitation" else None
    known = price_of(spec, item, row.day, size, row.tariff)
    # Capitation on an empty list costs £0; every other row is worth more than £0.
    something = known is not None and (known > 0 or item.kind == "capitation")
    _unless(something and is_price(item, row.unit_price_pence, known), "a row's price is not that of the terms")
    _unless(spec.touches(*days.ends), "a row is paid on a day without a specification")
    _unless(bool(row.clause), "a paid row names no clause")


def _check_complete(spec: ServiceSpec, records: Records, span: Period, answer: Claim) -> None:
    """Checks that no activity is missing and no evidence is invented."""
    for item in spec.items:
        if item.kind != "per-activity":
            continue
        looked = {
            activity.evidence: activity
            for name in item.codelists
            for activity in records.activity(name, span.start, span.end)
        }
        rows = [row for row in answer.rows if row.item == item.name]
        named = Counter(evidence for row in rows for evidence in row.evidence)
        shared = [one.name for one in spec.items if one.shares_entries_with(item)]
        taken = {evidence for row in answer.rows if row.item in shared for evidence in row.evidence}
        _unless(
            named.keys() | taken == looked.keys(),
            "its rows do not match the activity that the claim looks at, one to one",
        )
        _unless(max(named.values(), default=1) == 1, "an activity is in two rows of one item")
        true = all(
            (row.nhs_number, row.day) == (looked[row.evidence[0]].nhs_number, looked[row.evidence[0]].day)
            for row in rows
        )
        _unless(true, "a row's patient or day is not that of its evidence")
        own = all(row.entry_id is not None and f"activity:{row.entry_id}" in row.evidence for row in rows)
        _unless(own, "a row does not say which entry it pays for")


def report(
    spec: ServiceSpec, records: Records, claim: Claim, period: Period, recalls: RecallList, given: object
) -> Report:
    """Checks that each measure of the specification is there once, with a clause, and no share is above 100%.

    The number overdue must be that of the service's own recall. The measures are put in the specification's order.
    """
    answer = _is(given, Report)
    named = Counter(measure.id for measure in answer.measures)
    for wanted in spec.measures:
        _unless(named[wanted.id] == 1, f"the measure {wanted.id} must be there exactly once")
    for measure in answer.measures:
        _unless(bool(measure.clause), f"the measure {measure.id} names no clause")
        whole = measure.denominator
        _unless(
            measure.numerator >= 0 and (whole is None or measure.numerator <= whole),
            f"the measure {measure.id} counts more than there is",
        )
    for wanted in spec.measures:
        if wanted.kind == "items":
            most = sum(row.item == wanted.of and row.day in period for row in claim.rows)
            counted = next(measure.numerator for measure in answer.measures if measure.id == wanted.id)
            _unless(counted <= most, f"the measure {wanted.id} counts more than the activity of the period")
        if wanted.kind == "overdue":
            counted = next(measure.numerator for measure in answer.measures if measure.id == wanted.id)
            late = sum(one.kind == wanted.of and one.days_overdue(records.as_of) > 0 for one in recalls.recalls)
            _unless(
                counted == late,
                f"the measure {wanted.id} differs from its les_recall; pass `recalls` to standard_report",
            )
    for table in answer.tables:
        _unless(
            all(len(row) == len(table.columns) for row in table.rows),
            f"the table {table.id} has a row with too many or too few cells",
        )
    order = {wanted.id: place for place, wanted in enumerate(spec.measures)}
    return replace(answer, measures=tuple(sorted(answer.measures, key=lambda one: order.get(one.id, len(order)))))


class Untrue(Exception):  # noqa: N818 (it is a wrong answer, not an error of the program)
    """A plugin's answer broke the rule in the text; the text never contains an identifier."""


def _unless(true: bool, rule: str) -> None:
    if not true:
        raise Untrue(f"broke a rule: {rule}")


def _is(answer: object, kind: type[T]) -> T:
    if not isinstance(answer, kind):
        raise Untrue(f"returned {type(answer).__name__}, not {kind.__name__}")
    return answer


def _known(records: Records, nhs_number: str) -> bool:
    return _patient(records, nhs_number) is not None


def _patient(records: Records, nhs_number: str) -> Patient | None:
    try:
        return records.patient(nhs_number)
    except KeyError:
        return None
