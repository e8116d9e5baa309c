"""Reads a service.toml into a `ServiceSpec`, reports all its faults at once, and applies local terms."""

from .faults import FILL_IN, faults_of, left_open
from .local_terms import check_terms, with_local_terms
from .own_days import LocalTerm
from .parse import parse_specification, specification_of

__all__ = [
    "FILL_IN",
    "LocalTerm",
    "check_terms",
    "faults_of",
    "left_open",
    "parse_specification",
    "specification_of",
    "with_local_terms",
]
