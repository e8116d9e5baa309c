"""Ring pessaries: the specification, answered by the standard vocabulary.

Rules still to come: each patient's own interval of 3 to 6 months, follow-up of the first fitting only, recalls that
stop at a removal, intervals over 6 months, self-managing patients, and those who did not attend.
"""

from __future__ import annotations

from lescli.api import ServiceSpec, hookimpl, specification_of


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)
