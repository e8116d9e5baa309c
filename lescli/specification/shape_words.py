"""Words a schema fault of a service.toml in plain English, and says what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any

from ..errors import did_you_mean
from .kinds import followed, keys_of, kind_of, kinds_with
from .toml_words import written_date

_A_KIND = {
    "string": 'a text; write it in quotes: "TEXT"',
    "integer": "a whole number; write it without quotes",
    "number": "a number; write it without quotes",
    "boolean": "true or false; write it without quotes",
    "array": "a list; write it in square brackets",
    "object": "a table; write its keys under a heading in square brackets",
}
_A_DAY = '"2026-04-01"'
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TRUTH = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}
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
    if "string" in kinds and isinstance(given, date | time):
        return f'it is a date without quotes; write it in quotes: "{given}"'
    if "string" in kinds and isinstance(given, list) and "x-values" in error.schema:
        return f'it is a list; write the values in one text, with | between: "{"|".join(map(str, given))}"'
    if "string" in kinds and type(given) is int and _key(error) == "amount":
        return f'it is a number; write it in quotes: "{given}.00", or "{given / 100:.2f}" if it is in pence'
    if "string" in kinds and isinstance(given, int | float) and not isinstance(given, bool):
        return f'it is a number; write it in quotes: "{_in_figures(error, given)}"'
    if "integer" in kinds and isinstance(given, float):
        return f"{given} has a point; write a whole number, as in {int(given)}"
    if heading := _heading(error.absolute_path):
        if kinds == ["array"] and isinstance(given, Mapping):
            return f"write `[[{heading}]]`, two brackets"
        if kinds == ["object"] and isinstance(given, list):
            return f"write `[{heading}]`, one bracket"
    if isinstance(given, str):
        first = next(iter(error.schema.get("properties", ())), "") if kinds == ["object"] else ""
        if first and len(error.absolute_path) > 1:
            return f"it must be a table, as in {_key(error)} = {{ {first} = {in_toml(given)} }}"
        if (cure := _without_quotes(given, kinds)) is not None:
            return f"it is a text; write it without quotes: {cure}"
        if kinds == ["array"]:
            return f"it is one text; write a list in square brackets: [{in_toml(given)}]"
    return f"it must be {' or '.join(_A_KIND.get(kind, kind) for kind in kinds)}"


def _key(error: Any) -> object:
    """The last part of the place of a fault; None for the file itself."""
    return error.absolute_path[-1] if error.absolute_path else None


def _in_figures(error: Any, given: float) -> str:
    """A number as a text of its key: an amount has pence."""
    return f"{given:.2f}" if _key(error) == "amount" else str(given)


def _heading(path: Sequence[object]) -> str:
    """The heading of a table, as a file has it: `item.price` for the price of the second item."""
    return ".".join(str(part) for part in path if not isinstance(part, int))


def _without_quotes(given: str, kinds: Sequence[str]) -> str | None:
    """How a number, or true or false, is written when somebody wrote it as a text; None when it is neither."""
    text = given.strip().lower()
    if "boolean" in kinds and text in _TRUTH:
        return _TRUTH[text]
    figures = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)
    whole = figures is not None and figures[1] is None
    return text if ("integer" in kinds and whole) or ("number" in kinds and figures) else None


def _required(error: Any, _: str | None) -> str:
    # jsonschema gives one error for each missing key, and the key is the only quoted word of its message.
    key = str(error.message).split(chr(39))[1]
    return f"the key `{key}` is missing; add it{_as_in(error.schema, key)}"


def _as_in(node: Mapping[str, Any], key: str) -> str:
    """An example of a key, when the schema has one: `, as in unit = "months"`."""
    examples = followed(node.get("properties", {}).get(key, {})).get("examples", ())
    return f", as in {key} = {in_toml(examples[0])}" if examples else ""


def in_toml(value: object) -> str:
    """A value as a service.toml has it."""
    if isinstance(value, Mapping):
        keys = (
            f"{key if _BARE.fullmatch(str(key)) else json.dumps(key)} = {in_toml(inner)}"
            for key, inner in value.items()
        )
        return f"{{ {', '.join(keys)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(in_toml, value))}]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _unknown_key(error: Any, _: str | None) -> str:
    known = keys_of(error.schema, error.instance)
    unknown = sorted(set(error.instance) - set(known))
    return ", ".join(_unknown_name(error.schema, error.instance, name, set(known)) for name in unknown)


def _unknown_name(node: Mapping[str, Any], table: Mapping[str, Any], name: str, known: set[str]) -> str:
    if others := kinds_with(node, name):
        what, key = node["x-kind"]["of"], node["x-kind"]["key"]
        article = "an" if what[0] in "aeiou" else "a"
        return f"`{name}` is for {article} {what} of {key} {_one_or(others)}, not {table[key]}; leave it out"
    # A key that is there already is hardly the one that was meant; a heading may be there more than once.
    possible = known if isinstance(table[name], Mapping | list) else known - set(table)
    own = kind_of(node, table).get("properties", ())
    takes = f"this {node['x-kind']['of']} takes {', '.join(own)}; leave `{name}` out" if own else "leave it out"
    return f"unknown key `{name}`; {did_you_mean(name, possible) or takes}"


def _one_or(names: Sequence[str]) -> str:
    return " or ".join([part for part in (", ".join(names[:-1]), names[-1]) if part])


def is_told_elsewhere(error: Any) -> bool:
    """Whether another fault says the same: a date, a table of an unknown kind, or a known key with a wrong value.

    What is no table has no keys that cannot be used together: only that it is no table is told.
    """
    if error.validator == "not" and not isinstance(error.instance, Mapping) and "required" in error.validator_value:
        return True
    if error.validator == "pattern" and error.schema.get("format") == "date":
        return True
    if error.validator != "unevaluatedProperties":
        return False
    return not kind_of(error.schema, error.instance) or set(error.instance) <= set(
        keys_of(error.schema, error.instance)
    )


def _dependent(error: Any, _: str | None) -> str:
    missing, _comma, given = (str(error.message).split(chr(39))[place] for place in (1, 2, 3))
    return f"`{given}` needs `{missing}` beside it; add it"


def _one_of(error: Any, _: str | None) -> str:
    known = error.validator_value
    close = did_you_mean(str(error.instance).lower(), [one for one in known if isinstance(one, str)])
    if len(known) == 1:
        meant = f"write {_listed(known)}"
    else:
        meant = f"{close} Write one of {_listed(known)}" if close else f"write one of {_listed(known)}"
    return f"{_shown(error.instance)} is not allowed here; {meant}"


def _pattern(error: Any, about: str | None) -> str:
    wanted = about or "a name of small letters, figures and hyphens that begins with a letter"
    given = str(error.instance).strip().lstrip("£ ")
    if given.isdecimal() and re.fullmatch(error.validator_value, f"{given}.00"):
        pence = f"{int(given) / 100:.2f}"
        return f'{_shown(error.instance)} has no pence; write "{given}.00", or "{pence}" if it is in pence'
    cure = _better(given, error.validator_value)
    return f"{_shown(error.instance)} is not {wanted}{f'; write {_shown(cure)}' if cure else ''}"


def _better(given: str, pattern: str) -> str:
    """What somebody meant who wrote an amount or a name in another way; empty when that is not certain."""
    amount = re.fullmatch(r"([0-9]+)[.,]([0-9]{1,2})", given)
    for meant in (
        f"{amount[1]}.{amount[2]:0<2}" if amount else "",
        "-".join(re.findall(r"[a-z0-9_]+", given.lower())),
        "_".join(re.findall(r"[a-z0-9_]+", given.lower())),
    ):
        if re.fullmatch(pattern, meant):
            return meant
    return ""


def _format(error: Any, _: str | None) -> str:
    meant = written_date(str(error.instance).strip())
    return f"{_shown(error.instance)} is not a date of the calendar; write one as {_shown(meant) if meant else _A_DAY}"


def _not(error: Any, _: str | None) -> str:
    keys = error.validator_value.get("required", ())
    return f"{' and '.join(keys)} cannot be used together; leave one out" if keys else _HELP


def _any_of(error: Any, about: str | None) -> str:
    keys = [one["required"][0] for one in error.validator_value if "required" in one]
    if keys:
        named = " and ".join((*([", ".join(keys[:-1])] if keys[1:] else []), keys[-1]))
        return f"one of the keys {named} is missing; add it"
    return f"that is not allowed here; it must be {about or 'a name, or a list of names, in quotes'}"


def _const(error: Any, _: str | None) -> str:
    return f"{_shown(error.instance)} is not allowed here; write {_shown(error.validator_value)}"


def _limit(text: str) -> Callable[[Any, str | None], str]:
    return lambda error, _: text.format(error.validator_value)


def _shown(value: object) -> str:
    return (str(value) if isinstance(value, date | time) else in_toml(value))[:100]


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
    "format": _format,
    "minLength": _limit("the text is empty; fill it in"),
    "maxLength": _limit("the text is too long; write at most {} characters"),
    "minItems": _limit("the list has too few entries; write at least {}"),
    "uniqueItems": _limit("an entry is in the list twice; leave one out"),
    "minimum": _limit("the number is too small; write {} or more"),
    "maximum": _limit("the number is too large; write {} or less"),
    "minProperties": _limit("it has too few keys; write at least {}"),
    "maxProperties": _limit("it has too many keys; write at most {}"),
}
