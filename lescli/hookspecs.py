"""The whole plugin interface: five hooks that a service answers.

A plugin implements only the hooks for which the standard rules are not enough; the standard plugin answers the others
from the service's data. Hooks take values and return values: no SQL, no files, no clock.
"""

from __future__ import annotations

import pluggy

from .calendar import Period
from .model import Claim, RecallList, Records, Register, Report, ServiceSpec

PROJECT = "lescli"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def les_service() -> ServiceSpec:
    """The specification, usually `specification_of(__package__)`: that of the service.toml beside the plugin."""


@hookspec(firstresult=True)
def les_register(spec: ServiceSpec, records: Records) -> Register:
    """Who is on the register on `records.as_of`, since when, by which rule and with which details."""


@hookspec(firstresult=True)
def les_recall(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """Who is due, overdue or upcoming, in the order to ring them."""


@hookspec(firstresult=True)
def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
    """One row and one verdict for each activity that a claim for the period looks at."""


@hookspec(firstresult=True)
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The measures and audit tables that the specification asks for; `recalls` is the answer of `les_recall`."""
