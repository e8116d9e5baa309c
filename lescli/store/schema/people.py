"""The tables about people: registers, deaths, two numbers of one person, and what files said of each fact."""

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


DEATHS = """
-- Where `died_on` is not known and the patient is: the first day it can have been, if that is known, and the last.
ALTER TABLE patient ADD COLUMN died_from TEXT;
ALTER TABLE patient ADD COLUMN died_by TEXT;
"""
"""The migration that adds it."""


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


WORDS = """
-- The facts that a file had a place for, as a JSON list: what it leaves out of them, it left out. NULL is not known.
ALTER TABLE import_file ADD COLUMN states TEXT;

-- The newest file that stated a fact of a patient, and the newest that could have and did not (store/words.py).
CREATE TABLE word (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  fact TEXT NOT NULL,
  said_by INTEGER REFERENCES import_file(id),
  silent_by INTEGER REFERENCES import_file(id),
  PRIMARY KEY (patient_id, fact)
) STRICT, WITHOUT ROWID;
-- What was known before is as new as the newest extract that described the patient.
INSERT INTO word (patient_id, fact, said_by)
SELECT p.id, 'died', (SELECT max(f.id) FROM import_file f WHERE f.extracted_at = p.facts_from)
FROM patient p WHERE p.died_on IS NOT NULL OR p.died_by IS NOT NULL;
INSERT INTO word (patient_id, fact, said_by)
SELECT p.id, 'housebound', (SELECT max(f.id) FROM import_file f WHERE f.extracted_at = p.facts_from)
FROM patient p WHERE p.housebound IS NOT NULL;

-- What a person said of a fact that was stated and left out since; the last line about a fact says how it stands.
CREATE TABLE fact_settled (
  id INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  fact TEXT NOT NULL,
  -- What had been stated, such as the day of the death: another word later is another doubt.
  held TEXT NOT NULL,
  -- stated: it holds all the same. withdrawn: it never held.
  how TEXT NOT NULL,
  -- The day of a death whose day no file tells.
  died_on TEXT,
  on_date TEXT NOT NULL,
  by TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL
) STRICT;
CREATE INDEX fact_settled_of_patient ON fact_settled(patient_id, fact);
CREATE TRIGGER fact_settled_no_update BEFORE UPDATE ON fact_settled
BEGIN SELECT RAISE(ABORT, 'what settled a fact stays as it was written'); END;
CREATE TRIGGER fact_settled_no_delete BEFORE DELETE ON fact_settled
BEGIN SELECT RAISE(ABORT, 'what settled a fact stays as it was written'); END;
"""
"""The migration that adds it."""
