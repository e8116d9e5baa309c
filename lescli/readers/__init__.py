"""Exports of the clinical systems become rows that can be trusted: `open_reading` a file, `RowCheck` each row."""

from .checked import CheckedRow, PatientFacts, RowCheck
from .reading import COLUMNS, Batch, Reading, Row, in_batches
from .recognise import open_reading
from .text import sha256_of

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
