"""When each patient wore a pessary: from the first fitting, through each change, to the day it was removed for good.

A practice may also code the removal that is part of a change. So a removal does not count on a day on which a pessary
was put in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from lescli.api import Records, Register, RegisterEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearing:
    """One time of wearing a pessary.

    `placed` are the days on which one was put in, in order: the fitting and each change. `fitted_on` is the first
    fitting, or None if the record begins with a change. `removed_on` is None while the patient wears it.
    """

    placed: tuple[date, ...]
    fitted_on: date | None
    removed_on: date | None


def wearings_of(records: Records, register: Register) -> dict[str, tuple[Wearing, ...]]:
    """Each time that each patient on the register wore a pessary, earliest first; the end of an entry ends it."""
    fitted, placed_then, removed = (records.days(names) for names in (["fitting"], ["fitting", "change"], ["removal"]))
    found: dict[str, tuple[Wearing, ...]] = {}
    for nhs_number in dict.fromkeys(entry.nhs_number for entry in register.entries):
        entries = register.of(nhs_number)
        by_hand = _dates(entries, "fitted_on", records.as_of)
        placed = {*placed_then.get(nhs_number, ()), *by_hand}
        ends = (set(removed.get(nhs_number, ())) - placed) | _dates(entries, "removed_on", records.as_of)
        ends |= {entry.ended_on for entry in entries if entry.ended_on and entry.ended_on <= records.as_of}
        found[nhs_number] = tuple(_wearings(sorted(placed), sorted(ends), fitted.get(nhs_number, ()), by_hand))
    return found


def _wearings(placed: list[date], ends: list[date], fitted: Collection[date], by_hand: set[date]) -> Iterable[Wearing]:
    left = placed
    for end in ends:
        worn, left = [day for day in left if day <= end], [day for day in left if day > end]
        if worn:
            yield _wearing(worn, fitted, by_hand, end)
    if left:
        yield _wearing(left, fitted, by_hand, None)


def _wearing(placed: list[date], fitted: Collection[date], by_hand: set[date], end: date | None) -> Wearing:
    named = [day for day in placed if day in by_hand]
    first = named[0] if named else placed[0] if placed[0] in fitted else None
    return Wearing(placed=tuple(placed), fitted_on=first, removed_on=end)


def with_wearing(records: Records, register: Register) -> Register:
    """The register with `fitted_on` and `removed_on` of the last wearing, if codes say more than the practice did.

    A fitting after the removal cancels it, so that a patient who wears a pessary again is not forgotten.
    """
    wearings = wearings_of(records, register)
    return Register(
        entries=tuple(
            _as_worn(entry, wearings[entry.nhs_number], records.as_of) if entry.covers(records.as_of) else entry
            for entry in register.entries
        )
    )


def _as_worn(entry: RegisterEntry, wearings: tuple[Wearing, ...], as_of: date) -> RegisterEntry:
    # A wearing that ended before the entry began, or ends with it, is not of a pessary worn now.
    during = [one for one in wearings if one.removed_on is None or one.removed_on >= entry.entered_on]
    if not during or entry.ended_on == as_of:
        return entry
    last, details = during[-1], dict(entry.details)
    if first := [one.fitted_on for one in during if one.fitted_on]:
        details["fitted_on"] = first[-1]
    if last.removed_on:
        details["removed_on"] = last.removed_on
    elif (planned := entry.detail("removed_on")) and isinstance(planned, date) and planned <= as_of:
        del details["removed_on"]
    missing = tuple(name for name in entry.missing if name not in details)
    return replace(entry, details=tuple(sorted(details.items())), missing=missing)


def _dates(entries: Iterable[RegisterEntry], name: str, as_of: date) -> set[date]:
    """The days in a date detail, as the practice recorded it, up to the day asked about."""
    named = (entry.detail_on(name, as_of) for entry in entries)
    return {day for day in named if isinstance(day, date) and day <= as_of}
