"""What is selected of an entry, and the tables its words stand in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..database.connection import Store

COLUMNS = """
SELECT a.id, coalesce(p.known_as, p.nhs_number), a.day, s.codes, term.text, a.value, unit.text, kind.text,
       clinician.text, place.text, a.recorded_on, a.source_id, a.n, a.patient_id
"""
# CROSS JOIN keeps the activity as the outer loop: its index knows the days.
WORDS = """
CROSS JOIN patient p ON p.id = a.patient_id
CROSS JOIN code_set s ON s.id = a.code_set_id
CROSS JOIN entry_kind k ON k.id = a.kind_id
CROSS JOIN phrase term ON term.id = k.term
CROSS JOIN phrase unit ON unit.id = k.unit
CROSS JOIN phrase kind ON kind.id = k.consultation_type
CROSS JOIN phrase clinician ON clinician.id = k.clinician
CROSS JOIN phrase place ON place.id = k.done_at
"""
SPAN = f"""{COLUMNS} FROM activity a {WORDS}
WHERE NOT a.withdrawn AND a.day BETWEEN ? AND ? AND a.code_set_id IN """


@dataclass(frozen=True, slots=True)
class PatientIds:
    """The patients something is selected of, by the store's numbers; None is everybody."""

    ids: tuple[int, ...] | None = None

    @property
    def are_few(self) -> bool:
        """So few that it is quicker to look for each of them than to read everything."""
        return self.ids is not None and len(self.ids) <= _MOST

    def sql(self, column: str) -> str:
        """An `AND ...` that leaves only rows of these patients."""
        return "" if self.ids is None else f"AND {column} IN ({','.join(map(str, sorted(self.ids)))})"


EVERYBODY = PatientIds()
_MOST = 4000
"""Of more patients than this everything is read: that is quicker than to look for each."""


def patient_ids(store: Store, numbers: Collection[str]) -> PatientIds:
    """Some patients by the NHS numbers in use, with the old numbers known as theirs."""
    if len(numbers) > _MOST:
        return EVERYBODY
    marks = ",".join(f"?{place}" for place in range(1, len(numbers) + 1))
    found = store.rows(f"SELECT id FROM patient WHERE nhs_number IN ({marks}) OR known_as IN ({marks})", *numbers)
    return PatientIds(tuple(sorted(row[0] for row in found)))
