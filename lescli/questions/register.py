"""`les register`: who is on one service's register, and what a person writes into it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..calendar import for_people, parse_date
from ..codes import parse_nhs_number
from ..errors import LesError, LockedError
from ..model import Records, Register, RegisterEntry, ServiceSpec
from ..outputs import Answer, Column, Grid, Kind
from ..rules.details import stored_detail
from ..services import Service
from ..store import Store, keeping
from .asking import register_of
from .claim_warnings import suggested_notes

_COLUMNS = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("date_of_birth", "Born", Kind.DATE),
    Column("entered_on", "Since", Kind.DATE),
    Column("ended_on", "Until", Kind.DATE),
    Column("end_reason", "Ended because"),
    Column("rule", "Rule"),
    Column("clause", "Clause"),
    Column("details", "Recorded"),
    Column("missing", "Missing"),
)


def register_answer(store: Store, service: Service, as_of: date) -> Answer:
    """The register as of a day, ended entries with their end."""
    records, register = register_of(store, service, as_of)
    entries = [entry_data(records, entry) for entry in register.entries]
    running = sum(entry["ended_on"] is None for entry in entries)
    incomplete = sum(bool(entry["missing"]) and entry["ended_on"] is None for entry in entries)
    return Answer(
        data={"schema": "les-register/1", "service": service.name, "as_of": as_of.isoformat(), "entries": entries},
        title=f"Register of {service.name} on {for_people(as_of)}: "
        f"{running} patients, {incomplete} with something missing",
        grids=(_grid(register, records),),
        notes=suggested_notes(service.spec, as_of),
        identifiable=True,
    )


def entry_data(records: Records, entry: RegisterEntry) -> dict[str, Any]:
    """One entry as docs/reference/json.md prints it."""
    patient = records.patient(entry.nhs_number)
    data: dict[str, Any] = {
        "nhs_number": entry.nhs_number,
        "name": patient.name,
        "date_of_birth": patient.date_of_birth.isoformat(),
        "entered_on": entry.entered_on.isoformat(),
        "ended_on": entry.ended_on.isoformat() if entry.ended_on else None,
        "end_reason": entry.end_reason,
        "rule": entry.rule,
        "clause": entry.clause,
        "details": {name: value.isoformat() if isinstance(value, date) else value for name, value in entry.details},
        "missing": list(entry.missing),
        "evidence": list(entry.evidence),
    }
    if entry.advice:
        data["advice"] = [{"text": advice.text, "clause": advice.clause} for advice in entry.advice]
    return data


def _grid(register: Register, records: Records) -> Grid:
    rows = []
    for entry in register.entries:
        patient = records.patient(entry.nhs_number)
        rows.append(
            (
                entry.nhs_number,
                patient.name,
                patient.date_of_birth,
                entry.entered_on,
                entry.ended_on,
                entry.end_reason,
                entry.rule,
                entry.clause,
                "; ".join(f"{name}={value}" for name, value in entry.details),
                ", ".join(entry.missing),
            )
        )
    return Grid(title="", columns=_COLUMNS, rows=tuple(rows), empty="nobody is on the register")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandRow:
    """One row of a register file, or one `--add`: what to write for one patient."""

    nhs_number: str
    entered_on: date | None
    ended_on: date | None
    end_reason: str
    details: Mapping[str, str]
    start: date | None
    line: int | None = None


def write_rows(store: Store, service: Service, rows: list[HandRow], as_of: date) -> tuple[int, int]:
    """Write rows into the register, all or nothing; how many patients, and how many values were replaced."""
    with store.writing():
        replaced = sum(_write_named(store, service, row, as_of) for row in rows)
    return len({row.nhs_number for row in rows}), replaced


def _write_named(store: Store, service: Service, row: HandRow, as_of: date) -> int:
    try:
        return _write(store, service, row, as_of)
    except LockedError:
        raise
    except LesError as fault:
        where = f"line {row.line}: " if row.line else ""
        raise LesError(f"{where}{fault.what}", fault.fix) from None


def _write(store: Store, service: Service, row: HandRow, as_of: date) -> int:
    _records, register = register_of(store, service, as_of)
    running = next((e for e in register.of(row.nhs_number) if e.covers(as_of)), None)
    # Who is on it stays on it since then; anyone else from the day given, else the day asked on.
    entered = row.entered_on or (None if running else row.start or as_of)
    entry = keeping.add_entry(store, service.name, row.nhs_number, entered)
    replaced = 0
    if row.details:
        start = row.start or row.entered_on or (running.entered_on if running else as_of)
        replaced = keeping.set_details(store, entry, row.details, start)
    if row.ended_on:
        began = row.entered_on or (running.entered_on if running else as_of)
        if row.ended_on < began:
            raise LesError(
                "the entry would end before it began", "give an end on or after its start; nothing was changed"
            )
        keeping.end_entry(store, entry, row.ended_on, row.end_reason)
    return replaced


def end_patient(store: Store, service: Service, nhs_number: str, on: date, reason: str) -> None:
    """End a patient's running entry; `on` is its last day."""
    with store.writing():
        _records, register = register_of(store, service, on)
        keeping.patient_id(store, nhs_number)
        if register.entry(nhs_number, on) is None:
            raise LesError(
                f"that patient is not on the register of {service.name} on that day", "`les register` shows who is"
            )
        entry = keeping.add_entry(store, service.name, nhs_number, None)
        keeping.end_entry(store, entry, on, reason)


def checked_details(spec: ServiceSpec, given: Mapping[str, str]) -> dict[str, str]:
    """Details as the store keeps them; LesError names every fault by its detail."""
    kept, faults = {}, []
    for name, text in given.items():
        field = spec.register.field(name)
        if field is None:
            known = ", ".join(one.name for one in spec.register.details)
            faults.append(f"{spec.name} has no detail of that name (it has {known})")
            continue
        try:
            kept[name] = stored_detail(field, text)
        except ValueError as fault:
            faults.append(f"{name}: {fault}")
    if faults:
        raise LesError("; ".join(faults), "nothing was changed")
    return kept


_OWN = ("nhs_number", "entered_on", "ended_on", "end_reason", "from")


def load_rows(spec: ServiceSpec, path: Path) -> list[HandRow]:
    """Read a register CSV; LesError lists every fault with its line, and then nothing is loaded."""
    faults: list[str] = []
    rows: list[HandRow] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header = [name.strip().lower() for name in reader.fieldnames or ()]
            reader.fieldnames = header
            known = {*_OWN, *(field.name for field in spec.register.details)}
            unknown = [name for name in header if name not in known]
            if "nhs_number" not in header or unknown or len(set(header)) != len(header):
                # Without nhs_number the first line may be a patient and not a header: it is not repeated.
                named = bool(unknown) and "nhs_number" in header
                why = (
                    f"line 1: unknown column {unknown[0]}"
                    if named
                    else "line 1: a header with nhs_number, each name once"
                )
                raise LesError(f"{path.name}: {why}", f"columns are {', '.join(sorted(known))}; nothing was loaded")
            for cells in reader:
                try:
                    rows.append(replace(_hand_row(spec, cells), line=reader.line_num))
                except LesError as fault:
                    faults.append(f"line {reader.line_num}: {fault.what}")
                except ValueError as fault:
                    faults.append(f"line {reader.line_num}: {fault}")
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not a UTF-8 CSV that can be read to its end"
        raise LesError(f"{path.name} cannot be read: {reason}", "nothing was loaded") from None
    if faults:
        raise LesError(f"{path.name}: " + "; ".join(faults), "nothing was loaded")
    return rows


def _hand_row(spec: ServiceSpec, cells: dict[str, Any]) -> HandRow:
    if None in cells or None in cells.values():
        raise ValueError("it has another number of cells than the header")
    text = {name: str(value).strip() for name, value in cells.items()}

    def day(name: str) -> date | None:
        try:
            return parse_date(text[name]) if text.get(name) else None
        except ValueError as fault:
            raise ValueError(f"{name}: {fault}") from None

    details = {name: value for name, value in text.items() if name not in _OWN and value}
    return HandRow(
        nhs_number=parse_nhs_number(text["nhs_number"]),
        entered_on=day("entered_on"),
        ended_on=day("ended_on"),
        end_reason=text.get("end_reason", ""),
        details=checked_details(spec, details),
        start=day("from"),
    )
