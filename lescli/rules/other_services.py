"""Work that stands claimed under another service: one piece of work is paid once, unless a setting allows the pair.

An entry is the same work under whatever item. A row without an entry, such as a patient-month, and another entry of the
same code are known by item, code, patient and day; what is paid once of a patient by item and patient alone. What is
paid for the practice's list names nobody, so its specification must have the same title.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from ..model import Claim, ClaimedElsewhere, ClaimItem, ClaimRow, Finding, Records, ServiceSpec, Verdict
from .reasons import finding

IN_ANOTHER = "claimed-in-another-service"
SHARED_WITH = "shared_with"
_ONCE = "once-per-patient"
Key = tuple[str, ...]


def keys_of(
    spec: ServiceSpec, item: ClaimItem, code: str, nhs_number: str, day: date, entry_id: int | None
) -> tuple[Key, ...]:
    """What one piece of work is known by, whichever service claims it."""
    on = "" if item.kind == _ONCE else day.isoformat()
    known = tuple((name, code, nhs_number, on) for name in _at_any_level(spec, item))
    return known if entry_id is None else ((str(entry_id),), *known)


def _at_any_level(spec: ServiceSpec, item: ClaimItem) -> tuple[str, ...]:
    """The items that share the detail of a patient-month: a month is paid at one level only."""
    detail = (item.options or {}).get("detail")
    if item.kind != "per-patient-month" or detail is None:
        return (item.name,)
    return tuple(
        one.name for one in spec.items if one.kind == item.kind and (one.options or {}).get("detail") == detail
    )


class Elsewhere:
    """What stands claimed under other services, as far as this service's setting does not allow it."""

    def __init__(self, spec: ServiceSpec, records: Records) -> None:
        self._spec = spec
        self._held: dict[Key, ClaimedElsewhere] = {}
        for one in records.claimed_elsewhere():
            days = (one.day.isoformat(), "")
            keys = [(one.item, one.code, one.nhs_number, day) for day in days]
            for key in (*keys, *([(str(one.entry_id),)] if one.entry_id is not None else [])):
                self._held.setdefault(key, one)

    def finding(self, item: ClaimItem, code: str, nhs_number: str, day: date, entry_id: int | None) -> Finding | None:
        """Why the work is not paid under this service, where another one holds it."""
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
    """The services that may be paid for the same work of a day."""
    value = spec.setting(SHARED_WITH, day)
    return value if isinstance(value, tuple) else ()


def held_elsewhere(spec: ServiceSpec, records: Records, claim: Claim) -> Claim:
    """The claim with rows of every kind looked at, whoever made them; what is claimed stays so, and tells it."""
    elsewhere = Elsewhere(spec, records)
    return replace(claim, rows=tuple(_looked_at(spec, elsewhere, row) for row in claim.rows))


def shared_work(spec: ServiceSpec, rows: Iterable[ClaimRow]) -> tuple[tuple[Key, ...], ...]:
    """What each payable row of a claim is known by; a row of the practice's list is left out."""
    return tuple(
        keys_of(spec, spec.item(row.item), row.code, row.nhs_number, row.day, row.entry_id)
        for row in rows
        if row.verdict is Verdict.PAYABLE and row.nhs_number
    )


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
        f"it stands claimed under {held.service}: take it back there with `les claims reverse`, or, where both "
        f"contracts pay for it, `les services set {spec.name} setting.{SHARED_WITH}+={held.service} --from DATE "
        "--source TEXT`"
    )
