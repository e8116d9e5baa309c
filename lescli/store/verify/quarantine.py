"""Checks of the quarantine: no row is lost, and how each one stands is what was last said about it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...counting import counted
from ..database.connection import Store

_BY_IMPORT = ("corrected", "sent-again")
_BY_PERSON = ("closed", "reopened")

_LAST = """
SELECT q.id, q.line, q.reasons, q.cells, q.occurrence, q.settled_by, q.closed, s.how, s.import_file_id,
  EXISTS (SELECT 1 FROM patient p WHERE p.nhs_number = q.waiting_for)
FROM quarantine q LEFT JOIN settlement s ON s.id = (SELECT max(id) FROM settlement WHERE quarantine_id = q.id)
ORDER BY q.id
"""
_SETTLEMENTS = """
SELECT s.id, s.quarantine_id, s.how, s.import_file_id, s.on_date, s.by, s.why, s.sent_as, newer.import_file_id
FROM settlement s LEFT JOIN quarantine newer ON newer.id = s.sent_as ORDER BY s.id
"""


def quarantine(store: Store) -> Iterator[str]:
    """Its rows, what settled them, and that the two agree."""
    early = store.rows("SELECT count(*) FROM quarantine WHERE settled_by < import_file_id")[0][0]
    if early:
        yield f"quarantine: an import settled {counted(early, 'row')} of a later import"
    for number, line, reasons, cells, occurrence, *standing in store.rows(_LAST):
        if not json.loads(reasons):
            yield f"quarantine row {number}: it has no reason"
        if line < 0 or occurrence < 1 or not isinstance(json.loads(cells or "[]"), list):
            yield f"quarantine row {number}: its line, its cells or its count are none"
        if not _stands(*standing):
            yield f"quarantine row {number}: how it stands is not what was last said about it"
    for number, row, how, file, on, by, why, sent_as, newer in store.rows(_SETTLEMENTS):
        if how in _BY_IMPORT:
            # What a person decided is handed on to the same row of a newer file, with the file.
            said = file is not None and (how == "corrected" or (sent_as != row and newer == file))
        else:
            said = how in _BY_PERSON and bool(on and by and why)
        if not said:
            yield f"settlement {number}: it does not say who or what settled its row"


def _stands(settled_by: int | None, closed: int, how: str | None, by_file: int | None, described: int) -> bool:
    """Whether a row is open or off the list as the last settlement says; without one it is open, or was taken in.

    It was taken in once its patient was `described`.
    """
    if how in _BY_IMPORT:
        return settled_by == by_file and closed in (0, 1)
    if how == "closed":
        return closed == 1 and settled_by is None
    return closed == 0 and (settled_by is None or bool(described))
