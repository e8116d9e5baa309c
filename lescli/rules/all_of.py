"""Work that has several parts: an item that is paid once all of them are done, within days or within a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from ..calendar import Period, claim_period_of, for_people
from ..model import Activity, ClaimedRow, ClaimItem, ClaimRow, Finding, Records, Register, ServiceSpec
from .accepted import Refused, refusal_of
from .checks import Check
from .claim_row import detail_missing, finding
from .details import holds
from .duplicates import Candidate
from .eligibility import DONE_ELSEWHERE
from .entries import Judge, by_patient, days_judged, left_to_another, rows_of
from .windows import looked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """One patient's entries that may complete the work together.

    `parts` is the first entry of each code list that counts. `missing` are the code lists still asked for. `unknown`
    are the register details that decide whether another part is asked for and are not recorded. `until` is the last day
    on which it can be completed.
    """

    entries: tuple[Activity, ...]
    parts: Mapping[str, Activity]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    until: date

    @property
    def last(self) -> Activity:
        """The entry that completes the work, or the newest one while it is not complete."""
        used = list(self.parts.values()) if not self.missing else self.entries
        return max(used, key=lambda one: one.order)


def all_of(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each set of work of a patient, dated the entry that completes it; within a period it is paid once.

    What is not complete waits as `check` and says what is missing. It is refused once it can no longer be completed.
    """
    span = looked_at(spec, period, records)
    judge, refused = Judge(spec, item, records, register, own_checks), refusal_of(spec, records)
    is_left = left_to_another(spec, item, records)
    standing = [row for row in records.claimed() if row.item == item.name]
    since = days_judged(spec, item, span, records.as_of).start
    candidates: list[Candidate] = []
    chosen: list[Candidate] = []
    for nhs_number, entries in by_patient(records, item.codelists):
        own = [row for row in standing if row.nhs_number == nhs_number]
        counting = _counting(judge, refused, entries)
        for together in _by_period(spec, item, entries):
            sets = list(_sets(spec, item, register, together, counting))
            claimed = _claimed_of(spec, item, own, sets)
            is_paid = False
            for one, before in zip(sets, claimed, strict=True):
                if one.until < since or (not before and is_left(one.last, *one.entries)):
                    continue
                candidate = _candidate(spec, item, judge, one, before, records.as_of)
                is_again = bool(item.every) and (is_paid or (any(claimed) and not before))
                if is_again:
                    candidate.findings.append(finding(spec, "duplicate"))
                else:
                    chosen.append(candidate)
                    is_paid = bool(before) or not one.missing
                candidates.append(candidate)
    return rows_of(spec, item, candidates, chosen, standing, span)


def _counting(judge: Judge, refused: Refused, entries: Iterable[Activity]) -> set[int]:
    """The ids of the entries that count: done here, with an accepted consultation type."""
    return {
        one.id
        for one in entries
        if refused(one) is None and all(found.reason != DONE_ELSEWHERE for found in judge.of_entry(one))
    }


def _by_period(spec: ServiceSpec, item: ClaimItem, entries: Sequence[Activity]) -> Iterator[list[Activity]]:
    """The entries of each period on their own, if the work must be done within one."""
    if not item.every:
        yield list(entries)
        return
    for _, together in groupby(entries, lambda one: claim_period_of(one.day, item.every, spec.year_starts)):
        yield list(together)


def _sets(
    spec: ServiceSpec, item: ClaimItem, register: Register, entries: Sequence[Activity], counting: set[int]
) -> Iterator[_Set]:
    """The sets of work, each from its first entry on. Entries that complete nothing give way to those that do."""
    place = 0
    while place < len(entries):
        window = _window(spec, item, entries[place:])
        found = _set(spec, item, register, window, counting)
        if found.missing:
            later = (_set(spec, item, register, _window(spec, item, entries[n:]), counting)
                     for n in range(place + 1, place + len(window)))  # fmt: skip
            better = next((n for n, one in enumerate(later, start=place + 1) if not one.missing), None)
            if better is not None:
                place = better
                continue
        yield found
        place += len(window)


def _window(spec: ServiceSpec, item: ClaimItem, entries: Sequence[Activity]) -> Sequence[Activity]:
    until = _until(spec, item, entries[0].day)
    return [one for one in entries if one.day <= until]


def _until(spec: ServiceSpec, item: ClaimItem, first: date) -> date:
    """The last day on which work that began on a day can be completed."""
    ends = [claim_period_of(first, item.every, spec.year_starts).last] if item.every else []
    if item.within_days is not None:
        ends.append(first + timedelta(days=item.within_days))
    return min(ends)


def _set(
    spec: ServiceSpec, item: ClaimItem, register: Register, entries: Sequence[Activity], counting: set[int]
) -> _Set:
    parts: dict[str, Activity] = {}
    for entry in entries:
        for name in item.codelists if entry.id in counting else ():
            if not set(entry.codes).isdisjoint(spec.codelist(name).codes_on(entry.day)):
                parts.setdefault(name, entry)
    asked, unknown = _needed(spec, item, parts), []
    done = [parts[name] for name in asked if name in parts]
    # Whether a further part is asked for is judged on the day on which the others are done.
    day = max((one.day for one in done), default=entries[-1].day) if len(done) == len(asked) else entries[-1].day
    held = register.entry(entries[0].nhs_number, day)
    for element in item.elements:
        values = {name: held.detail_on(name, day) if held else None for name, _ in element.when}
        blank = [name for name, value in values.items() if value is None]
        if blank and element.when_unknown == "ask":
            unknown += blank
        elif blank and element.when_unknown == "no":
            continue
        elif blank or all(holds(values[name], wanted) for name, wanted in element.when):
            asked.append(element.codelist)
    return _Set(
        entries=tuple(entries),
        parts={name: parts[name] for name in asked if name in parts},
        missing=tuple(name for name in asked if name not in parts),
        unknown=tuple(dict.fromkeys(unknown)),
        until=_until(spec, item, entries[0].day),
    )


def _needed(spec: ServiceSpec, item: ClaimItem, parts: Mapping[str, Activity]) -> list[str]:
    """The code lists of which an entry is needed: all, or the first one done while the setting says one is enough."""
    done: set[str] = set()
    for name, one in parts.items() if item.all_setting else ():
        done.add(name)
        # What completed the work on the day of the change is paid as the whole.
        alone = name in item.all_of and not done.issuperset(item.all_of)
        if alone and spec.setting(item.all_setting, one.day) is False:
            return [name]
    return list(item.all_of)


def _claimed_of(
    spec: ServiceSpec, item: ClaimItem, own: Iterable[ClaimedRow], sets: Sequence[_Set]
) -> list[list[ClaimedRow]]:
    """The claimed rows of each set of work. Within a period, a claimed row is of one set, and no other is paid."""
    if not item.every:
        return [[row for row in own if _is_of(row, one)] for one in sets]
    found: list[list[ClaimedRow]] = [[] for _ in sets]
    period = claim_period_of(sets[0].entries[0].day, item.every, spec.year_starts)
    for row in own:
        if claim_period_of(row.day, item.every, spec.year_starts) == period:
            # Without the entries that were claimed, the row stands for the first work that was completed.
            places = sorted(range(len(sets)), key=lambda n: (not _is_of(row, sets[n]), bool(sets[n].missing), n))
            found[places[0]].append(row)
    return found


def _is_of(row: ClaimedRow, one: _Set) -> bool:
    """Whether a claimed row rests on an entry of this work, or has a day of it."""
    return any(entry.evidence in row.evidence for entry in one.entries) or (one.entries[0].day <= row.day <= one.until)


def _candidate(
    spec: ServiceSpec, item: ClaimItem, judge: Judge, one: _Set, before: Sequence[ClaimedRow], as_of: date
) -> Candidate:
    last = one.last
    # What was claimed stays on its day, although an earlier entry is known now.
    for row in before:
        last = next((entry for entry in one.entries if entry.day == row.day and entry.evidence in row.evidence), last)
    candidate = judge.candidate(last)
    known = {found.reason for found in candidate.findings}
    for part in one.parts.values():
        new = [found for found in judge.of_part(part) if found.reason not in known]
        candidate.findings += new
        known |= {found.reason for found in new}
    if before:
        candidate.findings.insert(0, finding(spec, "claimed"))
    if found := _open(spec, item, one, as_of):
        candidate.findings.append(found)
    used = sorted(one.parts.values(), key=lambda each: each.order) or list(one.entries)
    candidate.evidence = tuple(dict.fromkeys((*(each.evidence for each in used), last.evidence)))
    return candidate


def _open(spec: ServiceSpec, item: ClaimItem, one: _Set, as_of: date) -> Finding | None:
    """Why the work is not complete; None when it is."""
    if one.missing and as_of > one.until:
        return finding(spec, "work-not-completed", clause=item.clause)
    if one.missing:
        titles = ", ".join(spec.codelist(name).title for name in one.missing)
        fix = f"still missing: {titles}; it can be completed until {for_people(one.until)}"
        return finding(spec, "work-incomplete", clause=item.clause, fix=fix)
    if one.unknown:
        return detail_missing(spec, *one.unknown, clause=item.clause)
    return None
