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

from ..calendar import for_people
from ..model import Activity, ClaimItem, Code, Finding, Records, ServiceSpec
from .checks import check_of
from .reasons import reason_of

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
