"""`les report`: the measures and audit tables of one service over one period."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..calendar import Period, for_people
from ..outputs import Answer, Column, Grid, Kind
from ..services import Service
from ..store import Store
from .asking import register_of
from .claim_warnings import suggested_notes

_MEASURES = (
    Column("id", "Measure"),
    Column("title", "What it counts"),
    Column("clause", "Clause"),
    Column("numerator", "Numerator", Kind.COUNT),
    Column("denominator", "Denominator", Kind.COUNT),
    Column("value", "Value", Kind.NUMBER),
    Column("unit", "Unit"),
)


def report_answer(store: Store, service: Service, period: Period, as_of: date, *, rows: bool) -> Answer:
    """The report; tables that name patients only with `rows`.

    Register and recalls are taken on the last day of the period, or on the day asked on when that comes first.
    """
    records, register = register_of(store, service, min(as_of, period.end))
    claim = service.claim(records, register, period)
    report = service.report(records, register, claim, period)
    tables = [table for table in report.tables if rows or not table.names_patients]
    hidden = [table.title for table in report.tables if table.names_patients and not rows]
    said = list(
        dict.fromkeys((*report.notes, *claim.incomplete, *claim.notes, *suggested_notes(service.spec, period.end)))
    )
    data: dict[str, Any] = {
        "schema": "les-report/1",
        "service": service.name,
        "as_of": as_of.isoformat(),
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "measures": [
            {
                "id": measure.id,
                "title": measure.title,
                "clause": measure.clause,
                "numerator": measure.numerator,
                "denominator": measure.denominator,
                "value": measure.value,
                "unit": measure.unit,
            }
            for measure in report.measures
        ],
        "tables": [
            {
                "id": table.id,
                "title": table.title,
                "columns": list(table.columns),
                "rows": [list(row) for row in table.rows],
            }
            for table in tables
        ],
        "notes": said,
    }
    measures = Grid(
        title="Measures",
        columns=_MEASURES,
        rows=tuple((m.id, m.title, m.clause, m.numerator, m.denominator, m.value, m.unit) for m in report.measures),
        empty="the specification asks for no measures",
    )
    notes = [*said, *(f"{title}: names patients; shown with --rows" for title in hidden)]
    if as_of < period.end:
        notes.append(f"the period is not over: everything is as of {for_people(as_of)}")
    return Answer(
        data=data,
        title=f"Report of {service.name}, {for_people(period.start)} to {for_people(period.end)}",
        grids=(
            measures,
            *(
                Grid(
                    title=table.title,
                    columns=tuple(
                        Column(name, name.replace("_", " ").capitalize(), Kind.CODE) for name in table.columns
                    ),
                    rows=tuple(tuple(None if cell is None else str(cell) for cell in row) for row in table.rows),
                    empty="none",
                )
                for table in tables
            ),
        ),
        notes=tuple(notes),
        identifiable=rows and any(table.names_patients for table in tables),
    )


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()
