"""Intrauterine systems for reasons other than contraception: the specification, answered by the standard vocabulary.

Rules still to come: patients seen, seen within 4 weeks of the request, significant events a quarter, recalls that stop
at a removal, a recorded fitting that must be of the device fitted that day, advance payments against actual activity,
and the audit of devices, reasons for removal and complications.
"""

from __future__ import annotations

from lescli.api import ServiceSpec, hookimpl, specification_of


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)
