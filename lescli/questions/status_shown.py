"""The status as an answer to show: one table for each thing that cannot wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ..outputs import Answer, Column, Event, Grid, Kind

_TABLES = {
    "deadlines": (
        "Claims to submit",
        (
            Column("service", "Service"),
            Column("month", "Month"),
            Column("due_on", "By", Kind.DATE),
            Column("days_left", "Days left", Kind.COUNT),
            Column("amount_pence", "Amount", Kind.PENCE),
        ),
        "every month that ended is submitted",
    ),
    "at_risk": (
        "Money at risk",
        (
            Column("service", "Service"),
            Column("expires_on", "Last day to claim", Kind.DATE),
            Column("count", "Activities", Kind.COUNT),
            Column("amount_pence", "Amount", Kind.PENCE),
        ),
        "no claim window is running on work left unclaimed",
    ),
    "recalls": (
        "Recall",
        (
            Column("service", "Service"),
            Column("overdue", "Overdue", Kind.COUNT),
            Column("due", "Due", Kind.COUNT),
            Column("upcoming", "Upcoming", Kind.COUNT),
        ),
        "no service",
    ),
    "clocks": (
        "Events to notify",
        (
            Column("service", "Service"),
            Column("kind", "Event"),
            Column("on", "On"),
            Column("due_at", "Notify by"),
            Column("overdue", "Overdue"),
            Column("clause", "Clause"),
        ),
        "no reporting clock is running",
    ),
    "accreditations": (
        "Accreditations",
        (
            Column("clinician", "Clinician"),
            Column("kind", "Accreditation"),
            Column("ends_on", "Ends", Kind.DATE),
            Column("days_left", "Days left", Kind.COUNT),
            Column("status", "Status"),
        ),
        "none lapses soon",
    ),
}


def status_answer(as_of: date, facts: dict[str, list[dict[str, Any]]], notes: Sequence[str]) -> Answer:
    """All services' facts as docs/reference/json.md has them, most pressing first; it names no patient."""
    order = {"deadlines": "due_on", "at_risk": "expires_on", "clocks": "due_at", "accreditations": "ends_on"}
    data: dict[str, Any] = {"schema": "les-status/1", "as_of": as_of.isoformat()}
    for name in _TABLES:
        rows = facts.get(name, [])
        # Two services may ask for the same accreditation.
        unique = [row for place, row in enumerate(rows) if row not in rows[:place]]
        data[name] = sorted(unique, key=lambda row: row[order[name]]) if name in order else unique
    grids = tuple(
        Grid(
            title=title,
            columns=columns,
            rows=tuple(tuple(row.get(column.name) for column in columns) for row in data[name]),
            empty=empty,
        )
        for name, (title, columns, empty) in _TABLES.items()
    )
    return Answer(
        data=data, title=f"Status on {as_of.isoformat()}", grids=grids, notes=tuple(notes), events=tuple(_events(data))
    )


def _events(data: dict[str, Any]) -> list[Event]:
    deadlines = [
        Event(
            uid=f"claim-{row['service']}-{row['month']}",
            day=date.fromisoformat(row["due_on"]),
            title=f"{row['service']}: submit the claim for {row['month']}",
        )
        for row in data["deadlines"]
    ]
    risks = [
        Event(
            uid=f"window-{row['service']}-{row['expires_on']}",
            day=date.fromisoformat(row["expires_on"]),
            title=f"{row['service']}: last day to claim {row['count']} activities",
        )
        for row in data["at_risk"]
    ]
    return deadlines + risks
