"""`les audit`: who ran which command when, how many patients were shown, and how it ended."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..outputs import Answer, Column, Grid, Kind, counted
from ..store import Store
from ..store.audit_trail import AuditEntry, entries

_COLUMNS = (
    Column("at", "When (UTC)"),
    Column("user", "User"),
    Column("by", "By"),
    Column("verb", "Verb"),
    Column("asked", "Asked"),
    Column("patients", "Patients shown", Kind.COUNT),
    Column("identifiable", "Identifiable"),
    Column("exit_code", "Exit code", Kind.COUNT),
)
_FIRST, _LAST = "", "~"
"""Text that sorts before and after every moment in the audit trail."""


def audit_answer(store: Store, start: date | None, end: date | None) -> Answer:
    """The commands run from one day to another in London, both included. None means no limit. It names no patient."""
    first = _moment(start) if start else _FIRST
    # The calendar's last day has no day after it.
    last = _moment(end + timedelta(days=1)) if end and end < date.max else _LAST
    found = entries(store, first, last)
    named = sum(entry.identifiable for entry in found)
    data: dict[str, Any] = {
        "schema": "les-audit/1",
        "from": start.isoformat() if start else None,
        "to": end.isoformat() if end else None,
        "entries": [asdict(entry) for entry in found],
    }
    return Answer(
        data=data,
        title=f"Audit: {counted(len(found), 'command')}, {named} of them showed patients",
        grids=(
            Grid(
                title="",
                columns=_COLUMNS,
                rows=tuple(tuple(row[column.name] for column in _COLUMNS) for row in map(_cells, found)),
                empty="no command in those days",
            ),
        ),
    )


def _moment(day: date) -> str:
    """The moment a day begins in London, in the form that the audit trail stores."""
    begins = datetime.combine(day, time.min, ZoneInfo("Europe/London"))
    return begins.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cells(entry: AuditEntry) -> dict[str, Any]:
    return {**asdict(entry), "identifiable": "yes" if entry.identifiable else ""}
