"""Requests count the same whether the record holds them as a coded entry or as an order; plans are only shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from ..model import Activity, Planned, Recall, RecallRule, Records, ServiceSpec

Request = Activity | Planned


def activity_of(records: Records, codelist: str, start: date) -> tuple[Request, ...]:
    """Coded entries of any list from a day on."""
    return records.activity(codelist, start)


def requests_of(
    records: Records, codelist: str, start: date | None = None, end: date | None = None
) -> tuple[Request, ...]:
    """Entries of a list of request codes, coded or ordered, made between two days (both inside), by day."""
    first, last = start or date.min, min(end or records.as_of, records.as_of)
    ordered = (one for one in records.planned(codelist) if one.is_request and first <= one.day <= last)
    return tuple(sorted([*records.activity(codelist, start, end), *ordered], key=lambda one: one.order))


def is_open(request: Request) -> bool:
    """Whether it may still wait: an order that was answered does not, a coded entry does until something is done."""
    return request.is_open if isinstance(request, Planned) else True


def request_lists(spec: ServiceSpec) -> frozenset[str]:
    """The code lists whose entries are requests: those that an open-request recall looks at."""
    return frozenset(name for rule in spec.recalls if rule.kind == "open-request" for name in rule.codelists)


def first_requests(spec: ServiceSpec, records: Records, names: Iterable[str]) -> dict[str, Planned]:
    """Each patient's first order of those of the lists that hold requests."""
    found: dict[str, Planned] = {}
    for name in request_lists(spec).intersection(names):
        for one in records.planned(name):
            held = found.get(one.nhs_number)
            if one.is_request and (held is None or one.order < held.order):
                found[one.nhs_number] = one
    return found


def plans_of(rule: RecallRule, records: Records) -> dict[str, list[Planned]]:
    """What is open and planned for a day, with a code that the recall looks at, by patient."""
    plans: dict[str, list[Planned]] = {}
    for name in dict.fromkeys((*rule.codelists, *rule.done_codelists)):
        for one in records.planned(name):
            if one.is_open and one.planned_on and (one.is_diary_entry or one.is_request):
                plans.setdefault(one.nhs_number, []).append(one)
    return plans


def plan_for(recall: Recall, plans: Mapping[str, list[Planned]], as_of: date) -> Planned | None:
    """The plan that a recall is shown with: the next one, or else the last that has passed; none made done since.

    It is for whoever rings: how late the patient is, the specification says and no plan changes.
    """
    done = recall.last_done_on or date.min
    after = [(one.planned_on, one.order, one) for one in plans.get(recall.nhs_number, ()) if one.planned_on]
    waiting = sorted(each for each in after if each[0] > done)
    ahead = [each for each in waiting if each[0] >= as_of]
    return (ahead[0] if ahead else waiting[-1])[2] if waiting else None
