"""Reads a service.toml into a `ServiceSpec`, reports all its faults at once, and applies local terms."""

from .faults import faults_of
from .local_terms import check_terms, with_local_terms
from .own_days import LocalTerm
from .parse import parse_specification, specification_of

__all__ = [
    "LocalTerm",
    "check_terms",
    "faults_of",
    "parse_specification",
    "specification_of",
    "with_local_terms",
]
