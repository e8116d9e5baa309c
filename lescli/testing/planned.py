"""Requests and diary entries of a practice as a table, taken in as an extract of the record brings them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from ..calendar import parse_date
from ..readers import Reading
from ..readers.planned import PlannedEntry, Planning
from ..readers.reading import COLUMNS
from ..store.intake.import_file import take_in
from ..store.intake.planned_writer import take_planned
from .surgery import Surgery
from .tables import TextRow, read_table

_SYSTEM = "test record"


def plan(surgery: Surgery, table: str, extracted_at: str = "") -> None:
    """Give patients what their newest record plans: patient | asked | code (or code list) | planned | intent | status |
    priority | clinician.

    Without `intent` it is an order, without `status` active. Who stands in the table has all that is planned for them
    there: what an earlier table held and this one does not was withdrawn.
    """
    rows = read_table(table)
    surgery.add_rows([], [{"patient": name} for name in dict.fromkeys(row["patient"] for row in rows)])
    by_patient: dict[str, list[TextRow]] = {}
    for row in rows:
        by_patient.setdefault(row["patient"], []).append(row)
    for patient, own in by_patient.items():
        reading = Reading(
            profile="gpconnect",
            columns=COLUMNS,
            rows=iter(()),
            extracted_at=extracted_at or None,
            source_system=_SYSTEM,
            planning=Planning(
                nhs_number=surgery.numbers[patient],
                born="",
                entries=tuple(_entry(surgery, row, line) for line, row in enumerate(own, start=1)),
                whole=True,
            ),
        )
        files = surgery.store.rows("SELECT count(*) FROM import_file")
        digest = sha256(f"record {files}".encode()).hexdigest()
        with surgery.store.writing():
            take_planned(surgery.store, reading, take_in(surgery.store, Path("record.json"), digest, reading))


def _entry(surgery: Surgery, row: TextRow, line: int) -> PlannedEntry:
    asked = parse_date(row["asked"])
    return PlannedEntry(
        line=line,
        raw="",
        asked_on=asked,
        planned_on=parse_date(row["planned"]) if row.get("planned") else None,
        codes=(surgery.code(row.get("code", ""), asked),),
        term="",
        priority=row.get("priority", ""),
        clinician=row.get("clinician", ""),
        intent=row.get("intent") or "order",
        status=row.get("status") or "active",
        source_id=f"{row['patient']}-{row.get('id') or line}",
    )
