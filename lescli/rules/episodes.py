"""Episodes: an item that is paid once, from the entry that opens an episode until it is closed or goes quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..calendar import Period
from ..model import Activity, ClaimedRow, ClaimItem, ClaimRow, Records, Register, ServiceSpec
from .accepted import Refused, refusal_of
from .checks import Check
from .claim_row import finding
from .duplicates import Candidate
from .eligibility import DONE_ELSEWHERE
from .entries import Judge, by_patient, days_judged, left_to_another, rows_of
from .windows import looked_at

_GONE = -1
"""The id in place of an entry that is no longer in the record."""


def per_episode(
    spec: ServiceSpec,
    item: ClaimItem,
    records: Records,
    register: Register,
    period: Period,
    own_checks: tuple[Check, ...],
) -> list[ClaimRow]:
    """A row for each episode that opens in the days the claim looks at, dated the entry that opens it.

    An entry of `opened_by` opens an episode. It ends with an entry of `closed_by`, or when `gap_days` pass without an
    entry. An entry on the day of the closing one belongs to the same episode. It also ends before the day of an entry
    of `closed_before`: an entry on that day belongs to the next. An entry that does not count (another organisation did
    the work, or the consultation type is not accepted) opens none while a later one counts.
    """
    span = looked_at(spec, period, records)
    judge, refused = Judge(spec, item, records, register, own_checks), refusal_of(spec, records)
    is_left = left_to_another(spec, item, records)
    standing = [row for row in records.claimed() if row.item == item.name]
    since = days_judged(spec, item, span, records.as_of).start
    claimed: dict[str, list[ClaimedRow]] = {}
    for row in standing:
        claimed.setdefault(row.nhs_number, []).append(row)
    candidates: list[Candidate] = []
    chosen: list[Candidate] = []
    for nhs_number, entries in by_patient(records, item.codelists):
        own = claimed.get(nhs_number, [])
        for together in _episodes(spec, item, _with_gone(spec, item, entries, own)):
            before = [row for row in own if _is_of(row, together)]
            episode = [entry for entry in together if entry.id != _GONE]
            opens = any(_is_in(spec, item.opened_by, entry) for entry in episode)
            if together[-1].day < since or not opens:
                continue
            first, *others = _claimed_entries(episode, before) or [_opening(spec, item, judge, refused, episode)]
            if not before and is_left(first, *episode):
                continue
            candidate = judge.candidate(first)
            if before:
                candidate.findings.insert(0, finding(spec, "claimed"))
            chosen.append(candidate)
            candidates += [candidate, *_claimed_again(spec, judge, others)]
    return rows_of(spec, item, candidates, chosen, standing, span)


def _with_gone(
    spec: ServiceSpec, item: ClaimItem, entries: list[Activity], claimed: Iterable[ClaimedRow]
) -> list[Activity]:
    """The entries, and one in place of each claimed entry that is no longer in the record.

    It opened an episode that was paid. The rest of that episode is not paid again until the practice reverses the row.
    """
    known = {entry.evidence for entry in entries}
    gone = []
    for row in claimed:
        codes = tuple(code for name in item.opened_by for code in spec.codelist(name).codes_on(row.day))
        if codes and known.isdisjoint(row.evidence):
            gone.append(Activity(id=_GONE, nhs_number=row.nhs_number, day=row.day, codes=codes[:1]))
    return sorted([*entries, *gone], key=lambda one: one.order) if gone else entries


def _episodes(spec: ServiceSpec, item: ClaimItem, entries: Iterable[Activity]) -> Iterator[list[Activity]]:
    """The entries of one patient in episodes. A closing entry without an open episode belongs to none."""
    entries = list(entries)
    current: list[Activity] = []
    closed = False
    # The order of the entries of one day is not known, so the whole day belongs to the next episode.
    anew = {entry.day for entry in entries if _is_in(spec, item.closed_before, entry)}
    for entry in entries:
        if current:
            days = (entry.day - current[-1].day).days
            over = closed or entry.day in anew
            if (over and days > 0) or (item.gap_days is not None and days > item.gap_days):
                yield current
                current, closed = [], False
        if current or _is_in(spec, item.opened_by, entry):
            current.append(entry)
            closed = closed or _is_in(spec, item.closed_by, entry)
    if current:
        yield current


def _is_in(spec: ServiceSpec, codelists: Iterable[str], entry: Activity) -> bool:
    return any(not set(entry.codes).isdisjoint(spec.codelist(name).codes_on(entry.day)) for name in codelists)


def _opening(spec: ServiceSpec, item: ClaimItem, judge: Judge, refused: Refused, episode: list[Activity]) -> Activity:
    """The first entry that counts, of those that can open an episode; if none does, the first."""
    for entry in (one for one in episode if _is_in(spec, item.opened_by, one)):
        if refused(entry) is None and all(found.reason != DONE_ELSEWHERE for found in judge.of_entry(entry)):
            return entry
    return episode[0]


def _is_of(row: ClaimedRow, episode: list[Activity]) -> bool:
    """Whether a claimed row is of an episode: by its entry, or by its day if the entry is no longer in the record."""
    return episode[0].day <= row.day <= episode[-1].day or any(one.evidence in row.evidence for one in episode)


def _claimed_entries(episode: list[Activity], before: list[ClaimedRow]) -> list[Activity]:
    evidence = {one for row in before for one in row.evidence}
    return [entry for entry in episode if entry.evidence in evidence]


def _claimed_again(spec: ServiceSpec, judge: Judge, others: Iterable[Activity]) -> Iterator[Candidate]:
    """Entries claimed as episodes of their own that are one episode now. The practice has to reverse them."""
    for entry in others:
        candidate = judge.candidate(entry)
        candidate.findings.insert(0, finding(spec, "claimed"))
        candidate.findings.append(finding(spec, "duplicate"))
        yield candidate
