"""Phlebotomy: the specification, answered by the standard vocabulary.

Rules still to come: requests by urgency with their recall and their shares met in time, staff trained for children,
GP and consultant requests apart, those who did not attend, and payment by list size.
"""

from __future__ import annotations

from lescli.api import ServiceSpec, hookimpl, specification_of


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)
