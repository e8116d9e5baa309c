"""When each duty of a service was last confirmed, when it is due again, and which are overdue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ..calendar import add_months
from ..model import Duty, ServiceSpec


class DutyStatus(StrEnum):
    """Where a duty stands. The order is that of the list: what is most pressing comes first."""

    OVERDUE = "overdue"
    NEVER = "never"
    DUE = "due"
    CONFIRMED = "confirmed"


LATE = (DutyStatus.OVERDUE, DutyStatus.NEVER)
"""What needs a person: a duty whose day has passed, and one that nobody has confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A confirmation that stands: the day of a duty's evidence, who confirmed it and what the evidence is."""

    duty: str
    on: date
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyState:
    """A duty on a day. `every_months` is None when once is enough; `due_on` is the last day to confirm it again."""

    duty: Duty
    status: DutyStatus
    every_months: int | None
    last: Confirmed | None
    due_on: date | None


def duty_states(
    spec: ServiceSpec, confirmed: Iterable[Confirmed], as_of: date, within: timedelta
) -> tuple[DutyState, ...]:
    """Each duty of a service on a day, most pressing first; one that falls due `within` that time is due.

    On the day it falls due it is due, and on the day after it is overdue. A confirmation of a later day than `as_of`
    does not count. Of several, that of the latest day counts; of one day, the one recorded last.
    """
    known: dict[str, list[Confirmed]] = {duty.name: [] for duty in spec.duties}
    for one in confirmed:
        if one.on <= as_of:
            known.setdefault(one.duty, []).append(one)
    states = [_state(spec, duty, known[duty.name], as_of, within) for duty in spec.duties]
    order = list(DutyStatus)
    return tuple(sorted(states, key=lambda state: (order.index(state.status), state.due_on or date.max)))


def _state(spec: ServiceSpec, duty: Duty, confirmed: list[Confirmed], as_of: date, within: timedelta) -> DutyState:
    last = max(reversed(confirmed), key=lambda one: one.on, default=None)
    every = _interval(spec, duty, last.on if last else as_of)
    if last is None:
        return DutyState(duty=duty, status=DutyStatus.NEVER, every_months=every, last=None, due_on=None)
    due_on = add_months(last.on, every) if every else None
    if due_on is None or due_on > as_of + within:
        status = DutyStatus.CONFIRMED
    else:
        status = DutyStatus.OVERDUE if due_on < as_of else DutyStatus.DUE
    return DutyState(duty=duty, status=status, every_months=every, last=last, due_on=due_on)


def _interval(spec: ServiceSpec, duty: Duty, day: date) -> int | None:
    """The months until a duty is due again, counted from a day; None when once is enough."""
    if duty.every_months is not None:
        return duty.every_months
    value = spec.setting(duty.interval_setting, day) if duty.interval_setting else None
    return value if type(value) is int and value > 0 else None
