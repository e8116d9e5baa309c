"""Words a schema fault of a service.toml in plain English, and says what to write instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import did_you_mean
from .kinds import keys_of, kind_of, kinds_with

_A_KIND = {
    "string": 'a text; write it in quotes: "TEXT"',
    "integer": "a whole number; write it without quotes",
    "number": "a number; write it without quotes",
    "boolean": "true or false; write it without quotes",
    "array": "a list; write it in square brackets",
    "object": "a table; write its keys under a heading in square brackets",
}
_HELP = "that is not allowed here; see docs/reference/service-toml.md"


def in_words(error: Any) -> str:
    """What is wrong and what to write; `error` is one of jsonschema's."""
    said = _SAID.get(error.validator)
    about = error.schema.get("description") if isinstance(error.schema, Mapping) else None
    if said is None:
        return f"that is not allowed here; it must be {about}" if about else _HELP
    return said(error, about)


def _type(error: Any, _: str | None) -> str:
    wanted, given = error.validator_value, error.instance
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    if kinds == ["string"] and isinstance(given, int | float) and not isinstance(given, bool):
        return f'it must be a text; write it in quotes: "{given}"'
    return f"it must be {' or '.join(_A_KIND.get(kind, kind) for kind in kinds)}"


def _required(error: Any, _: str | None) -> str:
    # jsonschema gives one error for each missing key, and the key is the only quoted word of its message.
    key = str(error.message).split(chr(39))[1]
    return f"the key `{key}` is missing; add it{_as_in(error.schema, key)}"


def _as_in(node: Mapping[str, Any], key: str) -> str:
    """An example of a key, when the schema has one: `, as in unit = "months"`."""
    examples = node.get("properties", {}).get(key, {}).get("examples", ())
    return f", as in {key} = {in_toml(examples[0])}" if examples else ""


def in_toml(value: object) -> str:
    """A value as a service.toml has it."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {in_toml(inner)}' for key, inner in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _unknown_key(error: Any, _: str | None) -> str:
    known = keys_of(error.schema, error.instance)
    unknown = sorted(set(error.instance) - set(known))
    return ", ".join(_unknown_name(error.schema, error.instance, name, set(known)) for name in unknown)


def _unknown_name(node: Mapping[str, Any], table: Mapping[str, Any], name: str, known: set[str]) -> str:
    if others := kinds_with(node, name):
        what, key = node["x-kind"]["of"], node["x-kind"]["key"]
        return f"{what} of {key} {table[key]} does not use `{name}` ({', '.join(others)} does); leave it out"
    return f"unknown key `{name}`; {did_you_mean(name, known - set(table)) or 'leave it out'}"


def is_told_elsewhere(error: Any) -> bool:
    """Whether another fault says the same: a table of an unknown kind, or a known key whose value is wrong."""
    if error.validator != "unevaluatedProperties":
        return False
    return not kind_of(error.schema, error.instance) or set(error.instance) <= set(
        keys_of(error.schema, error.instance)
    )


def _dependent(error: Any, _: str | None) -> str:
    missing, _comma, given = (str(error.message).split(chr(39))[place] for place in (1, 2, 3))
    return f"`{given}` needs `{missing}` beside it; add it"


def _one_of(error: Any, _: str | None) -> str:
    return f"{_shown(error.instance)} is not allowed here; write one of {_listed(error.validator_value)}"


def _pattern(error: Any, about: str | None) -> str:
    wanted = about or "a name of small letters, figures and hyphens that begins with a letter"
    return f"{_shown(error.instance)} is not {wanted}"


def _not(error: Any, _: str | None) -> str:
    keys = error.validator_value.get("required", ())
    return f"{' and '.join(keys)} cannot be used together; leave one out" if keys else _HELP


def _any_of(error: Any, about: str | None) -> str:
    keys = [one["required"][0] for one in error.validator_value if "required" in one]
    if keys:
        return f"one of the keys {' and '.join(keys)} is missing; add it"
    return f"that is not allowed here; it must be {about or 'a name, or a list of names, in quotes'}"


def _const(error: Any, _: str | None) -> str:
    return f"{_shown(error.instance)} is not allowed here; write {_shown(error.validator_value)}"


def _limit(text: str) -> Callable[[Any, str | None], str]:
    return lambda error, _: text.format(error.validator_value)


def _shown(value: object) -> str:
    return repr(value)[:100]


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(_shown, values))


_SAID: dict[str, Callable[[Any, str | None], str]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _unknown_key,
    "unevaluatedProperties": _unknown_key,
    "dependentRequired": _dependent,
    "enum": _one_of,
    "const": _const,
    "pattern": _pattern,
    "not": _not,
    "anyOf": _any_of,
    "format": lambda error, _: f"{_shown(error.instance)} is not a date of the calendar; write one as 2026-04-01",
    "minLength": _limit("the text is empty; fill it in"),
    "maxLength": _limit("the text is too long; write at most {} characters"),
    "minItems": _limit("the list has too few entries; write at least {}"),
    "uniqueItems": _limit("an entry is in the list twice; leave one out"),
    "minimum": _limit("the number is too small; write {} or more"),
    "maximum": _limit("the number is too large; write {} or less"),
    "minProperties": _limit("it has too few keys; write at least {}"),
}
