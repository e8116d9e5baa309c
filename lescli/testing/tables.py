"""Tables in plain text: a test reads and fails in the words a clinician would write on paper.

    patient | date       | verdict | reason
    Ann     | 2026-05-04 | payable | accepted

Cells are separated by `|`; lines of dashes and a border are for the eye only; dates may be written as `les` reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..calendar import parse_date

TextRow = dict[str, str]


def read_table(text: str) -> list[TextRow]:
    """The rows of a table by column name, dates as `2026-05-04`; ValueError names a row of another width."""
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
    if bare.startswith("|"):  # A table with a border; without one, a `|` at the end opens an empty last cell.
        bare = bare.removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in bare.split("|")]


def _one_spelling(cell: str) -> str:
    try:
        return parse_date(cell).isoformat()
    except ValueError:
        return cell


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as a table, each column as wide as its widest cell."""
    cells = [list(columns), *([row.get(name, "") for name in columns] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def assert_rows(expected: str, actual: Iterable[Mapping[str, str]]) -> None:
    """The rows are exactly those of the table, in any order; only the columns that the table has are compared.

    AssertionError shows what is missing (`-`), what was not expected (`+`) and what agrees.
    """
    __tracebackhide__ = True
    columns, wanted, found = _compared(expected, actual)
    missing, surplus = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    if missing or surplus:
        agree = Counter(wanted) & Counter(found)
        marked = [*_marked("-", missing), *_marked("+", surplus), *_marked(" ", agree)]
        raise AssertionError(_difference(columns, marked))


def assert_rows_in_order(expected: str, actual: Iterable[Mapping[str, str]]) -> None:
    """The same, and the rows stand in the order of the table."""
    __tracebackhide__ = True
    columns, wanted, found = _compared(expected, actual)
    if Counter(wanted) != Counter(found):
        assert_rows(expected, [dict(zip(columns, row, strict=True)) for row in found])
    if wanted != found:
        marked = [(str(place), row) for place, row in enumerate(found, start=1)]
        raise AssertionError("the rows agree and their order does not; they came as\n" + _difference(columns, marked))


def _compared(
    expected: str, actual: Iterable[Mapping[str, str]]
) -> tuple[list[str], list[tuple[str, ...]], list[tuple[str, ...]]]:
    rows = read_table(expected)
    columns = list(rows[0]) if rows else _header(expected)
    found = [dict(row) for row in actual]
    if found and (unknown := [name for name in columns if name not in found[0]]):
        raise ValueError(f"the answer has no column `{unknown[0]}`; it has {', '.join(found[0])}")
    wanted = [tuple(row[name] for name in columns) for row in rows]
    return columns, wanted, [tuple(row[name] for name in columns) for row in found]


def _header(text: str) -> list[str]:
    first = next((line for line in text.splitlines() if line.strip(" -+|=")), "")
    return _cells(first)


def _marked(mark: str, rows: Counter[tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    return [(mark, row) for row in sorted(rows.elements())]


def _difference(columns: Sequence[str], marked: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    shown = [{"": mark, **dict(zip(columns, row, strict=True))} for mark, row in marked]
    return f"- expected and missing, + came and was not expected:\n{table_text(['', *columns], shown)}"
