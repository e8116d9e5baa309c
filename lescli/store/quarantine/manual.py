"""Rows that a person closes or reopens, and the lists of open and settled rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from ...errors import LesError
from ..database.connection import Store

_STATES = """
SELECT q.id, q.import_file_id, q.settled_by IS NULL AND q.closed = 0,
  (SELECT s.how FROM settlement s WHERE s.quarantine_id = q.id ORDER BY s.id DESC LIMIT 1)
FROM quarantine q JOIN import_file f ON f.id = q.import_file_id WHERE """
_NUMBERS = "`les quarantine --rows` and `les quarantine --settled` show the numbers of the rows"


class _RowState(NamedTuple):
    """Whether a row is open, and how its last settlement settled it (None: the row was imported)."""

    id: int
    file: int
    is_open: int
    how: str | None


def close_rows(store: Store, names: Sequence[str], *, on: date, by: str, why: str) -> int:
    """Close open rows, each named by its number or as FILE:LINE; the number of rows (one line may hold several).

    Raises LesError and changes nothing when a name fits no row, rows of two files, or a row that is off the list.
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
    """Reopen rows that a person closed or an import found corrected; how many. Raises LesError as `close_rows` does."""
    rows: list[int] = []
    for name in names:
        known = _named(store, name)
        let_go = [row for row in known if not row.is_open and row.how in ("corrected", "closed")]
        if not let_go:
            what, cure = _why_not(known)
            raise LesError(what, cure)
        rows += _of_one_file(let_go)
    _decide(store, rows, "reopened", on, by, why)
    return len(rows)


def _named(store: Store, name: str) -> list[_RowState]:
    file, _, line = name.strip().rpartition(":")
    found: list[Any] = []
    # SQLite's integers end at 2^63.
    if line.isascii() and line.isdigit() and len(line) <= 18:
        found = (
            store.rows(f"{_STATES} f.name = ? AND q.line = ? ORDER BY q.id", file, int(line))
            if file
            else store.rows(f"{_STATES} q.id = ?", int(line))
        )
    if not found:
        raise LesError("there is no such row in quarantine", _NUMBERS)
    return [_RowState(*row) for row in found]


def _of_one_file(rows: list[_RowState]) -> list[int]:
    if len({row.file for row in rows}) > 1:
        raise LesError("several files of that name have a row on that line", _NUMBERS)
    return [row.id for row in rows]


def _why_not(known: list[_RowState]) -> tuple[str, str]:
    if any(row.is_open for row in known):
        return "the row is on the list already", "`les quarantine --rows` shows it"
    if any(row.how == "sent-again" for row in known):
        return "the same row came again in a newer file; name it by its number there", _NUMBERS
    return "the row was taken in once its patient was described", "there is nothing left to mend"


def _decide(store: Store, rows: list[int], how: str, on: date, by: str, why: str) -> None:
    run = store.connection.executemany
    run(
        "INSERT INTO settlement (quarantine_id, how, on_date, by, why) VALUES (?, ?, ?, ?, ?)",
        ((row, how, on.isoformat(), by, why) for row in dict.fromkeys(rows)),
    )
    changes = "closed = 1" if how == "closed" else "closed = 0, settled_by = NULL"
    run(f"UPDATE quarantine SET {changes} WHERE id = ?", ((row,) for row in rows))


OPEN = "q.settled_by IS NULL AND q.closed = 0"
"""SQL condition of an open row."""

_LAST = "(SELECT max(id) FROM settlement WHERE quarantine_id = q.id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """An open row; a person may name it by its `number`."""

    number: int
    file: str
    line: int
    reasons: tuple[str, ...]
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledRow:
    """A row that is off the list; `how` is `taken-in`, `corrected`, `sent-again` or `closed`.

    `taken-in` means that a file described its patient and the row was imported. `by_file` is the file that settled the
    row, and `sent_as` the number of the same row in that file. `on`, `by` and `why` are the day, the person and the
    reason of a row that was closed by hand. Each is "" or None where it does not apply.
    """

    number: int
    file: str
    line: int
    reasons: tuple[str, ...]
    raw: str
    how: str
    by_file: str
    sent_as: int | None
    on: str | None
    by: str
    why: str


def open_rows(store: Store) -> Iterator[OpenRow]:
    """Every open row, ordered by file and line."""
    for number, file, line, reasons, raw in store.connection.execute(
        "SELECT q.id, f.name, q.line, q.reasons, q.raw FROM quarantine q JOIN import_file f ON f.id = q.import_file_id"
        f" WHERE {OPEN} ORDER BY f.id, q.line, q.id"
    ):
        yield OpenRow(number=number, file=file, line=line, reasons=tuple(json.loads(reasons)), raw=raw)


def settled_rows(store: Store) -> Iterator[SettledRow]:
    """Every row that is off the list, ordered by file and line."""
    for number, file, line, reasons, raw, how, by_file, sent_as, on, by, why in store.connection.execute(
        "SELECT q.id, f.name, q.line, q.reasons, q.raw, coalesce(nullif(s.how, 'reopened'), 'taken-in'),"
        " coalesce(b.name, ''), s.sent_as, s.on_date, coalesce(s.by, ''), coalesce(s.why, '')"
        " FROM quarantine q JOIN import_file f ON f.id = q.import_file_id"
        f" LEFT JOIN settlement s ON s.id = {_LAST} LEFT JOIN import_file b ON b.id = q.settled_by"
        f" WHERE NOT ({OPEN}) ORDER BY f.id, q.line, q.id"
    ):
        yield SettledRow(
            number=number, file=file, line=line, reasons=tuple(json.loads(reasons)), raw=raw, how=how, by_file=by_file,
            sent_as=sent_as, on=on, by=by, why=why,
        )  # fmt: skip


def still_out(store: Store, import_file: int) -> list[tuple[int, tuple[str, ...]]]:
    """Line and reasons of the rows of one file that are still in quarantine, be it under a newer file."""
    rows = store.rows(
        "WITH RECURSIVE sent (first, id) AS ("
        " SELECT id, id FROM quarantine WHERE import_file_id = ?"
        " UNION ALL SELECT sent.first, s.sent_as FROM sent JOIN quarantine q ON q.id = sent.id"
        f" JOIN settlement s ON s.id = {_LAST} WHERE s.how = 'sent-again')"
        " SELECT o.line, o.reasons FROM sent JOIN quarantine q ON q.id = sent.id JOIN quarantine o ON o.id = sent.first"
        f" WHERE {OPEN} ORDER BY o.line, o.id",
        import_file,
    )
    return [(line, tuple(json.loads(reasons))) for line, reasons in rows]
