"""What the core checks of a plugin's answer, whatever the plugin: its rows are true, complete, priced and ordered.

A PluginError names the service, the hook and the rule that was broken, never a patient.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ..calendar import Period
from ..errors import PluginError
from ..model import Claim, ClaimRow, RecallList, Records, Register, Report, ServiceSpec, Verdict
from ..rules.windows import looked_at


def register(spec: ServiceSpec, records: Records, answer: Register) -> Register:
    """Entries are of known patients, begin by the day asked about, end no earlier, and do not overlap."""
    wrong = _Wrong(spec, "les_register")
    for entry in answer.entries:
        wrong.unless(_known(records, entry.nhs_number), "an entry is of a patient the store does not know")
        wrong.unless(entry.entered_on <= records.as_of, "an entry begins after the day asked about")
        wrong.unless(entry.ended_on is None or entry.ended_on >= entry.entered_on, "an entry ends before it begins")
        wrong.unless(bool(entry.evidence), "an entry has no evidence")
        wrong.unless(bool(entry.rule and entry.clause), "an entry names no rule or clause")
    ordered = sorted(answer.entries, key=lambda entry: (entry.nhs_number, entry.entered_on))
    return Register(entries=tuple(ordered))


def recall(spec: ServiceSpec, records: Records, register: Register, answer: RecallList) -> RecallList:
    """Only patients who are alive, registered and on the register; each once a kind; longest overdue first."""
    wrong = _Wrong(spec, "les_recall")
    practice = records.practice.ods_code
    for one in answer.recalls:
        wrong.unless(_known(records, one.nhs_number), "a recall is of a patient the store does not know")
        patient = records.patient(one.nhs_number)
        wrong.unless(patient.died_on is None or patient.died_on > records.as_of, "a recall is of someone who died")
        wrong.unless(patient.registered_on(records.as_of, practice), "a recall is of someone who left")
        wrong.unless(
            register.entry(one.nhs_number, records.as_of) is not None, "a recall is of someone not on the register"
        )
        wrong.unless(bool(one.clause and one.evidence), "a recall names no clause or evidence")
    once = Counter((one.nhs_number, one.kind) for one in answer.recalls)
    wrong.unless(max(once.values(), default=1) == 1, "a patient is recalled twice for the same thing")
    return RecallList(
        recalls=tuple(
            sorted(
                answer.recalls,
                key=lambda one: (-one.days_overdue(records.as_of), one.due_on, one.nhs_number, one.kind),
            )
        )
    )


def claim(spec: ServiceSpec, records: Records, period: Period, answer: Claim) -> Claim:
    """Every activity looked at has one row an item; dates, prices and evidence are true; nothing counts twice."""
    wrong = _Wrong(spec, "les_claim")
    span = looked_at(spec, period)
    for row in answer.rows:
        wrong.unless(row.item in [item.name for item in spec.items], "a row is of an item the specification has not")
        wrong.unless(row.day in span and row.day <= records.as_of, "a row lies outside the days the claim looks at")
        wrong.unless(bool(row.reason), "a row has no reason")
        wrong.unless(bool(row.evidence), "a row has no evidence")
        if row.verdict is Verdict.PAYABLE:
            _check_payable(spec, row, wrong)
    counted = Counter(row.key for row in answer.rows if row.verdict is Verdict.PAYABLE)
    wrong.unless(max(counted.values(), default=1) == 1, "the same patient, item and day is paid twice")
    _check_complete(spec, records, span, answer, wrong)
    standing = {(row.item, row.nhs_number, row.day) for row in records.claimed()}
    again = any(
        row.verdict is Verdict.PAYABLE and (row.item, row.nhs_number, row.day) in standing for row in answer.rows
    )
    wrong.unless(not again, "something already claimed is paid again")
    rows = sorted(answer.rows, key=lambda row: (row.day, row.nhs_number, row.item, row.evidence))
    return replace(answer, rows=tuple(rows))


def _check_payable(spec: ServiceSpec, row: ClaimRow, wrong: _Wrong) -> None:
    price = spec.item(row.item).price_on(row.day)
    known = price.value.pence if price else None
    wrong.unless(bool(known) and row.unit_price_pence == known, "a row's price is not that of the terms")
    wrong.unless(spec.in_force_on(row.day), "a row is paid on a day without a specification")
    wrong.unless(bool(row.clause), "a paid row names no clause")


def _check_complete(spec: ServiceSpec, records: Records, span: Period, answer: Claim, wrong: _Wrong) -> None:
    """No activity disappears, and no evidence is made up."""
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
        wrong.unless(set(named) == set(looked), "its rows are not the activity the claim looks at, one for one")
        wrong.unless(max(named.values(), default=1) == 1, "an activity stands in two rows of one item")
        true = all(
            (row.nhs_number, row.day) == (looked[row.evidence[0]].nhs_number, looked[row.evidence[0]].day)
            for row in rows
        )
        wrong.unless(true, "a row's patient or day is not that of its evidence")


def report(spec: ServiceSpec, claim: Claim, period: Period, answer: Report) -> Report:
    """Every measure the specification names is there, once, with a clause, and no share is above its whole."""
    wrong = _Wrong(spec, "les_report")
    named = Counter(measure.id for measure in answer.measures)
    for wanted in spec.measures:
        wrong.unless(named[wanted.id] == 1, f"the measure {wanted.id} is not there once")
    for measure in answer.measures:
        wrong.unless(bool(measure.clause), f"the measure {measure.id} names no clause")
        whole = measure.denominator
        wrong.unless(
            measure.numerator >= 0 and (whole is None or measure.numerator <= whole),
            f"the measure {measure.id} counts more than there is",
        )
    for wanted in spec.measures:
        if wanted.kind == "items":
            most = sum(row.item == wanted.of and row.day in period for row in claim.rows)
            counted = next(measure.numerator for measure in answer.measures if measure.id == wanted.id)
            wrong.unless(counted <= most, f"the measure {wanted.id} counts more than the activity of the period")
    for table in answer.tables:
        wrong.unless(
            all(len(row) == len(table.columns) for row in table.rows),
            f"the table {table.id} has a row of another width",
        )
    return answer


class _Wrong:
    def __init__(self, spec: ServiceSpec, hook: str) -> None:
        self._where = f"{spec.name}: {hook}"

    def unless(self, true: bool, rule: str) -> None:
        if not true:
            raise PluginError(f"{self._where}: {rule}", "this is a fault of the service's plugin; nothing was written")


def _known(records: Records, nhs_number: str) -> bool:
    try:
        records.patient(nhs_number)
    except KeyError:
        return False
    return True
