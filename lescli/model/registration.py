"""Registrations: what files state about them one by one, and the spells that follow from all of it together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One spell of registration with one practice; `start` None is a start nobody recorded."""

    practice: str
    kind: str
    start: date | None = None
    end: date | None = None

    def covers(self, day: date) -> bool:
        """Registered on that day; a patient is still registered on the day they leave."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One row's word on a registration: any of kind, start and end may be missing. `order` grows with each import."""

    practice: str
    kind: str
    start: date | None
    end: date | None
    order: int


def spells_of(statements: Iterable[Statement], practice: str) -> tuple[Registration, ...]:
    """The spells of registration that follow from what was stated; the same whatever order consistent rows came in.

    An end stated alone belongs to the newest spell that had begun by then and has no end of its own; where there is
    none, it ends a spell whose start nobody knew. Where two statements differ about one spell, the later import wins.
    Someone described without a word about where they are registered is a regular patient of `practice`.
    """
    stated = sorted(statements, key=lambda one: one.order)
    if not stated:
        return (Registration(practice=practice, kind="regular"),)
    spells: list[Registration] = []
    for place in sorted({one.practice for one in stated}):
        spells += _spells_at(place, [one for one in stated if one.practice == place])
    return tuple(spells)


def _spells_at(practice: str, stated: list[Statement]) -> list[Registration]:
    general = next((one.kind for one in reversed(stated) if one.kind and not one.start and not one.end), "regular")
    ends: dict[date, date | None] = {}
    kinds: dict[date, str] = {}
    for one in stated:
        if one.start:
            ends[one.start] = one.end or ends.get(one.start)
            kinds[one.start] = one.kind or kinds.get(one.start, "")
    begun_unknown: dict[date, str] = {}
    closed = {start for start, end in ends.items() if end}
    for one in stated:
        if one.end and not one.start:
            start = max((start for start in ends if start <= one.end and start not in closed), default=None)
            if start is None:
                begun_unknown[one.end] = one.kind
            else:
                ends[start] = one.end
                kinds[start] = kinds[start] or one.kind
    # An end already told with its start needs no spell of its own.
    told = {end for end in ends.values() if end}
    unknown = [
        Registration(practice=practice, kind=kind or general, start=None, end=end)
        for end, kind in sorted(begun_unknown.items())
        if end not in told
    ]
    known = [
        Registration(practice=practice, kind=kinds[start] or general, start=start, end=end)
        for start, end in sorted(ends.items())
    ]
    return unknown + known or [Registration(practice=practice, kind=general)]
