"""What a practice has told its store so far, as plain lists: each command adds to them what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .commands import Command, Import, Letter, Settle, Sign, Term, Unsign


@dataclass
class Spell:
    """Registered with a practice, both days inside."""

    practice: str
    kind: str
    start: date
    end: date


@dataclass
class Patient:
    """One patient as the newest file describes them."""

    nhs: str
    born: date
    died: date | None = None
    doubted: bool = False
    """The newest file no longer states the death, and nobody has said what is true."""
    settled: bool = False
    """Somebody said that the death holds all the same."""
    housebound: bool | None = None
    spells: list[Spell] = field(default_factory=list)


@dataclass
class Entry:
    """One coded entry; `name` tells it from every other of its patient."""

    name: str
    nhs: str
    day: date
    code: str
    type: str
    clinician: str
    done_at: str
    source: str


@dataclass
class Written:
    """Values written into the register: they hold from a day."""

    start: date
    name: str
    value: str


@dataclass
class OnRegister:
    """A patient's time on the register, written by hand; both days inside."""

    nhs: str
    start: date | None
    end: date | None
    written: list[Written] = field(default_factory=list)


@dataclass
class Claimed:
    """One row that was submitted and paid for."""

    claim: str
    item: str
    nhs: str
    day: date
    pence: int
    entry: str | None
    reversed: bool = False


@dataclass
class Record:
    """Everything told."""

    ods: str
    patients: dict[str, Patient] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    register: list[OnRegister] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    held: list[list[date]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    ledger: list[Claimed] = field(default_factory=list)
    submitted: dict[str, str] = field(default_factory=dict)
    """The claim that stands for a month."""
    names: list[str] = field(default_factory=list)
    """Every claim ever submitted, those withdrawn too."""
    remembered: dict[tuple[object, ...], object] = field(default_factory=dict)

    def standing(self) -> list[Claimed]:
        """What was claimed and not taken back."""
        return [row for row in self.ledger if not row.reversed]


FOREVER, EVER = date.max, date.min


def tell(record: Record, command: Command) -> None:
    """Add what a command says; what is written into a register is told in `register.py`."""
    match command:
        case Import(rows=rows):
            _import(record, rows)
        case Sign(start=start):
            # Held from that day on: whatever had not ended two days before it is one contract with it.
            over = [span for span in record.held if span[1].toordinal() + 1 < start.toordinal()]
            begins = min([start, *(span[0] for span in record.held if span not in over)])
            record.held = [*over, [begins, FOREVER]]
        case Unsign(last=last):
            # Where none runs, the end that was given last is corrected.
            running = [span for span in record.held if span[1] == FOREVER]
            for span in running or [max(span for span in record.held if span[0] <= last)]:
                span[1] = last
        case Settle(nhs=nhs, holds=holds):
            patient = record.patients[nhs]
            patient.died = patient.died if holds else None
            patient.doubted, patient.settled = False, holds
        case Term():
            record.terms.append(command)
        case Letter():
            same = [
                one
                for one in record.letters
                if (one.name, one.kind, one.first) == (command.name, command.kind, command.first)
            ]
            record.letters = [one for one in record.letters if one not in same] + [command]


def _import(record: Record, rows: tuple[dict[str, str], ...]) -> None:
    for row in rows:
        _describe(record, row)
    # A row that stands twice in one file is two entries; the same two in the next file are those two again.
    met: dict[str, int] = {}
    for row in rows:
        if row["code"]:
            _enter(record, row, met)
        elif row["source_id"]:
            record.entries = [one for one in record.entries if one.source != row["source_id"]]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _describe(record: Record, row: dict[str, str]) -> None:
    nhs = row["nhs_number"]
    born = _day(row["date_of_birth"])
    assert born
    patient = record.patients.setdefault(nhs, Patient(nhs, born))
    if row["died_on"]:
        patient.died, patient.doubted, patient.settled = _day(row["died_on"]), False, False
    elif patient.died and not patient.settled:
        # It stands until somebody settles it; whoever may live is recalled, and so is on the register.
        patient.doubted = True
    patient.housebound = {"yes": True, "no": False}.get(row["housebound"], patient.housebound)
    spell = Spell(
        row["registered_practice"] or record.ods,
        row["registration"] or "regular",
        _day(row["registered_on"]) or EVER,
        _day(row["left_on"]) or FOREVER,
    )
    known = [one for one in patient.spells if (one.practice, one.start) == (spell.practice, spell.start)]
    patient.spells = [one for one in patient.spells if one not in known] + [spell]


def _enter(record: Record, row: dict[str, str], met: dict[str, int]) -> None:
    source = row["source_id"]
    facts = ("value", "consultation_type", "clinician", "done_at")
    text = "|".join((row["nhs_number"], row["date"], _code(row), *(row[name] for name in facts)))
    met[text] = met.get(text, 0) + 1
    name = source or f"{text}|{met[text]}"
    day = _day(row["date"])
    assert day
    entry = Entry(
        name, row["nhs_number"], day, _code(row), row["consultation_type"], row["clinician"], row["done_at"], source
    )
    record.entries = [one for one in record.entries if one.name != name] + [entry]


def _code(row: dict[str, str]) -> str:
    """`system:code`; a Read v2 code is its first five characters without the dots behind."""
    system = row["code_system"] or "snomed"
    return f"{system}:{row['code'][:5].rstrip('.') if system == 'read2' else row['code']}"


def alive(record: Record, nhs: str, day: date) -> bool:
    """The day of death is a day of life."""
    died = record.patients[nhs].died
    return died is None or day <= died


def remember(record: Record, key: tuple[object, ...], reckon: Callable[[], Any]) -> Any:
    """Reckoned once between two commands, for the sake of whoever waits for the tests."""
    if key not in record.remembered:
        record.remembered[key] = reckon()
    return record.remembered[key]
