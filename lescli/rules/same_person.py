"""Work that two records of one person may both hold: neither is paid until the two are merged or told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..model import ClaimItem, ClaimRow, Finding, Records, ServiceSpec, Verdict
from ..model.one_person import MOST_NUMBERS, may_be_one, named
from .reasons import finding

POSSIBLE_DUPLICATE = "possible-duplicate-patient"
_LEFT_ALONE = (Verdict.REFUSED, Verdict.EXPIRED)
Work = tuple[str, str]
"""What is paid once of a person: an item, or what items share, and a day."""


def told_apart(spec: ServiceSpec, records: Records, rows: Iterable[ClaimRow]) -> list[ClaimRow]:
    """Rows of patients who may be one person and have the same work wait as `check`; what was claimed stays so."""
    rows, claimed = list(rows), records.claimed()
    numbers = {row.nhs_number for row in rows} | {one.nhs_number for one in claimed}
    doubtful = _doubtful(records, filter(None, numbers))
    if not doubtful:
        return rows
    works = {item.name: item for item in spec.items}
    held: dict[Work, set[str]] = {}
    for row in rows:
        if row.nhs_number in doubtful and row.verdict not in _LEFT_ALONE:
            held.setdefault(work_of(works[row.item], row.item, row.day.isoformat()), set()).add(row.nhs_number)
    for one in claimed:
        if one.nhs_number in doubtful and one.item in works:
            work = work_of(works[one.item], one.item, one.day.isoformat())
            held.setdefault(work, set()).add(one.nhs_number)
    return [
        _held_back(spec, row)
        if row.verdict.rank > Verdict.CHECK.rank
        and row.nhs_number in doubtful
        and doubtful[row.nhs_number] & held[work_of(works[row.item], row.item, row.day.isoformat())]
        else row
        for row in rows
    ]


def _doubtful(records: Records, numbers: Iterable[str]) -> dict[str, set[str]]:
    """Those of some patients who may be one person, each with the others."""
    by_name: dict[tuple[str, str, str], list[str]] = {}
    for number in sorted(numbers):
        who = named(records.patient(number))
        if who is not None:
            by_name.setdefault(who, []).append(number)
    doubtful: dict[str, set[str]] = {}
    for one, other in (pair for same in by_name.values() if len(same) <= MOST_NUMBERS for pair in _pairs(same)):
        if may_be_one(records.patient(one), records.patient(other)):
            doubtful.setdefault(one, set()).add(other)
            doubtful.setdefault(other, set()).add(one)
    return doubtful


def _pairs(numbers: list[str]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(numbers):
        yield from ((one, other) for other in numbers[place + 1 :])


def work_of(item: ClaimItem, name: str, day: str) -> Work:
    """What is paid once of a person: an item and day, the month at whatever level, or the item for good."""
    if item.kind == "per-patient-month":
        return (item.options or {}).get("detail", name), day
    return name, "" if item.kind == "once-per-patient" else day


def _held_back(spec: ServiceSpec, row: ClaimRow) -> ClaimRow:
    why = finding(spec, POSSIBLE_DUPLICATE)
    before = Finding(verdict=row.verdict, reason=row.reason, clause=row.clause, fix=row.fix)
    also = row.also if row.verdict is Verdict.PAYABLE else (before, *row.also)
    return replace(
        row, verdict=why.verdict, reason=why.reason, clause=why.clause, fix=why.fix, unit_price_pence=None, also=also
    )
