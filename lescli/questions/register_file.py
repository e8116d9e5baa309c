"""A register CSV, and the details that are typed: checked against the service's register before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from ..codes import parse_nhs_number
from ..errors import LesError, UnreadableFileError
from ..model import ServiceSpec
from ..readers.delimited import records
from ..readers.dialect import dialect_of
from ..readers.moments import day_of
from ..readers.packed import form_of
from ..readers.profile import Profile, folded
from ..readers.text import shown
from ..readers.wording import refusal_in
from ..readers.workbook import as_text
from ..rules.details import stored_detail
from ..rules.register_rows import HandRow


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
    """Read a register CSV, or a workbook of the same; LesError lists every fault with its line, and nothing is loaded.

    What parts the cells, the encoding and times behind dates are read as in an import.
    """
    faults: list[str] = []
    rows: list[HandRow] = []
    known = {*_OWN, *(field.name for field in spec.register.details)}
    text = path
    if path.is_file() and not path.stat().st_size:
        _header(path.name, known, [])
    try:
        with as_text(path) as text:
            table = records(text, dialect_of(text, _profile_of(known)))
            header = _header(path.name, known, next(table, (1, "", []))[2])
            for line, _, cells in table:
                if not any(cell.strip() for cell in cells):
                    continue
                try:
                    rows.append(replace(_hand_row(spec, header, cells), line=line))
                except LesError as fault:
                    faults.append(f"line {line}: {fault.what}")
                except ValueError as fault:
                    faults.append(f"line {line}: {fault}")
    except UnreadableFileError as fault:
        told = refusal_in(
            form_of(text), UnreadableFileError(fault.what.replace(shown(text), shown(path), 1), fault.fix)
        )
        # The cures of an export do not help: a register is written by hand.
        raise LesError(told.what, "save the register as CSV or .xlsx; nothing was loaded") from None
    if faults:
        raise LesError(f"{path.name}: " + "; ".join(faults), "nothing was loaded")
    return rows


def _profile_of(columns: set[str]) -> Profile:
    """The columns as a profile, by which the delimiter is told."""
    return Profile(name="register", patient={folded(each): (each, 0) for each in columns}, entry={}, values={})


def _header(name: str, known: set[str], cells: list[str]) -> list[str]:
    """The columns that the first row names."""
    header = [cell.strip().lower() for cell in cells]
    unknown = [column for column in header if column not in known]
    if "nhs_number" not in header or unknown or len(set(header)) != len(header):
        # Without nhs_number the first line may be a patient and not a header: it is not repeated.
        named = bool(unknown) and "nhs_number" in header
        why = f"line 1: unknown column {unknown[0]}" if named else "line 1: a header with nhs_number, each name once"
        raise LesError(f"{name}: {why}", f"columns are {', '.join(sorted(known))}; nothing was loaded")
    return header


def _hand_row(spec: ServiceSpec, header: list[str], cells: list[str]) -> HandRow:
    if len(cells) != len(header):
        raise ValueError("it has another number of cells than the header")
    text = {name: value.strip() for name, value in zip(header, cells, strict=True)}

    def day(name: str) -> date | None:
        try:
            return day_of(text[name]) if text.get(name) else None
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
