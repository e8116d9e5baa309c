"""The tables of people and their entries: registers, deaths, activity, planned work and the quarantine."""

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


IDENTITY_INDEX = """
CREATE UNIQUE INDEX activity_identity ON activity(day, patient_id, act_id, value, n) WHERE source_id IS NULL
"""
CODE_INDEX = """
CREATE INDEX activity_by_code ON activity(code_set_id, day, patient_id) WHERE NOT withdrawn
"""
STANDING_INDEXES = (IDENTITY_INDEX.strip(), CODE_INDEX.strip())
"""The two indexes that the import of a first, large file builds after its rows (`intake/activity_writer.py`)."""

ACTIVITY = f"""
INSERT INTO phrase (id, text) VALUES (0, '');

-- With patient, day and value, `key` identifies an entry without a source_id: main code, consultation type, clinician
-- and done_at, joined by the unit separator (0x1F).
CREATE TABLE act (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE entry_kind (
  id INTEGER PRIMARY KEY,
  act_id INTEGER NOT NULL REFERENCES act(id),
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  term INTEGER NOT NULL REFERENCES phrase(id),
  unit INTEGER NOT NULL REFERENCES phrase(id),
  consultation_type INTEGER NOT NULL REFERENCES phrase(id),
  clinician INTEGER NOT NULL REFERENCES phrase(id),
  done_at INTEGER NOT NULL REFERENCES phrase(id),
  UNIQUE (code_set_id, term, unit, consultation_type, clinician, done_at)
) STRICT;

INSERT INTO act (key)
SELECT DISTINCT substr(s.codes, 1, instr(s.codes || ' ', ' ') - 1) || char(31) || coalesce(t.text, '') || char(31)
  || coalesce(c.text, '') || char(31) || coalesce(d.text, '')
FROM activity a JOIN code_set s ON s.id = a.code_set_id LEFT JOIN phrase t ON t.id = a.consultation_type
LEFT JOIN phrase c ON c.id = a.clinician LEFT JOIN phrase d ON d.id = a.done_at;

INSERT INTO entry_kind (act_id, code_set_id, term, unit, consultation_type, clinician, done_at)
SELECT DISTINCT k.id, a.code_set_id, coalesce(a.term, 0), coalesce(a.unit, 0), coalesce(a.consultation_type, 0),
  coalesce(a.clinician, 0), coalesce(a.done_at, 0)
FROM activity a JOIN code_set s ON s.id = a.code_set_id LEFT JOIN phrase t ON t.id = a.consultation_type
LEFT JOIN phrase c ON c.id = a.clinician LEFT JOIN phrase d ON d.id = a.done_at
JOIN act k ON k.key = substr(s.codes, 1, instr(s.codes || ' ', ' ') - 1) || char(31) || coalesce(t.text, '')
  || char(31) || coalesce(c.text, '') || char(31) || coalesce(d.text, '');

CREATE TABLE new_activity (
  id INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  day TEXT NOT NULL,
  act_id INTEGER NOT NULL REFERENCES act(id),
  value TEXT NOT NULL,
  -- How many times the very same row had stood in its file; an entry with a source_id is known by that alone.
  n INTEGER,
  kind_id INTEGER NOT NULL REFERENCES entry_kind(id),
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  recorded_on TEXT,
  source_id TEXT,
  source INTEGER NOT NULL REFERENCES phrase(id),
  extracted_at TEXT,
  withdrawn INTEGER NOT NULL DEFAULT 0,
  import_file_id INTEGER NOT NULL REFERENCES import_file(id)
) STRICT;

INSERT INTO new_activity
SELECT a.id, a.patient_id, a.day, k.act_id, coalesce(a.value, ''),
  CASE WHEN a.source_id IS NULL THEN
    row_number() OVER (PARTITION BY a.day, a.patient_id, k.act_id, a.value, a.source_id IS NULL ORDER BY a.id)
  END,
  k.id, a.code_set_id, a.recorded_on, a.source_id, coalesce(a.source, 0), a.extracted_at, a.withdrawn,
  a.import_file_id
FROM activity a JOIN entry_kind k ON k.code_set_id = a.code_set_id AND k.term = coalesce(a.term, 0)
  AND k.unit = coalesce(a.unit, 0) AND k.consultation_type = coalesce(a.consultation_type, 0)
  AND k.clinician = coalesce(a.clinician, 0) AND k.done_at = coalesce(a.done_at, 0);

DROP TABLE activity;
ALTER TABLE new_activity RENAME TO activity;
{IDENTITY_INDEX.strip()};
CREATE UNIQUE INDEX activity_source ON activity(source, source_id) WHERE source_id IS NOT NULL;
{CODE_INDEX.strip()};
CREATE INDEX activity_of_extract ON activity(patient_id, source) WHERE source_id IS NOT NULL AND source <> 0;

-- The first and last day of a patient's entries of a code set. The span is never too narrow; it is too wide once an
-- entry was withdrawn or moved. So each patient's newest entry takes one look-up, however long the history is.
CREATE TABLE standing (
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  PRIMARY KEY (code_set_id, patient_id)
) STRICT, WITHOUT ROWID;
INSERT INTO standing
SELECT code_set_id, patient_id, min(day), max(day) FROM activity WHERE NOT withdrawn GROUP BY code_set_id, patient_id;
"""


MARKS = """
-- Few entries have marks, so marks have their own table, and reading entries stays quick. `marks` holds the words of
-- `Activity.marks` with spaces between them.
CREATE TABLE activity_mark (
  activity_id INTEGER PRIMARY KEY REFERENCES activity(id),
  marks TEXT NOT NULL
) STRICT;
"""
"""The migration that adds the marks of entries."""


MISSING = """
CREATE TABLE missing (
  activity_id INTEGER PRIMARY KEY REFERENCES activity(id),
  -- The newest export that does not hold it; with `aside` its row there was put aside and could not be taken in.
  import_file_id INTEGER NOT NULL REFERENCES import_file(id),
  aside INTEGER NOT NULL
) STRICT;
"""
"""The migration that adds missing entries. `fact_settled` holds how a person settled them."""


PLANNED = """
CREATE TABLE planned (
  id INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  source INTEGER NOT NULL REFERENCES phrase(id),
  source_id TEXT NOT NULL,
  asked_on TEXT NOT NULL,
  planned_on TEXT,
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  term INTEGER NOT NULL REFERENCES phrase(id),
  priority TEXT NOT NULL,
  clinician INTEGER NOT NULL REFERENCES phrase(id),
  -- As FHIR has them: plan, order, ...; active, completed, cancelled, ...
  intent TEXT NOT NULL,
  status TEXT NOT NULL,
  extracted_at TEXT NOT NULL,
  withdrawn INTEGER NOT NULL DEFAULT 0,
  import_file_id INTEGER NOT NULL REFERENCES import_file(id),
  UNIQUE (source, source_id)
) STRICT;
CREATE INDEX planned_by_code ON planned(code_set_id, asked_on);
CREATE INDEX planned_of_extract ON planned(patient_id, source);

-- The newest extract of a patient that held all planned work. Planned work that it no longer holds is withdrawn.
CREATE TABLE planned_extract (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  source INTEGER NOT NULL REFERENCES phrase(id),
  extracted_at TEXT NOT NULL,
  PRIMARY KEY (patient_id, source)
) STRICT, WITHOUT ROWID;
"""
"""The migration that adds planned work."""


QUARANTINE = """
-- `closed` is 1 while a row is closed by a person; `settled_by` is the import that settled it. Otherwise it is open.
ALTER TABLE quarantine ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX quarantine_open ON quarantine(import_file_id, closed) WHERE settled_by IS NULL;

-- The last settlement of a row counts. A row settled without one was taken in once its patient was described.
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
"""The migration that lets rows of the quarantine be settled."""


TAKEN_BACK = """
-- What the practice typed by mistake and took back: the table that the row was in, and the row as JSON.
CREATE TABLE taken_back (
  id INTEGER PRIMARY KEY,
  what TEXT NOT NULL,
  was TEXT NOT NULL,
  on_date TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE TRIGGER taken_back_no_update BEFORE UPDATE ON taken_back
BEGIN SELECT RAISE(ABORT, 'what was taken back stays as it was written'); END;
CREATE TRIGGER taken_back_no_delete BEFORE DELETE ON taken_back
BEGIN SELECT RAISE(ABORT, 'what was taken back stays as it was written'); END;
"""
"""The migration that adds what was typed by mistake and taken back."""


ALLOWED = """
-- Packages with services that are not part of les, as they were when a person allowed them. The newest row counts.
CREATE TABLE allowed_package (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  package TEXT NOT NULL,
  version TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  allowed_on TEXT NOT NULL
) STRICT;
CREATE INDEX allowed_package_by_service ON allowed_package(service);
CREATE TRIGGER allowed_package_no_update BEFORE UPDATE ON allowed_package
BEGIN SELECT RAISE(ABORT, 'what was allowed stays as it was written'); END;
CREATE TRIGGER allowed_package_no_delete BEFORE DELETE ON allowed_package
BEGIN SELECT RAISE(ABORT, 'what was allowed stays as it was written'); END;
"""
"""The migration that adds the packages that a person allowed."""
