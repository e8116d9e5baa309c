"""Phlebotomy: the standard rules, plus community nurses' caseloads, and requests met in time by who asked."""

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
    standard_claim,
    standard_report,
)

from .activity import not_attended, samples_by_month
from .caseload import caseload_check
from .in_time import by_who_asked, in_time
from .requests import settled_in


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
    """The standard claim, in which patients on a community nurse's caseload are refused."""
    return standard_claim(spec, records, register, period, checks=(caseload_check(spec),))


@hookimpl
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report, with samples by month, requests met in time, and who did not attend."""
    report = standard_report(spec, records, register, claim, period, recalls)
    requests = settled_in(spec, records, register, period)
    return report.with_own(
        measures=(*in_time(spec, requests), not_attended(spec, records, period)),
        tables=(samples_by_month(claim, period), by_who_asked(spec, requests)),
    )
