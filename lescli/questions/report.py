"""`les report`: the measures and audit tables of one service over one period."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ..calendar import Period, for_people
from ..model import Measure, Table
from ..outputs import Answer, Column, Grid, Kind, masked, nhs_numbers_in
from ..services import Service
from ..store import Store
from .asking import register_of
from .claim_warnings import suggested_notes
from .small_numbers import HIDDEN, SmallNumbers

_MEASURES = (
    Column("id", "Measure"),
    Column("title", "What it counts"),
    Column("clause", "Clause"),
    Column("numerator", "Numerator", Kind.COUNT),
    Column("denominator", "Denominator", Kind.COUNT),
    Column("value", "Value", Kind.NUMBER),
    Column("unit", "Unit"),
)


def report_answer(
    store: Store, service: Service, period: Period, as_of: date, *, rows: bool, small: SmallNumbers | None = None
) -> Answer:
    """The report; tables that name patients only with `rows`, small numbers hidden with `small`.

    Register and recalls are taken on the last day of the period, or on the day asked on when that comes first.
    """
    records, register = register_of(store, service, min(as_of, period.end))
    claim = service.claim(records, register, period)
    report = service.report(records, register, claim, period)
    named = {table.id for table in report.tables if _names_patients(table)}
    tables = [_table(table) for table in report.tables if rows or table.id not in named]
    measures = [_measure(measure) for measure in report.measures]
    said = list(
        dict.fromkeys((*report.notes, *claim.incomplete, *claim.notes, *suggested_notes(service.spec, period.end)))
    )
    kept_back = [table.title for table in report.tables if table.id in named and not rows]
    notes = [*said, *(f"{title}: names patients; shown with --rows" for title in kept_back)]
    data: dict[str, Any] = {
        "schema": "les-report/1",
        "service": service.name,
        "as_of": as_of.isoformat(),
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
    }
    title = f"Report of {service.name}, {for_people(period.start)} to {for_people(period.end)}"
    if small is not None:
        measures = small.measures(measures)
        tables, cases = small.tables(tables)
        title += f"; {small.words}"
        data["suppressed"] = small.words
        # The notes are counts in words, for the person who sends the report: they are told on the screen.
        said = [f"left out, for it lists single cases: {case}" for case in cases]
        notes += said
    data |= {"measures": measures, "tables": tables, "notes": [masked(note) for note in said]}
    if as_of < period.end:
        notes.append(f"the period is not over: everything is as of {for_people(as_of)}")
    return Answer(
        data=data,
        title=title,
        grids=(_measures_grid(measures), *map(_table_grid, tables)),
        notes=tuple(notes),
        identifiable=rows and bool(named),
        patients=len(_patients(report.tables)) if rows else None,
    )


def _names_patients(table: Table) -> bool:
    """The service says so, or a cell holds an NHS number: no word of a plugin is taken for that."""
    return table.names_patients or bool(_patients([table]))


def _patients(tables: Iterable[Table]) -> set[str]:
    return {number for table in tables for row in table.rows for cell in row for number in nhs_numbers_in(str(cell))}


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "id": measure.id,
        "title": measure.title,
        "clause": measure.clause,
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "value": measure.value,
        "unit": measure.unit,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "id": table.id,
        "title": table.title,
        "columns": list(table.columns),
        "rows": [list(row) for row in table.rows],
    }


def _measures_grid(measures: list[dict[str, Any]]) -> Grid:
    return Grid(
        title="Measures",
        columns=_MEASURES,
        rows=tuple(tuple(_shown(measure, column.name) for column in _MEASURES) for measure in measures),
        empty="the specification asks for no measures",
    )


def _shown(measure: dict[str, Any], name: str) -> object:
    """A cell of a measure; what was hidden is a sign and not a blank, which would read as nothing to count."""
    value: object = measure[name]
    hidden = value is None and measure.get("suppressed") and name in ("numerator", "value")
    return HIDDEN if hidden else value


def _table_grid(table: dict[str, Any]) -> Grid:
    return Grid(
        title=table["title"],
        columns=tuple(Column(name, name.replace("_", " ").capitalize(), Kind.CODE) for name in table["columns"]),
        rows=tuple(tuple(None if cell is None else str(cell) for cell in row) for row in table["rows"]),
        empty="none",
    )
