"""Measures of this service, with title, clause and unit from service.toml."""

from __future__ import annotations

from lescli.api import Measure, ServiceSpec


def count(spec: ServiceSpec, name: str, number: int) -> Measure:
    """A count for the measure with an id."""
    return share(spec, name, number, None)


def share(spec: ServiceSpec, name: str, part: int, whole: int | None) -> Measure:
    """A share for the measure with an id, or a count if there is no whole."""
    wanted = next(measure for measure in spec.measures if measure.id == name)
    return Measure(
        id=name, title=wanted.title, clause=wanted.clause, numerator=part, denominator=whole, unit=wanted.unit
    )


def of(spec: ServiceSpec, name: str) -> str:
    """The key `of` of a measure in service.toml."""
    return next(measure.of for measure in spec.measures if measure.id == name)
