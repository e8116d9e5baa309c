"""What an entry says against itself, such as that it was only reported or is not final."""

from __future__ import annotations

MARKS = """
-- Hardly any entry has a mark, so they stand apart: reading entries costs nothing more. Words with blanks
-- between them, as `Activity.marks` has them.
CREATE TABLE activity_mark (
  activity_id INTEGER PRIMARY KEY REFERENCES activity(id),
  marks TEXT NOT NULL
) STRICT;
"""
"""The migration that adds it."""
