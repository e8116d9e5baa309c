"""Reads a register CSV and typed details, and checks them against the service's register before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ...codes import parse_nhs_number
from ...errors import LesError, LockedError
from ...model import ServiceSpec
from ...readers.cells import day_of
from ...readers.small_table import table_rows
from ...rules.details import stored_detail
from ...rules.register_rows import HandRow

_ENDINGS = ("nothing was changed", "nothing was loaded")

_ENTRY_COLUMNS = ("nhs_number", "entered_on", "ended_on", "end_reason", "from")


@dataclass(slots=True)
class Faults:
    """The faults found in one file, and the file's name."""

    name: str = ""
    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, line: int, what: str, fix: str = "") -> None:
        """Add one fault."""
        self.found.append((line, what, fix))

    def has(self, line: int | None) -> bool:
        """Whether a line has a fault."""
        return any(line == one for one, _, _ in self.found)

    @contextmanager
    def of(self, line: int | None) -> Iterator[None]:
        """Record a refusal as a fault of its line. With no line, raise it at once."""
        try:
            yield
        except LockedError:
            raise
        except LesError as fault:
            if line is None:
                raise
            self.add(line, fault.what, fault.fix)

    def tell(self) -> None:
        """Raise LesError with every fault and its line, and each cure once. Do nothing when there are no faults."""
        if not self.found:
            return
        told = "; ".join(f"line {line}: {what}" for line, what, _ in sorted(self.found, key=_line))
        fixes = [_without_ending(fix) for _, _, fix in self.found]
        cures = "; ".join(dict.fromkeys(filter(None, fixes)))
        where = f"{self.name}: " if self.name else ""
        raise LesError(f"{where}{told}", f"{cures or 'mend the file'}; nothing was loaded") from None


def _line(fault: tuple[int, str, str]) -> int:
    return fault[0]


def _without_ending(fix: str) -> str:
    for ending in _ENDINGS:
        fix = fix.removesuffix(ending).removesuffix("; ")
    return fix


def checked_details(spec: ServiceSpec, given: Mapping[str, str]) -> dict[str, str]:
    """Typed details in the form the store keeps. LesError names each faulty detail."""
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
        raise LesError("; ".join(faults), "give a value that it takes; nothing was changed")
    return kept


def load_rows(spec: ServiceSpec, path: Path, faults: Faults | None = None) -> list[HandRow]:
    """Read a register CSV or workbook. LesError lists every fault with its line, and nothing is loaded.

    When the caller passes `faults`, they are added there instead, and a faulty row keeps the cells that could be read.
    The delimiter, the encoding and dates with a time are read as `les import` reads them.
    """
    told = Faults(path.name) if faults is None else faults
    rows: list[HandRow] = []
    known = {*_ENTRY_COLUMNS, *(field.name for field in spec.register.details)}
    if path.is_file() and not path.stat().st_size:
        _header(path.name, known, [])
    with table_rows(path, known, "save the register as CSV or .xlsx; nothing was loaded") as table:
        header = _header(path.name, known, next(table, (1, []))[1])
        for line, cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                told.add(line, "it has another number of cells than the header")
            else:
                rows.append(_hand_row(spec, dict(zip(header, cells, strict=True)), line, told))
    if faults is None:
        told.tell()
    return rows


def _header(name: str, known: set[str], cells: list[str]) -> list[str]:
    """The column names in the first row."""
    header = [cell.strip().lower() for cell in cells]
    unknown = [column for column in header if column not in known]
    if "nhs_number" not in header or unknown or len(set(header)) != len(header):
        # Without nhs_number the first line may be a patient's row, so do not quote it.
        named = bool(unknown) and "nhs_number" in header
        why = f"line 1: unknown column {unknown[0]}" if named else "line 1: a header with nhs_number, each name once"
        raise LesError(f"{name}: {why}", f"columns are {', '.join(sorted(known))}; nothing was loaded")
    return header


def _hand_row(spec: ServiceSpec, cells: Mapping[str, str], line: int, faults: Faults) -> HandRow:
    """The readable cells of one line. Every fault in it is added to `faults`."""
    text = {name: value.strip() for name, value in cells.items()}

    def day(name: str) -> date | None:
        try:
            return day_of(text[name]) if text.get(name) else None
        except ValueError as fault:
            faults.add(line, f"{name}: {fault}")
            return None

    nhs_number = ""
    kept: dict[str, str] = {}
    try:
        nhs_number = parse_nhs_number(text["nhs_number"])
    except ValueError as fault:
        faults.add(line, str(fault))
    entered, ended, start = day("entered_on"), day("ended_on"), day("from")
    if entered and ended and ended < entered:
        faults.add(line, "the entry would end before it began", "give an end on or after its start")
    for name, value in text.items():
        if name not in _ENTRY_COLUMNS and value:
            with faults.of(line):
                kept |= checked_details(spec, {name: value})
    return HandRow(
        nhs_number=nhs_number,
        entered_on=entered,
        ended_on=ended,
        end_reason=text.get("end_reason", ""),
        details=kept,
        start=start,
        line=line,
    )
