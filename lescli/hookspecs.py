"""The whole plugin interface: five questions a service answers.

A plugin answers those it has more to say about than the standard vocabulary; the standard plugin answers the rest
from the service's data. Values in, values out: no SQL, no files, no clock.
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
    """The specification: usually `specification_of(__package__)`, read from the service.toml beside the plugin."""


@hookspec(firstresult=True)
def les_register(spec: ServiceSpec, records: Records) -> Register:
    """Who is on the register as of `records.as_of`, since when, by which rule, with what recorded."""


@hookspec(firstresult=True)
def les_recall(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """Who is due, overdue or upcoming, in the order to ring them."""


@hookspec(firstresult=True)
def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
    """One row and one verdict for each activity a claim for the period looks at."""


@hookspec(firstresult=True)
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The measures and audit tables the specification asks for; `recalls` is what `les_recall` answered that day."""
