"""An answer's frozen values as JSON and as table cells."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import pytest

from lescli.operations.claim.unregistered import UnregisteredPatient
from lescli.operations.patients.doubts import ClaimedInDoubt, DoubtRow
from lescli.operations.patients.recall import LeftOut, RecallRow
from lescli.operations.values import as_cells, as_json
from lescli.outputs import Column
from lescli_schemas import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A value with each kind of field."""

    on: date
    again_on: date | None
    count: int
    evidence: tuple[str, ...]


VISIT = Visit(on=date(2026, 5, 4), again_on=None, count=2, evidence=("activity:1", "activity:2"))


def test_json_has_the_fields_in_order_with_dates_as_text_and_tuples_as_lists() -> None:
    assert list(as_json(VISIT).items()) == [
        ("on", "2026-05-04"),
        ("again_on", None),
        ("count", 2),
        ("evidence", ["activity:1", "activity:2"]),
    ]


def test_cells_keep_dates_as_dates() -> None:
    columns = (Column("count", "Count"), Column("on", "On"))
    assert as_cells([VISIT], columns) == ((2, date(2026, 5, 4)),)


@pytest.mark.parametrize(
    ("value", "schema", "definition"),
    [
        (RecallRow, "recall", "recall"),
        (LeftOut, "recall", "left_out"),
        (UnregisteredPatient, "register", "unregistered_patient"),
        (DoubtRow, "doubts", "doubt"),
        (ClaimedInDoubt, "claims", "in_doubt"),
    ],
)
def test_a_value_has_the_fields_of_its_schema(
    value: type[RecallRow | LeftOut | UnregisteredPatient | DoubtRow | ClaimedInDoubt], schema: str, definition: str
) -> None:
    assert {field.name for field in fields(value)} == load(schema)["$defs"][definition]["properties"].keys()
