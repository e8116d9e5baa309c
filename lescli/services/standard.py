"""The standard plugin: answers every question a service's own plugin leaves open, from the service's data."""

from __future__ import annotations

from ..calendar import Period
from ..hookspecs import hookimpl
from ..model import Claim, RecallList, Records, Register, Report, ServiceSpec
from ..rules.claim import standard_claim
from ..rules.recall import standard_recall
from ..rules.register import standard_register
from ..rules.report import standard_report


class StandardPlugin:
    """Registered for the hooks that the service's own plugin does not have."""

    @hookimpl
    def les_register(self, spec: ServiceSpec, records: Records) -> Register:
        return standard_register(spec, records)

    @hookimpl
    def les_recall(self, spec: ServiceSpec, records: Records, register: Register) -> RecallList:
        return standard_recall(spec, records, register)

    @hookimpl
    def les_claim(self, spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        return standard_claim(spec, records, register, period)

    @hookimpl
    def les_report(
        self,
        spec: ServiceSpec,
        records: Records,
        register: Register,
        claim: Claim,
        period: Period,
        recalls: RecallList,
    ) -> Report:
        return standard_report(spec, records, register, claim, period, recalls)


class DataOnlyPlugin:
    """A service that is a bare service.toml: its specification, and nothing the standard does not say."""

    def __init__(self, spec: ServiceSpec) -> None:
        self._spec = spec

    @hookimpl
    def les_service(self) -> ServiceSpec:
        return self._spec
