"""What `les doctor` asks of every service the practice holds: whether its questions are answered on this store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..calendar import Month, Period
from ..errors import LesError, LockedError
from ..services import Service
from ..store import Store
from .choose_services import chosen_services, doubts, register_of


def unanswered(store: Store, as_of: date) -> Iterator[tuple[str, str]]:
    """What fails or contradicts itself, and how to mend it: the register, recall and claim of each service."""
    for service in chosen_services(store, (), Period(as_of, as_of)).services:
        try:
            for line in _asked(store, service, as_of):
                what, _, fix = line.partition("; ")
                yield what, fix
        except LockedError:
            raise
        except LesError as fault:
            yield fault.what, fault.fix or f"mend or remove {service.name}; the other services work"


def _asked(store: Store, service: Service, as_of: date) -> tuple[str, ...]:
    records, register = register_of(store, service, as_of)
    service.recall(records, register)
    service.claim(records, register, Period.of_month(Month.of(as_of)))
    return doubts(service.spec, register)
