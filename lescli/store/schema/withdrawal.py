"""A claim taken back whole, the next claim of its month, and payments told apart by their reference."""

from __future__ import annotations

from .layout import FIRST_LAYOUT, new_layout
from .ledger import append_only

CLAIM_COLUMNS = (*FIRST_LAYOUT["claim"], "sequence")
PAYMENT_COLUMNS = (*FIRST_LAYOUT["payment"], "reference")
WITHDRAWAL_COLUMNS = ("id", "claim_id", "reason", "on_date")

WITHDRAWAL = f"""
-- Made anew: a month may have several claims now, of which one at most stands.
CREATE TABLE new_claim (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  month TEXT NOT NULL,
  submitted_on TEXT NOT NULL,
  by TEXT NOT NULL,
  authorised_by TEXT,
  total_pence INTEGER NOT NULL,
  body TEXT NOT NULL,
  -- 1 for the first claim of a month, 2 for the one after that was withdrawn.
  sequence INTEGER NOT NULL DEFAULT 1,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (service, month, sequence)
) STRICT;
INSERT INTO new_claim
SELECT id, service, month, submitted_on, by, authorised_by, total_pence, body, 1, previous, hash FROM claim;
DROP TABLE claim;
ALTER TABLE new_claim RENAME TO claim;
{append_only("claim")}
CREATE TABLE withdrawal (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL UNIQUE REFERENCES claim(id),
  reason TEXT NOT NULL,
  on_date TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
{append_only("withdrawal")}
CREATE TRIGGER claim_no_second BEFORE INSERT ON claim
WHEN EXISTS (
  SELECT 1 FROM claim WHERE service = NEW.service AND month = NEW.month
    AND id NOT IN (SELECT claim_id FROM withdrawal))
BEGIN SELECT RAISE(ABORT, 'the month is already submitted'); END;
CREATE TRIGGER claim_numbered BEFORE INSERT ON claim
WHEN NEW.sequence <> 1 + (SELECT count(*) FROM claim WHERE service = NEW.service AND month = NEW.month)
BEGIN SELECT RAISE(ABORT, 'the claim is not numbered after the one before'); END;
CREATE TRIGGER withdrawal_no_second BEFORE INSERT ON withdrawal
WHEN EXISTS (SELECT 1 FROM withdrawal WHERE claim_id = NEW.claim_id)
BEGIN SELECT RAISE(ABORT, 'the claim is already withdrawn'); END;
CREATE TRIGGER withdrawal_unpaid BEFORE INSERT ON withdrawal
WHEN (SELECT coalesce(sum(amount_pence), 0) FROM payment WHERE claim_id = NEW.claim_id) <> 0
BEGIN SELECT RAISE(ABORT, 'the claim is paid'); END;
CREATE TRIGGER withdrawal_whole BEFORE INSERT ON withdrawal
WHEN EXISTS (
  SELECT 1 FROM claim_row WHERE claim_id = NEW.claim_id AND verdict = 'payable'
    AND id NOT IN (SELECT claim_row_id FROM reversal))
BEGIN SELECT RAISE(ABORT, 'a row of the claim still stands'); END;
CREATE TRIGGER claim_row_of_withdrawn BEFORE INSERT ON claim_row
WHEN EXISTS (SELECT 1 FROM withdrawal WHERE claim_id = NEW.claim_id)
BEGIN SELECT RAISE(ABORT, 'the claim is withdrawn'); END;

ALTER TABLE payment ADD COLUMN reference TEXT NOT NULL DEFAULT '';
CREATE TRIGGER payment_of_withdrawn BEFORE INSERT ON payment
WHEN EXISTS (SELECT 1 FROM withdrawal WHERE claim_id = NEW.claim_id)
BEGIN SELECT RAISE(ABORT, 'the claim is withdrawn'); END;

{new_layout("claim", CLAIM_COLUMNS)}{new_layout("payment", PAYMENT_COLUMNS)}
INSERT INTO layout (hashed, first_id, columns) VALUES ('withdrawal', 1, '{" ".join(WITHDRAWAL_COLUMNS)}');
"""
"""The migration that makes them."""
