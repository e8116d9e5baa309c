"""The values made in half the time are the same frozen values."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, dataclass, field, fields, make_dataclass
from datetime import date
from typing import Any

import pytest

from lescli.model import Activity, ClaimRow, Patient, Recall, RegisterEntry
from lescli.model.quick import quickly_made
from lescli.operations.patients.recall import RecallRow

KINDS = (Activity, ClaimRow, Patient, Recall, RecallRow, RegisterEntry)


@pytest.mark.parametrize("kind", KINDS)
def test_a_quick_value_is_made_as_a_plain_one(kind: type[Any]) -> None:
    plain = make_dataclass(
        kind.__name__,
        [(one.name, one.type, field(default=one.default)) for one in fields(kind)],
        frozen=True,
        slots=True,
        kw_only=True,
    )
    assert inspect.signature(kind) == inspect.signature(plain)
    given = {one.name: f"the {one.name}" for one in fields(kind)}
    value = kind(**given)
    assert {one.name: getattr(value, one.name) for one in fields(kind)} == given
    assert value == kind(**given)


def test_a_quick_value_keeps_its_defaults_and_stays_frozen() -> None:
    value = Recall(nhs_number="9990000018", kind="dose", due_on=date(2026, 6, 1), clause="2")
    assert (value.last_done_on, value.invitations, value.evidence, value.note) == (None, 0, (), "")
    with pytest.raises(FrozenInstanceError):
        value.note = "changed"  # type: ignore[misc]
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'clause'"):
        Recall(nhs_number="9990000018", kind="dose", due_on=date(2026, 6, 1))  # type: ignore[call-arg]


def test_a_default_that_each_value_makes_anew_is_refused() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Listed:
        each: tuple[str, ...] = field(default_factory=tuple)

    with pytest.raises(TypeError, match=r"Listed\.each must be a keyword with a plain default"):
        quickly_made(Listed)
