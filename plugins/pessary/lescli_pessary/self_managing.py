"""The number of patients who manage the pessary themselves on the day asked about (point 8 of the slide)."""

from __future__ import annotations

from datetime import date

from lescli.api import Measure, Records, Register, RegisterEntry, ServiceSpec, on_register


def manages_herself(entry: RegisterEntry, day: date) -> bool:
    """Whether the register says that the patient manages the pessary herself on a day; not recorded means no."""
    return entry.detail_on("self_managing", day) is True


def self_managing(spec: ServiceSpec, records: Records, register: Register) -> Measure:
    """The number of patients on the register who wear a pessary and manage it themselves."""
    wearing = [entry for entry in on_register(records, register) if not _removed(entry, records.as_of)]
    return spec.measure("self-managing").result(sum(manages_herself(entry, records.as_of) for entry in wearing))


def _removed(entry: RegisterEntry, as_of: date) -> bool:
    removed_on = entry.detail("removed_on")
    return isinstance(removed_on, date) and removed_on <= as_of
