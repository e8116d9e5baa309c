"""Patients with results who are on no register, and results in doubt: counted beside a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ...calendar import Period
from ...errors import LesError
from ...model import Advice, Records, Register, RegisterEntry, ServiceSpec
from ...outputs import Column, Grid, Kind, counted
from ...rules.unregistered import Unregistered
from ...store import Store
from ..choose_services import chosen_services, register_of
from ..values import as_cells

_COLUMNS = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("title", "Has entries of"),
    Column("entries", "Entries", Kind.COUNT),
    Column("last_on", "Last on", Kind.DATE),
    Column("before", "On it before"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnregisteredPatient:
    """A patient with entries of one code list and no register entry, with the fields of docs/reference/json.md."""

    nhs_number: str
    name: str
    codelist: str
    title: str
    entries: int
    last_on: date
    on_register_before: bool

    @property
    def before(self) -> str:
        """`yes` or `no`, for the table."""
        return "yes" if self.on_register_before else "no"


def unregistered_lines(spec: ServiceSpec, found: Iterable[Unregistered]) -> tuple[str, ...]:
    """One line for each code list, with the command that adds the patients. It names no patient."""
    return tuple(line for one in found for line in _lines(spec, one))


def _lines(spec: ServiceSpec, one: Unregistered) -> Iterable[str]:
    name = spec.name
    see = f"`les register {name}` lists them, and `les register {name} --add NHS --from DATE` puts one on it"
    if one.never:
        who = counted(len(one.never_patients), "patient has", "patients have")
        yield (
            f"{name}: {who} {one.plural} and are on no register ({counted(len(one.never), 'entry', 'entries')}), so "
            f"nothing is claimed or recalled for them; {see}"
        )
    if one.ended:
        who = counted(len(one.ended_patients), "patient has", "patients have")
        yield (
            f"{name}: {who} {one.plural} after their time on the register ended "
            f"({counted(len(one.ended), 'entry', 'entries')}); {see}"
        )


def unregistered_people(records: Records, found: Iterable[Unregistered]) -> list[UnregisteredPatient]:
    """One row for each patient and code list. Within a code list, patients never on the register come first."""
    rows: list[UnregisteredPatient] = []
    for one in found:
        for before, entries in ((False, one.never), (True, one.ended)):
            days: dict[str, list[date]] = {}
            for entry in entries:
                days.setdefault(entry.nhs_number, []).append(entry.day)
            rows += [
                UnregisteredPatient(
                    nhs_number=nhs_number,
                    name=records.patient(nhs_number).name,
                    codelist=one.codelist,
                    title=one.title,
                    entries=len(on),
                    last_on=max(on),
                    on_register_before=before,
                )
                for nhs_number, on in sorted(days.items())
            ]
    return rows


def unregistered_grid(people: Sequence[UnregisteredPatient]) -> Grid:
    """The people of `unregistered_people` as a table."""
    return Grid(
        title="Patients with these codes and on no register",
        columns=_COLUMNS,
        rows=as_cells(people, _COLUMNS),
    )


_DOUBT_COLUMNS = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("text", "What to put right"),
)


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
    return (Grid(title="Results to correct or confirm", columns=_DOUBT_COLUMNS, rows=rows),) if rows else ()


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
