"""Results that are hardly possible, such as an INR of 25: counted in a line, listed in a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..calendar import Period
from ..errors import LesError
from ..model import Advice, Records, Register, RegisterEntry
from ..outputs import Column, Grid, Kind, counted
from ..store import Store
from .choose_services import chosen_services, register_of

_COLUMNS = (Column("nhs_number", "NHS number", Kind.CODE), Column("name", "Name"), Column("text", "What to put right"))


def results_in_doubt(register: Register) -> int:
    """The number of results of patients on a register that must be corrected or confirmed."""
    return sum(1 for _ in _each(register))


def results_line(name: str, register: Register) -> tuple[str, ...]:
    """One line with the number of doubtful results and the command that lists them. It names no patient."""
    found = list(_each(register))
    if not found:
        return ()
    who = counted(len({entry.nhs_number for entry, _ in found}), "patient has", "patients have")
    results = counted(len(found), "result")
    return (f"{name}: {who} {results} to correct or confirm; `les register {name}` lists whose and how",)


def results_grid(records: Records, register: Register) -> tuple[Grid, ...]:
    """A table of the doubtful results with the cure of each, or no table when there are none."""
    rows = tuple((one.nhs_number, records.patient(one.nhs_number).name, told.text) for one, told in _each(register))
    return (Grid(title="Results to correct or confirm", columns=_COLUMNS, rows=rows),) if rows else ()


def results_note(store: Store, as_of: date) -> tuple[str, ...]:
    """The line of every service the practice holds. A service that fails is skipped; its own commands report it."""
    lines: list[str] = []
    try:
        for service in chosen_services(store, (), Period(as_of, as_of)).services:
            try:
                lines += results_line(service.name, register_of(store, service, as_of)[1])
            except LesError:
                continue
    except LesError:
        pass  # The import is already done, so it must not fail because the services cannot be asked.
    return tuple(lines)


def _each(register: Register) -> Iterator[tuple[RegisterEntry, Advice]]:
    return ((entry, told) for entry in register.entries for told in entry.advice if told.is_of_result)
