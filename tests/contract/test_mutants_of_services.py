"""A service's own patients notice every number: break one in its service.toml, and `les services test` fails.

Every number, amount, date and number of a table is broken, each by one step up and one step down: a day, a penny, the
last figure of a decimal. What is only text is left out: titles, clauses, notes and other prose, codes and the names of
columns. A number in the name of a choice is the word that a person types.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lescli.services import service_of
from lescli.specification.parse import service_from
from lescli.testing.service_tests import failures, prepared

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SERVICES = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]["lescli.services"]
PROSE = {
    "title",
    "clause",
    "note",
    "text",
    "fix",
    "document",
    "commissioner",
    "plural",
    "snomed",
    "read2",
    "ctv3",
    "columns",
}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Way = tuple[Any, ...]


def numbers(node: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Every number and date of a service.toml that is not prose, with the way to it."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key not in PROSE:
                yield from numbers(inner, (*way, key))
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from numbers(inner, (*way, place))
    elif (isinstance(node, int | float) and not isinstance(node, bool)) or (
        isinstance(node, str) and (NUMBER.fullmatch(node) or DAY.fullmatch(node))
    ):
        yield way, node


def broken(value: Any, step: int, days: int = 1) -> Any:
    """The value one step up or down; a date by so many days."""
    if isinstance(value, str) and DAY.fullmatch(value):
        return (date.fromisoformat(value) + timedelta(days=step * days)).isoformat()
    number = Decimal(str(value))
    changed = number + step * Decimal(1).scaleb(int(number.as_tuple().exponent))
    return str(changed) if isinstance(value, str) else type(value)(changed)


def days_of_a_step(data: dict[str, Any], way: Way) -> int:
    """By how many days to break a date: 366 for the price of an item that is paid by the month, quarter or year.

    Such a price holds for the whole of the period in which it begins, so a day makes no difference to it.
    """
    return 366 if way[0] == "item" and way[-1] == "from" and data["item"][way[1]]["kind"] != "per-activity" else 1


def changed(data: dict[str, Any], way: Way, value: Any) -> dict[str, Any]:
    """A copy with another value at the end of a way."""
    copy = deepcopy(data)
    holder: Any = copy
    for step in way[:-1]:
        holder = holder[step]
    holder[way[-1]] = value
    return copy


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_broken_number_is_noticed(name: str) -> None:
    package = SERVICES[name]
    service = service_of(importlib.import_module(package), origin="package")
    data = tomllib.loads(files(package).joinpath("service.toml").read_text(encoding="utf-8"))
    tests, faults = prepared(service, files(package).joinpath("tests.toml").read_bytes())
    assert faults == ()
    assert [told for one in tests for told in failures(one, service)] == []
    found = list(numbers(data))
    assert found
    unnoticed = []
    killers = list(tests)
    for way, value in found:
        for step in (1, -1):
            new = broken(value, step, days_of_a_step(data, way))
            mutant = service.with_spec(service_from(changed(data, way, new), "mutant"))
            killer = next((one for one in killers if failures(one, mutant)), None)
            if killer is None:
                unnoticed.append(f"{'.'.join(map(str, way))}: {value} -> {new}")
            else:
                # The test that noticed one number often notices its neighbour.
                killers.remove(killer)
                killers.insert(0, killer)
    assert not unnoticed, "\n".join(unnoticed)
