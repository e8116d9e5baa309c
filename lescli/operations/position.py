"""The position of one service on a day: work that is payable, at risk, held back or lost, and months to claim.

`les status`, `claim`, `report` and `explain` take their amounts from here or from the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..calendar import ClaimPeriod, Period
from ..model import Claim, Records, Register, ServiceSpec
from ..rules.claim_row import price_key
from ..rules.unclaimed import Standing, Total, Unclaimed, total, unclaimed_work, whole_period
from ..rules.unregistered import Unregistered, unregistered
from ..rules.windows import first_claim_day, held_in, submit_by
from ..services import Service
from ..store import Store
from ..store.ledger.read import standing_claim

_NEVER_PAID = (Standing.EXPIRED, Standing.OVER_CAP, Standing.CLAIMED_ELSEWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMonth:
    """A month that ended and is not submitted, or a quarter or year where that is what the service claims.

    `work` is what its claim would hold if months are claimed in order.
    `due_on` is None when the specification sets no deadline.
    """

    month: ClaimPeriod
    due_on: date | None
    work: tuple[Unclaimed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """All unclaimed work of one service, each activity once, and what stops it from being paid.

    `claimed` is the total of claimed rows that were not taken back. `found_since` is payable work of months that have
    ended and already have a claim. `unset` lists the terms that the practice must set before work can be found or paid,
    as `les services set` names them. `running` is the month, quarter or year that is not over, and `running_due_on` its
    deadline or None. `also_claimable`
    is work that this service could claim and that another service counts, by the other service's name.
    """

    service: str
    as_of: date
    work: tuple[Unclaimed, ...]
    claimed: Total
    months: tuple[OpenMonth, ...]
    found_since: tuple[Unclaimed, ...]
    unset: tuple[str, ...]
    running: ClaimPeriod
    running_due_on: date | None
    unregistered: tuple[Unregistered, ...]
    also_claimable: tuple[tuple[str, Total], ...] = ()

    def of(self, standing: Standing) -> Total:
        """The total of the work with one standing."""
        return total(one for one in self.work if one.standing is standing)

    @property
    def payable(self) -> Total:
        """What a claim submitted now would pay."""
        return total(one for one in self.work if one.is_payable)

    @property
    def windows(self) -> tuple[tuple[date, tuple[Unclaimed, ...]], ...]:
        """Work with an open claim window, by the window's last day.

        It is payable or held back, and its month has ended or its window closes soon.
        """
        first = self.running.first
        waiting: dict[date, list[Unclaimed]] = defaultdict(list)
        for one in self.work:
            open_still = one.is_payable or one.standing in (Standing.AT_RISK, Standing.HELD_BACK)
            if one.last_day and open_still and (one.standing is Standing.AT_RISK or one.row.day < first):
                waiting[one.last_day].append(one)
        return tuple((day, tuple(work)) for day, work in sorted(waiting.items()))


def whole_claim(service: Service, records: Records, register: Register) -> tuple[Period, Claim]:
    """One claim over everything the practice could ever claim, and its days."""
    period = whole_period(service.spec, records)
    return period, service.claim(records, register, period)


def position_of(
    store: Store, service: Service, records: Records, register: Register, whole: tuple[Period, Claim] | None = None
) -> Position:
    """The position of one service, from `whole_claim`, which is asked for when it is not given."""
    spec = service.spec
    period, claim = whole or whole_claim(service, records, register)
    work = unclaimed_work(spec, records, claim)
    standing = records.claimed()
    months, found_since = _open_months(store, spec, records, work)
    running = spec.claim_period(records.as_of)
    return Position(
        service=spec.name,
        as_of=records.as_of,
        work=work,
        claimed=Total(count=len(standing), amount_pence=sum(row.amount_pence for row in standing)),
        months=months,
        found_since=found_since,
        unset=unset_terms(spec, records.as_of),
        running=running,
        running_due_on=submit_by(spec, running) if held_in(spec, records, running) else None,
        unregistered=unregistered(spec, records, register, period),
    )


def _open_months(
    store: Store, spec: ServiceSpec, records: Records, work: Sequence[Unclaimed]
) -> tuple[tuple[OpenMonth, ...], tuple[Unclaimed, ...]]:
    """The months that wait for a claim, and payable work of past months that none of them will hold."""
    now = spec.claim_period(records.as_of).first
    ended = [month for month in _ended(spec, records, work) if standing_claim(store, spec.name, str(month)) is None]
    waiting: dict[ClaimPeriod, list[Unclaimed]] = {month: [] for month in ended}
    found_since: list[Unclaimed] = []
    for one in work:
        done = spec.claim_period(one.row.day).first
        if done >= now or one.standing in _NEVER_PAID:
            continue
        is_ready = one.is_payable or one.standing is Standing.UNPRICED
        # Work recorded after its month was submitted goes into the next claim. Work held back waits for a person, not
        # for a later month's claim.
        takes_it_in = next((month for month in ended if month.first == done or (is_ready and month.first > done)), None)
        if takes_it_in is not None:
            waiting[takes_it_in].append(one)
        elif one.is_payable:
            found_since.append(one)
    months = (OpenMonth(month=month, due_on=submit_by(spec, month), work=tuple(waiting[month])) for month in ended)
    # A month with nothing left to claim is open only until its deadline.
    return tuple(one for one in months if one.work or (one.due_on is not None and one.due_on >= records.as_of)), tuple(
        found_since
    )


def _ended(spec: ServiceSpec, records: Records, work: Iterable[Unclaimed]) -> Iterator[ClaimPeriod]:
    """The past months (or quarters or years) in which the practice held the contract, earliest first.

    A quarter is claimed in the claim of its last month, also where the contract ended before that month.
    """
    paid_in = {spec.claim_period(one.row.day) for one in work if one.is_payable}
    first = first_claim_day(spec, records)
    if first is None:
        return
    month = spec.claim_period(first)
    while month.first < spec.claim_period(records.as_of).first:
        if month in paid_in or held_in(spec, records, month):
            yield month
        month = month.plus(1)


def unset_terms(spec: ServiceSpec, day: date) -> tuple[str, ...]:
    """Codes and prices that are missing on a day when the specification is in force.

    Any of the code lists of the register is enough to find patients, so they are named only while none has codes.
    """
    if not spec.in_force_on(day):
        return ()
    found = any(spec.codelist(name).codes_on(day) for name in spec.register.find_by)
    finding = () if found else spec.register.find_by
    lists = dict.fromkeys((*spec.claim_codelists(), *spec.asked_codelists(), *spec.watched_codelists(), *finding))
    codes = (f"codes.{name}" for name in lists if not spec.codelist(name).codes_on(day))
    unpriced = (
        price_key(item, "" if item.price_by == "part" else tariff)
        for item in spec.items
        for tariff in spec.tariffs(item)
        if (price := item.price_on(day, tariff)) is None or price.value.pence is None
    )
    return (*codes, *dict.fromkeys(unpriced))


def unregistered_data(found: Iterable[Unregistered]) -> list[dict[str, Any]]:
    """The shape that docs/reference/json.md gives. It names no patient."""
    return [
        {
            "codelist": one.codelist,
            "title": one.title,
            "patients": len(one.never_patients),
            "entries": len(one.never),
            "ended_patients": len(one.ended_patients),
            "ended_entries": len(one.ended),
        }
        for one in found
    ]


def months_in_words(months: Iterable[ClaimPeriod]) -> str:
    """Months in words, with consecutive months joined: `2026-01 to 2026-04, 2026-06`."""
    runs: list[list[ClaimPeriod]] = []
    for month in months:
        if runs and runs[-1][-1].plus(1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
