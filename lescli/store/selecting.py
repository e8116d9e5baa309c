"""What is selected of an entry, and the tables its words stand in."""

from __future__ import annotations

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
