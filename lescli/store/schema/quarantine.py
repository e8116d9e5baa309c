"""How a row came off the quarantine list is kept beside it: no row is deleted, and a decision has somebody's name."""

from __future__ import annotations

QUARANTINE = """
-- `settled_by` is the import that settled a row. 1 here while a person has closed it; it is open when neither holds.
ALTER TABLE quarantine ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX quarantine_open ON quarantine(import_file_id, closed) WHERE settled_by IS NULL;

-- The last line about a row says how it stands; a row settled without one was taken in, its patient now known.
CREATE TABLE settlement (
  id INTEGER PRIMARY KEY,
  quarantine_id INTEGER NOT NULL REFERENCES quarantine(id),
  -- By an import: corrected, sent-again. By a person: closed, reopened.
  how TEXT NOT NULL,
  import_file_id INTEGER REFERENCES import_file(id),
  -- The very same row in the newer file.
  sent_as INTEGER REFERENCES quarantine(id),
  on_date TEXT,
  by TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX settlement_of_row ON settlement(quarantine_id);
CREATE TRIGGER settlement_no_update BEFORE UPDATE ON settlement
BEGIN SELECT RAISE(ABORT, 'what settled a row stays as it was written'); END;
CREATE TRIGGER settlement_no_delete BEFORE DELETE ON settlement
BEGIN SELECT RAISE(ABORT, 'what settled a row stays as it was written'); END;
"""
"""The migration that adds it."""
