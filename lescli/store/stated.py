"""Whose word on a registration is the later one: that of the newer extract, whichever file was imported first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ..model import Statement
from .connection import Store


def registrations_stated(store: Store) -> dict[int, list[Statement]]:
    """What files said of each patient's registrations, by the store's number of the patient."""
    stated: dict[int, list[tuple[str, str, str, str, int]]] = {}
    extracts: dict[int, dict[int, str]] = {}
    for patient, practice, kind, start, end, file, extracted_at in store.rows(
        "SELECT r.patient_id, r.practice, r.kind, r.start_on, r.end_on, r.stated_by, f.extracted_at"
        " FROM registration r JOIN import_file f ON f.id = r.stated_by"
    ):
        stated.setdefault(patient, []).append((practice, kind, start, end, file))
        extracts.setdefault(patient, {})[file] = extracted_at or ""
    found: dict[int, list[Statement]] = {}
    for patient, rows in stated.items():
        order = files_in_order(extracts[patient].items())
        found[patient] = [
            Statement(practice=practice, kind=kind, start=_day(start), end=_day(end), order=order[file])
            for practice, kind, start, end, file in rows
        ]
    return found


def files_in_order(files: Iterable[tuple[int, str]]) -> dict[int, int]:
    """The place of each file, given by (number, moment of its extract or ""), the one whose word counts most last.

    Files count in the order they were imported, but an extract that came after a newer one counts just before it.
    """
    placed: list[tuple[int, str]] = []
    for number, moment in sorted(files):
        newer = (place for place, (_, held) in enumerate(placed) if moment and held > moment)
        placed.insert(next(newer, len(placed)), (number, moment))
    return {number: place for place, (number, _) in enumerate(placed)}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
