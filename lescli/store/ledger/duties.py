"""Write and read confirmations of duties. They only grow: a wrong one is corrected by a later one that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ...calendar import for_people
from ...errors import LesError
from ..database.connection import Store
from . import chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """One row: who confirmed a duty of which day, and on what evidence.

    `confirmed_on` is None in a row that only withdraws the one it replaces. `replaced_by` is the row that corrects or
    withdraws this one; None while it stands.
    """

    id: int
    service: str
    duty: str
    confirmed_on: date | None
    by: str
    note: str
    recorded_on: date
    replaces: int | None
    replaced_by: int | None

    @property
    def stands(self) -> bool:
        """Whether it counts: it confirms a day, and no later row corrects it."""
        return self.confirmed_on is not None and self.replaced_by is None


_READ = """
SELECT d.id, d.service, d.duty, d.confirmed_on, d.by, d.note, d.recorded_on, d.replaces, later.id
FROM duty_confirmation d LEFT JOIN duty_confirmation later ON later.replaces = d.id
WHERE d.service = ? ORDER BY d.id
"""


def confirmations(store: Store, service: str) -> tuple[Confirmation, ...]:
    """Every confirmation of a service's duties in the order they were recorded, also those that no longer stand."""
    return tuple(
        Confirmation(
            id=row[0],
            service=row[1],
            duty=row[2],
            confirmed_on=date.fromisoformat(row[3]) if row[3] else None,
            by=row[4],
            note=row[5],
            recorded_on=date.fromisoformat(row[6]),
            replaces=row[7],
            replaced_by=row[8],
        )
        for row in store.rows(_READ, service)
    )


def confirm_duty(
    store: Store, service: str, duty: str, *, on: date, by: str, note: str, recorded_on: date, corrects: date | None
) -> bool:
    """Record that a duty was met on a day; False when that is recorded already. Call it inside `store.writing()`.

    `corrects` is the day of a confirmation that was wrong. LesError when none of that day stands.
    """
    standing = [one for one in confirmations(store, service) if one.duty == duty and one.stands]
    if any((one.confirmed_on, one.by, one.note) == (on, by, note) for one in standing):
        return False
    replaces = _of_day(standing, service, duty, corrects).id if corrects else None
    _write(store, service, duty, on.isoformat(), by, note, recorded_on.isoformat(), replaces)
    return True


def withdraw_duty(
    store: Store, service: str, duty: str, *, on: date, by: str, note: str, recorded_on: date
) -> Confirmation:
    """Withdraw the newest confirmation of a day, and return it. LesError when none of that day stands."""
    standing = [one for one in confirmations(store, service) if one.duty == duty and one.stands]
    wrong = _of_day(standing, service, duty, on)
    _write(store, service, duty, None, by, note, recorded_on.isoformat(), wrong.id)
    return wrong


def _of_day(standing: list[Confirmation], service: str, duty: str, day: date) -> Confirmation:
    found = [one for one in standing if one.confirmed_on == day]
    if not found:
        raise LesError(
            f"no confirmation of {duty} of {for_people(day)} stands", f"`les duties {service} --history` lists them all"
        )
    return found[-1]


def _write(store: Store, *values: str | int | None) -> None:
    whole, previous = (chain.next_id(store, "duty_confirmation"), *values), chain.head(store)
    digest = chain.digest(previous, "duty_confirmation", whole)
    chain.insert(store, "duty_confirmation", whole, previous=previous, hash=digest)
