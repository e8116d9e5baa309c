"""A register CSV, and the details that are typed: checked against the service's register before anything is written."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ..calendar import parse_date
from ..codes import parse_nhs_number
from ..errors import LesError
from ..model import ServiceSpec
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
