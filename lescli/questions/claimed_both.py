"""Previews that would both be paid for the same work: said before either is submitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from ..outputs import counted
from .claim import ClaimAnswer


def told_of_each_other(answers: Sequence[ClaimAnswer]) -> list[ClaimAnswer]:
    """The previews, each with a warning for every other one that would be paid for the same work."""
    warnings = list(_warnings(answers))
    return [_with(one, [text for names, text in warnings if one.service in names]) for one in answers]


def _warnings(answers: Sequence[ClaimAnswer]) -> Iterator[tuple[tuple[str, str], str]]:
    for one, other in combinations(answers, 2):
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


def _with(one: ClaimAnswer, warnings: list[str]) -> ClaimAnswer:
    if not warnings:
        return one
    every = (*one.warnings, *warnings)
    return replace(one, warnings=every, data={**one.data, "warnings": list(every)})
