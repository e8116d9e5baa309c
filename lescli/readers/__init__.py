"""Exports of the clinical systems become rows that can be trusted: `open_reading` a file, `RowCheck` each row."""

from typing import TYPE_CHECKING

from .encoding import sha256_of
from .reading import COLUMNS, Batch, Reading, Row, in_batches
from .row_check import CheckedRow, PatientFacts, RowCheck

if TYPE_CHECKING:
    from .recognise import open_reading

__all__ = [
    "COLUMNS",
    "Batch",
    "CheckedRow",
    "PatientFacts",
    "Reading",
    "Row",
    "RowCheck",
    "in_batches",
    "open_reading",
    "sha256_of",
]


def __getattr__(name: str) -> object:
    # Only an import opens a file. Every other command would load the profiles of all systems for nothing.
    if name != "open_reading":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .recognise import open_reading

    return open_reading
