"""One person under two NHS numbers: each record stays under its number, and a decision says whose they are."""

from __future__ import annotations

SAME_PERSON = """
-- The number a patient is known by now, where that is another than their own: what is read of them is read of it.
ALTER TABLE patient ADD COLUMN known_as TEXT;

-- What somebody decided of two numbers, and why: merged (patient_id is the old number) or apart. The last one stands.
CREATE TABLE same_person (
  id INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  other_id INTEGER NOT NULL REFERENCES patient(id),
  how TEXT NOT NULL,
  on_date TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE TRIGGER same_person_no_update BEFORE UPDATE ON same_person
BEGIN SELECT RAISE(ABORT, 'what was decided of two numbers stays as it was written'); END;
CREATE TRIGGER same_person_no_delete BEFORE DELETE ON same_person
BEGIN SELECT RAISE(ABORT, 'what was decided of two numbers stays as it was written'); END;

-- Entries that an import found under another number than before.
CREATE TABLE moved_entries (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  other_id INTEGER NOT NULL REFERENCES patient(id),
  import_file_id INTEGER NOT NULL REFERENCES import_file(id),
  PRIMARY KEY (patient_id, other_id)
) STRICT, WITHOUT ROWID;
"""
"""The migration that adds it."""
