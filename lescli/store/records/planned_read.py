"""What is asked for and planned, selected by code for a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ...model import Planned
from ..database.connection import Store
from .rows import day_of, parse_codes
from .selecting import EVERYBODY, PatientIds


def planned_in(store: Store, code_sets: Sequence[int], as_of: date, whose: PatientIds = EVERYBODY) -> Iterator[Planned]:
    """The entries of some sets of codes made on or before a day, in no order."""
    marks = ",".join("?" * len(code_sets))
    for row in store.rows(
        "SELECT n.id, coalesce(p.known_as, p.nhs_number), n.asked_on, n.planned_on, s.codes, n.intent, n.status,"
        " term.text, n.priority, clinician.text, n.source_id FROM planned n JOIN patient p ON p.id = n.patient_id"
        " JOIN code_set s ON s.id = n.code_set_id JOIN phrase term ON term.id = n.term"
        " JOIN phrase clinician ON clinician.id = n.clinician"
        f" WHERE NOT n.withdrawn AND n.asked_on <= ? AND n.code_set_id IN ({marks})"
        f" {whose.sql('n.patient_id')}",
        as_of.isoformat(),
        *code_sets,
    ):
        yield Planned(
            id=row[0],
            nhs_number=row[1],
            day=date.fromisoformat(row[2]),
            planned_on=day_of(row[3]),
            codes=parse_codes(row[4]),
            intent=row[5],
            status=row[6],
            term=row[7],
            value=row[8],
            clinician=row[9],
            identity=row[10],
        )
