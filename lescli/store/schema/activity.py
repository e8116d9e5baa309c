"""The activity tables for a million rows a file: what repeats is interned, and every index grows where its days are.

Next month's entries then touch the end of each index, not a page of it for every patient of all years.
"""

from __future__ import annotations

IDENTITY_INDEX = """
CREATE UNIQUE INDEX activity_identity ON activity(day, patient_id, act_id, value, n) WHERE source_id IS NULL
"""
CODE_INDEX = """
CREATE INDEX activity_by_code ON activity(code_set_id, day, patient_id) WHERE NOT withdrawn
"""
STANDING_INDEXES = (IDENTITY_INDEX.strip(), CODE_INDEX.strip())
"""The two an import of a first, large file builds afterwards (`activities.py`)."""

ACTIVITY = f"""
INSERT INTO phrase (id, text) VALUES (0, '');

-- What an entry without a source_id is known by, beside its patient, day and value: main code, consultation type,
-- clinician, done_at; joined by the unit separator (0x1F).
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

-- Between which days a patient's entries of a code set lie: never narrower than they do, and wider once an entry was
-- withdrawn or moved. The newest entry of everybody is then one look-up each, whatever the length of the history.
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
