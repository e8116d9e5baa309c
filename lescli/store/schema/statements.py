"""Which file spoke last of each fact of a patient, which left it out, and what a person said of that."""

from __future__ import annotations

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
