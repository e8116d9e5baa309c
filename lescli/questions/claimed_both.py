"""Services that would both be paid for the same work: said before either of them claims it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ..model import ServiceSpec
from ..outputs import counted
from ..rules.other_services import Key, allowed, shared_work
from .claim import ClaimAnswer
from .position import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """What a service would be paid for, as any service knows it, and those that may be paid for it as well."""

    service: str
    work: tuple[tuple[Key, ...], ...]
    shares_with: frozenset[str]


def payable_of(spec: ServiceSpec, position: Position) -> Payable:
    """The same of everything that no claim of a service holds yet."""
    work = shared_work(spec, (one.row for one in position.work))
    return Payable(service=spec.name, work=work, shares_with=frozenset(allowed(spec, position.as_of)))


def both_paid(payable: Sequence[Payable]) -> Iterator[tuple[tuple[str, str], str]]:
    """The names of every two services that would be paid for the same work, and a line that says so."""
    for one, other in combinations(payable, 2):
        if one.service in other.shares_with or other.service in one.shares_with:
            continue
        held = {key for work in other.work for key in work}
        if both := sum(not held.isdisjoint(work) for work in one.work):
            yield (
                (one.service, other.service),
                f"{one.service} and {other.service} would both be paid for the same work, "
                f"{counted(both, 'activity', 'activities')}: the one submitted first holds it, and in the other it "
                "will wait as claimed-in-another-service",
            )


def told_of_each_other(answers: Sequence[ClaimAnswer]) -> list[ClaimAnswer]:
    """The previews, each with a warning for every other one that would be paid for the same work."""
    payable = [Payable(service=one.service, work=one.work, shares_with=one.shares_with) for one in answers]
    warnings = list(both_paid(payable))
    return [_with(one, [text for names, text in warnings if one.service in names]) for one in answers]


def _with(one: ClaimAnswer, warnings: list[str]) -> ClaimAnswer:
    if not warnings:
        return one
    every = (*one.warnings, *warnings)
    return replace(one, warnings=every, data={**one.data, "warnings": list(every)})
