"""Turns the frozen values of an answer into JSON and into table cells, so that a day stays a date until it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, overload

from ..calendar import Month
from ..outputs import Column

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LEFT_OUT = {"json": "left out when empty"}
"""The metadata of a field that the JSON has only when there is something in it."""

TABLE_ONLY = {"json": "never"}
"""The metadata of a field that only the table shows."""


def as_json(value: DataclassInstance) -> dict[str, Any]:
    """A frozen value as a JSON object: its fields in their order, dates as 2026-05-01 and tuples as lists."""
    told: dict[str, Any] = {}
    for name, key, unless_empty in _json_fields(type(value)):
        held = getattr(value, name)
        if not (unless_empty and _is_empty(held)):
            # Most values are text, and a long list has a hundred thousand of them.
            told[key] = held if type(held) is str else _plain(held)
    return told


@cache
def _json_fields(kind: type[DataclassInstance]) -> tuple[tuple[str, str, bool], ...]:
    """The fields that the JSON has: name, key, and whether an empty one is left out."""
    return tuple(
        # `from` is a word of Python, so that field is named `from_`.
        (field.name, field.name.removesuffix("_"), field.metadata == LEFT_OUT)
        for field in fields(kind)
        if field.metadata != TABLE_ONLY
    )


def _is_empty(held: object) -> bool:
    return not held and held is not False


def _plain(value: object) -> object:
    if type(value) is str or value is None:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Month):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return as_json(value) if is_dataclass(value) and not isinstance(value, type) else value


class Cells(Sequence[tuple[object, ...]]):
    """The rows of a table, each made when it is shown: an answer as JSON shows none of them."""

    def __init__(self, values: Iterable[DataclassInstance], columns: Sequence[Column]) -> None:
        self._values = tuple(values)
        self._named = [(f"{column.name}_" if iskeyword(column.name) else column.name, column) for column in columns]

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, place: int) -> tuple[object, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[object, ...]]: ...
    def __getitem__(self, place: int | slice) -> tuple[object, ...] | Sequence[tuple[object, ...]]:
        if isinstance(place, slice):
            return [self._row(value) for value in self._values[place]]
        return self._row(self._values[place])

    def _row(self, value: DataclassInstance) -> tuple[object, ...]:
        return tuple([_cell(getattr(value, name), column) for name, column in self._named])


def as_cells(values: Iterable[DataclassInstance], columns: Sequence[Column]) -> Cells:
    """One table row for each value: the fields that the columns name."""
    return Cells(values, columns)


def _cell(value: object, column: Column) -> object:
    """Several values stand in one cell, joined as the column says; named values as `name=value`."""
    if isinstance(value, tuple):
        return column.between.join(map(str, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={one}" for name, one in value.items())
    return value.value if isinstance(value, StrEnum) else value
