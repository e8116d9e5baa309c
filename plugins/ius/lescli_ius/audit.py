"""The annual audit of the register: types of device, reasons for removal, complications and problems with insertion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from lescli.api import Period, Records, Register, RegisterEntry, ServiceSpec, Table, folded

from .devices import FITTED_ON, FITTING, REMOVAL, REMOVED_ON, coded_days, last_before

NOT_RECORDED = "not recorded"
NOT_OURS = "contraception"
TROUBLES = ("complications", "insertion_problems")


def audit_tables(spec: ServiceSpec, records: Records, register: Register, period: Period) -> tuple[Table, ...]:
    """Three tables of counts. Texts that differ only in case, spaces and punctuation are counted together."""
    ours = [entry for entry in register.entries if entry.detail("indication") != NOT_OURS]
    return (_devices(records, ours), _removals(spec, records, ours, period), _troubles(records, ours, period))


def _devices(records: Records, entries: list[RegisterEntry]) -> Table:
    """The devices of patients on the register who still have one, by indication and type."""
    having = [entry for entry in entries if entry.covers(records.as_of) and entry.detail(REMOVED_ON) is None]
    cells = ((_text(entry.detail("indication")), _text(entry.detail("device_type"))) for entry in having)
    return _table("devices", "Audit: devices in place, by indication and type", ("indication", "device_type"), cells)


def _removals(spec: ServiceSpec, records: Records, entries: list[RegisterEntry], period: Period) -> Table:
    """Devices removed in the period, here or elsewhere, by the reason in the register.

    A device is removed once, on the first day that any entry gives. A removal on the day of a fitting is that of the
    device before.
    """
    fitted, removed = coded_days(spec, records, FITTING), coded_days(spec, records, REMOVAL)
    patients: dict[str, list[RegisterEntry]] = {}
    for entry in entries:
        patients.setdefault(entry.nhs_number, []).append(entry)
    found: list[tuple[str, ...]] = []
    for nhs_number, own in patients.items():
        fittings = [*fitted.get(nhs_number, ()), *(day for _, day in _days(own, FITTED_ON, records.as_of))]
        days = [*removed.get(nhs_number, ()), *(day for _, day in _days(own, REMOVED_ON, records.as_of))]
        first = {last_before(fittings, day): day for day in sorted(days, reverse=True)}
        reasons = _reasons(own, fittings, records.as_of)
        found += [(reasons.get(device, NOT_RECORDED),) for device, day in first.items() if day in period]
    return _table("removals", "Audit: devices removed in the period, by reason", ("reason",), found)


def _reasons(own: list[RegisterEntry], fittings: list[date], as_of: date) -> dict[date | None, str]:
    """The reason for removal of each of a patient's devices, by the day the device was fitted.

    A reason belongs to the removal recorded from the same day, or else to the device in place on that day.
    """
    removals = dict(_days(own, REMOVED_ON, as_of))
    return {
        last_before(fittings, removals.get(start, start)): str(value)
        for entry in own
        for start, value in _recorded(entry, "removal_reason", as_of)
    }


def _troubles(records: Records, entries: list[RegisterEntry], period: Period) -> Table:
    found = (
        (name, str(value))
        for entry in entries
        for name in TROUBLES
        for start, value in _recorded(entry, name, records.as_of)
        if start in period
    )
    title = "Audit: complications and problems with insertion recorded in the period"
    return _table("complications", title, ("kind", "what"), found)


def _recorded(entry: RegisterEntry, detail: str, as_of: date) -> Iterator[tuple[date, object]]:
    return ((start, value) for start, name, value in entry.history if name == detail and start <= as_of)


def _days(entries: Iterable[RegisterEntry], detail: str, as_of: date) -> list[tuple[date, date]]:
    """The values of a date detail, each with the day from which it applies."""
    values = (pair for entry in entries for pair in _recorded(entry, detail, as_of))
    return [(start, value) for start, value in values if isinstance(value, date)]


def _text(value: object) -> str:
    return NOT_RECORDED if value is None else str(value)


def _table(name: str, title: str, columns: tuple[str, ...], found: Iterable[tuple[str, ...]]) -> Table:
    """A table of counts, the highest first; of several spellings of a text, the first in the alphabet is shown."""
    spellings: dict[tuple[str, ...], tuple[str, ...]] = {}
    counts: Counter[tuple[str, ...]] = Counter()
    for cells in sorted(found):
        key = tuple(folded(cell) or cell for cell in cells)
        spellings.setdefault(key, cells)
        counts[key] += 1
    ordered = sorted(counts, key=lambda key: (-counts[key], spellings[key]))
    rows: list[tuple[str | int | float | None, ...]] = [(*spellings[key], counts[key]) for key in ordered]
    return Table(id=name, title=title, columns=(*columns, "count"), rows=tuple(rows))
