"""Says as sentences where an answer's rows differ from those of an expected table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .tables import TextRow, header_of, read_table

_WHO = ("patient", "date", "item", "kind", "on", "entered", "measure", "clinician", "duty", "due")
"""The columns by which a row is known to its reader."""
_SAID_TOO = ("date", "reason")
"""The columns that are said of a row that was not expected, even if the table leaves them out."""
Row = tuple[str, ...]


def differences(where: str, expected: str, actual: Iterable[Mapping[str, str]], *, ordered: bool = False) -> list[str]:
    """A sentence for each row that differs, is missing or was not expected; `where` names the answer.

    Only the columns of the table are compared, and a cell that ends with three dots by its beginning. A row is set
    beside the one that is most like it.
    """
    columns = header_of(expected)
    found = [dict(row) for row in actual]
    if found and (unknown := [name for name in columns if name not in found[0]]):
        return [f"{where} has no column `{unknown[0]}`; it has {', '.join(found[0])}"]
    wanted_rows = [tuple(row[name] for name in columns) for row in read_table(expected)]
    found_rows = [tuple(row[name] for name in columns) for row in found]
    missing, surplus = _unmatched(wanted_rows, found_rows)
    more = tuple(name for name in _SAID_TOO if found and name in found[0] and name not in columns)
    if not missing and not surplus:
        if ordered and not all(map(_agree, wanted_rows, found_rows)):
            came = ", ".join(_who(columns, row) for row in found_rows)
            return [f"{where} has the right rows in another order: they came as {came}"]
        return []
    told = {row: tuple(one[name] for name in more) for one, row in zip(found, found_rows, strict=True)}
    return list(_told(where, columns, missing, surplus, more, told))


def _unmatched(wanted: Sequence[Row], found: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The wanted rows that nothing found agrees with, and the found rows that are left."""
    left, missing = list(found), []
    for row in wanted:
        same = next((one for one in left if _agree(row, one)), None)
        if same is None:
            missing.append(row)
        else:
            left.remove(same)
    return missing, left


def _agree(wanted: Row, found: Row) -> bool:
    return all(map(_same, wanted, found))


def _same(wanted: str, found: str) -> bool:
    """A cell that ends with three dots is compared by its beginning, because a warning may be long."""
    return found.startswith(wanted[:-3]) if wanted.endswith("...") else wanted == found


def _told(
    where: str,
    columns: Sequence[str],
    missing: list[Row],
    surplus: list[Row],
    more: Sequence[str],
    cells: Mapping[Row, Row],
) -> Iterator[str]:
    """`more` are columns that the table leaves out, with their `cells`: they say which row was not expected."""
    left = list(surplus)
    for wanted in missing:
        near = max(left, key=lambda row: _alike(columns, wanted, row), default=None)
        if near is None or _alike(columns, wanted, near) < 0:
            yield f"{where} should have {_whole(columns, wanted)}, but has no such row"
            continue
        left.remove(near)
        parts = [
            f"{name} {_shown(one)} but has {_shown(other)}"
            for name, one, other in zip(columns, wanted, near, strict=True)
            if not _same(one, other)
        ]
        yield f"{where}: {_who(columns, wanted)} should have {' and '.join(parts)}"
    for row in left:
        yield f"{where} has {_whole((*columns, *more), (*row, *cells[row]))}, which was not expected"


def _alike(columns: Sequence[str], wanted: Row, row: Row) -> int:
    """How many cells are equal; -1 when the two are about different patients, or share nothing."""
    named = dict(zip(columns, zip(wanted, row, strict=True), strict=True))
    one, other = named.get("patient", ("", ""))
    equal = sum(_same(a, b) for a, b in named.values())
    # With one column, a row that differs is another row.
    return -1 if one != other or (len(columns) == 1 or not equal) else equal


def _who(columns: Sequence[str], row: Row) -> str:
    cells = [cell for name, cell in zip(columns, row, strict=True) if name in _WHO and cell]
    return " ".join(cells[:3]) or "a row"


def _whole(columns: Sequence[str], row: Row) -> str:
    cells: TextRow = dict(zip(columns, row, strict=True))
    rest = ", ".join(f"{name} {cell}" for name, cell in cells.items() if name not in _WHO and cell)
    who = _who(columns, row)
    return f"{who} ({rest})" if rest else who


def _shown(cell: str) -> str:
    return f"`{cell}`" if cell else "nothing"
