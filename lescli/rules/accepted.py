"""Entries whose consultation type says that it was not done in the way that counts: they settle nothing.

A telephone entry with the code of an injection is no injection, and the patient is still due. Only what the type says
counts here. What else a claim holds back or refuses (a missing accreditation or price, another place, a registration,
an age) was done all the same, and calling the patient for it again would be wrong. So it is where no type is recorded:
that is for the claim to ask about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ..calendar import Period, for_people
from ..model import (
    Activity,
    Claim,
    ClaimItem,
    ClaimRow,
    Code,
    Finding,
    Planned,
    Recall,
    RecallRule,
    Records,
    ServiceSpec,
    Verdict,
)
from .checks import check_of
from .verdict import reason_of

_GIVEN = (Verdict.PAYABLE, Verdict.CLAIMED, Verdict.EXPIRED, Verdict.OVER_CAP, Verdict.UNPRICED)
"""Work that was done as the specification asks, whether or not it is paid for."""
_NOT_GIVEN = (Verdict.REFUSED, Verdict.CHECK)


def given_rows(claim: Claim, item: str, period: Period) -> tuple[ClaimRow, ...]:
    """Rows of an item dated in the period whose work was done as the specification asks."""
    return tuple(row for row in claim.rows if row.item == item and row.day in period and _given(row))


def _given(row: ClaimRow) -> bool:
    # Before the first month claimed here nothing was judged when it was claimed, so it is judged now.
    unjudged = row.reason == "claimed-elsewhere"
    return row.verdict in _GIVEN and not (unjudged and any(one.verdict in _NOT_GIVEN for one in row.also))


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


RULE = "consultation-type"
Refused = Callable[[Activity], Finding | None]
"""An entry -> why it settles nothing, or None."""
Believed = Callable[[Activity], bool]
"""An entry -> whether what it says can be true, or a person confirmed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """Each patient's newest entry that counts, and those of them whose newest entry of all does not."""

    done: Mapping[str, Activity]
    not_accepted: Mapping[str, Activity]


def refusal_of(spec: ServiceSpec, records: Records) -> Refused:
    """Judges an entry by the items that are claimed by one of its codes; one of them that takes it is enough."""
    asking = [item for item in spec.items if any(check.rule == RULE for check in item.checks)]
    if not asking:
        return lambda entry: None
    checks = {
        item.name: [check_of(check, spec, records) for check in item.checks if check.rule == RULE] for item in asking
    }

    known: dict[tuple[str, date, tuple[Code, ...]], Finding | None] = {}

    def refused(entry: Activity) -> Finding | None:
        key = (entry.consultation_type, entry.day, entry.codes)
        if key not in known:
            known[key] = judge(entry)
        return known[key]

    def judge(entry: Activity) -> Finding | None:
        if not entry.consultation_type.strip():
            return None
        found: list[Finding | None] = []
        for item in (item for item in spec.items if _is_claimed_by(spec, item, entry)):
            patient = records.patient(entry.nhs_number)
            found.append(next((f for check in checks.get(item.name, ()) if (f := check(entry, patient, None))), None))
        return found[0] if found and all(found) else None

    return refused


def accepted_activity(spec: ServiceSpec, records: Records, codelists: Iterable[str]) -> tuple[Activity, ...]:
    """Entries of several code lists that count, by list and date."""
    refused = refusal_of(spec, records)
    return tuple(one for name in codelists for one in records.activity(name) if refused(one) is None)


def newest_of(
    spec: ServiceSpec, records: Records, codelists: Iterable[str], believed: Believed | None = None
) -> Newest:
    """The newest entries over several code lists; one that is not believed counts for nothing either."""
    names = tuple(dict.fromkeys(codelists))
    refused = refusal_of(spec, records)

    def counts(one: Activity) -> bool:
        return refused(one) is None and (believed is None or believed(one))

    newest = _newest(one for name in names for one in records.latest(name).values())
    counting = {nhs_number: one for nhs_number, one in newest.items() if counts(one)}
    others = {nhs_number: one for nhs_number, one in newest.items() if nhs_number not in counting}
    if others:
        counting |= _newest(one for name in names for one in records.newest(name, others, counts).values())
    not_accepted = {nhs_number: one for nhs_number, one in others.items() if refused(one) is not None}
    return Newest(done=counting, not_accepted=not_accepted)


def told(spec: ServiceSpec, entry: Activity) -> str:
    """What to say of an entry that settles nothing: whoever rings looks at it first."""
    why = reason_of(spec, RULE).text
    return f"the entry of {for_people(entry.day)} ({entry.consultation_type}) does not count: {why}"


def _newest(entries: Iterable[Activity]) -> dict[str, Activity]:
    newest: dict[str, Activity] = {}
    for one in entries:
        held = newest.get(one.nhs_number)
        if held is None or held.order < one.order:
            newest[one.nhs_number] = one
    return newest


def _is_claimed_by(spec: ServiceSpec, item: ClaimItem, entry: Activity) -> bool:
    return any(code in spec.codelist(name).codes_on(entry.day) for name in item.codelists for code in entry.codes)
