"""Where one service stands on a day: what is payable, at risk, held back and lost, and which months wait for a claim.

`les status`, `claim`, `report` and `explain` take their money from here or from the very same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..calendar import Month
from ..model import Records, Register, ServiceSpec
from ..rules.unclaimed import Standing, Total, Unclaimed, total, unclaimed_work, whole_period
from ..rules.unregistered import Unregistered, unregistered
from ..rules.windows import first_claim_day, held_in, submit_by
from ..services import Service
from ..store import Store
from ..store.ledger.read import standing_claim


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMonth:
    """A month that ended and is not submitted. `work` is what its claim takes in, if months are claimed in order.

    `due_on` is None where the specification sets no deadline.
    """

    month: Month
    due_on: date | None
    work: tuple[Unclaimed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Everything of one service that is not claimed, each activity once, and what stands in its way.

    `claimed` is what claims hold that still stands. `found_since` is payable work of months that ended and have their
    claim. `unset` are the terms that the practice must set before work can be found or paid, as `les services set`
    names them. `running_due_on` is the deadline of the month that is running, None where there is none.
    `also_claimable` is, by service, the work that the service named counts and this one could claim as well.
    """

    service: str
    as_of: date
    work: tuple[Unclaimed, ...]
    claimed: Total
    months: tuple[OpenMonth, ...]
    found_since: tuple[Unclaimed, ...]
    unset: tuple[str, ...]
    running_due_on: date | None
    unregistered: tuple[Unregistered, ...]
    also_claimable: tuple[tuple[str, Total], ...] = ()

    def of(self, standing: Standing) -> Total:
        """The work of one standing."""
        return total(one for one in self.work if one.standing is standing)

    @property
    def payable(self) -> Total:
        """What a claim submitted now would be paid for."""
        return total(one for one in self.work if one.is_payable)

    @property
    def windows(self) -> tuple[tuple[date, tuple[Unclaimed, ...]], ...]:
        """By its last day, the work whose window runs: payable or held back, of months that ended or soon to close."""
        first = Month.of(self.as_of).first
        waiting: dict[date, list[Unclaimed]] = defaultdict(list)
        for one in self.work:
            open_still = one.is_payable or one.standing in (Standing.AT_RISK, Standing.HELD_BACK)
            if one.last_day and open_still and (one.standing is Standing.AT_RISK or one.row.day < first):
                waiting[one.last_day].append(one)
        return tuple((day, tuple(work)) for day, work in sorted(waiting.items()))


def position_of(store: Store, service: Service, records: Records, register: Register) -> Position:
    """One claim over everything the practice could ever claim answers for all."""
    spec, period = service.spec, whole_period(service.spec, records)
    work = unclaimed_work(spec, records, service.claim(records, register, period))
    standing = records.claimed()
    months, found_since = _open_months(store, spec, records, work)
    running = Month.of(records.as_of)
    return Position(
        service=spec.name,
        as_of=records.as_of,
        work=work,
        claimed=Total(count=len(standing), amount_pence=sum(row.amount_pence for row in standing)),
        months=months,
        found_since=found_since,
        unset=unset_terms(spec, records.as_of),
        running_due_on=submit_by(spec, running) if held_in(spec, records, running) else None,
        unregistered=unregistered(spec, records, register, period),
    )


def _open_months(
    store: Store, spec: ServiceSpec, records: Records, work: Iterable[Unclaimed]
) -> tuple[tuple[OpenMonth, ...], tuple[Unclaimed, ...]]:
    """The months that wait for a claim, and payable work of months that ended which none of them takes in."""
    now = Month.of(records.as_of)
    ended = [month for month in _ended(spec, records) if standing_claim(store, spec.name, str(month)) is None]
    waiting: dict[Month, list[Unclaimed]] = {month: [] for month in ended}
    found_since: list[Unclaimed] = []
    for one in work:
        done = Month.of(one.row.day)
        if done >= now or one.standing in _NOTHING_TO_COME:
            continue
        is_ready = one.is_payable or one.standing is Standing.UNPRICED
        # Work that reached the record after its month was submitted goes into the next claim. What is held back waits
        # for somebody, and not for a claim of another month.
        takes_it_in = next((month for month in ended if month == done or (is_ready and month > done)), None)
        if takes_it_in is not None:
            waiting[takes_it_in].append(one)
        elif one.is_payable:
            found_since.append(one)
    months = (OpenMonth(month=month, due_on=submit_by(spec, month), work=tuple(waiting[month])) for month in ended)
    # A month in which nothing is left to claim waits only for its deadline.
    return tuple(one for one in months if one.work or (one.due_on is not None and one.due_on >= records.as_of)), tuple(
        found_since
    )


_NOTHING_TO_COME = (Standing.EXPIRED, Standing.OVER_CAP, Standing.CLAIMED_ELSEWHERE)


def _ended(spec: ServiceSpec, records: Records) -> Iterator[Month]:
    """The months that ended in which the practice held the contract, earliest first."""
    first = first_claim_day(spec, records)
    if first is None:
        return
    month = Month.of(first)
    while month < Month.of(records.as_of):
        if held_in(spec, records, month):
            yield month
        month = month.plus(1)


def unset_terms(spec: ServiceSpec, day: date) -> tuple[str, ...]:
    """The codes and prices of items that nobody has given on a day on which the specification is in force."""
    if not spec.in_force_on(day):
        return ()
    codes = (f"codes.{name}" for name in spec.claim_codelists() if not spec.codelist(name).codes_on(day))
    unpriced = (item for item in spec.items if (price := item.price_on(day)) is None or price.value.pence is None)
    return (*codes, *(f"price.{item.name}" for item in unpriced))


def unregistered_data(found: Iterable[Unregistered]) -> list[dict[str, Any]]:
    """As docs/reference/json.md prints it; it names no patient."""
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


def months_in_words(months: Iterable[Month]) -> str:
    """Months for people, runs of them as one: `2026-01 to 2026-04, 2026-06`."""
    runs: list[list[Month]] = []
    for month in months:
        if runs and runs[-1][-1].plus(1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
