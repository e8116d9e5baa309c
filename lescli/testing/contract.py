"""The contract that every service must keep: it is asked about both sides of every boundary, and checked independently.

The test of a plugin is one line: `assert problems_of(service) == []`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ..amounts import counted
from ..calendar import Month, Period
from ..errors import LesError
from ..model import Claim, ClaimRow, RecallList, Register, Report, ServiceSpec, Verdict
from ..rules.accepted import GIVEN
from ..rules.claim import KINDS
from ..rules.eligibility import is_served
from ..rules.tariffs import is_price
from ..services import Service
from .contract_practice import (
    Made,
    activities_of,
    in_time,
    inside_day,
    middle_month,
    new_surgery,
    pence_on,
    per_activity,
    populate,
    profiles_of,
    questions_of,
    span_of,
    specified,
)
from .surgery import Surgery

Details = Mapping[str, Mapping[str, str]]
"""Register details, by claim item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A service's answers about one period; `faults` were seen while asking. `month` is None for a longer period."""

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
    """Checks that every activity has a row, and that each payable row is in time, priced, supported and paid once."""
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
    a_year = Counter((row.item, row.nhs_number, asked.spec.contract_year(row.day)) for row in paid)
    if any(count > (_cap(asked.spec, item, year) or count) for (item, _, year), count in a_year.items()):
        yield "more is paid for one patient in a contract year than the cap"
    if not all(row.reason and row.clause for row in asked.claim.rows):
        yield "a row has no reason or clause"


def _cap(spec: ServiceSpec, item: str, year: Period) -> int | None:
    """The largest cap of an item in a contract year; None when it has none on some of its days."""
    caps = [terms.item(item).cap for first, last, terms in spec.spans() if first <= year.end and last >= year.start]
    return None if None in caps else max(cap for cap in caps if cap is not None)


def _considered(surgery: Surgery, made: list[Made], asked: Asked, month: Month) -> Iterator[str]:
    spec, span = asked.spec, span_of(asked.spec, month)
    last = min(span.end, asked.as_of)
    for item in per_activity(spec):
        expected: Counter[tuple[str, date]] = Counter()
        for one in made:
            known = {code for name in item.codelists for code in spec.codelist(name).codes_on(one.day)}
            if span.start <= one.day <= last and known.intersection(spec.codelist(one.codelist).codes_on(one.day)):
                expected[(surgery.numbers[one.patient], one.day)] += 1
        # An entry has one row, not two, where one item is for our own patients and one for those of other practices.
        shared = [one.name for one in per_activity(spec) if one.shares_entries_with(item)]
        rows = [row for row in asked.claim.rows if row.item in (item.name, *shared)]
        found = Counter((row.nhs_number, row.day) for row in rows)
        if len(rows) != expected.total():
            yield f"{item.name}: {counted(len(rows), 'row')} for {counted(expected.total(), 'activity', 'activities')}"
        elif found != expected:
            yield f"{item.name}: its rows are not those of the recorded activities"
        missed = {day for _, day in (expected - found).elements()}
        for words, day in (("first", span.start), ("last", span.end)):
            if day in missed:
                yield f"{item.name}: the claim misses the {words} day that it should look at"


def _paid(surgery: Surgery, asked: Asked, month: Month, row: ClaimRow) -> Iterator[str]:
    spec = asked.spec
    known = pence_on(spec.item(row.item), row.day, row.tariff)
    if not specified(spec, row.day):
        yield f"{row.item} is paid outside the specification's period"
    if row.day not in span_of(spec, month) or row.day > asked.as_of:
        yield f"{row.item} is paid outside the days the claim looks at"
    if not in_time(spec, row.day, asked.as_of):
        yield f"{row.item} is paid after its claim window"
    if not row.nhs_number:
        return  # A row of the practice list rests on the size of the list, not on an entry.
    if not known or known <= 0:
        yield f"{row.item} is paid before there is a price"
    elif not is_price(spec.item(row.item), row.unit_price_pence, known):
        yield f"{row.item} is paid at a price that differs from the terms"
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
    """Checks that no patient who died, left or was never registered here is recalled or still on the register."""
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
        yield "someone who died, left or is not registered here is recalled"
    if any(asked.register.entry(one.nhs_number, asked.as_of) is None for one in asked.recall.recalls):
        yield "someone who is not on the register is recalled"
    if any(not one.clause for one in asked.recall.recalls):
        yield "a recall has no clause"


def check_report(asked: Asked) -> Iterator[str]:
    """Checks that every measure is there with its clause, and that measures of items count the claim's rows."""
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
            count = sum(row.verdict in GIVEN for row in rows)
            if measure.numerator != count:
                yield f"the measure {wanted.id} is not the number of activities given in the period"


class _Problems:
    """Each broken rule once, with the first question that showed it."""

    def __init__(self, service: Service) -> None:
        self._name = service.name
        self._found: dict[str, str] = {}

    def add(self, where: object, rule: str) -> None:
        self._found.setdefault(rule, str(where))

    def listed(self) -> list[str]:
        own = f"{self._name}: "  # Messages of the facade already begin with it.
        return [f"{own}{rule.removeprefix(own)} ({where})" for rule, where in self._found.items()]


def problems_of(service: Service, details: Details | None = None) -> list[str]:
    """Everything that a service gets wrong about an invented practice; empty when it keeps the contract.

    `details` are register details by item, for a service that pays only if some are recorded; without them, the
    simplest that lead to payment are looked for. Codes and prices that the specification leaves open are set.
    """
    problems = _Problems(service)
    suited = dict(details) if details is not None else _suited(service, problems)
    if not problems.listed():
        surgery = new_surgery(service)
        made = activities_of(surgery.service.spec)
        populate(surgery, made, suited)
        paid = _ask_everything(surgery, made, problems)
        for item in per_activity(service.spec):
            if item.name not in paid:
                problems.add("all claims", f"{item.name} is never paid")
        _claim_once(surgery, problems)
    _ask_nobody(service, problems)
    return problems.listed()


def not_yet_of(service: Service) -> list[str]:
    """A sentence for each item of a kind that the standard rules do not count, which this test cannot check."""
    return [
        f"{service.name}: {item.name} is of kind {item.kind}" for item in service.spec.items if item.kind not in KINDS
    ]


def _suited(service: Service, problems: _Problems) -> dict[str, dict[str, str]]:
    """For each item, the first set of details with which a simple activity is paid."""
    surgery = new_surgery(service)
    day, codelists = inside_day(service.spec), {item.name: item.codelists for item in per_activity(service.spec)}
    profiles = {item.name: profiles_of(service.spec, item) for item in per_activity(service.spec)}
    named: dict[str, tuple[str, dict[str, str]]] = {}
    for item, choices in profiles.items():
        for place, choice in enumerate(choices):
            patient = f"{item} {place}"
            named[patient] = (item, choice)
            populate(surgery, [Made(patient=patient, item=item, codelist=codelists[item][0], day=day)], {item: choice})
    month = Month.of(day)
    try:
        claim = surgery.claim(str(month), month.last)
    except Exception as fault:
        problems.add(f"claim {month}", _words(fault))
        return {}
    suited: dict[str, dict[str, str]] = {}
    reasons: dict[str, set[str]] = {item: set() for item in profiles}
    names = surgery.names()
    of_patients = (row for row in claim.rows if row.nhs_number)
    for row in sorted(of_patients, key=lambda row: list(named).index(names[row.nhs_number])):
        item, choice = named[names[row.nhs_number]]
        if row.item != item:
            continue
        reasons[item].add(f"{row.verdict.value} {row.reason}")
        if row.verdict is Verdict.PAYABLE:
            suited.setdefault(item, choice)
    for item in profiles:
        if item not in suited:
            problems.add(day, f"{item} is never paid: {', '.join(sorted(reasons[item])) or 'no row'}; give `details`")
    return suited


def _ask_everything(surgery: Surgery, made: tuple[Made, ...], problems: _Problems) -> set[str]:
    paid: set[str] = set()
    spec = surgery.service.spec
    before = repr(spec)
    for question in questions_of(spec):
        try:
            asked = _ask(surgery, question.month, Period.of_month(question.month), question.as_of)
            for rule in (*check_claim(surgery, made, asked), *check_people(surgery, made, asked), *check_report(asked)):
                problems.add(question, rule)
            paid |= {row.item for row in asked.claim.rows if row.verdict is Verdict.PAYABLE}
        except Exception as fault:
            problems.add(question, _words(fault))
    try:
        year = spec.contract_year(inside_day(spec))
        for rule in check_report(_ask(surgery, None, year, year.end)):
            problems.add(year, rule)
    except Exception as fault:
        problems.add("a whole contract year", _words(fault))
    if repr(spec) != before:
        problems.add("all claims", "a hook changed the specification")
    return paid


def _ask(surgery: Surgery, month: Month | None, period: Period, as_of: object) -> Asked:
    """Ask for every answer twice, and check that neither the answers nor the values passed in have changed."""
    service, records = surgery.service, surgery.records(str(as_of))
    register = service.register(records)
    held = repr(register)
    claim = service.claim(records, register, period)
    claimed = repr(claim)
    asked = Asked(
        spec=service.spec,
        month=month,
        period=period,
        as_of=records.as_of,
        register=register,
        recall=service.recall(records, register),
        claim=claim,
        report=service.report(records, register, claim, period),
    )
    changed = [] if repr(register) == held and repr(claim) == claimed else ["an answer was changed after it was given"]
    fresh = surgery.records(str(as_of))
    again = service.register(fresh)
    if again != register or service.claim(fresh, again, period) != claim:
        changed.append("the same question asked twice has two answers")
    if service.report(fresh, again, claim, period) != asked.report:
        changed.append("the same report asked twice differs")
    return replace(asked, faults=tuple(changed))


def _words(fault: Exception) -> str:
    """What went wrong. The facade should have caught any other error; its text may contain an identifier."""
    return str(fault) if isinstance(fault, LesError) else f"a {type(fault).__name__} was not caught by the facade"


def _claim_once(surgery: Surgery, problems: _Problems) -> None:
    """Checks that submitted work is not paid again, in the claim for that month or for the next."""
    month = middle_month(surgery.service.spec)
    try:
        surgery.submit(str(month), month.last)
        rows = surgery.claim(str(month), month.last).rows + surgery.claim(str(month.plus(1)), month.plus(1).last).rows
    except Exception as fault:
        problems.add(f"after submitting {month}", _words(fault))
        return
    if any(row.verdict is Verdict.PAYABLE and Month.of(row.day) == month and row.day <= month.last for row in rows):
        problems.add(f"after submitting {month}", "something submitted is paid again")


def _ask_nobody(service: Service, problems: _Problems) -> None:
    """Checks that a practice without patients gets empty answers and a report with every measure."""
    surgery = Surgery(service)
    month = middle_month(service.spec)
    try:
        asked = _ask(surgery, month, Period.of_month(month), month.last)
    except Exception as fault:
        problems.add("an empty practice", _words(fault))
        return
    if any(row.nhs_number for row in asked.claim.rows) or asked.register.entries or asked.recall.recalls:
        problems.add("an empty practice", "an answer names someone who is not there")
    for rule in check_report(asked):
        problems.add("an empty practice", rule)
