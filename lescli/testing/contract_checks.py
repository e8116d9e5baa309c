"""What must hold of one round of answers; each check yields the rules that were broken, in words, without a patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ..calendar import Month, Period, contract_year
from ..counting import counted
from ..model import Claim, ClaimRow, RecallList, Register, Report, ServiceSpec, Verdict
from ..rules.population import is_served
from .boundaries import in_time, pence_on, per_activity, span_of, specified
from .contract_practice import Made
from .surgery import Surgery

_GIVEN = ("payable", "claimed", "expired", "over_cap", "unpriced")
"""The verdicts on work that was done as the specification asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One round of questions and its answers; `faults` were seen while asking. `month` is None for a longer period."""

    spec: ServiceSpec
    month: Month | None
    period: Period
    as_of: date
    register: Register
    recall: RecallList
    claim: Claim
    report: Report
    faults: tuple[str, ...] = ()


def check_claim(surgery: Surgery, made: Iterable[Made], asked: Asked) -> Iterator[str]:
    """Every activity is considered, and what is paid is due, priced, supported and paid once."""
    yield from asked.faults
    assert asked.month is not None
    activities = list(made)
    yield from _considered(surgery, activities, asked, asked.month)
    paid = [row for row in asked.claim.rows if row.verdict is Verdict.PAYABLE]
    for row in paid:
        yield from _paid(surgery, asked, asked.month, row)
    never = {surgery.numbers[one.patient]: one.never for one in activities if one.never}
    yield from (f"{row.item} is paid although: {never[row.nhs_number]}" for row in paid if row.nhs_number in never)
    once = Counter((row.item, row.nhs_number, row.day) for row in paid)
    if max(once.values(), default=1) > 1:
        yield "the same patient, item and day is paid twice"
    a_year = Counter((row.item, row.nhs_number, contract_year(row.day)) for row in paid)
    caps = {item.name: item.cap for item in asked.spec.items}
    if any(count > (caps[item] or count) for (item, _, _), count in a_year.items()):
        yield "more is paid of one patient in a contract year than the cap"
    if not all(row.reason and row.clause for row in asked.claim.rows):
        yield "a row has no reason or clause"


def _considered(surgery: Surgery, made: list[Made], asked: Asked, month: Month) -> Iterator[str]:
    spec, span = asked.spec, span_of(asked.spec, month)
    last = min(span.end, asked.as_of)
    for item in per_activity(spec):
        expected: Counter[tuple[str, date]] = Counter()
        for one in made:
            known = {code for name in item.codelists for code in spec.codelist(name).codes_on(one.day)}
            if span.start <= one.day <= last and known.intersection(spec.codelist(one.codelist).codes_on(one.day)):
                expected[(surgery.numbers[one.patient], one.day)] += 1
        rows = [row for row in asked.claim.rows if row.item == item.name]
        found = Counter((row.nhs_number, row.day) for row in rows)
        if len(rows) != expected.total():
            yield f"{item.name}: {counted(len(rows), 'row')} for {counted(expected.total(), 'activity', 'activities')}"
        elif found != expected:
            yield f"{item.name}: its rows are not the activities that were made"
        missed = {day for _, day in (expected - found).elements()}
        for words, day in (("first", span.start), ("last", span.end)):
            if day in missed:
                yield f"{item.name}: the {words} day a claim looks at is not looked at"


def _paid(surgery: Surgery, asked: Asked, month: Month, row: ClaimRow) -> Iterator[str]:
    spec = asked.spec
    known = pence_on(spec.item(row.item), row.day)
    if not specified(spec, row.day):
        yield f"{row.item} is paid outside the specification's period"
    if row.day not in span_of(spec, month) or row.day > asked.as_of:
        yield f"{row.item} is paid outside the days the claim looks at"
    if not in_time(spec, row.day, asked.as_of):
        yield f"{row.item} is paid after its claim window"
    if not known or known <= 0:
        yield f"{row.item} is paid before there is a price"
    elif row.unit_price_pence != known:
        yield f"{row.item} is paid at another price than the terms have"
    if not row.evidence or not all(_exists(surgery, name) for name in row.evidence):
        yield f"{row.item} is paid on evidence that does not exist"
    if not row.clause:
        yield f"{row.item} is paid without a clause"


def _exists(surgery: Surgery, evidence: str) -> bool:
    kind, _, number = evidence.partition(":")
    tables = {"activity": "activity", "register": "register_entry"}
    if kind not in tables or not number.isdecimal():
        return False
    return bool(surgery.store.rows(f"SELECT 1 FROM {tables[kind]} WHERE id = ?", int(number)))


def check_people(surgery: Surgery, made: Iterable[Made], asked: Asked) -> Iterator[str]:
    """Nobody who died, left or was never ours is recalled, or stands on the register as if they were here."""
    strangers: set[str] = set()
    gone: set[str] = set()
    for one in made:
        if one.gone_after and one.gone_after < asked.as_of:
            (strangers if one.never == "stranger" else gone).add(surgery.numbers[one.patient])
    if any(entry.nhs_number in gone and entry.covers(asked.as_of) for entry in asked.register.entries):
        yield "someone who died or left is still on the register"
    for entry in asked.register.entries:
        others = (other for other in asked.register.of(entry.nhs_number) if other is not entry)
        if any(other.covers(entry.entered_on) for other in others):
            yield "two register entries of one patient cover the same day"
    records = surgery.records(asked.as_of)
    served = {one for one in strangers if is_served(asked.spec, records, records.patient(one), asked.as_of)}
    if any(one.nhs_number in gone | strangers - served for one in asked.recall.recalls):
        yield "someone who died, left or is not ours is recalled"
    if any(asked.register.entry(one.nhs_number, asked.as_of) is None for one in asked.recall.recalls):
        yield "someone who is not on the register is recalled"
    if any(not one.clause for one in asked.recall.recalls):
        yield "a recall has no clause"


def check_report(asked: Asked) -> Iterator[str]:
    """Every measure is there, with its clause, and those that count items count what the claim holds."""
    measures = {measure.id: measure for measure in asked.report.measures}
    for wanted in asked.spec.measures:
        measure = measures.get(wanted.id)
        if measure is None:
            yield f"the measure {wanted.id} is missing"
            continue
        if not measure.clause:
            yield f"the measure {wanted.id} has no clause"
        if wanted.kind == "items":
            rows = [row for row in asked.claim.rows if row.item == wanted.of and row.day in asked.period]
            count = sum(row.verdict.value in _GIVEN for row in rows)
            if measure.numerator != count:
                yield f"the measure {wanted.id} is not the number of activities given in the period"
