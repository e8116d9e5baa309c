"""Entries of earlier exports that a newer one of the same kind does not hold, though it covers their day and code."""

from __future__ import annotations

MISSING = """
CREATE TABLE missing (
  activity_id INTEGER PRIMARY KEY REFERENCES activity(id),
  -- The newest export that does not hold it; with `aside` its row there was put aside and could not be taken in.
  import_file_id INTEGER NOT NULL REFERENCES import_file(id),
  aside INTEGER NOT NULL
) STRICT;
"""
"""The migration that adds it; what a person says of such an entry stands in `fact_settled`."""
