"""`past` and `range` of a register detail in a service.toml are read, and refused on a type they do not fit."""

from __future__ import annotations

import pytest

from lescli.errors import SpecificationError
from lescli.model import Plausible, ServiceSpec
from lescli.specification import parse_specification
from tests.specification.test_after_payment import PLAIN


def read(type_: str, more: str) -> ServiceSpec:
    detail = f"""
[[register.detail]]
name = "a"
title = "A"
type = "{type_}"
required = false
clause = "3"
{more}
"""
    return parse_specification((PLAIN + detail).encode(), where="bloods")


def test_past_and_range_of_a_detail_are_read() -> None:
    past = read("date", "past = true").register.field("a")
    number = read("number", 'range = { least = -10, clause = "3" }').register.field("a")
    plain = read("date", "").register.field("a")
    assert past is not None and past.past
    assert number is not None and number.range == Plausible(least=-10, most=None, clause="3")
    assert plain is not None and (plain.past, plain.range) == (False, None)


@pytest.mark.parametrize(
    ("type_", "more", "told"),
    [
        ("text", "past = true", "only a date can be past"),
        ("date", 'range = { least = 1, clause = "3" }', "only a number has a range"),
        ("number", 'range = { least = 2, most = 1, clause = "3" }', "least is above most"),
        ("number", "range = { least = 2, most = 3 }", "clause"),
        ("number", 'range = { clause = "3" }', "range"),
    ],
)
def test_past_or_range_on_the_wrong_type_is_a_fault(type_: str, more: str, told: str) -> None:
    with pytest.raises(SpecificationError, match=told):
        read(type_, more)
