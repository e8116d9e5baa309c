"""The recalls of many practices as counts; with rows, one list that names patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ..calendar import for_people
from ..outputs import Answer, Column, Grid, Kind, counted
from .ask import STATES
from .members import Members
from .practices import PracticeReply, attention_lines

_COUNTS = (
    Column("ods_code", "ODS code", Kind.CODE),
    Column("name", "Practice"),
    Column("network", "Network", Kind.CODE),
    Column("service", "Service"),
    *(Column(state, state.capitalize(), Kind.COUNT) for state in STATES),
    Column("left_out", "Declined", Kind.COUNT),
    Column("error", "To look at"),
)
_ROWS = (
    Column("ods_code", "ODS code", Kind.CODE),
    Column("service", "Service"),
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("kind", "For"),
    Column("due_on", "Due", Kind.MOMENT),
    Column("status", "Status"),
    Column("days_overdue", "Days overdue", Kind.COUNT),
)


def group_recall(
    practices: Sequence[PracticeReply], members: Members | None, as_of: date, *, rows: bool = False
) -> Answer:
    """How many patients are overdue, due and upcoming in each practice and service."""
    listed = [(one, _services(one)) for one in practices]
    data: dict[str, Any] = {
        "schema": "les-group-recall/1",
        "as_of": as_of.isoformat(),
        "practices": [{**one.head, "services": services} for one, services in listed],
        "totals": {
            state: sum(each[state] for one, services in listed if one.is_counted for each in services)
            for state in STATES
        },
    }
    shown = tuple(row for one, services in listed for row in _cells(one, services))
    grids = [Grid(title="Practices", columns=_COUNTS, rows=shown, empty="no store was named")]
    if rows:
        every = tuple(_patients(practices))
        data["recalls"] = [dict(zip((column.name for column in _ROWS), row, strict=True)) for row in every]
        grids.insert(0, Grid(title="Patients", columns=_ROWS, rows=every, empty="nobody is due"))
    told = ", ".join(f"{data['totals'][state]:,} {state}" for state in STATES)
    return Answer(
        data=data,
        title=f"Recall on {for_people(as_of)} in {counted(len(practices), 'practice')}: {told}",
        grids=tuple(grids),
        notes=attention_lines(practices, members),
        identifiable=rows,
    )


def _services(practice: PracticeReply) -> list[dict[str, Any]]:
    return list(practice.reply.data["services"]) if practice.reply is not None and practice.reply.data else []


def _cells(practice: PracticeReply, services: Sequence[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    head = (practice.ods_code, practice.name, practice.network)
    if not services or practice.status == "duplicate":
        yield (*head, "", None, None, None, None, practice.error or "nobody")
        return
    for one in services:
        yield (*head, *(one[name] for name in ("service", *STATES, "left_out")), practice.error or "")


def _patients(practices: Sequence[PracticeReply]) -> Iterator[tuple[object, ...]]:
    for practice in practices:
        if practice.is_counted and practice.reply is not None:
            for one in practice.reply.data["recalls"]:
                yield (practice.ods_code, *(one[column.name] for column in _ROWS[1:]))
