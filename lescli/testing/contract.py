"""The contract every service keeps, whatever it says: asked on both sides of every boundary, and counted here again.

A test of a plugin is one line, `assert problems_of(service) == []`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..calendar import Month, Period, contract_year
from ..errors import LesError
from ..model import Verdict
from ..rules.claim import KINDS
from ..services import Service
from .boundaries import inside_day, middle_month, per_activity, questions_of
from .contract_checks import Asked, check_claim, check_people, check_report
from .contract_practice import Made, activities_of, new_surgery, populate, profiles_of
from .surgery import Surgery

Details = Mapping[str, Mapping[str, str]]


class _Problems:
    """Each rule that was broken once, with the first question that showed it."""

    def __init__(self, service: Service) -> None:
        self._name = service.name
        self._found: dict[str, str] = {}

    def add(self, where: object, rule: str) -> None:
        self._found.setdefault(rule, str(where))

    def listed(self) -> list[str]:
        own = f"{self._name}: "  # What the facade says begins with it already.
        return [f"{own}{rule.removeprefix(own)} ({where})" for rule, where in self._found.items()]


def problems_of(service: Service, details: Details | None = None) -> list[str]:
    """Everything a service gets wrong about a synthetic practice; empty when it keeps the contract.

    `details` are register details by item, for a service that pays only with some recorded; without them the
    plainest that do are looked for. Terms that the specification leaves open are set for the test.
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
    """Items of kinds that the standard vocabulary does not count: their activity is not made here."""
    return [
        f"{service.name}: {item.name} is of kind {item.kind}" for item in service.spec.items if item.kind not in KINDS
    ]


def _suited(service: Service, problems: _Problems) -> dict[str, dict[str, str]]:
    """For each item the first set of details with which a plain activity is paid."""
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
    for row in sorted(claim.rows, key=lambda row: list(named).index(names[row.nhs_number])):
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
        year = contract_year(inside_day(spec))
        for rule in check_report(_ask(surgery, None, year, year.end)):
            problems.add(year, rule)
    except Exception as fault:
        problems.add("a whole contract year", _words(fault))
    if repr(spec) != before:
        problems.add("all claims", "the specification was changed while it was asked")
    return paid


def _ask(surgery: Surgery, month: Month | None, period: Period, as_of: object) -> Asked:
    """One round of questions; every answer is asked for twice, and what was handed in is looked at again."""
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
    """What went wrong; an error that is not ours should have been named by the facade, and may hold an identifier."""
    return str(fault) if isinstance(fault, LesError) else f"a {type(fault).__name__} came through unnamed"


def _claim_once(surgery: Surgery, problems: _Problems) -> None:
    """What is submitted is claimed: asked again, in that month or the next, it is not paid again."""
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
    """A practice without a single patient has an empty claim and a report with every measure."""
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
