"""A Parquet file has a type for each column, so that an analyst need not guess."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from lescli.errors import LesError
from lescli.outputs import Answer, Column, Grid, Kind, parquet
from lescli.outputs.formats import check_out
from lescli.outputs.table import IDENTIFIABLE


def read(answer: Answer) -> Any:
    return pyarrow.parquet.read_table(BytesIO(parquet.parquet(answer)))


def answer_of(*columns: tuple[Column, list[object]], identifiable: bool = False) -> Answer:
    rows = tuple(zip(*(values for _, values in columns), strict=True))
    grid = Grid(title="t", columns=tuple(column for column, _ in columns), rows=rows)
    return Answer(data={}, title="t", grids=(grid,), identifiable=identifiable)


@pytest.mark.parametrize(
    ("kind", "values", "type_", "held"),
    [
        (Kind.COUNT, [1, None], "int64", [1, None]),
        (Kind.PENCE, [12345678901, 0], "int64", [12345678901, 0]),
        (Kind.COUNT, [1, "*"], "string", ["1", "*"]),
        (Kind.NUMBER, [1, 2.5], "double", [1.0, 2.5]),
        (Kind.DATE, ["2026-05-01", None], "date32[day]", [date(2026, 5, 1), None]),
        (Kind.DATE, [date(2026, 5, 1)], "date32[day]", [date(2026, 5, 1)]),
        (Kind.DATE, ["soon", "2026-05-01"], "string", ["soon", "2026-05-01"]),
        (Kind.CODE, ["007", "=1+1"], "string", ["007", "=1+1"]),
        (Kind.TEXT, [True, False], "bool", [True, False]),
        (Kind.TEXT, [True, "x"], "string", ["yes", "x"]),
        (Kind.TEXT, [None, None], "string", [None, None]),
        (Kind.COUNT, [], "int64", []),
    ],
)
def test_each_kind_has_its_type(kind: Kind, values: list[object], type_: str, held: list[object]) -> None:
    table = read(answer_of((Column("a", "A", kind), values)))
    assert str(table.schema.field("a").type) == type_
    assert table.column("a").to_pylist() == held


def test_a_file_that_names_patients_says_so() -> None:
    table = read(answer_of((Column("nhs_number", "NHS number", Kind.CODE), ["9990000018"]), identifiable=True))
    assert table.column_names == ["nhs_number", IDENTIFIABLE]


def test_the_same_answer_has_the_same_bytes() -> None:
    answer = answer_of((Column("a", "A", Kind.COUNT), [1, 2, 3]))
    assert parquet.parquet(answer) == parquet.parquet(answer)


def test_without_the_library_it_is_refused_before_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    with pytest.raises(LesError, match=r"lescli\[analysis\]"):
        check_out(tmp_path / "x.parquet")
