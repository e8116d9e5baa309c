"""The same entry under two numbers of one person is one entry, as the next export of a new number tells it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

from ..database.connection import Store

# Of a row of `selecting.COLUMNS`: who, day, codes, value, consultation type, clinician and place; the patient's id.
_ENTRY = (1, 2, 3, 5, 7, 8, 9)
_PATIENT = 13


def without_copies(store: Store, rows: list[Any]) -> list[Any]:
    """Rows as they were selected, each entry as often as the number holds it that holds it most often.

    Where two hold it as often, the entry that was claimed stays, and else that of the number in use.
    """
    persons = dict(store.rows("SELECT id, known_as FROM patient WHERE known_as IS NOT NULL"))
    if not persons:
        return rows
    shared = set(persons.values())
    held: dict[Hashable, Counter[int]] = {}
    for row in rows:
        if row[1] in shared:
            held.setdefault(_entry(row), Counter())[row[_PATIENT]] += 1
    twice = {entry for entry, numbers in held.items() if len(numbers) > 1}
    if not twice:
        return rows
    claimed = {
        row[0]
        for row in store.rows(
            "SELECT activity_id FROM claim_row WHERE verdict = 'payable' AND activity_id IS NOT NULL"
            " AND id NOT IN (SELECT claim_row_id FROM reversal)"
        )
    }
    ids: dict[Hashable, set[int]] = {}
    for row in rows:
        if _entry(row) in twice and row[0] in claimed:
            ids.setdefault(_entry(row), set()).add(row[_PATIENT])
    kept = {
        entry: max(held[entry], key=lambda one: (held[entry][one], one in ids.get(entry, ()), one not in persons, one))
        for entry in twice
    }
    return [row for row in rows if kept.get(_entry(row), row[_PATIENT]) == row[_PATIENT]]


def _entry(row: Any) -> Hashable:
    return tuple(row[place] for place in _ENTRY)
