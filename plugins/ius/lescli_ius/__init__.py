"""Intrauterine systems for reasons other than contraception: the standard rules, plus rules about the device.

A fitting is paid on the record of its own device, and a recall stops when the device is removed. The report has the
document's indicators, its annual audit, and payments in advance compared with actual activity.
"""

from __future__ import annotations

from dataclasses import replace

from lescli.api import (
    Claim,
    Period,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    hookimpl,
    specification_of,
    standard_claim,
    standard_recall,
    standard_register,
)

from .devices import devices_in_place, expiry_advice
from .report import ius_report
from .this_device import this_device_check


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_register(spec: ServiceSpec, records: Records) -> Register:
    """The standard register, with advice on a device that had expired when it was fitted."""
    register = standard_register(spec, records)
    return Register(entries=tuple(replace(entry, advice=expiry_advice(spec, entry)) for entry in register.entries))


@hookimpl
def les_recall(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """The standard recall for devices in place; a coded or recorded removal ends it until the next fitting."""
    return standard_recall(spec, records, devices_in_place(spec, records, register))


@hookimpl
def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
    """The standard claim, in which a fitting needs a record of its own device."""
    return standard_claim(spec, records, register, period, checks=(this_device_check(spec, records),))


@hookimpl
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report, with indicators, the audit, and payments in advance compared with actual activity."""
    return ius_report(spec, records, register, claim, period, recalls)
