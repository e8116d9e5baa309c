"""Registrations: the statements of single file rows, and the spells that follow from all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One spell of registration with one practice; `start` is None when no start is recorded."""

    practice: str
    kind: str
    start: date | None = None
    end: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the patient was registered on that day; the day they leave still counts."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one file row says of a registration; kind, start and end may be missing. `order` grows with each import.

    `tells_end` means that the file has a column for the end, so a missing end was left blank on purpose.
    """

    practice: str
    kind: str
    start: date | None
    end: date | None
    order: int
    tells_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Facts about a patient that the newest file with a column for them left blank, by that file's order.

    `left`, `registration` and `practice` are orders of files, or -1 when nothing was left blank. `stands` are the
    (fact, value) pairs that a person settled as still true although the file left them out.
    """

    left: int = -1
    registration: int = -1
    practice: int = -1
    stands: frozenset[tuple[str, str]] = frozenset()


NO_SILENCE = Silence()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """The spells of registration, and the (fact, value) pairs that were stated once and left out by a newer file."""

    spells: tuple[Registration, ...]
    taken_back: tuple[tuple[str, str], ...] = ()


def spells_of(statements: Iterable[Statement], practice: str, silence: Silence = NO_SILENCE) -> Spells:
    """The spells of registration that follow from the statements; consistent rows give the same in any order.

    An end without a start belongs to the newest spell that began by then and has no end; without such a spell, it ends
    one whose start is unknown. If two statements about one spell differ, the later import counts. A patient without any
    statement is a regular patient of `practice`. An end, a deduction or another practice is taken back when a newer
    file has a column for it and leaves it blank.
    """
    stated = sorted(statements, key=lambda one: one.order)
    if not stated:
        return Spells(spells=(Registration(practice=practice, kind="regular"),))
    taken_back: list[tuple[str, str]] = []
    stated = [_still_deducted(one, silence, taken_back) for one in stated]
    spells: list[Registration] = []
    places = sorted({one.practice for one in stated})
    for place in places:
        # A file that names another practice says nothing about this one.
        elsewhere = any(one.order == silence.left and one.practice != place for one in stated)
        here = [one for one in stated if one.practice == place]
        spells += _Place(place, here, -1 if elsewhere else silence.left, silence.stands, taken_back).spells()
    if practice not in places and silence.practice > max(one.order for one in stated):
        held = ("practice", places[-1])
        taken_back.append(held)
        if held not in silence.stands:
            spells.append(Registration(practice=practice, kind="regular"))
    return Spells(spells=tuple(spells), taken_back=tuple(dict.fromkeys(taken_back)))


def _still_deducted(one: Statement, silence: Silence, taken_back: list[tuple[str, str]]) -> Statement:
    """The statement, without its kind if a newer file left that out; a blank kind is regular."""
    if one.kind not in ("none", "temporary") or one.end or silence.registration <= one.order:
        return one
    held = ("registration", one.kind)
    taken_back.append(held)
    return one if held in silence.stands else replace(one, kind="")


class _Place:
    """Works out the spells with one practice. `silent` is the order of the newest file that left the end blank."""

    def __init__(
        self,
        practice: str,
        stated: list[Statement],
        silent: int,
        stands: frozenset[tuple[str, str]],
        taken_back: list[tuple[str, str]],
    ) -> None:
        self.practice = practice
        self.stated = stated
        self.silent = silent
        self.stands = stands
        self.taken_back = taken_back
        self.ends: dict[date, date | None] = {}
        self.kinds: dict[date, str] = {}

    def spells(self) -> list[Registration]:
        stated = self.stated
        general = next((one.kind for one in reversed(stated) if one.kind and not one.start and not one.end), "regular")
        for one in stated:
            if one.start:
                self.ends[one.start] = one.end or self._end_of(one)
                self.kinds[one.start] = one.kind or self.kinds.get(one.start, "")
        begun_unknown = self._ends_alone()
        self._newest_is_open(begun_unknown)
        # An end that is also stated with its start needs no spell of its own.
        told = {end for end in self.ends.values() if end}
        unknown = [
            Registration(practice=self.practice, kind=kind or general, start=None, end=end)
            for end, kind in sorted(begun_unknown.items())
            if end not in told
        ]
        known = [
            Registration(practice=self.practice, kind=self.kinds[start] or general, start=start, end=end)
            for start, end in sorted(self.ends.items())
        ]
        return unknown + known or [Registration(practice=self.practice, kind=general)]

    def _end_of(self, one: Statement) -> date | None:
        """The end that an earlier file stated for a spell which this statement gives without an end."""
        assert one.start is not None
        end = self.ends.get(one.start)
        told = [each.start for each in self.stated if each.order == one.order and each.end]
        # If the file neither left the end blank nor stated it elsewhere, its value could not be read.
        left_out = one.tells_end and one.start not in told and (told or one.order <= self.silent)
        return self._taken_back(end) if left_out else end

    def _ends_alone(self) -> dict[date, str]:
        """Give each end stated without a start its spell; return the ends that have none, with their kinds."""
        begun_unknown: dict[date, str] = {}
        closed = {start for start, end in self.ends.items() if end}
        for one in self.stated:
            if one.end and not one.start:
                start = max((start for start in self.ends if start <= one.end and start not in closed), default=None)
                if start is None:
                    begun_unknown[one.end] = one.kind
                elif not self._is_silent_on(one.end) or self._taken_back(one.end):
                    self.ends[start] = one.end
                    self.kinds[start] = self.kinds[start] or one.kind
        return begun_unknown

    def _is_silent_on(self, end: date) -> bool:
        return max(one.order for one in self.stated if one.end == end) < self.silent

    def _newest_is_open(self, begun_unknown: dict[date, str]) -> None:
        """Take back the end of the newest spell if the newest file stated no end, and no spell with a start."""
        if any(one.order == self.silent and one.start for one in self.stated):
            return
        last = max(self.ends, default=None)
        if last is None:
            end = max(begun_unknown, default=None)
            if end and self._is_silent_on(end) and not self._taken_back(end):
                del begun_unknown[end]
        elif (end := self.ends[last]) and self._is_silent_on(end):
            self.ends[last] = self._taken_back(end)

    def _taken_back(self, end: date | None) -> date | None:
        """Record the end as taken back; return it if a person settled that it still stands, else None."""
        if end is None:
            return None
        held = ("left", end.isoformat())
        self.taken_back.append(held)
        return end if held in self.stands else None
