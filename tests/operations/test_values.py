"""An answer's frozen values as JSON and as table cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import pytest

from lescli.calendar import Month
from lescli.model import Verdict
from lescli.operations.claim.preview import ActivityShown
from lescli.operations.claim.unregistered import UnregisteredPatient
from lescli.operations.claims.list import AccountRow, ClaimRow, ClaimsShown
from lescli.operations.claims.support import DiscrepancyRow
from lescli.operations.claims.view import FrozenRow, Reversal, Withdrawal
from lescli.operations.evidence_view import PackClaim
from lescli.operations.patients.doubts import ClaimedInDoubt, DoubtRow
from lescli.operations.patients.explain import ActivityRow, DeclinedRow, Explained, IncidentRow, PlannedRow
from lescli.operations.patients.recall import LeftOut, RecallRow, Said
from lescli.operations.patients.register import AdviceLine, EntryRow, RegisterShown
from lescli.operations.services import ServiceRow, ServiceShown
from lescli.operations.values import LEFT_OUT, TABLE_ONLY, as_cells, as_json
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """A value with values in it, and with fields that the JSON may lack."""

    month: Month
    visits: tuple[Visit, ...]
    details: Mapping[str, date]
    verdict: Verdict
    from_: date
    supported: bool | None = field(default=None, metadata=LEFT_OUT)
    notes: tuple[str, ...] = field(default=(), metadata=LEFT_OUT)
    shown: str = field(default="", metadata=TABLE_ONLY)


VISITS = Visits(
    month=Month(2026, 5),
    visits=(VISIT,),
    details={"seen_on": date(2026, 5, 5), "left_on": date(2026, 5, 6)},
    verdict=Verdict.PAYABLE,
    from_=date(2026, 5, 1),
)


def test_json_has_the_fields_in_order_with_dates_as_text_and_tuples_as_lists() -> None:
    assert list(as_json(VISIT).items()) == [
        ("on", "2026-05-04"),
        ("again_on", None),
        ("count", 2),
        ("evidence", ["activity:1", "activity:2"]),
    ]


def test_json_of_values_in_values() -> None:
    assert list(as_json(VISITS).items()) == [
        ("month", "2026-05"),
        ("visits", [as_json(VISIT)]),
        ("details", {"seen_on": "2026-05-05", "left_on": "2026-05-06"}),
        ("verdict", "payable"),
        ("from", "2026-05-01"),
    ]
    assert type(as_json(VISITS)["verdict"]) is str


def test_json_leaves_out_what_is_empty_but_not_what_is_false() -> None:
    full = as_json(replace(VISITS, supported=False, notes=("late",), shown="a"))
    assert (full["supported"], full["notes"], "shown" in full) == (False, ["late"], False)


def test_a_cell_with_several_values_joins_them() -> None:
    columns = (Column("evidence", "Evidence"), Column("evidence", "Evidence", between=" "))
    assert tuple(as_cells([VISIT], columns)) == (("activity:1, activity:2", "activity:1 activity:2"),)
    named = (Column("details", "Details"), Column("verdict", "Verdict"), Column("shown", "Shown"))
    assert tuple(as_cells([VISITS], named)) == (("seen_on=2026-05-05; left_on=2026-05-06", "payable", ""),)


def test_cells_keep_dates_as_dates() -> None:
    columns = (Column("count", "Count"), Column("on", "On"))
    cells = as_cells([VISIT], columns)
    assert tuple(cells) == ((2, date(2026, 5, 4)),)
    assert (len(cells), cells[-1], list(cells[:1])) == (1, cells[0], [cells[0]])


@pytest.mark.parametrize(
    ("value", "schema", "definition"),
    [
        (RecallRow, "recall", "recall"),
        (LeftOut, "recall", "left_out"),
        (UnregisteredPatient, "register", "unregistered_patient"),
        (RegisterShown, "register", ""),
        (EntryRow, "register", "entry"),
        (AdviceLine, "register", "advice"),
        (Explained, "explain", ""),
        (PlannedRow, "explain", "planned"),
        (DeclinedRow, "explain", "declined"),
        (ActivityRow, "explain", "activity"),
        (IncidentRow, "explain", "incident"),
        (Said, "explain", "answer"),
        (DoubtRow, "doubts", "doubt"),
        (ActivityShown, "claim", "row"),
        (ClaimsShown, "claims", ""),
        (ClaimRow, "claims", "claim"),
        (AccountRow, "claims", "account"),
        (DiscrepancyRow, "claims", "discrepancy"),
        (FrozenRow, "claim-shown", "row"),
        (Reversal, "claim-shown", "reversal"),
        (Withdrawal, "claim-shown", "withdrawal"),
        (PackClaim, "evidence", "claim"),
        (ServiceRow, "services", "service"),
        (ServiceShown, "service-shown", ""),
        (ClaimedInDoubt, "claims", "in_doubt"),
    ],
)
def test_a_value_has_the_fields_of_its_schema(value: type[Any], schema: str, definition: str) -> None:
    """With no definition, the whole answer; every answer that names patients is marked `identifiable` when shown."""
    whole = load(schema)
    described = whole["$defs"][definition] if definition else whole
    told = {one.name.removesuffix("_") for one in fields(value) if one.metadata != TABLE_ONLY}
    assert set(described["required"]) - {"identifiable"} <= told <= described["properties"].keys()
    optional = {one.name for one in fields(value) if one.metadata == LEFT_OUT}
    assert not optional & set(described["required"])
