"""Turns the frozen values of an answer into JSON and into table cells, so that a day stays a date until it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from ..outputs import Column

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def as_json(value: DataclassInstance) -> dict[str, Any]:
    """A frozen value as a JSON object: its fields in their order, dates as 2026-05-01 and tuples as lists."""
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def as_cells(values: Iterable[DataclassInstance], columns: Sequence[Column]) -> tuple[tuple[object, ...], ...]:
    """One table row for each value: the fields that the columns name."""
    return tuple(tuple(getattr(value, column.name) for column in columns) for value in values)
