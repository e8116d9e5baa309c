"""What was written into a register by hand can be changed and taken away, and what stood there before is kept."""

from __future__ import annotations

REGISTER = """
-- An entry made by mistake is not deleted: it counts for nothing.
ALTER TABLE register_entry ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

-- One line for each value that was replaced, taken away or ended; `before` is what stood there, '' for nothing.
CREATE TABLE register_change (
  id INTEGER PRIMARY KEY,
  register_entry_id INTEGER NOT NULL REFERENCES register_entry(id),
  on_date TEXT NOT NULL,
  what TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX register_change_of_entry ON register_change(register_entry_id);
CREATE TRIGGER register_change_no_update BEFORE UPDATE ON register_change
BEGIN SELECT RAISE(ABORT, 'what a register entry was changed from stays as it was written'); END;
CREATE TRIGGER register_change_no_delete BEFORE DELETE ON register_change
BEGIN SELECT RAISE(ABORT, 'what a register entry was changed from stays as it was written'); END;
"""
"""The migration that adds it."""
