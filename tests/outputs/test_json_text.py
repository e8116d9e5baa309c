from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.errors import LesError
from lescli.outputs import Answer
from lescli.outputs.answer import indented, json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def shown(data: Any) -> str:
    return json_text(Answer(data=data, title="", grids=()))


def test_the_bytes_are_always_the_same() -> None:
    assert shown({"b": "é", "a": [1, None]}) == '{\n  "b": "é",\n  "a": [\n    1,\n    null\n  ]\n}\n'


@given(VALUES | st.floats(allow_nan=False, allow_infinity=False))
def test_it_is_indented_as_json_dumps_does(data: Any) -> None:
    for value in (data, {"a": data, "b": (data,)}):
        assert indented(value) == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused(number: float) -> None:
    with pytest.raises(LesError, match="number that JSON cannot write"):
        shown({"value": number})


@given(VALUES)
def test_the_value_survives_a_round_trip_without_control_characters(data: Any) -> None:
    text = shown([data])
    assert json.loads(text.encode("utf-8")) == [data]
    assert text.replace("\n", "").isprintable() or not set(text) & set("\x1b\x7f\x9b\u202e")


def test_a_lone_surrogate_can_be_written() -> None:
    assert shown("\ud800") == '"\\ud800"\n'


@pytest.mark.parametrize("data", [{"schema": "les-x/1", "a": 1}, {"a": 1}])
def test_an_identifiable_answer_says_so_after_its_schema(data: dict[str, Any]) -> None:
    marked = json.loads(json_text(Answer(data=data, title="", grids=(), identifiable=True)))
    assert marked == {**data, "identifiable": True}
    assert list(marked)[-2:] == ["identifiable", "a"]
    several = json.loads(json_text(Answer(data=[data, data], title="", grids=(), identifiable=True)))
    assert several == [marked, marked]
    assert json.loads(json_text(Answer(data=data, title="", grids=()))) == data
