"""Which columns of each chained table a hash covers, so that a column added later leaves earlier hashes as they are."""

from __future__ import annotations

from .ledger import append_only

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
"""Every column of each table but `previous` and `hash`, as the chain began; never edited."""


def new_layout(table: str, columns: tuple[str, ...]) -> str:
    """The statement that ends a migration which adds columns: from the next row on, hashes cover all of these."""
    return (
        f"INSERT INTO layout (hashed, first_id, columns)"
        f" SELECT '{table}', coalesce(max(id), 0) + 1, '{' '.join(columns)}' FROM {table};\n"
    )


_FIRST = "".join(
    f"INSERT INTO layout (hashed, first_id, columns) VALUES ('{table}', 1, '{' '.join(columns)}');\n"
    for table, columns in FIRST_LAYOUT.items()
)

LAYOUT = f"""
-- A row's hash covers the columns of the last layout of its table that begins at its id or before.
CREATE TABLE layout (
  id INTEGER PRIMARY KEY,
  hashed TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  columns TEXT NOT NULL
) STRICT;
{_FIRST}{append_only("layout")}"""
"""The migration that makes the table, with the columns that were hashed until then."""
