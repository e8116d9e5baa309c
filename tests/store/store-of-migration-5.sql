-- A store as les 0.1 wrote it: two claims, a reversal, a payment and two audit entries. PRAGMA user_version 5.
PRAGMA application_id = 1279611715;
PRAGMA user_version = 5;
BEGIN TRANSACTION;
CREATE TABLE accreditation (
  clinician TEXT NOT NULL,
  kind TEXT NOT NULL,
  start_on TEXT NOT NULL,
  end_on TEXT NOT NULL,
  PRIMARY KEY (clinician, kind, start_on)
) STRICT, WITHOUT ROWID;
CREATE TABLE act (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE "activity" (
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
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  -- The first row of the same command: one with its change, one before its answer, one when it ended otherwise.
  command INTEGER NOT NULL,
  at TEXT NOT NULL,
  user TEXT NOT NULL,
  by TEXT NOT NULL,
  verb TEXT NOT NULL,
  -- Names of options, services and months; nothing a person could be known by.
  asked TEXT NOT NULL,
  patients INTEGER NOT NULL,
  identifiable INTEGER NOT NULL,
  exit_code INTEGER NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO "audit" VALUES(1,1,'2026-06-05T08:00:00Z','ann','A','claim','--submit',1,0,0,'0000000000000000000000000000000000000000000000000000000000000000','55e0ae443b3ee154b66bfc331e8af0978bab4c1cd2f9ca7d8112d875cf32d58e');
INSERT INTO "audit" VALUES(2,2,'2026-06-05T08:00:00Z','ann','A','claim','--submit',1,0,0,'55e0ae443b3ee154b66bfc331e8af0978bab4c1cd2f9ca7d8112d875cf32d58e','5e768cf71cf7633a70fce0aa112f7904e37e0f2db10a5271e93d47643f328d6c');
CREATE TABLE claim (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  month TEXT NOT NULL,
  submitted_on TEXT NOT NULL,
  by TEXT NOT NULL,
  authorised_by TEXT,
  total_pence INTEGER NOT NULL,
  body TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (service, month)
) STRICT;
INSERT INTO "claim" VALUES(1,'s','2026-05','2026-06-05','A',NULL,4000,'{"service": "s", "month": "2026-05"}','0000000000000000000000000000000000000000000000000000000000000000','798bd43882c8354cc8adac53b27e9cb8b50ba58ebd405198d86b9c9c3e11b8a9');
INSERT INTO "claim" VALUES(2,'s','2026-06','2026-06-05','A',NULL,2000,'{"service": "s", "month": "2026-06"}','d087e1a32d82c21f92225bf7776be69bbcc33e0ae4419d89074c8f8b6abe949e','6a4b2955c04da987a9ae7bb171c9f85756d32e5317530696adb394dd8ea1a2b9');
CREATE TABLE claim_row (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claim(id),
  row INTEGER NOT NULL,
  service TEXT NOT NULL,
  item TEXT NOT NULL,
  patient_id INTEGER REFERENCES patient(id),
  day TEXT NOT NULL,
  activity_id INTEGER REFERENCES activity(id),
  code TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  clause TEXT NOT NULL,
  fix TEXT NOT NULL,
  amount_pence INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  -- The entry as it stood when it was claimed, so that a later change of it shows.
  facts TEXT NOT NULL,
  -- How often this work was claimed and reversed before: with the indexes below, claimed once is a fact.
  generation INTEGER NOT NULL,
  UNIQUE (claim_id, row)
) STRICT;
INSERT INTO "claim_row" VALUES(1,1,1,'s','i',1,'2026-05-04',NULL,'c','payable','accepted','4','',2000,'["register:1"]','{}',0);
INSERT INTO "claim_row" VALUES(2,1,2,'s','i',1,'2026-05-05',NULL,'c','payable','accepted','4','',2000,'["register:1"]','{}',0);
INSERT INTO "claim_row" VALUES(3,1,3,'s','i',1,'2026-05-06',NULL,'c','refused','accepted','4','',0,'["register:1"]','{}',0);
INSERT INTO "claim_row" VALUES(4,2,1,'s','i',1,'2026-05-04',NULL,'c','payable','accepted','4','',2000,'["register:1"]','{}',1);
CREATE TABLE code_set (id INTEGER PRIMARY KEY, codes TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE code_set_member (
  system TEXT NOT NULL,
  code TEXT NOT NULL,
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  PRIMARY KEY (system, code, code_set_id)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE extract (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  source INTEGER NOT NULL REFERENCES phrase(id),
  extracted_at TEXT NOT NULL,
  PRIMARY KEY (patient_id, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE folder_service (name TEXT NOT NULL PRIMARY KEY, toml TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;
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
INSERT INTO "patient" VALUES(1,'9990000018','A','B','1950-01-01','female',NULL,NULL,'');
CREATE TABLE payment (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claim(id),
  amount_pence INTEGER NOT NULL,
  on_date TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO "payment" VALUES(1,1,2000,'2026-06-30','84b181458d9aaa0fcc5308d2d55f8ac013ba990d5245cf538edec0b0ef0d83f3','d087e1a32d82c21f92225bf7776be69bbcc33e0ae4419d89074c8f8b6abe949e');
CREATE TABLE phrase (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO "phrase" VALUES(0,'');
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
CREATE TABLE planned_extract (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  source INTEGER NOT NULL REFERENCES phrase(id),
  extracted_at TEXT NOT NULL,
  PRIMARY KEY (patient_id, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE practice (
  ods_code TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;
INSERT INTO "practice" VALUES('A82038','Test');
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
, closed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE register_detail (
  register_entry_id INTEGER NOT NULL REFERENCES register_entry(id),
  start_on TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (register_entry_id, name, start_on)
) STRICT, WITHOUT ROWID;
CREATE TABLE register_entry (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  entered_on TEXT,
  ended_on TEXT,
  end_reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE registration (
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  practice TEXT NOT NULL,
  kind TEXT NOT NULL,
  start_on TEXT NOT NULL,
  end_on TEXT NOT NULL,
  stated_by INTEGER NOT NULL REFERENCES import_file(id),
  PRIMARY KEY (patient_id, practice, kind, start_on, end_on)
) STRICT, WITHOUT ROWID;
CREATE TABLE reversal (
  id INTEGER PRIMARY KEY,
  claim_row_id INTEGER NOT NULL UNIQUE REFERENCES claim_row(id),
  amount_pence INTEGER NOT NULL,
  reason TEXT NOT NULL,
  on_date TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO "reversal" VALUES(1,1,2000,'r','2026-06-06','798bd43882c8354cc8adac53b27e9cb8b50ba58ebd405198d86b9c9c3e11b8a9','84b181458d9aaa0fcc5308d2d55f8ac013ba990d5245cf538edec0b0ef0d83f3');
CREATE TABLE seal (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  claim INTEGER NOT NULL,
  claim_row INTEGER NOT NULL,
  reversal INTEGER NOT NULL,
  payment INTEGER NOT NULL,
  digest TEXT NOT NULL
) STRICT;
INSERT INTO "seal" VALUES(1,0,0,0,0,'0000000000000000000000000000000000000000000000000000000000000000');
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
CREATE TABLE signature (
  service TEXT NOT NULL,
  start_on TEXT NOT NULL,
  end_on TEXT,
  source TEXT NOT NULL,
  PRIMARY KEY (service, start_on)
) STRICT, WITHOUT ROWID;
CREATE TABLE standing (
  code_set_id INTEGER NOT NULL REFERENCES code_set(id),
  patient_id INTEGER NOT NULL REFERENCES patient(id),
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  PRIMARY KEY (code_set_id, patient_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE term (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  adds INTEGER NOT NULL,
  start_on TEXT NOT NULL,
  source TEXT NOT NULL
) STRICT;
CREATE INDEX quarantine_waiting ON quarantine(waiting_for) WHERE settled_by IS NULL;
CREATE INDEX register_entry_by_patient ON register_entry(service, patient_id);
CREATE UNIQUE INDEX claimed_once ON claim_row(service, item, coalesce(patient_id, 0), day, generation)
  WHERE verdict = 'payable';
CREATE UNIQUE INDEX claimed_once_each ON claim_row(service, item, activity_id, generation)
  WHERE verdict = 'payable' AND activity_id IS NOT NULL;
CREATE INDEX claim_row_by_activity ON claim_row(activity_id);
CREATE TRIGGER claim_no_update BEFORE UPDATE ON claim
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_no_insert_over BEFORE INSERT ON claim
WHEN EXISTS (SELECT 1 FROM claim WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_row_no_update BEFORE UPDATE ON claim_row
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_row_no_delete BEFORE DELETE ON claim_row
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_row_no_insert_over BEFORE INSERT ON claim_row
WHEN EXISTS (SELECT 1 FROM claim_row WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER reversal_no_update BEFORE UPDATE ON reversal
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER reversal_no_delete BEFORE DELETE ON reversal
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER reversal_no_insert_over BEFORE INSERT ON reversal
WHEN EXISTS (SELECT 1 FROM reversal WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER payment_no_update BEFORE UPDATE ON payment
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER payment_no_delete BEFORE DELETE ON payment
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER payment_no_insert_over BEFORE INSERT ON payment
WHEN EXISTS (SELECT 1 FROM payment WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER claim_row_standing BEFORE INSERT ON claim_row
WHEN NEW.verdict = 'payable' AND EXISTS (
  SELECT 1 FROM claim_row
  WHERE verdict = 'payable' AND service = NEW.service AND item = NEW.item
    AND ((patient_id IS NEW.patient_id AND day = NEW.day) OR activity_id = NEW.activity_id)
    AND id NOT IN (SELECT claim_row_id FROM reversal))
BEGIN SELECT RAISE(ABORT, 'already claimed'); END;
CREATE TRIGGER claim_no_second BEFORE INSERT ON claim
WHEN EXISTS (SELECT 1 FROM claim WHERE service = NEW.service AND month = NEW.month)
BEGIN SELECT RAISE(ABORT, 'the month is already submitted'); END;
CREATE TRIGGER reversal_no_second BEFORE INSERT ON reversal
WHEN EXISTS (SELECT 1 FROM reversal WHERE claim_row_id = NEW.claim_row_id)
BEGIN SELECT RAISE(ABORT, 'the row is already reversed'); END;
CREATE UNIQUE INDEX activity_identity ON activity(day, patient_id, act_id, value, n) WHERE source_id IS NULL;
CREATE UNIQUE INDEX activity_source ON activity(source, source_id) WHERE source_id IS NOT NULL;
CREATE INDEX activity_by_code ON activity(code_set_id, day, patient_id) WHERE NOT withdrawn;
CREATE INDEX activity_of_extract ON activity(patient_id, source) WHERE source_id IS NOT NULL AND source <> 0;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_no_insert_over BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER seal_no_update BEFORE UPDATE ON seal
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER seal_no_delete BEFORE DELETE ON seal
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER seal_no_insert_over BEFORE INSERT ON seal
WHEN EXISTS (SELECT 1 FROM seal WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE INDEX planned_by_code ON planned(code_set_id, asked_on);
CREATE INDEX planned_of_extract ON planned(patient_id, source);
CREATE INDEX quarantine_open ON quarantine(import_file_id, closed) WHERE settled_by IS NULL;
CREATE INDEX settlement_of_row ON settlement(quarantine_id);
CREATE TRIGGER settlement_no_update BEFORE UPDATE ON settlement
BEGIN SELECT RAISE(ABORT, 'what settled a row stays as it was written'); END;
CREATE TRIGGER settlement_no_delete BEFORE DELETE ON settlement
BEGIN SELECT RAISE(ABORT, 'what settled a row stays as it was written'); END;
COMMIT;
