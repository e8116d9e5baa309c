"""Warns when the register dates the first time after a coded entry of the same work: one of the two is wrong.

Until a person has looked, the recall counts from the coded entry. It then falls due earlier, and a recall that comes
too late is the one that does harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from ..calendar import for_people
from ..model import RecallRule, Records, RegisterEntry, ServiceSpec
from .accepted import newest_of, refusal_of
from .overlaps import numbers_of


def is_no_first(rule: RecallRule, entry: RegisterEntry, start: date, done: Iterable[date]) -> bool:
    """Whether the work was done before the first time that the register gives, during the same register entry.

    Work from before the entry began belongs to an earlier treatment.
    """
    return rule.start_is_first and any(entry.entered_on <= day < start for day in done)


def with_no_first(spec: ServiceSpec, records: Records, entries: Iterable[RegisterEntry]) -> tuple[RegisterEntry, ...]:
    """The register entries, each with a warning if its first time is later than a coded entry that counts."""
    found = tuple(entries)
    for rule in spec.recalls:
        if rule.start_is_first:
            found = tuple(_warned(spec, records, rule, found))
    return found


def _warned(
    spec: ServiceSpec, records: Records, rule: RecallRule, entries: tuple[RegisterEntry, ...]
) -> Iterator[RegisterEntry]:
    starts = {
        entry: start
        for entry in entries
        if entry.ended_on is None and isinstance(start := entry.detail(rule.start_detail), date)
    }
    first = [records.first(name) for name in rule.codelists] if starts else []
    patients = {nhs_number for each in first for nhs_number in each}
    # Most patients have no coded entry before their first time; then nothing more is read.
    doubtful = {
        entry: start
        for entry, start in starts.items()
        if entry.nhs_number in patients
        and any(one.day < start for each in first if (one := each.get(entry.nhs_number)))
    }
    newest = newest_of(spec, records, rule.codelists).done if doubtful else {}
    refused = refusal_of(spec, records)
    for entry in entries:
        if entry not in doubtful:
            yield entry
            continue
        known = [*(each.get(entry.nhs_number) for each in first), newest.get(entry.nhs_number)]
        days = [one.day for one in known if one and refused(one) is None and one.day >= entry.entered_on]
        no_first = is_no_first(rule, entry, doubtful[entry], days)
        told = _told(spec, rule, entry, doubtful[entry], min(days)) if no_first else ""
        yield replace(entry, warnings=(*entry.warnings, told)) if told else entry


def _told(spec: ServiceSpec, rule: RecallRule, entry: RegisterEntry, start: date, before: date) -> str:
    name = rule.start_detail
    number = max(numbers_of(entry), default=0)
    since = max(day for day, known, value in entry.history if known == name and value == start)
    return (
        f"entry {number}: {name} ({for_people(start)}) is after an entry of {for_people(before)}, so the recall "
        f"counts from the entries; correct it with `les register {spec.name} --amend {number} --set {name}=DATE "
        f"--from {since.isoformat()}`, or, if treatment began anew, end this one with `les register {spec.name} "
        f"--amend {number} --on DATE --reason TEXT` and add the next"
    )
