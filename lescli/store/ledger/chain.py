"""The ledger is a chain of hashes: one hash that was printed earlier proves everything written before it.

Each claim, reversal, payment, withdrawal and confirmed duty has a SHA-256 over all its columns, the rows of a claim,
and the hash before it, whichever of these tables holds that one. The audit trail is another chain, made the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ...errors import LesError
from ..schema.ledger import CLAIM_COLUMNS, DUTY_COLUMNS, FIRST_LAYOUT, PAID_ITEMS_COLUMNS, WITHDRAWAL_COLUMNS

if TYPE_CHECKING:
    from ..database.connection import Store

START = "0" * 64

COLUMNS = {
    **FIRST_LAYOUT,
    "claim": CLAIM_COLUMNS,
    "payment": PAID_ITEMS_COLUMNS,
    "withdrawal": WITHDRAWAL_COLUMNS,
    "duty_confirmation": DUTY_COLUMNS,
}
"""Every column of each table except `previous` and `hash`, in the order in which they are hashed today.

A migration adds columns at the end, here and in the table, and records the new layout (`new_layout` in
`schema/ledger.py`).
"""

EARLIER: dict[tuple[str, str], Any] = {
    ("claim", "sequence"): 1,
    ("payment", "reference"): "",
    ("payment", "items"): "",
}
"""(table, added column) -> the value in rows that are older than the column."""

LINKED = ("claim", "reversal", "payment", "withdrawal", "duty_confirmation")
"""The tables whose rows are links of the ledger's chain. A claim's rows are hashed with the claim."""

SEALED = ("claim", "claim_row", "reversal", "payment")
"""The tables whose older rows the seal covers."""

_Values = Sequence[Any]
Layouts = tuple[tuple[int, tuple[str, ...]], ...]
"""(first id, columns): from that id on, a hash covers those columns. In the order in which migrations wrote them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One row of the chain as it is now, with its stored hash.

    `values` are the values that its hash covers. `unchanged` is false when a column that was added later holds
    anything but the value of older rows.
    """

    table: str
    values: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]
    previous: str
    hash: str
    unchanged: bool = True

    @property
    def whole(self) -> bool:
        """Whether the row is as it was written."""
        return self.unchanged and self.hash == digest(self.previous, self.table, self.values, self.rows)


def digest(previous: str, table: str, values: _Values, rows: Sequence[_Values] = ()) -> str:
    """The hash of a row, made of the hash before it, its table, its values and those of the rows that belong to it."""
    text = json.dumps([previous, table, values, rows], separators=(",", ":"), default=repr)
    return sha256(text.encode("ascii")).hexdigest()


def next_id(store: Store, table: str) -> int:
    """The id of the next row. It must be known before the row is written, because the hash covers it."""
    return int(store.rows(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")[0][0])


def insert(store: Store, table: str, values: _Values, *, previous: str, hash: str) -> None:  # noqa: A002 (the column)
    """Write one row of a chain."""
    columns = (*COLUMNS[table], "previous", "hash")
    store.connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        (*values, previous, hash),
    )


def head(store: Store) -> str:
    """The hash of the ledger's newest row, which the next row is chained to; LesError when the chain is broken."""
    links = store.rows(
        " UNION ALL ".join(f"SELECT previous, hash FROM {table} WHERE id > ({_sealed(table)})" for table in LINKED)
    )
    ends = {hash_ for _, hash_ in links} - {previous for previous, _ in links} if links else {start(store)}
    if len(ends) != 1:
        raise LesError(
            "the chain of the ledger is broken, so nothing can be added to it",
            "`les verify` says where; restore a backup",
        )
    return str(ends.pop())


def start(store: Store) -> str:
    """The hash that the first row of the ledger's chain is chained to."""
    return str(store.rows("SELECT digest FROM seal")[0][0])


def links(store: Store, table: str) -> Iterator[Link]:
    """The rows of one table that are links of a chain, in order, as they are now."""
    columns = (*COLUMNS[table], "previous", "hash")
    layouts, of_rows = layouts_of(store, table), layouts_of(store, "claim_row")
    for row in store.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE id > ({_sealed(table)}) ORDER BY id"):
        values, unchanged = _hashed(table, layouts, row[:-2])
        found = _claim_rows(store, "r.claim_id = ?", row[0]) if table == "claim" else ()
        rows = [(_hashed("claim_row", of_rows, line[:-1]), line[-1]) for line in found]
        yield Link(
            table=table,
            values=values,
            rows=tuple((*hashed, number) for (hashed, _), number in rows),
            previous=row[-2],
            hash=row[-1],
            unchanged=unchanged and all(same for (_, same), _ in rows),
        )


def _sealed(table: str) -> str:
    return f"SELECT {table} FROM seal" if table in SEALED else "0"


def layouts_of(store: Store, table: str) -> Layouts:
    """The layouts of one table."""
    found = store.rows("SELECT first_id, columns FROM layout WHERE hashed = ? ORDER BY id", table)
    return tuple((first, tuple(str(columns).split())) for first, columns in found)


def layout_faults(store: Store) -> Iterator[str]:
    """Report layouts that no migration wrote: such a layout could leave a column out of the hash, or swap it."""
    for table, columns in COLUMNS.items():
        found = layouts_of(store, table)
        firsts = [first for first, _ in found]
        whole = bool(found) and found[-1][1] == columns and firsts[0] == 1 and firsts == sorted(firsts)
        if not whole or any(columns[: len(each)] != each for _, each in found):
            yield f"the list of hashed columns of {table} was changed"


def _hashed(table: str, layouts: Layouts, row: _Values) -> tuple[tuple[Any, ...], bool]:
    """The values of a row that its hash covers, and whether later columns hold the value of older rows."""
    width = next((len(columns) for first, columns in reversed(layouts) if first <= row[0]), len(row))
    added = COLUMNS[table][width:]
    return tuple(row[:width]), list(row[width:]) == [EARLIER.get((table, name)) for name in added]


def _claim_rows(store: Store, where: str, value: Any, columns: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """Rows of claims: all hashed columns, or those named, and the NHS number that the row was claimed for."""
    wanted = ", ".join(f"r.{column}" for column in columns or COLUMNS["claim_row"])
    return store.rows(
        f"SELECT {wanted}, coalesce(p.nhs_number, '') FROM claim_row r LEFT JOIN patient p ON p.id = r.patient_id"
        f" WHERE {where} ORDER BY r.id",
        value,
    )


def seal_what_was_there(store: Store) -> None:
    """The last step of a migration: seal what earlier versions wrote with one digest, where the chain begins."""
    last = tuple(store.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0] for table in SEALED)
    store.connection.execute("INSERT INTO seal VALUES (1, ?, ?, ?, ?, ?)", (*last, sealed_digest(store, last)))


def sealed_unchanged(store: Store, last: Sequence[int]) -> bool:
    """Whether the rows that the seal covers hold the value of older rows in every column added since."""
    for (table, name), value in EARLIER.items():
        if table in SEALED:
            number = last[SEALED.index(table)]
            if store.rows(f"SELECT 1 FROM {table} WHERE id <= ? AND {name} IS NOT ? LIMIT 1", number, value):
                return False
    return True


def sealed_digest(store: Store, last: Sequence[int]) -> str:
    """The digest over the rows of each table up to the `last` that the seal covers; all zeros when there are none."""
    found = START
    for table, number in zip(SEALED, last, strict=True):
        if table == "claim_row":
            rows = _claim_rows(store, "r.id <= ?", number, FIRST_LAYOUT[table])
        else:
            columns = ", ".join((*FIRST_LAYOUT[table], "previous", "hash"))
            rows = store.rows(f"SELECT {columns} FROM {table} WHERE id <= ? ORDER BY id", number)
        for row in rows:
            found = digest(found, table, row)
    return found
