"""The list for the telephone: one line a patient over all services, to fill in, and its way back into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ...calendar import age_on, for_people
from ...codes import parse_nhs_number
from ...errors import LesError, did_you_mean
from ...outputs import Answer, Column, Grid, Kind, Section, counted
from ...readers.cells import day_of
from ...readers.small_table import TableFaults, read_table
from ...store import Store
from ...store.invitations import record_invitation
from ..choose_services import catalog_of
from .export import Recipient, Recipients, Sent, is_due

CALL_LIST, WORKLIST = "call-list", "worklist"
_BETWEEN = "; "
OUTCOMES = {
    "booked": "booked",
    "declined": "declined",
    "dna": "dna",
    "did not attend": "dna",
    "spoke": "",
    "no answer": "",
    "left message": "",
    "wrong number": "",
}
"""What a person writes under `outcome`, and the outcome of the contact that it is. The words stay in the note."""

_CALLS = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("date_of_birth", "Date of birth", Kind.DATE),
    Column("age", "Age", Kind.COUNT),
    Column("telephone", "Telephone", Kind.CODE),
    Column("services", "Services", Kind.CODE),
    Column("what_for", "What for"),
    Column("days_overdue", "Days late", Kind.COUNT),
    Column("last_contact", "Last contact", Kind.DATE),
    # The day of the list is the day of the calls until somebody writes another: the same file again is the same calls.
    Column("date", "Date", Kind.DATE),
    Column("outcome", "Outcome"),
    Column("note", "Note"),
)
_WORK = (
    Column("done", "Done"),
    Column("name", "Name"),
    Column("date_of_birth", "Date of birth", Kind.DATE),
    Column("age", "Age", Kind.COUNT),
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("what_for", "What for"),
    Column("last_contact", "Last contact", Kind.DATE),
    Column("words", "What to say"),
    Column("outcome", "Outcome"),
)
_BOX = "\N{BALLOT BOX}"


def list_answer(kind: str, found: Recipients, as_of: date) -> Answer:
    """The call list to fill in, or the worklist to print with boxes to tick, in the order in which to ring."""
    is_calls = kind == CALL_LIST
    columns = _CALLS if is_calls else _WORK
    rows = tuple(_row(one, as_of, columns) for one in found.included)
    title = f"To ring on {for_people(as_of)}: {counted(len(rows), 'patient')}"
    grid = Grid(title="", columns=columns, rows=rows, empty="nobody is to be rung")
    out = ", ".join(f"{count} {reason}" for reason, count in found.left_out)
    text = (f"Left out: {out}.",) if out else ()
    return Answer(
        data={"schema": "les-call-list/1"},
        title=title,
        grids=(grid,),
        identifiable=True,
        patients=len(rows),
        sections=() if is_calls else (Section(heading="Patients", text=text, grid=grid),),
    )


def _row(one: Recipient, as_of: date, columns: Sequence[Column]) -> tuple[object, ...]:
    patient = one.patient
    contacts = [sent.last_contact for sent in one.sent if sent.last_contact]
    values: dict[str, object] = {
        "done": _BOX,
        "nhs_number": patient.nhs_number,
        "name": patient.name,
        "date_of_birth": patient.date_of_birth,
        "age": age_on(patient.date_of_birth, as_of),
        "telephone": "",
        "services": _BETWEEN.join(dict.fromkeys(sent.service for sent in one.sent)),
        "what_for": _BETWEEN.join(f"{sent.title}, due {for_people(sent.due_on)}" for sent in one.sent),
        "days_overdue": one.first.days_overdue,
        "last_contact": max(contacts, default=None),
        "words": _to_say(one.first, as_of),
        "date": as_of,
        "outcome": "",
        "note": "",
    }
    return tuple(values[column.name] for column in columns)


def _to_say(sent: Sent, as_of: date) -> str:
    """What to say on the telephone; nothing where the recall is work for the practice. A message asks for a call."""
    return f"Your {sent.what} {is_due(sent.due_on, as_of)}. Which day suits you?" if sent.text else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsLoaded:
    """How many contacts of a filled call list were recorded, had been before, and how many lines have no outcome."""

    new: int
    known: int
    empty: int


_COLUMNS = ("nhs_number", "services", "service", "outcome", "note", "date", "until")


def load_calls(store: Store, path: Path, on: date | None, as_of: date, *, by: str, dry_run: bool) -> CallsLoaded:
    """Record the outcomes that a person filled in, all or none. A line without an outcome is left as it is.

    The calls were made `on` that day, else on the file's day of each, else on the day asked.
    LesError names every fault with its line; a message never repeats a number or a name. The same file again changes
    nothing.
    """
    table = read_table(path, _COLUMNS, (("nhs_number", "services", "outcome"), ("nhs_number", "service", "outcome")))
    known = {one.name for one in catalog_of(store).services}
    faults = TableFaults(path)
    contacts: list[tuple[int, str, str, date, str, str, date | None]] = []
    empty = 0
    for row in table:
        cells = row.cells
        typed = " ".join(cells.get("outcome", "").casefold().split())
        if not typed:
            empty += 1
            continue
        if typed not in OUTCOMES:
            hint = did_you_mean(typed, OUTCOMES) or f"write {', '.join(OUTCOMES)}"
            faults.add(row.line, f"outcome: {hint}")
            continue
        try:
            number = parse_nhs_number(cells.get("nhs_number", ""))
            day = on or (day_of(cells["date"]) if "date" in cells else as_of)
            until = day_of(cells["until"]) if "until" in cells else None
        except ValueError as fault:
            faults.add(row.line, str(fault))
            continue
        if day > as_of:
            faults.add(row.line, f"the contact is after {for_people(as_of)}, the day asked on")
            continue
        outcome = OUTCOMES[typed]
        note = _BETWEEN.join(filter(None, (typed if outcome != typed else "", cells.get("note", ""))))
        named = [name.strip() for name in (cells.get("services") or cells.get("service", "")).split(";")]
        for name in filter(None, named):
            if name not in known:
                faults.add(row.line, f"there is no service of that name: {did_you_mean(name, known)}".rstrip(": "))
            else:
                contacts.append((row.line, name, number, day, outcome, note, until))
        if not any(named):
            faults.add(row.line, "services is empty")
    faults.tell()
    new = 0
    with store.trying() if dry_run else store.writing():
        for line, name, who, day, outcome, note, until in contacts:
            try:
                new += record_invitation(store, name, who, on=day, by=by, outcome=outcome, until=until, note=note)
            except LesError as fault:
                faults.add(line, fault.what)
        faults.tell()
    return CallsLoaded(new=new, known=len(contacts) - new, empty=empty)
