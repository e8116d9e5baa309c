"""Every wrong shape of a service.toml is reported in plain English, with a cure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lescli.specification.shape_words import _SAID, in_words
from lescli_schemas import load

_WORDLESS = {
    *("$schema", "$id", "$ref", "$defs", "title", "description", "properties", "items", "propertyNames"),
    *("if", "then", "allOf", "additionalProperties", "default", "examples"),
    *("x-kind", "x-names", "x-values", "x-needs", "x-has", "x-unique"),
}


def words(value: object, schema: dict[str, Any]) -> list[str]:
    return [in_words(error) for error in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize(
    ("value", "schema", "told"),
    [
        (90, {"type": "string"}, 'it is a number; write it in quotes: "90"'),
        ("90", {"type": "integer"}, "it is a text; write it without quotes: 90"),
        ("x", {"type": "integer"}, "it must be a whole number; write it without quotes"),
        (date(2026, 4, 1), {"type": "string"}, 'it is a date without quotes; write it in quotes: "2026-04-01"'),
        ("a", {"type": "array"}, 'it is one text; write a list in square brackets: ["a"]'),
        ("yes", {"type": "boolean"}, "it is a text; write it without quotes: true"),
        ({}, {"required": ["clause"]}, "the key `clause` is missing; add it"),
        (
            {"clase": "1"},
            {"properties": {"clause": {}}, "additionalProperties": False},
            "unknown key `clase`; did you mean `clause`?",
        ),
        (
            {},
            {"required": ["unit"], "properties": {"unit": {"examples": ["months"]}}},
            'the key `unit` is missing; add it, as in unit = "months"',
        ),
        ({"a": 1}, {"dependentRequired": {"a": ["b"]}}, "`a` needs `b` beside it; add it"),
        ("x", {"enum": ["a", "b"]}, '"x" is not allowed here; write one of "a", "b"'),
        ("X", {"pattern": "^[a-z]$", "description": "a small letter"}, '"X" is not a small letter; write "x"'),
        ("", {"minLength": 1}, "the text is empty; fill it in"),
        ("abc", {"maxLength": 2}, "the text is too long; write at most 2 characters"),
        ([], {"minItems": 1}, "the list has too few entries; write at least 1"),
        ([1, 1], {"uniqueItems": True}, "an entry is in the list twice; leave one out"),
        (0, {"minimum": 1}, "the number is too small; write 1 or more"),
        (9, {"maximum": 8}, "the number is too large; write 8 or less"),
        ({"a": 1, "b": 2}, {"not": {"required": ["a", "b"]}}, "a and b cannot be used together; leave one out"),
        ({}, {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "one of the keys a and b is missing; add it"),
        ({}, {"minProperties": 1}, "it has too few keys; write at least 1"),
    ],
)
def test_a_wrong_shape_is_reported_with_its_cure(value: object, schema: dict[str, Any], told: str) -> None:
    assert words(value, schema) == [told]


def _keywords(node: object, *, is_schema: bool = True) -> Iterator[str]:
    if isinstance(node, dict):
        for name, inner in node.items():
            if is_schema:
                yield name
            if name in ("examples", "dependentRequired", "x-kind", "x-names", "x-values"):
                continue
            yield from _keywords(inner, is_schema=not (is_schema and name in ("properties", "$defs")))
    elif isinstance(node, list):
        for inner in node:
            yield from _keywords(inner)


def test_every_schema_rule_that_can_be_broken_has_its_own_words() -> None:
    assert set(_keywords(load("service"))) - _WORDLESS <= set(_SAID)
