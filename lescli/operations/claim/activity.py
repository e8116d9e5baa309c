"""The days of claimed work and the size of the register, so that a commissioner can check a claim. It names nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ...calendar import ClaimPeriod
from ...model import Register, ServiceSpec, Verdict
from ...rules.claim import FROM_REGISTER
from ...rules.eligibility import OWN
from ...services import Service
from ...store import Store
from ...store.ledger.read import claim_rows
from ..choose_services import register_of
from .preview import ClaimAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paid:
    """One activity that the claim pays for. `person` is empty for an item that is paid for the practice's list."""

    person: str
    day: date
    item: str
    is_reversed: bool = False


def with_activity(
    store: Store, asked: Mapping[str, tuple[Service, ClaimPeriod]], answers: Sequence[ClaimAnswer], as_of: date
) -> list[ClaimAnswer]:
    """The claims with the days of their work beside them. What is frozen in the ledger has none.

    `asked` has each answer's service and what its claim is for.
    """
    return [_with_activity(store, *asked[one.service], one, as_of) for one in answers]


def _with_activity(store: Store, service: Service, period: ClaimPeriod, one: ClaimAnswer, as_of: date) -> ClaimAnswer:
    paid = tuple(_paid(store, one))
    # On a day before it was submitted, the patients who came later would not be on the register.
    register = register_of(store, service, max(as_of, one.submitted_on or as_of))[1]
    days = Counter((row.day.isoformat(), row.item) for row in paid if row.person)
    activity: dict[str, Any] = {
        "days": [{"date": day, "item": item, "quantity": count} for (day, item), count in sorted(days.items())],
        "register_size": _register_size(service.spec, register, period, paid),
    }
    return replace(one, data={**one.data, "activity": activity})


def _paid(store: Store, one: ClaimAnswer) -> Iterator[_Paid]:
    if one.data["status"] != "submitted":
        for shown in one.rows:
            if shown.verdict == Verdict.PAYABLE:
                yield _Paid(person=shown.nhs_number, day=shown.date, item=shown.item)
        return
    held = [row for row in claim_rows(store, one.data["claim_id"]) if row.verdict == Verdict.PAYABLE]
    # What was claimed under two numbers of one person is one patient's, until the practice has put it right.
    put_right = {row.person for row in held if row.reversed_on is not None}
    for row in held:
        person = row.nhs_number if row.person in put_right else row.person
        yield _Paid(person=person, day=row.day, item=row.item, is_reversed=row.reversed_on is not None)


def _register_size(spec: ServiceSpec, register: Register, period: ClaimPeriod, paid: Iterable[_Paid]) -> int:
    """How many patients were on the register on some day of the claimed period, by today's record.

    The days of those who died or left count up to then. Patients who had work of the period without being on the
    register count too, where the item does not ask for it, and so does a patient whose row was reversed: what the
    practice has put right is no fault. Work for patients of other practices never asks for the register.
    """
    on_it = {
        entry.nhs_number
        for entry in register.entries
        if entry.entered_on <= period.last and (entry.ended_on is None or entry.ended_on >= period.first)
    }
    asks_for_it = {item.name for item in spec.items if item.kind in FROM_REGISTER}
    others = {item.name for item in spec.items if item.population != OWN}
    for row in paid:
        is_free = row.item not in asks_for_it or row.is_reversed
        if row.person and row.item not in others and is_free and period.first <= row.day <= period.last:
            on_it.add(row.person)
    return len(on_it)
