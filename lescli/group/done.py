"""What one practice did for a service, by day and by the practice of its patients; nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..calendar import Period
from ..errors import UsageError, did_you_mean
from ..model import ClaimRow, Records, ServiceSpec, Verdict
from ..operations.choose_services import one_service, register_of
from ..rules.eligibility import DONE_ELSEWHERE
from ..store import Store

_DONE = (Verdict.PAYABLE, Verdict.CLAIMED, Verdict.UNPRICED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkQuestion:
    """Ask what was done for one service from a day to another, by the day and the practice of the patients.

    Without `items`, what the service itself says that networks are compared by. Work without a price counts too.
    """

    service: str
    period: Period
    as_of: date
    items: tuple[str, ...] = ()


def done_in(store: Store, question: NetworkQuestion) -> dict[str, Any]:
    """`done` has [day, practice of the patients, number] and `elsewhere` [day, place, number]: work that another place
    did for this practice's patients, which that place counts. `counts` says what was counted.
    """
    service = one_service(store, question.service)
    page = service.spec.networks
    items = question.items or page.items
    _check(service.spec, items)
    records, register = register_of(store, service, question.as_of)
    claim = service.claim(records, register, question.period)
    rows = [row for row in claim.rows if row.day in question.period and (not items or row.item in items)]
    done: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.verdict in _DONE:
            done[row.day.isoformat(), _home(records, row.nhs_number, row.day)] += 1
    return {
        "done": [[day, home, count] for (day, home), count in sorted(done.items())],
        "elsewhere": _elsewhere(service.spec, records, rows),
        "counts": {
            "title": page.title if items == page.items else "",
            "items": list(items or (item.name for item in service.spec.items)),
            "rate_of": page.rate_of,
        },
    }


def _check(spec: ServiceSpec, items: Iterable[str]) -> None:
    known = [item.name for item in spec.items]
    for name in items:
        if name not in known:
            hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
            raise UsageError(f"--item: {spec.name} has no such item", hint)


def _elsewhere(spec: ServiceSpec, records: Records, rows: Iterable[ClaimRow]) -> list[list[Any]]:
    refused = {row.entry_id: row for row in rows if row.reason == DONE_ELSEWHERE and row.entry_id is not None}
    if not refused:
        return []
    lists = {name for item in spec.items for name in item.codelists}
    first = min(row.day for row in refused.values())
    places = {one.id: one.done_at for name in sorted(lists) for one in records.activity(name, first)}
    counts = Counter((row.day.isoformat(), places.get(number, "")) for number, row in refused.items())
    return [[day, place, count] for (day, place), count in sorted(counts.items())]


def _home(records: Records, nhs_number: str, day: date) -> str:
    """The practice with which a patient was registered on a day; "" when nobody recorded one."""
    if not nhs_number:
        return records.practice.ods_code
    spells = records.patient(nhs_number).registrations
    return next((one.practice for one in spells if one.kind != "none" and one.covers(day)), "")
