"""Whatever stands in a key of a service.toml, the check answers with lines a person can read, and never fails."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from lescli.errors import SpecificationError
from lescli.specification import parse_specification
from lescli.specification.shape_words import in_toml
from tests.docs.test_examples_of_keys import FILES
from tests.specification.broken import RIGHT

WRONG: tuple[Any, ...] = (
    *("", " ", "x", "TRUE", "5", "1.5", "£5", "2026-04-31", "01/04/2026", "a|b", "a,b", "ünbekannt", "A" * 2001),
    *(0, -1, 5, 10**12, 1.5, True, date(2026, 4, 1), datetime(2026, 4, 1, 9, tzinfo=UTC), time(9)),
    *([], [[]], ["x"], [1], [{}], {}, {"x": 1}, {"x": {}}),
)
PYTHON = re.compile(r"datetime|Traceback|Exception|\^\[|\bNone\b|\bTrue\b|\bFalse\b|\bdict\b|\btuple\b|\{'|\['|Error")


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _places(inner, (*path, number))


def _with(data: dict[str, Any], path: tuple[Any, ...], value: Any) -> str:
    changed = deepcopy(data)
    inner: Any = changed
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return "\n".join(f"{key} = {_toml(value)}" for key, value in changed.items())


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {_toml(inner)}' for key, inner in value.items()) + "}"
    return value.isoformat() if isinstance(value, date | time) else in_toml(value)


def _told(text: str) -> list[str]:
    try:
        parse_specification(text.encode(), where="service.toml")
    except SpecificationError as fault:
        return list(fault.problems)
    return []


DATA = tomllib.loads(RIGHT)


PLACES = list(_places(DATA))


@pytest.mark.parametrize("number", range(len(PLACES)))
def test_a_wrong_value_is_told_in_plain_words(number: int) -> None:
    path = PLACES[number]
    for value in WRONG[number % 3 :: 3]:  # The values take turns, because a check takes its time.
        told = _told(_with(DATA, path, value))
        assert not [line for line in told if PYTHON.search(line.replace(repr(value), ""))], (value, told)


@pytest.mark.parametrize("place", list(FILES)[::15])
def test_a_wrong_value_beside_an_example_never_fails(place: str) -> None:
    data = FILES[place]
    paths = [path for path in _places(data) if path[0] == place.split(" ", 1)[0]]
    for path in paths[:: max(1, len(paths) // 5)]:
        for value in WRONG[::7]:
            assert not [line for line in _told(_with(data, path, value)) if PYTHON.search(line)]
