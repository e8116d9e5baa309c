"""Anticoagulation monitoring, levels 3 to 5: the specification, answered by the standard vocabulary.

Rules still to come: patient-months at level 3 and 4, initiation (level 5) once a patient, patients not monitored, INR
control with time in therapeutic range, patients registered nowhere, and the quarterly amount.
"""

from __future__ import annotations

from lescli.api import ServiceSpec, hookimpl, specification_of


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)
