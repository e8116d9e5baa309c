"""The tables about people: registers, deaths, merged numbers, and which file states each fact."""

from __future__ import annotations

REGISTER = """
-- An entry made by mistake is not deleted. It is marked as removed and no longer counts.
ALTER TABLE register_entry ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

-- One row for each value that was replaced, taken away or ended; `before` and `after` are '' for no value.
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
"""The migration that adds changes of register entries."""


DEATHS = """
-- For a death whose day `died_on` is not known: the first possible day, if that is known, and the last.
ALTER TABLE patient ADD COLUMN died_from TEXT;
ALTER TABLE patient ADD COLUMN died_by TEXT;
"""
"""The migration that adds deaths without an exact day."""


SAME_PERSON = """
-- The NHS number that a merged patient is known by now. Rules read the patient's records under that number.
ALTER TABLE patient ADD COLUMN known_as TEXT;

-- What a person decided about two numbers, and why: merged (patient_id is the old number) or apart. The last counts.
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

-- An import found entries of patient_id under other_id, or read that patient_id is a former number of other_id.
CREATE TABLE moved_entries (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  other_id INTEGER NOT NULL REFERENCES patient(id),
  import_file_id INTEGER NOT NULL REFERENCES import_file(id),
  PRIMARY KEY (patient_id, other_id)
) STRICT, WITHOUT ROWID;
"""
"""The migration that adds decisions about two NHS numbers."""


WORDS = """
-- The facts that a file had a place for, as a JSON list. The file left out any that it does not state. NULL: not known.
ALTER TABLE import_file ADD COLUMN states TEXT;

-- The newest file that stated a fact of a patient, and the newest that could have and did not
-- (store/people/statements.py).
CREATE TABLE word (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  fact TEXT NOT NULL,
  said_by INTEGER REFERENCES import_file(id),
  silent_by INTEGER REFERENCES import_file(id),
  PRIMARY KEY (patient_id, fact)
) STRICT, WITHOUT ROWID;
-- Facts from before this table count as stated by the newest export that described the patient.
INSERT INTO word (patient_id, fact, said_by)
SELECT p.id, 'died', (SELECT max(f.id) FROM import_file f WHERE f.extracted_at = p.facts_from)
FROM patient p WHERE p.died_on IS NOT NULL OR p.died_by IS NOT NULL;
INSERT INTO word (patient_id, fact, said_by)
SELECT p.id, 'housebound', (SELECT max(f.id) FROM import_file f WHERE f.extracted_at = p.facts_from)
FROM patient p WHERE p.housebound IS NOT NULL;

-- How a person settled a fact that was stated and later left out. The last row about a fact counts.
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
"""The migration that adds which file states a fact, and how a person settles a doubt."""
