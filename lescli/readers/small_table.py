"""Reads a small table that a person or a commissioner made: a CSV or workbook with a header row and known columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..amounts import typed_number, typed_pence
from ..errors import LesError, UnreadableFileError, did_you_mean
from .delimited import dialect_of, records
from .encoding import shown
from .profile import Profile, folded
from .wording import refusal_in
from .workbook import as_text
from .zip_file import form_of

_MOST_FAULTS = 10
HEAD = 20
"""How many lines may stand above the header: commissioners print a title first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row: its line in the file, and the text of each known column that is not empty."""

    line: int
    cells: Mapping[str, str]


def read_table(path: Path, columns: Collection[str], needed: Collection[Collection[str]]) -> tuple[TableRow, ...]:
    """The rows of a table. Its header is the first line with all columns of one of the sets in `needed`.

    Headings are read without regard to case, spaces and underlines; columns of other names are left out. LesError when
    no line is such a header, with the near word where there is one, when a cell of a table with amounts has no
    heading above it, or when the file cannot be read to its end.
    """
    names = {folded(name): name for name in columns}
    rows: list[TableRow] = []
    with table_rows(path, columns) as table:
        header: list[str] | None = None
        headed: list[bool] = []
        seen: list[str] = []
        for number, cells in table:
            if header is None:
                found = [names.get(folded(cell), "") for cell in cells]
                if any(set(found).issuperset(those) for those in needed):
                    header = _once(path, found)
                    headed = [bool(cell.strip()) for cell in cells]
                elif len(seen) < HEAD:
                    seen.append(" ".join(cells))
                continue
            # `£1,240.00` without quotation marks is two cells, and the first would be read as one pound.
            if "amount" in columns and _spills_over(cells, headed):
                raise LesError(
                    f"{path.name}: line {number}: a cell has no heading above it",
                    "put an amount with a comma in quotation marks, or leave the comma out; nothing was changed",
                )
            held = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name and cell.strip()}
            if held:
                rows.append(TableRow(line=number, cells=held))
    if header is None:
        words = [word for line in seen[:1] for word in line.replace("_", " ").split()]
        missing = next(iter(needed))
        hints = [hint for name in missing if (hint := did_you_mean(name, words))]
        raise LesError(
            f"{path.name}: no header with {' and '.join(missing)}",
            " ".join(hints) or f"the columns are {', '.join(columns)}",
        )
    return tuple(rows)


@contextmanager
def table_rows(
    path: Path, columns: Collection[str], cure: str = "save it as CSV or .xlsx; nothing was changed"
) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """Every row of a CSV or workbook, in any encoding and with any delimiter: its line and its cells.

    The delimiter is the one that splits a header with `columns`. LesError, with the cure, when the file cannot be read
    to its end.
    """
    text = path
    profile = Profile(name="table", patient={folded(each): (each, 0) for each in columns}, entry={}, values={})
    try:
        with as_text(path) as text:
            yield ((line, cells) for line, _, cells in records(text, dialect_of(text, profile)))
    except UnreadableFileError as fault:
        said = UnreadableFileError(fault.what.replace(shown(text), shown(path), 1), fault.fix)
        raise LesError(refusal_in(form_of(text), said).what, cure) from None


def _spills_over(cells: Sequence[str], headed: Sequence[bool]) -> bool:
    return any(cell.strip() and not (place < len(headed) and headed[place]) for place, cell in enumerate(cells))


def _once(path: Path, header: list[str]) -> list[str]:
    twice = next((name for name in header if name and header.count(name) > 1), "")
    if twice:
        raise LesError(f"{path.name}: the column {twice} stands there twice", "leave one of them out")
    return header


class TableFaults:
    """Collects the faults of a table's rows, so that all of them are told at once."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, what: str) -> None:
        """One more fault. It must not repeat a cell that may name a patient."""
        self._found.append((line, what))

    def tell(self) -> None:
        """Raise LesError with every fault and its line; nothing when there is none."""
        if self._found:
            told = "; ".join(f"line {line}: {what}" for line, what in self._found[:_MOST_FAULTS])
            more = len(self._found) - _MOST_FAULTS
            rest = f"; and {more} more" if more > 0 else ""
            raise LesError(f"{self._name}: {told}{rest}", "mend the file; nothing was changed")


def pence_in(text: str) -> int:
    """Pounds as a commissioner writes them, `£1,240.00`, `-20`, `(20.00)`, as pence. ValueError for anything else."""
    cell = text.strip().replace("\N{MINUS SIGN}", "-").replace(" ", "").replace("£", "")
    if cell.startswith("(") != cell.endswith(")"):
        # One bracket alone may be a slip or a half of a sum: nobody knows which way the money went.
        raise ValueError("no amount of pounds and pence")
    sign = -1 if cell.startswith(("-", "(")) else 1
    cell = cell.removeprefix("(").removesuffix(")") if cell.startswith("(") else cell.removeprefix("-")
    pounds, dot, pence = cell.partition(".")
    # A workbook may hold 20.500.
    pence = pence.rstrip("0") or "0"
    return sign * typed_pence(f"{pounds}.{pence}" if dot else pounds)


def count_in(text: str) -> int:
    """A whole number, also as a spreadsheet writes it, `12.0`. ValueError for anything else."""
    whole, dot, rest = text.strip().partition(".")
    if dot and rest.strip("0"):
        raise ValueError("no whole number")
    return typed_number(whole)


PRACTICE = ("ods_code", "practice_code")
"""Columns of a table of several practices: the ODS code of the practice that a line is for."""


def is_of_another(practice: str, cells: Mapping[str, str]) -> bool:
    """Whether a line says that it is for another practice than the one with this ODS code."""
    return any(cells.get(name, practice).upper() != practice for name in PRACTICE)
