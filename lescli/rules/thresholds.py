"""Thresholds: whose newest value is above or below a number, a setting or a detail of the patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..model import Activity, RecallRule, Records, RegisterEntry, ServiceSpec, Threshold
from .accepted import newest_of
from .limits import limits_on, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """A patient's newest value. `beyond` is None when it cannot be compared; `words` say why, or how it stands."""

    entry: RegisterEntry
    value: Activity
    beyond: bool | None
    words: str


def newest_values(
    threshold: Threshold, spec: ServiceSpec, records: Records, entries: Iterable[RegisterEntry]
) -> Iterator[Newest]:
    """The newest value of each patient of some register entries who has one, up to and including the day asked about.

    It is compared with what the settings and the register say on the day asked about.
    """
    newest = newest_of(spec, records, threshold.codelists).done
    for entry in entries:
        one = newest.get(entry.nhs_number)
        if one is not None:
            yield _compared(threshold, spec, records, entry, one)


def _compared(threshold: Threshold, spec: ServiceSpec, records: Records, entry: RegisterEntry, one: Activity) -> Newest:
    limits = limits_on(threshold.limits, spec, entry, records.as_of)
    read = value_of(one, threshold.unit)
    if limits.unknown:
        return Newest(entry=entry, value=one, beyond=None, words=f"{limits.unknown} is not recorded, so look at it")
    if read is None:
        unit = f" in {threshold.unit}" if threshold.unit else ""
        return Newest(entry=entry, value=one, beyond=None, words=f"the newest value is no number{unit}, so look at it")
    beyond = limits.holds(read)
    shown = f"{read.sign}{read.number:g}{f' {one.unit}' if one.unit else ''}"
    if beyond is None:
        return Newest(entry=entry, value=one, beyond=None, words=f"{shown} may be {limits.words}, so look at it")
    return Newest(entry=entry, value=one, beyond=beyond, words=f"{shown} is {'' if beyond else 'not '}{limits.words}")


def rule_of(threshold: Threshold) -> RecallRule:
    """A threshold as a recall, so that it is called, declined and counted like any other."""
    return RecallRule(
        name=threshold.name,
        title=threshold.title,
        kind="threshold",
        clause=threshold.clause,
        codelists=threshold.codelists,
        done_codelists=threshold.done_codelists,
    )
