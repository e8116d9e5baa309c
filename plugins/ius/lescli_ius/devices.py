"""The device in place: when it was fitted, whether it was checked or removed since, and whether it had expired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from lescli.api import Advice, Records, Register, RegisterEntry, ServiceSpec

FITTING, REMOVAL = "fitting", "removal"
FITTED_ON, CHECKED_ON, REMOVED_ON = "fitted_on", "checked_on", "removed_on"
EXPIRY = "device_expiry"
Days = Mapping[str, tuple[date, ...]]


def coded_days(spec: ServiceSpec, records: Records, item: str) -> Days:
    """The days on which each patient has an entry with a code of a claim item, by NHS number, earliest first."""
    return records.days(spec.item(item).codelists)


def last_before(days: Iterable[date], day: date) -> date | None:
    """The last of some days that is before a day; None when there is none."""
    return max((one for one in days if one < day), default=None)


def devices_in_place(spec: ServiceSpec, records: Records, register: Register) -> Register:
    """The register with `removed_on` and `checked_on` of the device now in place, at which the recall stops.

    A removal, by code or on the register, counts if it is after the last fitting. On the day of a fitting it is an
    exchange, and the new device is in place. Details of an earlier device are left out.
    """
    fitted, removed = coded_days(spec, records, FITTING), coded_days(spec, records, REMOVAL)
    return Register(
        entries=tuple(
            _in_place(entry, fitted.get(entry.nhs_number, ()), removed.get(entry.nhs_number, ()))
            for entry in register.entries
        )
    )


def _in_place(entry: RegisterEntry, fitted: tuple[date, ...], removed: tuple[date, ...]) -> RegisterEntry:
    details = dict(entry.details)
    last = max(_dates(*fitted, details.get(FITTED_ON)), default=date.min)
    removals = [day for day in _dates(*removed, details.pop(REMOVED_ON, None)) if day > last]
    checks = [day for day in _dates(details.pop(CHECKED_ON, None)) if day > last]
    if removals:
        details[REMOVED_ON] = min(removals)
    if checks or removals:
        # A device that was removed needs no check, so the removal also settles the recall for it.
        details[CHECKED_ON] = min(checks + removals)
    return replace(entry, details=tuple(sorted(details.items())))


def expiry_advice(spec: ServiceSpec, entry: RegisterEntry) -> tuple[Advice, ...]:
    """A line of advice if the device had expired, by its recorded date, when it was fitted. It never blocks a claim."""
    expiry, fitted = entry.detail(EXPIRY), entry.detail(FITTED_ON)
    field = spec.register.field(EXPIRY)
    if field is None or not isinstance(expiry, date) or not isinstance(fitted, date) or expiry >= fitted:
        return ()
    text = f"{EXPIRY} is before {FITTED_ON}: correct the record, or report a device fitted after it had expired"
    return (Advice(text=text, clause=field.clause),)


def _dates(*values: object) -> list[date]:
    return [value for value in values if isinstance(value, date)]
