"""What a person decides about rows in quarantine: this one need not be mended, that one was let go wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from ...errors import LesError
from ..database.connection import Store

_STANDING = """
SELECT q.id, q.import_file_id, q.settled_by IS NULL AND q.closed = 0,
  (SELECT s.how FROM settlement s WHERE s.quarantine_id = q.id ORDER BY s.id DESC LIMIT 1)
FROM quarantine q JOIN import_file f ON f.id = q.import_file_id WHERE """
_NUMBERS = "`les quarantine --rows` and `les quarantine --settled` show the numbers of the rows"


class _Standing(NamedTuple):
    """How a row stands: open, or let go in the way the last settlement says (None: it was taken in)."""

    id: int
    file: int
    is_open: int
    how: str | None


def close_rows(store: Store, names: Sequence[str], *, on: date, by: str, why: str) -> int:
    """Take open rows off the list, each named by its number or as FILE:LINE; how many (a line may be several rows).

    LesError, and nothing is changed, when a name means no row, rows of two files, or one that is off the list already.
    """
    rows: list[int] = []
    for name in names:
        known = _named(store, name)
        still_open = [row for row in known if row.is_open]
        if not still_open:
            raise LesError("the row is off the list already", "`les quarantine --settled` says why")
        rows += _of_one_file(still_open)
    _decide(store, rows, "closed", on, by, why)
    return len(rows)


def reopen_rows(store: Store, names: Sequence[str], *, on: date, by: str, why: str) -> int:
    """Put rows back that a person closed or an import found corrected; how many. LesError as in `close_rows`."""
    rows: list[int] = []
    for name in names:
        known = _named(store, name)
        let_go = [row for row in known if not row.is_open and row.how in ("corrected", "closed")]
        if not let_go:
            raise LesError(*_why_not(known))
        rows += _of_one_file(let_go)
    _decide(store, rows, "reopened", on, by, why)
    return len(rows)


def _named(store: Store, name: str) -> list[_Standing]:
    file, _, line = name.strip().rpartition(":")
    found: list[Any] = []
    # SQLite's integers end at 2^63.
    if line.isascii() and line.isdigit() and len(line) <= 18:
        found = (
            store.rows(f"{_STANDING} f.name = ? AND q.line = ? ORDER BY q.id", file, int(line))
            if file
            else store.rows(f"{_STANDING} q.id = ?", int(line))
        )
    if not found:
        raise LesError("there is no such row in quarantine", _NUMBERS)
    return [_Standing(*row) for row in found]


def _of_one_file(rows: list[_Standing]) -> list[int]:
    if len({row.file for row in rows}) > 1:
        raise LesError("several files of that name have a row on that line", _NUMBERS)
    return [row.id for row in rows]


def _why_not(known: list[_Standing]) -> tuple[str, str]:
    if any(row.is_open for row in known):
        return "the row is on the list already", "`les quarantine --rows` shows it"
    if any(row.how == "sent-again" for row in known):
        return "the very same row came again in a newer file", "name it as it stands there"
    return "the row was taken in once its patient was described", "there is nothing left to mend"


def _decide(store: Store, rows: list[int], how: str, on: date, by: str, why: str) -> None:
    run = store.connection.executemany
    run(
        "INSERT INTO settlement (quarantine_id, how, on_date, by, why) VALUES (?, ?, ?, ?, ?)",
        ((row, how, on.isoformat(), by, why) for row in dict.fromkeys(rows)),
    )
    changes = "closed = 1" if how == "closed" else "closed = 0, settled_by = NULL"
    run(f"UPDATE quarantine SET {changes} WHERE id = ?", ((row,) for row in rows))
