"""A measure of this service, in the words its data has for it."""

from __future__ import annotations

from lescli.api import Measure, ServiceSpec


def count(spec: ServiceSpec, name: str, number: int) -> Measure:
    """A count, under its id in service.toml."""
    return share(spec, name, number, None)


def share(spec: ServiceSpec, name: str, part: int, whole: int | None) -> Measure:
    """A share, or a count where there is no whole."""
    wanted = next(measure for measure in spec.measures if measure.id == name)
    return Measure(
        id=name, title=wanted.title, clause=wanted.clause, numerator=part, denominator=whole, unit=wanted.unit
    )


def of(spec: ServiceSpec, name: str) -> str:
    """What a measure is of, as service.toml has it."""
    return next(measure.of for measure in spec.measures if measure.id == name)
