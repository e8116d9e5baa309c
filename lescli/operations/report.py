"""`les report`: the measures and audit tables of one service over one period."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ..calendar import Month, Period, for_people
from ..model import Claim, Measure, Records, Register, ServiceSpec, Table
from ..outputs import Answer, Column, Grid, Kind, counted, masked, nhs_numbers_in, pounds
from ..rules.unclaimed import not_over, worth
from ..services import Service
from ..store import Store
from ..store.ledger.read import claims
from ..store.quarantine.waiting import waiting_rows
from .choose_services import doubts, register_of
from .claim.preview import suggested_notes
from .patients.same_person import suspected_pairs
from .quarantine import waiting_data, waiting_lines, waiting_of
from .report_page import page_sections, trend_sections
from .small_numbers import HIDDEN, MONEY_COLUMN, SmallNumbers, names_on, typed_words, without_names

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
    store: Store,
    service: Service,
    period: Period,
    as_of: date,
    *,
    rows: bool,
    small: SmallNumbers | None = None,
    prefix: str = "",
) -> Answer:
    """The report of a period. `rows` adds tables that name patients; `small` hides small numbers.

    The register and recalls are those of the last day of the period, or of `as_of` if that is earlier. The claim is as
    of `as_of` and covers the whole contract year, so an activity has the same verdict in every report. `prefix` stands
    before each heading of a page about several services.
    """
    records, register = register_of(store, service, min(as_of, period.end))
    known = (records, register) if as_of <= period.end else register_of(store, service, as_of)
    claim = service.claim(*known, Period(service.spec.contract_year(period.start).start, period.end))
    report = service.report(records, register, claim, period)
    named = {table.id for table in report.tables if _names_patients(table)}
    tables = [_table(table) for table in report.tables if rows or table.id not in named]
    typed = typed_words(service.spec, register)
    measures = [_measure(measure) for measure in report.measures]
    waits = waiting_of(service.spec, waiting_rows(store), period.end)
    later = _not_over(records, service.spec, claim, period)
    said = list(
        dict.fromkeys(
            (
                *report.notes,
                *waiting_lines(service.spec, waits),
                *_not_over_line(later, service.spec.every),
                *doubts(service.spec, register),
                *claim.incomplete,
                *claim.notes,
                *suggested_notes(service.spec, period.end),
                *_counted_twice(store, _counted(register, claim, period, records.as_of)),
            )
        )
    )
    kept_back = [table.title for table in report.tables if table.id in named and not rows]
    notes = [*said, *(f"the table `{title}` names patients; add --rows to see it" for title in kept_back)]
    data: dict[str, Any] = {
        "schema": "les-report/1",
        "service": service.name,
        "as_of": as_of.isoformat(),
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
    }
    title = f"Report of {service.name}, {for_people(period.start)} to {for_people(period.end)}"
    if as_of < period.end:
        title += f", as of {for_people(as_of)}: the period is not over"
    if waits and small is None:
        data["quarantine"] = waiting_data(waits)
    if later and small is None:
        data["not_over"] = [{**one, "month": str(one["month"])} for one in later]
    if small is not None:
        measures = small.measures(measures)
        tables, cases = small.tables(tables, typed)
        title += f"; {small.words}"
        data["suppressed"] = small.words
        # These notes hold counts in words. Show them only on screen, to the person who sends the report.
        said = [f"left out because it lists single cases: {case}" for case in cases]
        notes += said
    if any(cell in typed for table in tables for row in table["rows"] for cell in row):
        # Tables that name patients anyway keep every name.
        tables, held = without_names(tables, typed, names_on(register, records), but_in=named)
        notes += [f"{title}: a patient's name in typed words is left out; mend the words" for title in held]
    data |= {"measures": measures, "tables": tables, "notes": [masked(note) for note in said]}
    if as_of < period.end:
        notes.append(f"the period is not over: everything is as of {for_people(as_of)}")
    grids = (_measures_grid(measures), *map(_table_grid, tables))
    # What is counted by month is no measure that the specification names, so nothing hides small numbers in it.
    trend = () if small else trend_sections(service.spec, claim, claims(store), period, as_of, prefix)
    return Answer(
        data=data,
        title=title,
        grids=grids,
        sections=page_sections(service.spec, measures, grids, trend=trend, prefix=prefix),
        notes=tuple(notes),
        identifiable=rows and bool(named),
        patients=len(_patients(report.tables)) if rows else None,
    )


def _counted(register: Register, claim: Claim, period: Period, as_of: date) -> frozenset[str]:
    """The patients whom the report counts: on the register on its day, or with an activity in the period."""
    active = (row.nhs_number for row in claim.rows if row.day in period)
    return frozenset((*(entry.nhs_number for entry in register.entries if entry.covers(as_of)), *active))


def _not_over(records: Records, spec: ServiceSpec, claim: Claim, period: Period) -> list[dict[str, Any]]:
    """What of the period is payable and cannot be claimed yet: its month, number of activities and worth."""
    rows = [row for row in not_over(spec, claim) if row.day in period]
    return [
        {
            "month": month,
            "count": sum(Month.of(row.day) == month for row in rows),
            "amount_pence": sum(worth(spec, records, row) for row in rows if Month.of(row.day) == month),
        }
        for month in sorted({Month.of(row.day) for row in rows})
    ]


def _not_over_line(later: Iterable[dict[str, Any]], every: str) -> Iterable[str]:
    for one in later:
        are = "is" if one["count"] == 1 else "are"
        yield (
            f"{counted(one['count'], 'payable activity', 'payable activities')} of {one['month']}, "
            f"{pounds(one['amount_pence'])}, {are} counted here and cannot be claimed yet: the {every} is not over"
        )


def _counted_twice(store: Store, counted_ones: frozenset[str]) -> tuple[str, ...]:
    """A line with the number of pairs of NHS numbers that may be one person's. It names no patient."""
    pairs = sum(counted_ones.issuperset(pair) for pair in suspected_pairs(store))
    if not pairs:
        return ()
    are = "is" if pairs == 1 else "are"
    twice = f"and {are} counted twice: `les patients` lists them"
    return (f"{counted(pairs, 'pair')} of NHS numbers may be one person's {twice}",)


def _names_patients(table: Table) -> bool:
    """Whether the plugin says that the table names patients, or a cell holds an NHS number whatever it says."""
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
    """A cell of a measure. A hidden number has a sign, because a blank would look like nothing to count."""
    value: object = measure[name]
    hidden = value is None and measure.get("suppressed") and name in ("numerator", "value")
    return HIDDEN if hidden else value


def _table_grid(table: dict[str, Any]) -> Grid:
    """A plugin does not say what a column holds, so a column with only numbers is shown as numbers."""
    columns = [
        (name, _kind(name, [row[place] for row in table["rows"]])) for place, name in enumerate(table["columns"])
    ]
    return Grid(
        title=table["title"],
        columns=tuple(Column(name, _heading(name, kind), kind) for name, kind in columns),
        rows=tuple(
            tuple(
                cell if cell is None or kind is not Kind.CODE else str(cell)
                for cell, (_, kind) in zip(row, columns, strict=True)
            )
            for row in table["rows"]
        ),
        empty="none",
    )


def _heading(name: str, kind: Kind) -> str:
    """A column of pence is shown in pounds, so its heading does not say pence."""
    shown = name.removesuffix(MONEY_COLUMN) if kind is Kind.PENCE else name
    return shown.replace("_", " ").capitalize()


def _kind(name: str, cells: list[Any]) -> Kind:
    held = [cell for cell in cells if cell not in (None, HIDDEN)]
    if name.endswith(MONEY_COLUMN) and all(type(cell) is int for cell in held):
        return Kind.PENCE
    if not held or not all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in held):
        return Kind.CODE
    return Kind.COUNT if all(isinstance(cell, int) for cell in held) else Kind.NUMBER
