"""The ledger as one chain: whoever holds a hash that was printed once can prove everything written before it.

Each claim, reversal and payment carries a SHA-256 over every column of its own, of a claim's rows, and the hash before
it, whichever of the three tables that stands in. The audit trail is a chain of its own, made the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..errors import LesError

if TYPE_CHECKING:
    from .connection import Store

START = "0" * 64

COLUMNS = {
    "claim": ("id", "service", "month", "submitted_on", "by", "authorised_by", "total_pence", "body"),
    "claim_row": (
        *("id", "claim_id", "row", "service", "item", "patient_id", "day", "activity_id", "code", "verdict"),
        *("reason", "clause", "fix", "amount_pence", "evidence", "facts", "generation"),
    ),
    "reversal": ("id", "claim_row_id", "amount_pence", "reason", "on_date"),
    "payment": ("id", "claim_id", "amount_pence", "on_date"),
    "audit": (*("id", "command", "at", "user", "by", "verb", "asked", "patients", "identifiable", "exit_code"),),
}
"""Every column of each table but `previous` and `hash`, in the order in which they are hashed."""

LINKED = ("claim", "reversal", "payment")
"""The tables that the ledger's chain runs through; the rows of a claim are hashed with it."""

_Values = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One row of the chain with its values as they stand now, and the hash they give."""

    table: str
    values: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]
    previous: str
    hash: str

    @property
    def whole(self) -> bool:
        """Whether it is as it was written."""
        return self.hash == digest(self.previous, self.table, self.values, self.rows)


def digest(previous: str, table: str, values: _Values, rows: Sequence[_Values] = ()) -> str:
    """The hash of a row: of the hash before it, its table, its values and those of the rows that belong to it."""
    text = json.dumps([previous, table, values, rows], separators=(",", ":"), default=repr)
    return sha256(text.encode("ascii")).hexdigest()


def next_id(store: Store, table: str) -> int:
    """The id the next row will have; known before it is written, because the hash covers it."""
    return int(store.rows(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")[0][0])


def insert(store: Store, table: str, values: _Values, *, previous: str, hash: str) -> None:  # noqa: A002 (the column)
    """Write a linked row."""
    columns = (*COLUMNS[table], "previous", "hash")
    store.connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        (*values, previous, hash),
    )


def head(store: Store) -> str:
    """The hash of the ledger's newest row: what the next one is chained to; LesError when the chain is broken."""
    links = store.rows(
        " UNION ALL ".join(
            f"SELECT previous, hash FROM {table} WHERE id > (SELECT {table} FROM seal)" for table in LINKED
        )
    )
    ends = {hash_ for _, hash_ in links} - {previous for previous, _ in links} if links else {start(store)}
    if len(ends) != 1:
        raise LesError(
            "the ledger does not hang together, so nothing can be added to it",
            "`les verify` says where; restore a backup",
        )
    return str(ends.pop())


def start(store: Store) -> str:
    """What the first row of the chain is chained to."""
    return str(store.rows("SELECT digest FROM seal")[0][0])


def links(store: Store, table: str) -> Iterator[Link]:
    """The rows of a table that the chain runs through, in order, as they stand now."""
    columns = (*COLUMNS[table], "previous", "hash")
    for row in store.rows(
        f"SELECT {', '.join(columns)} FROM {table} WHERE id > (SELECT {table} FROM seal) ORDER BY id"
    ):
        rows = _claim_rows(store, "r.claim_id = ?", row[0]) if table == "claim" else ()
        yield Link(table=table, values=tuple(row[:-2]), rows=tuple(rows), previous=row[-2], hash=row[-1])


def _claim_rows(store: Store, where: str, value: Any) -> list[tuple[Any, ...]]:
    """Rows of claims as they are hashed: every column, and the NHS number they were claimed for."""
    columns = ", ".join(f"r.{column}" for column in COLUMNS["claim_row"])
    return store.rows(
        f"SELECT {columns}, coalesce(p.nhs_number, '') FROM claim_row r LEFT JOIN patient p ON p.id = r.patient_id"
        f" WHERE {where} ORDER BY r.id",
        value,
    )


def seal_what_was_there(store: Store) -> None:
    """End the migration: one digest over what an earlier version wrote is where the chain begins."""
    last = tuple(store.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0] for table in SEALED)
    store.connection.execute("INSERT INTO seal VALUES (1, ?, ?, ?, ?, ?)", (*last, sealed_digest(store, last)))


SEALED = ("claim", "claim_row", "reversal", "payment")


def sealed_digest(store: Store, last: Sequence[int]) -> str:
    """The digest over the rows of each table up to the last that the seal covers; of no row it is all zeros."""
    found = START
    for table, number in zip(SEALED, last, strict=True):
        if table == "claim_row":
            rows = _claim_rows(store, "r.id <= ?", number)
        else:
            columns = ", ".join((*COLUMNS[table], "previous", "hash"))
            rows = store.rows(f"SELECT {columns} FROM {table} WHERE id <= ? ORDER BY id", number)
        for row in rows:
            found = digest(found, table, row)
    return found
