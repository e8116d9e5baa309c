"""Which coded entries count as work done, which requests are open, and what is already planned for a patient.

An entry does not count when its consultation type is one that the service does not accept: a telephone entry with the
code of an injection is no injection, and the patient is still due. Nothing else disqualifies an entry here. Work that
a claim refuses or holds back for another reason (accreditation, price, place, registration, age) was still done, and
it would be wrong to call the patient for it again. An entry without a consultation type counts too: the claim asks
about it.
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
from .checks import dated_checks
from .claim_row import reason_of

CONSULTATION_TYPE = "consultation-type"
"""The check that decides here, and the reason it gives."""
GIVEN = (Verdict.PAYABLE, Verdict.CLAIMED, Verdict.EXPIRED, Verdict.OVER_CAP, Verdict.UNPRICED)
"""Work that was done as the specification asks, whether or not it is paid for."""
_NOT_GIVEN = (Verdict.REFUSED, Verdict.CHECK)

Request = Activity | Planned
"""A request as a coded entry or as an order. The register also finds cases by other coded entries of this type."""
Refused = Callable[[Activity], Finding | None]
"""Takes an entry; returns why it does not count, or None."""
Believed = Callable[[Activity], bool]
"""Takes an entry; returns whether its value is possible, or a person confirmed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """Each patient's newest entry that counts, and their newest entry of all where that one does not count."""

    done: Mapping[str, Activity]
    not_accepted: Mapping[str, Activity]


def given_rows(claim: Claim, item: str, period: Period) -> tuple[ClaimRow, ...]:
    """Rows of an item dated in the period whose work was done as the specification asks."""
    return tuple(row for row in claim.rows if row.item == item and row.day in period and _given(row))


def _given(row: ClaimRow) -> bool:
    # les did not judge the months that were claimed by other means, so their other findings count now.
    unjudged = row.reason == "claimed-elsewhere"
    return row.verdict in GIVEN and not (unjudged and any(one.verdict in _NOT_GIVEN for one in row.also))


def activity_of(records: Records, codelist: str, start: date) -> tuple[Request, ...]:
    """Coded entries of a code list from a day on."""
    return records.activity(codelist, start)


def requests_of(
    records: Records, codelist: str, start: date | None = None, end: date | None = None
) -> tuple[Request, ...]:
    """Requests of a code list, coded or ordered, made between two days (both included), by day."""
    first, last = start or date.min, min(end or records.as_of, records.as_of)
    ordered = (one for one in records.planned(codelist) if one.is_request and first <= one.day <= last)
    return tuple(sorted([*records.activity(codelist, start, end), *ordered], key=lambda one: one.order))


def is_open(request: Request) -> bool:
    """Whether a request may still be open: an order until it is answered, a coded entry until the work is done."""
    return request.is_open if isinstance(request, Planned) else True


def request_lists(spec: ServiceSpec) -> frozenset[str]:
    """The code lists whose entries are requests: those of the service's open-request recalls."""
    return frozenset(name for rule in spec.recalls if rule.kind == "open-request" for name in rule.codelists)


def first_requests(spec: ServiceSpec, records: Records, names: Iterable[str]) -> dict[str, Planned]:
    """Each patient's first order, over the named code lists that hold requests."""
    found: dict[str, Planned] = {}
    for name in request_lists(spec).intersection(names):
        for one in records.planned(name):
            held = found.get(one.nhs_number)
            if one.is_request and (held is None or one.order < held.order):
                found[one.nhs_number] = one
    return found


def plans_of(rule: RecallRule, records: Records) -> dict[str, list[Planned]]:
    """Each patient's open orders and diary entries that have a day and one of the recall's codes."""
    plans: dict[str, list[Planned]] = {}
    for name in dict.fromkeys((*rule.codelists, *rule.done_codelists)):
        for one in records.planned(name):
            if one.is_open and one.planned_on and (one.is_diary_entry or one.is_request):
                plans.setdefault(one.nhs_number, []).append(one)
    return plans


def plan_for(recall: Recall, plans: Mapping[str, list[Planned]], as_of: date) -> Planned | None:
    """The plan to show beside a recall: the next one from today, or else the latest one that has passed.

    A plan for a day before the work was last done is left out. The plan helps the person who rings the patient. It does
    not change how late the patient is: the specification decides that.
    """
    done = recall.last_done_on or date.min
    after = [(one.planned_on, one.order, one) for one in plans.get(recall.nhs_number, ()) if one.planned_on]
    waiting = sorted(each for each in after if each[0] > done)
    ahead = [each for each in waiting if each[0] >= as_of]
    return (ahead[0] if ahead else waiting[-1])[2] if waiting else None


def refusal_of(spec: ServiceSpec, records: Records) -> Refused:
    """A function that judges an entry by the items claimed with its codes; it counts if one of them accepts it."""
    asked = (
        (item, dated_checks(spec, item, records, lambda check: check.rule == CONSULTATION_TYPE)) for item in spec.items
    )
    checks = {item.name: held for item, held in asked if held}
    if not checks:
        return lambda entry: None
    known: dict[tuple[str, date, tuple[Code, ...]], Finding | None] = {}

    def refused(entry: Activity) -> Finding | None:
        key = (entry.consultation_type, entry.day, entry.codes)
        try:
            return known[key]  # The key is hashed once: codes take a while.
        except KeyError:
            found = known[key] = judge(entry)
            return found

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
    """The entries of several code lists that count, by list and date."""
    refused = refusal_of(spec, records)
    return tuple(one for name in codelists for one in records.activity(name) if refused(one) is None)


def newest_of(
    spec: ServiceSpec, records: Records, codelists: Iterable[str], believed: Believed | None = None
) -> Newest:
    """Each patient's newest entry over several code lists. An entry that is not believed does not count either."""
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
    """The note about an entry that does not count, for the person who rings to look at first."""
    why = reason_of(spec, CONSULTATION_TYPE).text
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
