"""Exports of the clinical systems become rows that can be trusted: `open_reading` a file, `RowCheck` each row."""

from .encoding import sha256_of
from .reading import COLUMNS, Batch, Reading, Row, in_batches
from .recognise import open_reading
from .row_check import CheckedRow, PatientFacts, RowCheck

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
