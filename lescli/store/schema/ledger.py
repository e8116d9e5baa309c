"""The append-only tables: claims, payments, confirmed duties, the audit trail, and which columns a hash covers."""

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
"""The append-only tables of the ledger: no row is ever changed or deleted."""


def append_only(table: str) -> str:
    """The triggers that refuse to change, delete or overwrite a row of a table."""
    # INSERT OR REPLACE does not fire delete triggers unless recursive triggers are on, so a third trigger refuses it.
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
"""The part of the first migration that makes the tables and triggers of the ledger."""


FIRST_LAYOUT = {
    "claim": ("id", "service", "month", "submitted_on", "by", "authorised_by", "total_pence", "body"),
    "claim_row": (
        *("id", "claim_id", "row", "service", "item", "patient_id", "day", "activity_id", "code", "verdict"),
        *("reason", "clause", "fix", "amount_pence", "evidence", "facts", "generation"),
    ),
    "reversal": ("id", "claim_row_id", "amount_pence", "reason", "on_date"),
    "payment": ("id", "claim_id", "amount_pence", "on_date"),
    "audit": (*("id", "command", "at", "user", "by", "verb", "asked", "patients", "identifiable", "exit_code"),),
}
"""Every column of each table except `previous` and `hash`, as they were when the chain began. Never edit this."""


def new_layout(table: str, columns: tuple[str, ...]) -> str:
    """The last statement of a migration that adds columns: the hashes of later rows cover all these columns."""
    return (
        f"INSERT INTO layout (hashed, first_id, columns)"
        f" SELECT '{table}', coalesce(max(id), 0) + 1, '{' '.join(columns)}' FROM {table};\n"
    )


_FIRST = "".join(
    f"INSERT INTO layout (hashed, first_id, columns) VALUES ('{table}', 1, '{' '.join(columns)}');\n"
    for table, columns in FIRST_LAYOUT.items()
)

LAYOUT = f"""
-- A row's hash covers the columns of its table's last layout whose first_id is at or before the row's id.
CREATE TABLE layout (
  id INTEGER PRIMARY KEY,
  hashed TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  columns TEXT NOT NULL
) STRICT;
{_FIRST}{append_only("layout")}"""
"""The migration that makes the table `layout`, with the columns that were hashed until then."""


CLAIM_COLUMNS = (*FIRST_LAYOUT["claim"], "sequence")
PAYMENT_COLUMNS = (*FIRST_LAYOUT["payment"], "reference")
WITHDRAWAL_COLUMNS = ("id", "claim_id", "reason", "on_date")

WITHDRAWAL = f"""
-- Replace the table `claim`: a month may now have several claims, of which at most one is not withdrawn.
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
"""The migration that adds withdrawals of claims and references of payments."""


AUDIT = f"""
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

-- The ids of the last rows written before the ledger was one chain over every column, and one digest over all these
-- rows, where the chain begins. In a newer store the seal covers no rows.
CREATE TABLE seal (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  claim INTEGER NOT NULL,
  claim_row INTEGER NOT NULL,
  reversal INTEGER NOT NULL,
  payment INTEGER NOT NULL,
  digest TEXT NOT NULL
) STRICT;
{append_only("audit")}{append_only("seal")}"""
"""The migration that adds the audit trail and the seal; `chain.seal_what_was_there` is its last step."""


DUTY_COLUMNS = ("id", "service", "duty", "confirmed_on", "by", "note", "recorded_on", "replaces")

DUTIES = f"""
CREATE TABLE duty_confirmation (
  id INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  duty TEXT NOT NULL,
  -- Without a day, the row only withdraws the confirmation that it replaces.
  confirmed_on TEXT,
  by TEXT NOT NULL,
  note TEXT NOT NULL,
  recorded_on TEXT NOT NULL,
  replaces INTEGER UNIQUE REFERENCES duty_confirmation(id),
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  CHECK (confirmed_on IS NOT NULL OR replaces IS NOT NULL)
) STRICT;
CREATE INDEX duty_confirmation_by_service ON duty_confirmation(service, duty);
{append_only("duty_confirmation")}
CREATE TRIGGER duty_confirmation_not_to_come BEFORE INSERT ON duty_confirmation
WHEN NEW.confirmed_on > NEW.recorded_on
BEGIN SELECT RAISE(ABORT, 'a duty is confirmed after the day it is recorded on'); END;
CREATE TRIGGER duty_confirmation_of_same BEFORE INSERT ON duty_confirmation
WHEN NEW.replaces IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM duty_confirmation
  WHERE id = NEW.replaces AND service = NEW.service AND duty = NEW.duty AND confirmed_on IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a correction is of another duty'); END;
INSERT INTO layout (hashed, first_id, columns) VALUES ('duty_confirmation', 1, '{" ".join(DUTY_COLUMNS)}');
"""
"""The migration that adds confirmations of duties."""


PAID_ITEMS_COLUMNS = (*PAYMENT_COLUMNS, "items")

PAID_ITEMS = f"""
-- What a remittance said that the payment is for: JSON, a list of [item, quantity, pence]; empty when it did not say.
ALTER TABLE payment ADD COLUMN items TEXT NOT NULL DEFAULT '';
{new_layout("payment", PAID_ITEMS_COLUMNS)}"""
"""The migration that adds to each payment what it is for."""
