"""What stands in quarantine and what has come off it, for whoever lists it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..database.connection import Store

OPEN = "q.settled_by IS NULL AND q.closed = 0"
"""What is true of a row that still waits for somebody."""

_LAST = "(SELECT max(id) FROM settlement WHERE quarantine_id = q.id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A row that waits to be mended; `number` is what a person may name it by."""

    number: int
    file: str
    line: int
    reasons: tuple[str, ...]
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledRow:
    """A row that came off the list: `taken-in` (its patient is described now), `corrected`, `sent-again` or `closed`.

    `by_file` is the file that did it and `sent_as` the number of the very same row in it; `on`, `by` and `why` are what
    a person said who closed it. "" and None where they do not apply.
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
    """Every open row, in the order of the files and their lines."""
    for number, file, line, reasons, raw in store.connection.execute(
        "SELECT q.id, f.name, q.line, q.reasons, q.raw FROM quarantine q JOIN import_file f ON f.id = q.import_file_id"
        f" WHERE {OPEN} ORDER BY f.id, q.line, q.id"
    ):
        yield OpenRow(number=number, file=file, line=line, reasons=tuple(json.loads(reasons)), raw=raw)


def settled_rows(store: Store) -> Iterator[SettledRow]:
    """Every row that is off the list, in the same order."""
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
    """Line and reasons of the rows of one file that are not in the store, though they wait under a newer file now."""
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
