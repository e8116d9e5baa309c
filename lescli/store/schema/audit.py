"""The audit trail's table, and the seal that lets one chain run through claims, reversals and payments."""

from __future__ import annotations

from .ledger import append_only

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

-- The last rows written before the ledger was one chain over every column, and a digest over all of them: it is where
-- the chain begins. In a store made since, it covers nothing.
CREATE TABLE seal (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  claim INTEGER NOT NULL,
  claim_row INTEGER NOT NULL,
  reversal INTEGER NOT NULL,
  payment INTEGER NOT NULL,
  digest TEXT NOT NULL
) STRICT;
{append_only("audit")}{append_only("seal")}"""
"""A migration; `chain.seal_what_was_there` ends it."""
