"""One answer that holds everything an output can get wrong; the patients are synthetic."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date

import pytest

from lescli.outputs import Answer, Column, Event, Grid, Kind, Mail

COLUMNS = (
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("code", "Code", Kind.CODE),
    Column("name", "Name"),
    Column("due_on", "Due", Kind.DATE),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("quantity", "Number", Kind.COUNT),
    Column("value", "Value", Kind.NUMBER),
)
ROWS: tuple[tuple[object, ...], ...] = (
    ("9990000018", "999000051000000107", '=HYPERLINK("http://x")', date(2026, 5, 1), 24000, 12, 2.5),
    ("9990000026", "0012345", "80,443 | <b>é王\x1b[31m\x9b", None, -500, None, -7),
)


@pytest.fixture
def answer() -> Answer:
    return Answer(
        data={"schema": "les-recall/1", "as_of": "2026-05-01", "name": "é"},
        title="Recall on 01 May 2026",
        grids=(
            Grid(title="Who is due", columns=COLUMNS, rows=ROWS),
            Grid(title="Nobody: at/all", columns=COLUMNS, rows=(), empty="nobody waits"),
        ),
        notes=("two patients have no phone",),
        identifiable=True,
        events=(Event(uid="denosumab-2026-05@les", day=date(2026, 6, 10), title="Claim; denosumab, May"),),
        mail=Mail(to="claims@example.org", subject="Claim", body="Dear all,\n\n£240.00\n"),
    )


@pytest.fixture
def cell() -> Callable[[object, Kind], Answer]:
    """An answer of one cell."""

    def of(value: object, kind: Kind = Kind.TEXT) -> Answer:
        grid = Grid(title="T", columns=(Column("c", "C", kind),), rows=((value,),))
        return Answer(data={}, title="T", grids=(grid,))

    return of


@pytest.fixture
def environment() -> Callable[..., dict[str, str]]:
    """The environment of a subprocess that finds the same packages."""

    def with_(**changes: str) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **changes}

    return with_
