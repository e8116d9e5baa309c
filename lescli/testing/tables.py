"""Practices and answers as tables of text, so that a test reads like a clinician's notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from ..calendar import parse_date
from ..codes import verhoeff
from ..model import ServiceSpec
from ..rules.details import stored_detail
from ..rules.windows import due_at
from ..specification import LocalTerm
from ..store import Store, practice_data
from ..store.invitations import record_invitation
from ..store.ledger.duties import confirm_duty

NO_DETAILS = ("patient", "entered", "ended", "end reason", "from")
"""The columns of a register table that are not details."""
LONG_AGO = date(1990, 1, 1)
"""The first day of a value that is given none."""


def add_term(store: Store, spec: ServiceSpec, row: TextRow) -> None:
    """key (followed by `+` to add to a list, by `-` to remove from it) | value | from | source."""
    typed = row["key"].rstrip("= ")
    term = LocalTerm(
        key=typed.rstrip("+- "),
        value=row["value"],
        start=parse_date(row["from"]),
        source=row.get("source", "test"),
        adds=typed.endswith("+"),
        removes=typed.endswith("-"),
    )
    practice_data.add_term(store, spec.name, term)


def sign(store: Store, spec: ServiceSpec, row: TextRow) -> None:
    """contract | from | to."""
    name = row.get("contract") or spec.name
    practice_data.sign(store, name, parse_date(row["from"]), "test")
    if row.get("to"):
        practice_data.unsign(store, name, parse_date(row["to"]))


def accredit(store: Store, spec: ServiceSpec, row: TextRow) -> None:
    """clinician | kind | from | to."""
    practice_data.record_accreditation(
        store, row["clinician"], row["kind"], parse_date(row["from"]), parse_date(row["to"])
    )


def confirm(store: Store, spec: ServiceSpec, row: TextRow) -> None:
    """duty | on | by | note."""
    day = parse_date(row["on"])
    confirm_duty(
        store,
        spec.name,
        row["duty"],
        on=day,
        by=row.get("by") or "Test Clerk",
        note=row.get("note") or "test",
        recorded_on=day,
        corrects=None,
    )


def enter(store: Store, spec: ServiceSpec, numbers: Mapping[str, str], row: TextRow) -> None:
    """patient | entered | ended | end reason | from | any detail of the register."""
    entered = parse_date(row["entered"]) if row.get("entered") else None
    entry = practice_data.add_entry(store, spec.name, numbers[row["patient"]], entered)
    details: dict[str, str] = {}
    for column, text in row.items():
        if column in NO_DETAILS or not text:
            continue
        field = spec.register.field(column.replace(" ", "_"))
        if field is None:
            raise ValueError(f"the register of {spec.name} has no detail `{column}`")
        details[field.name] = stored_detail(field, text)
    start = parse_date(row["from"]) if row.get("from") else entered or LONG_AGO
    practice_data.set_details(store, entry, details, start)
    if row.get("ended"):
        practice_data.end_entry(store, entry, parse_date(row["ended"]), row.get("end reason", ""))


def invite(store: Store, spec: ServiceSpec, numbers: Mapping[str, str], row: TextRow) -> None:
    """patient | on | by | outcome | until."""
    record_invitation(
        store,
        spec.name,
        numbers[row["patient"]],
        on=parse_date(row["on"]),
        by=row.get("by") or "letter",
        outcome=row.get("outcome", ""),
        until=parse_date(row["until"]) if row.get("until") else None,
    )


def report_incident(store: Store, spec: ServiceSpec, numbers: Mapping[str, str], row: TextRow) -> None:
    """kind | on | notified | patient."""
    kind = next(kind for kind in spec.incidents if kind.kind == row["kind"])
    practice_data.record_incident(
        store,
        spec.name,
        kind.kind,
        on=row["on"],
        due_at=due_at(kind, row["on"]),
        notified_at=row.get("notified") or None,
        nhs_number=numbers[row["patient"]] if row.get("patient") else None,
    )


TextRow = dict[str, str]
"""A row of a table by column name."""

_TEST_RANGE = "999"
# This namespace was given to nobody, so a concept made with it cannot be mistaken for a real one.
_NO_NAMESPACE = "9999999"
_EXTENSION = "10"


def nhs_number(n: int) -> str:
    """The n-th NHS number (from 0) of the 999 range, which is never issued; its Modulus 11 digit is right."""
    while len(_made) <= n:
        _made.append(next(_numbers))
    return _made[n]


def _valid_numbers() -> Iterator[str]:
    for count in range(1_000_000):
        digits = f"{_TEST_RANGE}{count:06d}"
        weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(digits))
        check = (11 - weighted % 11) % 11
        if check < 10:  # One in eleven has no check digit and cannot be an NHS number.
            yield f"{digits}{check}"


_numbers = _valid_numbers()
_made: list[str] = []


def snomed_concept(n: int) -> str:
    """The n-th concept id (from 0) of a namespace that was given to nobody, with its Verhoeff digit."""
    body = f"{n + 1}{_NO_NAMESPACE}{_EXTENSION}"
    return next(f"{body}{digit}" for digit in range(10) if verhoeff(f"{body}{digit}") == 0)


def read_table(text: str) -> list[TextRow]:
    """The rows of a table, dates as `2026-05-04`; ValueError names a row with too many or too few cells."""
    split = [_cells(line) for line in text.splitlines() if line.strip(" -+|=")]
    if not split:
        return []
    header, *rows = split
    if len(set(header)) != len(header):
        raise ValueError("two columns of the table have the same name")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number} of the table has {len(row)} cells, its header {len(header)}")
    return [{name: _one_spelling(cell) for name, cell in zip(header, row, strict=True)} for row in rows]


def _cells(line: str) -> list[str]:
    bare = line.strip()
    if bare.startswith("|"):  # The table has a border. Without one, a `|` at the end means an empty last cell.
        bare = bare.removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in bare.split("|")]


def _one_spelling(cell: str) -> str:
    try:
        return parse_date(cell).isoformat()
    except ValueError:
        return cell


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as a text table, each column as wide as its widest cell."""
    cells = [list(columns), *([row.get(name, "") for name in columns] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def assert_rows(expected: str, actual: Iterable[Mapping[str, str]]) -> None:
    """Assert that the rows are exactly those of the table, in any order; only the table's columns are compared.

    AssertionError shows the rows that are missing (`-`), those that were not expected (`+`) and those that agree.
    """
    __tracebackhide__ = True
    columns, wanted, found = _compared(expected, actual)
    missing, surplus = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    if missing or surplus:
        agree = Counter(wanted) & Counter(found)
        marked = [*_marked("-", missing), *_marked("+", surplus), *_marked(" ", agree)]
        raise AssertionError(_difference(columns, marked))


def assert_rows_in_order(expected: str, actual: Iterable[Mapping[str, str]]) -> None:
    """Assert that the rows are exactly those of the table, in the same order."""
    __tracebackhide__ = True
    columns, wanted, found = _compared(expected, actual)
    if Counter(wanted) != Counter(found):
        assert_rows(expected, [dict(zip(columns, row, strict=True)) for row in found])
    if wanted != found:
        marked = [(str(place), row) for place, row in enumerate(found, start=1)]
        raise AssertionError("the rows agree but their order does not; they came as\n" + _difference(columns, marked))


def _compared(
    expected: str, actual: Iterable[Mapping[str, str]]
) -> tuple[list[str], list[tuple[str, ...]], list[tuple[str, ...]]]:
    rows = read_table(expected)
    columns = list(rows[0]) if rows else header_of(expected)
    found = [dict(row) for row in actual]
    if found and (unknown := [name for name in columns if name not in found[0]]):
        raise ValueError(f"the answer has no column `{unknown[0]}`; it has {', '.join(found[0])}")
    wanted = [tuple(row[name] for name in columns) for row in rows]
    return columns, wanted, [tuple(row[name] for name in columns) for row in found]


def header_of(text: str) -> list[str]:
    """The names of a table's columns; empty when it has no line."""
    first = next((line for line in text.splitlines() if line.strip(" -+|=")), "")
    return _cells(first) if first else []


def _marked(mark: str, rows: Counter[tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    return [(mark, row) for row in sorted(rows.elements())]


def _difference(columns: Sequence[str], marked: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    shown = [{"": mark, **dict(zip(columns, row, strict=True))} for mark, row in marked]
    return f"- expected and missing, + came and was not expected:\n{table_text(['', *columns], shown)}"
