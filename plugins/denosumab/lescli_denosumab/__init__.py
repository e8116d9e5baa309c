"""Denosumab injections: the standard rules, plus the first dose, which is not paid, and advice by T-score."""

from __future__ import annotations

from dataclasses import replace

from lescli.api import (
    Claim,
    Period,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
    hookimpl,
    specification_of,
    standard_claim,
    standard_register,
)

from .first_dose import first_dose_check
from .t_score import t_score_advice


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_register(spec: ServiceSpec, records: Records) -> Register:
    """The standard register, with the advice of Table 1 for each patient."""
    register = standard_register(spec, records)
    return Register(entries=tuple(_advised(spec, records, entry) for entry in register.entries))


def _advised(spec: ServiceSpec, records: Records, entry: RegisterEntry) -> RegisterEntry:
    advice = t_score_advice(spec, records.patient(entry.nhs_number), entry, records.as_of)
    return replace(entry, advice=advice) if advice else entry


@hookimpl
def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
    """The standard claim, in which the first dose is refused (2.1.1)."""
    return standard_claim(spec, records, register, period, checks=(first_dose_check(spec, register),))
