"""A specification as data: service.toml in, `ServiceSpec` out, with every fault of the file at once."""

from .faults import faults_of
from .local_terms import LocalTerm, check_term, with_local_terms
from .parse import parse_specification, specification_of

__all__ = [
    "LocalTerm",
    "check_term",
    "faults_of",
    "parse_specification",
    "specification_of",
    "with_local_terms",
]
