"""Ring pessaries: the standard rules, plus when each was worn, and the measures that the slide asks for."""

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
    standard_report,
)

from .attendance import non_attenders
from .follow_up import followed_up
from .intervals import long_intervals
from .self_managing import self_managing
from .wearing import wearings_of, with_wearing


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_register(spec: ServiceSpec, records: Records) -> Register:
    """The standard register, with the first fitting and the removal taken from codes."""
    return with_wearing(records, standard_register(spec, records))


@hookimpl
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report, with follow-up of first fittings, intervals that were too long, and missed attendance."""
    report = standard_report(spec, records, register, claim, period, recalls)
    wearings = wearings_of(records, register)
    intervals, listed = long_intervals(spec, records, register, wearings, period)
    absent, named = non_attenders(spec, records, recalls)
    own = (self_managing(spec, records, register), followed_up(spec, records, register, wearings, period))
    return report.with_own(measures=(*own, intervals, absent), tables=(listed, named))
