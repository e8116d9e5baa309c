"""Services that would both be paid for the same work: said before either of them claims it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ...model import ServiceSpec
from ...outputs import counted
from ...rules.other_services import Key, allowed, keys_of, shared_work
from ...rules.unclaimed import Standing, Unclaimed, total
from ..position import Position
from .preview import ClaimAnswer


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


_STILL_TO_BE_HAD = (Standing.READY, Standing.NOT_OVER, Standing.AT_RISK, Standing.HELD_BACK)


def each_pound_once(asked: Sequence[tuple[ServiceSpec, Position]]) -> list[Position]:
    """The positions, in order; what two services could claim is counted under one: where it is payable, or the first.

    The other one keeps the work as `also_claimable`, worth nothing there.
    """
    ranked = sorted(
        ((not one.is_payable, place, one) for place, (_, where) in enumerate(asked) for one in where.work),
        key=lambda found: found[:2],
    )
    held: dict[Key, list[int]] = {}
    counted_by: dict[int, int] = {}
    for _, place, one in ranked:
        row, spec = one.row, asked[place][0]
        if one.standing not in _STILL_TO_BE_HAD or not row.nhs_number:
            continue
        keys = keys_of(spec, spec.item(row.item), row.code, row.nhs_number, row.day, row.entry_id)
        holders = (other for key in keys for other in held.get(key, ()))
        other = next((other for other in holders if _pays_once(asked[other][0], spec, one)), None)
        if other is not None and other != place:
            counted_by[id(one)] = other
            continue
        for key in keys:
            held.setdefault(key, []).append(place)
    return [_without(where, counted_by, [spec.name for spec, _ in asked]) for _, where in asked]


def _pays_once(one: ServiceSpec, other: ServiceSpec, work: Unclaimed) -> bool:
    """Whether no setting lets both services be paid for the same work."""
    day = work.row.day
    return one.name != other.name and one.name not in allowed(other, day) and other.name not in allowed(one, day)


def _without(where: Position, counted_by: dict[int, int], names: list[str]) -> Position:
    """A position without the work that another service counts."""
    if not any(id(one) in counted_by for one in where.work):
        return where

    def kept(work: Sequence[Unclaimed]) -> tuple[Unclaimed, ...]:
        return tuple(
            replace(one, standing=Standing.ALSO_CLAIMABLE, amount_pence=0) if id(one) in counted_by else one
            for one in work
        )

    others: dict[str, list[Unclaimed]] = {}
    for one in where.work:
        if id(one) in counted_by:
            others.setdefault(names[counted_by[id(one)]], []).append(one)
    return replace(
        where,
        work=kept(where.work),
        months=tuple(replace(month, work=kept(month.work)) for month in where.months),
        found_since=tuple(one for one in where.found_since if id(one) not in counted_by),
        also_claimable=tuple((name, total(work)) for name, work in others.items()),
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
