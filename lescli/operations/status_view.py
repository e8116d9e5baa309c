"""The status as an answer to show: one table for each thing that cannot wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ..calendar import Month, for_people
from ..outputs import Answer, Column, Event, Grid, Kind, Screen, Section, counted, pounds
from .position import months_in_words
from .status_note import Note
from .status_screen import Around, next_command, period_named, status_screen

_MONEY = (
    Column("service", "Service"),
    Column("ready_pence", "Ready to claim", Kind.PENCE),
    Column("ready", "Activities", Kind.COUNT),
    Column("not_over_pence", "Not over yet", Kind.PENCE),
    Column("at_risk_pence", "At risk", Kind.PENCE),
    Column("at_risk_until", "Until", Kind.DATE),
    Column("held_back_pence", "Held back", Kind.PENCE),
    Column("claimed_elsewhere", "In another service", Kind.COUNT),
    Column("unpriced", "No price", Kind.COUNT),
    Column("over_cap", "Over cap", Kind.COUNT),
    Column("expired_pence", "Lost", Kind.PENCE),
    Column("expired", "Activities", Kind.COUNT),
    Column("unregistered", "On no register", Kind.COUNT),
    Column("months_not_submitted", "Not submitted"),
)
_TABLES = {
    "deadlines": (
        "Claims to submit",
        (
            Column("service", "Service"),
            Column("month", "Month"),
            Column("due_on", "By", Kind.DATE),
            Column("days_left", "Days left", Kind.COUNT),
            Column("amount_pence", "Amount", Kind.PENCE),
            Column("with_earlier_pence", "With earlier months", Kind.PENCE),
        ),
        "",
    ),
    "at_risk": (
        "Open claim windows",
        (
            Column("service", "Service"),
            Column("expires_on", "Last day to claim", Kind.DATE),
            Column("closes_soon", "Within 31 days"),
            Column("count", "Activities", Kind.COUNT),
            Column("amount_pence", "Amount", Kind.PENCE),
        ),
        "no unclaimed work has an open claim window",
    ),
    "recalls": (
        "Recall",
        (
            Column("service", "Service"),
            Column("overdue", "Overdue", Kind.COUNT),
            Column("due", "Due", Kind.COUNT),
            Column("upcoming", "Upcoming", Kind.COUNT),
            Column("declined", "Declined", Kind.COUNT),
        ),
        "no service",
    ),
    "doubts": (
        "Facts in doubt",
        (Column("title", "What"), Column("count", "Number", Kind.COUNT), Column("fact", "Fact")),
        "no fact of a patient is in doubt",
    ),
    "clocks": (
        "Events to notify",
        (
            Column("service", "Service"),
            Column("kind", "Event"),
            Column("on", "On", Kind.MOMENT),
            Column("due_at", "Notify by", Kind.MOMENT),
            Column("overdue", "Overdue"),
            Column("clause", "Clause"),
        ),
        "no reporting clock is running",
    ),
    "duties": (
        "Duties",
        (
            Column("service", "Service"),
            Column("overdue", "Overdue", Kind.COUNT),
            Column("never", "Never confirmed", Kind.COUNT),
            Column("due", "Due", Kind.COUNT),
            Column("confirmed", "Confirmed", Kind.COUNT),
        ),
        "no service asks for a duty",
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


_PATIENT_CLOCKS = (
    Column("service", "Service"),
    Column("kind", "Clock"),
    Column("due_at", "Last moment", Kind.MOMENT),
    Column("patients", "Patients", Kind.COUNT),
    Column("overdue", "Overdue"),
    Column("clause", "Clause"),
)


def status_answer(as_of: date, facts: dict[str, list[dict[str, Any]]], notes: Sequence[Note], around: Around) -> Answer:
    """All services' facts in the shape of docs/reference/json.md, most pressing first. It names no patient."""
    order = {"deadlines": "due_on", "at_risk": "expires_on", "clocks": "due_at", "accreditations": "ends_on"}
    data: dict[str, Any] = {"schema": "les-status/1", "as_of": as_of.isoformat()}
    for name in _TABLES:
        rows = facts.get(name, [])
        # Two services may ask for the same accreditation; show it once.
        unique = [row for place, row in enumerate(rows) if row not in rows[:place]]
        data[name] = sorted(unique, key=lambda row: row[order[name]]) if name in order else unique
    if facts.get("thresholds"):
        data["thresholds"] = facts["thresholds"]
    data["services"] = facts.get("services", [])
    data["may_be_one_person"] = around.pairs
    data["quarantine"] = around.quarantine
    data["owed_pence"] = sum(one.owed_pence for one in around.accounts)
    data["overpaid_pence"] = sum(one.overpaid_pence for one in around.accounts)
    data["to_reverse"] = len(around.to_reverse)
    data["to_reverse_pence"] = sum(pence for _, pence in around.to_reverse)
    data["newest_data_on"] = around.newest.isoformat() if around.newest else None
    if around.night:
        data["month_failed"] = list(around.night)
    data["next"] = next_command(data, around)
    grids = tuple(
        Grid(
            title=title,
            columns=columns,
            rows=tuple(tuple(row.get(column.name) for column in columns) for row in _of_events(name, data[name])),
            empty=empty or _submitted(data["services"]),
        )
        for name, (title, columns, empty) in _TABLES.items()
    )
    clocks = [row for row in data["clocks"] if "patients" in row]
    cells = tuple(tuple(row[column.name] for column in _PATIENT_CLOCKS) for row in clocks)
    running = (Grid(title="Clocks", columns=_PATIENT_CLOCKS, rows=cells),) if clocks else ()
    screen = status_screen(data, notes, around, data["next"])
    return Answer(
        data=data,
        title=f"Status on {for_people(as_of)}, {around.practice.name} ({around.practice.ods_code})",
        grids=(_money(data["services"]), *grids, *running),
        notes=tuple(one.line for one in notes),
        events=tuple(_events(data)),
        records=grids[0],
        sections=_sections(screen),
        screen=screen,
    )


def _sections(screen: Screen) -> tuple[Section, ...]:
    """The screen as a page: a table for each block, and the last lines with the next command."""
    blocks = tuple(
        Section(
            heading=block.heading,
            text=(f"`{block.command}`",) if block.command else (),
            grid=Grid(
                title=block.heading,
                columns=(Column("about", block.about), Column("text", "What")),
                rows=block.facts,
            ),
        )
        for block in screen.blocks
    )
    return (*blocks, Section(heading="Next", text=(*screen.last, f"Next command: `{screen.command}`")))


def _of_events(name: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table; of the clocks only those of events, because those of patients have a table of their own."""
    return [row for row in rows if name != "clocks" or "patients" not in row]


def _money(services: Sequence[dict[str, Any]]) -> Grid:
    """One row for each service. Money at risk is in no other column."""
    return Grid(
        title="Money",
        columns=_MONEY,
        rows=tuple(tuple(_cell(row, column) for column in _MONEY) for row in services),
        empty="no service",
    )


def _cell(row: dict[str, Any], column: Column) -> object:
    value = row[column.name]
    if column.name == "unregistered":
        return sum(one["patients"] + one["ended_patients"] for one in value)
    if column.name == "months_not_submitted":
        return months_in_words(map(period_named, value))
    return value


def _submitted(services: Sequence[dict[str, Any]]) -> str:
    """What an empty table of claims to submit says: that nothing waits, or that what waits has no deadline."""
    if any(row["months_not_submitted"] for row in services):
        return "no claim with a deadline waits; Money lists the months not submitted that have none"
    since = sum(row["found_since_pence"] for row in services)
    more = f"; {pounds(since)} found since is not claimed yet" if since else ""
    return f"every month that ended is submitted, or has nothing left to claim{more}"


def _events(data: dict[str, Any]) -> list[Event]:
    """The days for a diary, none of them past: a claim or clock that is late stands on the day asked on."""
    as_of = date.fromisoformat(data["as_of"])
    return [one if one.day >= as_of else replace(one, day=as_of, title=f"late: {one.title}") for one in _each_day(data)]


def _each_day(data: dict[str, Any]) -> list[Event]:
    deadlines = [
        Event(
            uid=f"claim-{row['service']}-{row['month']}",
            day=date.fromisoformat(row["due_on"]),
            title=f"{row['service']}: submit the claim for {row['month']}",
        )
        for row in data["deadlines"]
    ]
    month = str(Month.of(date.fromisoformat(data["as_of"])))
    coming = [
        Event(
            uid=f"claim-{row['service']}-{row.get('running_period', month)}",
            day=date.fromisoformat(row["running_month_due_on"]),
            title=f"{row['service']}: submit the claim for {row.get('running_period', month)}",
        )
        for row in data["services"]
        if row["running_month_due_on"]
    ]
    risks = [
        Event(
            uid=f"window-{row['service']}-{row['expires_on']}",
            day=date.fromisoformat(row["expires_on"]),
            title=f"{row['service']}: last day to claim {counted(row['count'], 'activity', 'activities')}",
        )
        for row in data["at_risk"]
    ]
    clocks = [
        Event(
            uid=f"clock-{row['service']}-{row['kind']}-{row['due_at'][:10]}",
            day=date.fromisoformat(row["due_at"][:10]),
            title=f"{row['service']}: last day of {row['kind']} for {counted(row['patients'], 'patient')}",
        )
        for row in data["clocks"]
        if "patients" in row
    ]
    return deadlines + coming + risks + clocks
