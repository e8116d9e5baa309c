"""What records ask for and plan is kept apart from what was done: no claim ever counts it."""

from __future__ import annotations

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

-- The newest extract of a patient that held all that is planned: what it no longer holds has been withdrawn.
CREATE TABLE planned_extract (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  source INTEGER NOT NULL REFERENCES phrase(id),
  extracted_at TEXT NOT NULL,
  PRIMARY KEY (patient_id, source)
) STRICT, WITHOUT ROWID;
"""
"""The migration that adds it."""
