"""What cannot wait in many practices: one line each; and whether each store is whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ..calendar import for_people
from ..outputs import Answer, Column, Grid, Kind, counted
from .members import Members
from .practices import PracticeReply, attention_lines

_STATUS = (
    Column("ods_code", "ODS code", Kind.CODE),
    Column("name", "Practice"),
    Column("network", "Network", Kind.CODE),
    Column("status", "Status"),
    Column("late", "Claims late", Kind.COUNT),
    Column("ready_pence", "Ready to claim", Kind.PENCE),
    Column("at_risk_pence", "At risk", Kind.PENCE),
    Column("expired_pence", "Lost", Kind.PENCE),
    Column("overdue", "Recalls overdue", Kind.COUNT),
    Column("clocks", "Clocks past", Kind.COUNT),
    Column("quarantine", "In quarantine", Kind.COUNT),
    Column("error", "To look at"),
)
_NUMBERS = ("late", "ready_pence", "at_risk_pence", "expired_pence", "overdue", "clocks", "quarantine")
_VERIFY = (
    Column("ods_code", "ODS code", Kind.CODE),
    Column("name", "Practice"),
    Column("status", "Status"),
    Column("faults", "Faults", Kind.COUNT),
    Column("error", "To look at"),
)


def group_status(practices: Sequence[PracticeReply], members: Members | None, as_of: date) -> Answer:
    """One line a practice, in the shape of docs/reference/json.md. It names no patient."""
    rows = [{**one.head, **_numbers(one)} for one in practices]
    counted_rows = [row for one, row in zip(practices, rows, strict=True) if one.is_counted]
    data: dict[str, Any] = {
        "schema": "les-group-status/1",
        "as_of": as_of.isoformat(),
        "practices": rows,
        "totals": {name: sum(row[name] for row in counted_rows) for name in _NUMBERS},
    }
    shown = tuple(tuple(row[column.name] for column in _STATUS) for row in rows)
    return Answer(
        data=data,
        title=f"Status on {for_people(as_of)} of {counted(len(practices), 'practice')}",
        grids=(Grid(title="Practices", columns=_STATUS, rows=shown, empty="no store was named"),),
        notes=attention_lines(practices, members),
    )


def _numbers(practice: PracticeReply) -> dict[str, int]:
    if practice.reply is None or practice.reply.data is None:
        return dict.fromkeys(_NUMBERS, 0)
    data = practice.reply.data
    services = data["services"]
    return {
        "late": sum(row["days_left"] < 0 for row in data["deadlines"]),
        "ready_pence": sum(row["ready_pence"] for row in services),
        "at_risk_pence": sum(row["at_risk_pence"] for row in services),
        "expired_pence": sum(row["expired_pence"] for row in services),
        "overdue": sum(row["overdue"] for row in data["recalls"]),
        "clocks": sum(bool(row["overdue"]) for row in data["clocks"]),
        "quarantine": data["quarantine"]["rows"] if data["quarantine"] else 0,
    }


def group_verify(practices: Sequence[PracticeReply], members: Members | None, as_of: date) -> Answer:
    """Whether each store is whole, and how many faults each has."""
    rows = [{**one.head, "faults": list(_faults(one))} for one in practices]
    data: dict[str, Any] = {"schema": "les-group-verify/1", "as_of": as_of.isoformat(), "practices": rows}
    shown = tuple(
        tuple(len(row["faults"]) if column.name == "faults" else row[column.name] for column in _VERIFY) for row in rows
    )
    faulty = sum(bool(row["faults"]) for row in rows)
    notes = [f"{one.ods_code}: {fault}" for one in practices for fault in _faults(one)]
    return Answer(
        data=data,
        title=f"Verified {counted(len(practices), 'practice')}: {faulty} with faults",
        grids=(Grid(title="Practices", columns=_VERIFY, rows=shown, empty="no store was named"),),
        notes=(*attention_lines(practices, members), *notes),
    )


def _faults(practice: PracticeReply) -> Iterator[str]:
    if practice.reply is not None and practice.reply.data is not None:
        yield from practice.reply.data["faults"]
