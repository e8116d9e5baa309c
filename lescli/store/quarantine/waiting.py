"""The open quarantined rows, for the counts of money and patients: their NHS numbers, codes and days."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ...model import Code
from ...readers import cells as cell
from ..database.connection import Store
from .rows import Said, kept_open


class WaitingRow(NamedTuple):
    """One open row: its codes (none if unreadable), and its day and NHS number where they can be trusted."""

    codes: tuple[Code, ...]
    day: date | None
    number: str
    reasons: tuple[str, ...]


def waiting_rows(store: Store) -> tuple[WaitingRow, ...]:
    """Every open row. Rows of several files about the same entry count once.

    Where two files have equal rows, the file with more of them counts. An empty quarantine costs one look at an index.
    """
    in_file: Counter[tuple[object, ...]] = Counter()
    found: dict[tuple[object, ...], WaitingRow] = {}
    for kept in kept_open(store):
        said = kept.said()
        reasons = tuple(json.loads(kept.reasons))
        row = WaitingRow((), None, "", reasons)
        entry: tuple[object, ...] = (kept.very_row(),)
        if said is not None:
            row = WaitingRow(_codes_of(said), _day_of(said), said.number, reasons)
            if row.codes:
                who = row.number or tuple(map(said.row.get, _WHO))
                entry = (row.codes, who, row.day or said.row.get("date"), said.row.get("source_id"))
        in_file[kept.file, entry] += 1
        # The row of the newest file replaces equal rows of earlier files.
        found[entry, in_file[kept.file, entry]] = row
    return tuple(found.values())


_WHO = ("nhs_number", "family_name", "given_name")


def _codes_of(said: Said) -> tuple[Code, ...]:
    return _codes(said.trusted("code"), said.trusted("code_system"), said.row.get("other_codes", ""))


@lru_cache(1 << 12)
def _codes(code: str, system: str, others: str) -> tuple[Code, ...]:
    return cell.codes(code, system, others)[0]


def _day_of(said: Said) -> date | None:
    return date.fromisoformat(said.day) if said.day else None


def of_codes(rows: Iterable[WaitingRow], codes: frozenset[Code], until: date | None = None) -> tuple[WaitingRow, ...]:
    """The rows with one of these codes; with `until`, rows of a later day are left out."""
    return tuple(
        row
        for row in rows
        if not codes.isdisjoint(row.codes) and (until is None or row.day is None or row.day <= until)
    )
