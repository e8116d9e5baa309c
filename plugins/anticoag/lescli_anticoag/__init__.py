"""Anticoagulation monitoring, levels 3 to 5: patient-months by level, initiations for AF, home visits, INR control.

AF is atrial fibrillation.
"""

from __future__ import annotations

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
    standard_register,
)

from .control import first_looked_at
from .in_doubt import recalls_by_sound_results, with_advice
from .report import anticoag_report
from .self_monitoring import with_own_meters


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_register(spec: ServiceSpec, records: Records) -> Register:
    """The standard register, with level 3 for patients who test with their own meter, and advice on doubtful INRs."""
    register = with_own_meters(spec, records, standard_register(spec, records))
    return with_advice(spec, records, register, first_looked_at(spec, records.as_of))


@hookimpl
def les_recall(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """The standard recall, in which an implausible INR does not put off the next test and is named in a note."""
    return recalls_by_sound_results(spec, records, register)


@hookimpl
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report, with the monthly return, the quarterly amount and INR control."""
    return anticoag_report(spec, records, register, claim, period, recalls)
