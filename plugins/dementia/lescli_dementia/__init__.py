"""Dementia: the standard rules over service.toml, without any Python of its own."""

from __future__ import annotations

from lescli.api import ServiceSpec, hookimpl, specification_of


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)
