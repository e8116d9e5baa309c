"""Work that could be paid twice: under another service, or under another number of one person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import chain, combinations

from ..model import Claim, ClaimedElsewhere, ClaimItem, ClaimRow, Finding, Records, ServiceSpec, Verdict
from ..model.record import MOST_NUMBERS, may_be_one, named
from .claim_row import PER_LIST, finding

POSSIBLE_DUPLICATE = "possible-duplicate-patient"
IN_ANOTHER = "claimed-in-another-service"
SHARED_WITH = "shared_with"
"""The setting that lists other services which may be paid for the same work."""
_LEFT_ALONE = (Verdict.REFUSED, Verdict.EXPIRED)
_ONCE = "once-per-patient"

Work = tuple[str, date | None]
"""What is paid once for a person: an item (or the detail that items share) and a day."""
Key = tuple[str, ...]
"""Identifies a piece of work across services: an entry's id, or an item with code, patient and day."""


def told_apart(spec: ServiceSpec, records: Records, rows: Iterable[ClaimRow]) -> list[ClaimRow]:
    """Hold back as `check` the same work of patients who may be one person; claimed rows stay claimed."""
    rows, claimed = list(rows), records.claimed()
    numbers = {row.nhs_number for row in rows} | {one.nhs_number for one in claimed}
    doubtful = _doubtful(records, filter(None, numbers))
    if not doubtful:
        return rows
    works = {item.name: item for item in spec.items}
    held: dict[Work, set[str]] = {}
    for row in rows:
        if row.nhs_number in doubtful and row.verdict not in _LEFT_ALONE:
            held.setdefault(work_of(works[row.item], row.item, row.day), set()).add(row.nhs_number)
    for one in claimed:
        if one.nhs_number in doubtful and one.item in works:
            work = work_of(works[one.item], one.item, one.day)
            held.setdefault(work, set()).add(one.nhs_number)
    return [
        _held_back(spec, row)
        if row.verdict.rank > Verdict.CHECK.rank
        and row.nhs_number in doubtful
        and doubtful[row.nhs_number] & held[work_of(works[row.item], row.item, row.day)]
        else row
        for row in rows
    ]


def _doubtful(records: Records, numbers: Iterable[str]) -> dict[str, set[str]]:
    """The NHS numbers that may belong to one person, each with the others it may share that person with."""
    by_name: dict[tuple[str, str, str], list[str]] = {}
    for number in sorted(numbers):
        who = named(records.patient(number))
        if who is not None:
            by_name.setdefault(who, []).append(number)
    doubtful: dict[str, set[str]] = {}
    few = (same for same in by_name.values() if len(same) <= MOST_NUMBERS)
    for one, other in chain.from_iterable(combinations(same, 2) for same in few):
        if may_be_one(records.patient(one), records.patient(other)):
            doubtful.setdefault(one, set()).add(other)
            doubtful.setdefault(other, set()).add(one)
    return doubtful


def work_of(item: ClaimItem, name: str, day: date) -> Work:
    """What is paid once for a person: an item on a day, a month at any level, or an item once in a lifetime."""
    if item.kind == "per-patient-month":
        return (item.options or {}).get("detail", name), day
    return name, None if item.kind == "once-per-patient" else day


def _held_back(spec: ServiceSpec, row: ClaimRow) -> ClaimRow:
    why = finding(spec, POSSIBLE_DUPLICATE)
    before = Finding(verdict=row.verdict, reason=row.reason, clause=row.clause, fix=row.fix)
    also = row.also if row.verdict is Verdict.PAYABLE else (before, *row.also)
    return replace(
        row, verdict=why.verdict, reason=why.reason, clause=why.clause, fix=why.fix, unit_price_pence=None, also=also
    )


def keys_of(
    spec: ServiceSpec, item: ClaimItem, code: str, nhs_number: str, day: date, entry_id: int | None
) -> tuple[Key, ...]:
    """The keys of one piece of work, the same whichever service claims it."""
    on = "" if item.kind == _ONCE else day.isoformat()
    known = tuple((name, code, nhs_number, on) for name in _at_any_level(spec, item))
    return known if entry_id is None else ((str(entry_id),), *known)


def _at_any_level(spec: ServiceSpec, item: ClaimItem) -> tuple[str, ...]:
    """The item and, for a patient-month, the items of its other levels: a month is paid at one level only."""
    detail = (item.options or {}).get("detail")
    if item.kind != "per-patient-month" or detail is None:
        return (item.name,)
    return tuple(
        one.name for one in spec.items if one.kind == item.kind and (one.options or {}).get("detail") == detail
    )


class Elsewhere:
    """Work claimed under other services, apart from services with which this one may share it."""

    def __init__(self, spec: ServiceSpec, records: Records) -> None:
        self._spec = spec
        self._held: dict[Key, ClaimedElsewhere] = {}
        for one in records.claimed_elsewhere():
            days = (one.day.isoformat(), "")
            keys = [(one.item, one.code, one.nhs_number, day) for day in days]
            for key in (*keys, *([(str(one.entry_id),)] if one.entry_id is not None else [])):
                self._held.setdefault(key, one)

    def finding(self, item: ClaimItem, code: str, nhs_number: str, day: date, entry_id: int | None) -> Finding | None:
        """Why this service does not pay for the work: another has claimed it. None when no other has."""
        if not self._held:
            return None
        found = (self._held.get(key) for key in keys_of(self._spec, item, code, nhs_number, day, entry_id))
        held = next((one for one in found if one is not None), None)
        if held is None or held.service in allowed(self._spec, day):
            return None
        if not nhs_number and held.title != self._spec.title:
            return None
        return finding(self._spec, IN_ANOTHER, fix=_fix(self._spec, held))


def allowed(spec: ServiceSpec, day: date) -> tuple[str, ...]:
    """The other services that may be paid for the same work on a day."""
    value = spec.setting(SHARED_WITH, day)
    return value if isinstance(value, tuple) else ()


def held_elsewhere(spec: ServiceSpec, records: Records, claim: Claim) -> Claim:
    """The claim, with work that another service has claimed held back; rows claimed here stay claimed and say so.

    It looks at rows of every kind, including those that a plugin made.
    """
    elsewhere = Elsewhere(spec, records)
    return replace(claim, rows=tuple(_looked_at(spec, elsewhere, row) for row in claim.rows))


def shared_work(spec: ServiceSpec, rows: Iterable[ClaimRow]) -> tuple[tuple[Key, ...], ...]:
    """The keys of each payable row of a claim, except rows of the practice list."""
    return tuple(
        keys_of(spec, spec.item(row.item), row.code, row.nhs_number, row.day, row.entry_id)
        for row in rows
        if row.verdict is Verdict.PAYABLE and row.nhs_number
    )


def pays_for_alike(spec: ServiceSpec, other: ServiceSpec) -> bool:
    """Whether two services claim by a code in common or, without codes, have an item of the same name and kind.

    Items that are paid for the practice list are the same only if the services have the same title too.
    """
    codes, theirs = (
        {code for name in one.claim_codelists() for code in one.codelist(name).all_codes()} for one in (spec, other)
    )
    items, others = (
        {(item.name, item.kind, one.title if item.kind in PER_LIST else "") for item in one.items if not item.codelists}
        for one in (spec, other)
    )
    return not codes.isdisjoint(theirs) or not items.isdisjoint(others)


def _looked_at(spec: ServiceSpec, elsewhere: Elsewhere, row: ClaimRow) -> ClaimRow:
    if row.verdict.rank <= Verdict.CHECK.rank and row.verdict is not Verdict.CLAIMED:
        return row
    why = elsewhere.finding(spec.item(row.item), row.code, row.nhs_number, row.day, row.entry_id)
    if why is None or any(one.reason == IN_ANOTHER for one in row.also):
        return row
    if row.verdict is Verdict.CLAIMED:
        return replace(row, also=(*row.also, why))
    before = Finding(verdict=row.verdict, reason=row.reason, clause=row.clause, fix=row.fix)
    also = row.also if row.verdict is Verdict.PAYABLE else (before, *row.also)
    return replace(
        row, verdict=why.verdict, reason=why.reason, clause=why.clause, fix=why.fix, unit_price_pence=None, also=also
    )


def _fix(spec: ServiceSpec, held: ClaimedElsewhere) -> str:
    return (
        f"it is claimed under {held.service}: reverse it there with `les claims reverse`, or, if both contracts pay "
        f"for it, `les services set {spec.name} setting.{SHARED_WITH}+={held.service} --from DATE --source TEXT`"
    )
