"""Rows whose patient, date or code was itself at fault are found mended by where they stand or what else they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

from ...readers import CheckedRow, Reading, Row, RowCheck
from ..database.connection import Store
from .held import Held, NewEntry
from .rows import Kept
from .said import Said, may_be


class Misnamed:
    """Looks for their entries among the new ones of an import.

    `lines` are the cells of the rows on a line, where that line was not refused; `undated` are the patients, by their
    ids, of rows whose date is at fault.
    """

    def __init__(
        self,
        store: Store,
        reading: Reading,
        held: Held,
        lines: Mapping[int, list[tuple[str, ...]]],
        undated: set[int],
    ) -> None:
        self._store = store
        self._reading = reading
        self._columns = json.dumps(reading.columns)
        self._check = RowCheck(reading.columns)
        self._held = held
        self._lines = lines
        self._undated = undated

    @cached_property
    def _new(self) -> dict[int, list[NewEntry]]:
        return self._held.new_of(self._undated)

    def entries(self, kept: Kept, said: Said, patient: int | None) -> list[int]:
        """The entries of the import that the row may be."""
        return self._on_its_line(kept, said) or ([] if patient is None else self._alike(said, patient))

    def _alike(self, said: Said, patient: int) -> list[int]:
        """The only new entry of the patient that says all the rest: its term, or the day it was recorded, tells it."""
        faulty = said.blame.faulty
        if said.is_vague or not faulty.isdisjoint({"term", "recorded_on"}):
            return []
        term, recorded_on = said.term, said.recorded_on
        new: list[NewEntry] = []
        if "code" in faulty and said.day and term:
            new = self._held.new_on(patient, said.day)
        elif "date" in faulty and said.code and recorded_on:
            new = [entry for entry in self._new.get(patient, ()) if entry.acts[1] == said.code]
        found = [
            entry.id
            for entry in new
            if (entry.term, entry.recorded_on) == (term, recorded_on) and (entry.acts[0], *entry.acts[2:]) == said.acts
        ]
        return found if len(found) == 1 else []

    def _on_its_line(self, kept: Kept, said: Said) -> list[int]:
        """Entries that stand where the row stood, with every cell as it was but those at fault."""
        for cells in self._of_its_line(kept, said):
            checked = self._check(Row(kept.line, "", cells))
            if not isinstance(checked, CheckedRow) or checked.day is None:
                continue
            if "date" in said.blame.faulty and not _is_day_of(said, checked):
                continue
            patient = self._store.rows("SELECT id FROM patient WHERE nhs_number = ?", checked.nhs_number)[0][0]
            code = str(checked.codes[0])
            acts = (checked.value, code, checked.consultation_type, checked.clinician, checked.done_at)
            held = self._held.of(patient, checked.day.isoformat(), code)
            if found := [entry.id for entry in held if entry.is_new and entry.acts == acts]:
                return found
        return []

    def _of_its_line(self, kept: Kept, said: Said) -> list[tuple[str, ...]]:
        if (kept.profile, kept.columns) != (self._reading.profile, self._columns) or kept.cells is None:
            return []
        before = json.loads(kept.cells)
        return [
            cells
            for cells in self._lines.get(kept.line, ())
            if all(
                old == new or column in said.blame.faulty
                for column, old, new in zip(self._reading.columns, before, cells, strict=True)
            )
        ]


def _is_day_of(said: Said, checked: CheckedRow) -> bool:
    """Whether the new date can be what the broken one meant: the next month's export may hold a row like it."""
    assert checked.day is not None
    if not (said.number or said.people):
        return False
    return said.recorded_on != "" or may_be(said.row.get("date", ""), checked.day)
