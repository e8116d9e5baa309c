"""The records of an answer, or its first grid, as a Parquet file: for an analyst, with a type for each column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from ..errors import LesError
from .answer import Answer, Column, Grid, Kind
from .table import IDENTIFIABLE, as_date, plain

_WHOLE = frozenset({Kind.PENCE, Kind.COUNT})


def check_installed() -> None:
    """LesError when the library that writes Parquet is not there."""
    if find_spec("pyarrow") is None:
        raise LesError("a .parquet file needs pyarrow", "type `pip install 'lescli[analysis]'`, or write a .csv file")


def parquet(answer: Answer) -> bytes:
    """Days are dates, counts and pence whole numbers, codes text. A column with words among its numbers is text.

    A file that names patients has an empty last column whose name says so, as a `.csv` file has.
    """
    check_installed()
    # By their names: they have no types, and need not be installed.
    arrow: Any = import_module("pyarrow")
    writer: Any = import_module("pyarrow.parquet")
    grid = answer.records or (answer.grids[0] if answer.grids else Grid(title="", columns=(), rows=()))
    columns = {
        column.name: _typed(arrow, column, [row[place] for row in grid.rows])
        for place, column in enumerate(grid.columns)
    }
    if answer.identifiable:
        columns[IDENTIFIABLE] = arrow.nulls(len(grid.rows), arrow.string())
    file = BytesIO()
    writer.write_table(arrow.table(columns), file)
    return file.getvalue()


def _typed(arrow: Any, column: Column, values: Sequence[object]) -> Any:
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, bool) for value in given):
        return arrow.array(values, arrow.bool_())
    if column.kind in _WHOLE and all(type(value) is int for value in given):
        return arrow.array(values, arrow.int64())
    if column.kind is Kind.NUMBER and all(isinstance(value, int | float) for value in given):
        return arrow.array([None if value is None else float(str(value)) for value in values], arrow.float64())
    days = [as_date(value, column.kind) for value in given]
    if given and all(type(day) is date for day in days):
        return arrow.array([as_date(value, column.kind) for value in values], arrow.date32())
    return arrow.array([None if value is None else plain(value) for value in values], arrow.string())
