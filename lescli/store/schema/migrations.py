"""The store's tables as a list of migrations. Opening a store of any earlier version brings it up to date.

Never edit a migration that has landed: add a new one at the end. Only comments between its statements may change,
because `les verify` compares every CREATE statement word for word, with the comments in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ledger.chain import seal_what_was_there
from .ledger import AUDIT, DUTIES, LAYOUT, LEDGER, PAID_ITEMS, WITHDRAWAL
from .records import (
    ACTIVITY,
    ALLOWED,
    DEATHS,
    MARKS,
    MISSING,
    PLANNED,
    QUARANTINE,
    REGISTER,
    SAME_PERSON,
    TAKEN_BACK,
    WORDS,
)

APPLICATION_ID = 0x4C455343  # "LESC": tells a store of les from other SQLite databases.

_RECORD = """
CREATE TABLE practice (
  ods_code TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE import_file (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  profile TEXT NOT NULL,
  source_system TEXT NOT NULL,
  extracted_at TEXT,
  columns TEXT NOT NULL,
  rows INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  patients INTEGER NOT NULL
) STRICT;

CREATE TABLE patient (
  id INTEGER PRIMARY KEY,
  nhs_number TEXT NOT NULL UNIQUE,
  family_name TEXT NOT NULL,
  given_name TEXT NOT NULL,
  date_of_birth TEXT NOT NULL,
  sex TEXT NOT NULL,
  died_on TEXT,
  housebound INTEGER,
  facts_from TEXT NOT NULL
) STRICT;

-- What rows of files stated, one by one. `spells_of` (model/registration.py) works out the spells from all of them.
CREATE TABLE registration (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  practice TEXT NOT NULL,
  kind TEXT NOT NULL,
  start_on TEXT NOT NULL,
  end_on TEXT NOT NULL,
  stated_by INTEGER NOT NULL REFERENCES import_file(id),
  PRIMARY KEY (patient_id, practice, kind, start_on, end_on)
) STRICT, WITHOUT ROWID;

CREATE TABLE phrase (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

-- An entry may have codes of several systems. There are few different sets of codes, so each is stored once.
CREATE TABLE code_set (id INTEGER PRIMARY KEY, codes TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE code_set_member (
  system TEXT NOT NULL,
  code TEXT NOT NULL,
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  PRIMARY KEY (system, code, code_set_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE activity (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  day TEXT NOT NULL,
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  term INTEGER REFERENCES phrase(id),
  value TEXT,
  unit INTEGER REFERENCES phrase(id),
  consultation_type INTEGER REFERENCES phrase(id),
  clinician INTEGER REFERENCES phrase(id),
  done_at INTEGER REFERENCES phrase(id),
  recorded_on TEXT,
  source_id TEXT,
  source INTEGER REFERENCES phrase(id),
  extracted_at TEXT,
  withdrawn INTEGER NOT NULL DEFAULT 0,
  import_file_id INTEGER NOT NULL REFERENCES import_file(id)
) STRICT;
CREATE UNIQUE INDEX activity_identity ON activity(identity);
CREATE INDEX activity_by_code ON activity(code_set_id, day);
CREATE INDEX activity_by_patient ON activity(patient_id, code_set_id, day);

-- The newest whole-record extract of a patient from one system. Entries that it no longer holds are withdrawn.
CREATE TABLE extract (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  source INTEGER NOT NULL REFERENCES phrase(id),
  extracted_at TEXT NOT NULL,
  PRIMARY KEY (patient_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  import_file_id INTEGER NOT NULL REFERENCES import_file(id),
  line INTEGER NOT NULL,
  raw TEXT NOT NULL,
  reasons TEXT NOT NULL,
  -- A row that only waits for its patient to be described keeps what is needed to take it in later.
  waiting_for TEXT,
  cells TEXT,
  occurrence INTEGER NOT NULL DEFAULT 1,
  settled_by INTEGER REFERENCES import_file(id)
) STRICT;
CREATE INDEX quarantine_waiting ON quarantine(waiting_for) WHERE settled_by IS NULL;
"""

_SERVICES = """
CREATE TABLE folder_service (name TEXT NOT NULL PRIMARY KEY, toml TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;

CREATE TABLE term (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  adds INTEGER NOT NULL,
  start_on TEXT NOT NULL,
  source TEXT NOT NULL
) STRICT;

CREATE TABLE signature (
  service TEXT NOT NULL,
  start_on TEXT NOT NULL,
  end_on TEXT,
  source TEXT NOT NULL,
  PRIMARY KEY (service, start_on)
) STRICT, WITHOUT ROWID;

CREATE TABLE register_entry (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  entered_on TEXT,
  ended_on TEXT,
  end_reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX register_entry_by_patient ON register_entry(service, patient_id);
CREATE TABLE register_detail (
  register_entry_id INTEGER NOT NULL REFERENCES register_entry(id),
  start_on TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (register_entry_id, name, start_on)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitation (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  on_date TEXT NOT NULL,
  by TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT '',
  until TEXT,
  UNIQUE (service, patient_id, on_date, by)
) STRICT;

CREATE TABLE accreditation (
  clinician TEXT NOT NULL,
  kind TEXT NOT NULL,
  start_on TEXT NOT NULL,
  end_on TEXT NOT NULL,
  PRIMARY KEY (clinician, kind, start_on)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  kind TEXT NOT NULL,
  on_time TEXT NOT NULL,
  due_at TEXT NOT NULL,
  notified_at TEXT,
  patient_id INTEGER REFERENCES patient(id),
  UNIQUE (service, kind, on_time, patient_id)
) STRICT;
"""

EXPORTS = """
ALTER TABLE invitation ADD COLUMN export TEXT NOT NULL DEFAULT '';
"""
"""`export` is the SHA-256 of the files that an invitation went out with; empty for one that a person recorded."""

NOTES = """
ALTER TABLE invitation ADD COLUMN note TEXT NOT NULL DEFAULT '';
"""
"""`note` is what a person wrote of a contact in the call list."""

MIGRATIONS: tuple[str, ...] = (
    _RECORD + _SERVICES + LEDGER,
    ACTIVITY,
    AUDIT,
    PLANNED,
    QUARANTINE,
    REGISTER,
    DEATHS,
    SAME_PERSON,
    LAYOUT,
    WORDS,
    WITHDRAWAL,
    MARKS,
    MISSING,
    DUTIES,
    ALLOWED,
    EXPORTS,
    NOTES,
    PAID_ITEMS,
    TAKEN_BACK,
)
"""`PRAGMA user_version` is the number of migrations that a store has been through."""

AFTERWARDS: dict[str, Callable[[Any], None]] = {AUDIT: seal_what_was_there}
"""Migration -> its last step, which SQL cannot do; it is called with the store."""
