"""Reasons: the standard ones, and how a service's own data words them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files

from ..model import Finding, ReasonSpec, ServiceSpec, Verdict


@cache
def standard_reasons() -> dict[str, ReasonSpec]:
    """The reasons every service shares, by name."""
    data = tomllib.loads(files(__package__).joinpath("reasons.toml").read_text(encoding="utf-8"))
    return {
        name: ReasonSpec(verdict=row["verdict"], text=row["text"], clause=row["clause"], fix=row.get("fix", ""))
        for name, row in data.items()
    }


def reason_of(spec: ServiceSpec, name: str) -> ReasonSpec:
    """A reason as this service words it; KeyError when neither it nor the standard knows the name.

    A command in the fix names the service, so that it can be typed as it is printed.
    """
    standard = standard_reasons().get(name)
    own = spec.reasons.get(name)
    if own is None:
        if standard is None:
            raise KeyError(name)
        return replace(standard, fix=standard.fix.replace("SERVICE", spec.name))
    return ReasonSpec(
        verdict=own.verdict or (standard.verdict if standard else Verdict.REFUSED),
        text=own.text or (standard.text if standard else ""),
        clause=own.clause or (standard.clause if standard else ""),
        fix=own.fix or (standard.fix.replace("SERVICE", spec.name) if standard else ""),
    )


def finding(spec: ServiceSpec, name: str, *, clause: str = "", fix: str = "") -> Finding:
    """A finding with a named reason; clause and fix given here win over what the data has."""
    reason = reason_of(spec, name)
    return Finding(verdict=Verdict(reason.verdict), reason=name, clause=clause or reason.clause, fix=fix or reason.fix)
