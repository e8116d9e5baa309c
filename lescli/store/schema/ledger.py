"""The ledger's tables: append-only, and an activity claimed once, as facts of the database."""

from __future__ import annotations

_TABLES = """
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
CREATE UNIQUE INDEX claimed_once ON claim_row(service, item, coalesce(patient_id, 0), day, generation)
  WHERE verdict = 'payable';
CREATE UNIQUE INDEX claimed_once_each ON claim_row(service, item, activity_id, generation)
  WHERE verdict = 'payable' AND activity_id IS NOT NULL;
CREATE INDEX claim_row_by_activity ON claim_row(activity_id);

CREATE TABLE reversal (
  id INTEGER PRIMARY KEY,
  claim_row_id INTEGER NOT NULL UNIQUE REFERENCES claim_row(id),
  amount_pence INTEGER NOT NULL,
  reason TEXT NOT NULL,
  on_date TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE payment (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claim(id),
  amount_pence INTEGER NOT NULL,
  on_date TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
"""

LEDGER_TABLES = ("claim", "claim_row", "reversal", "payment")
"""Append-only: what is written there stays as it was written."""


def append_only(table: str) -> str:
    """The triggers that refuse every change of what a table holds."""
    # INSERT OR REPLACE slips past a delete trigger unless recursive triggers are on, so an insert over a row is
    # refused by a trigger of its own.
    return f"""
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER {table}_no_insert_over BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


_TRIGGERS = """
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
"""

LEDGER = _TABLES + "".join(append_only(table) for table in LEDGER_TABLES) + _TRIGGERS
"""The part of the first migration that makes them."""
