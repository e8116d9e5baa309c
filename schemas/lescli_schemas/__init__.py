"""The JSON Schemas (draft 2020-12) of everything `les` reads as data and writes as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

_SHARED = "definitions"
"""The file of what several schemas share; each schema holds a copy of what it uses, so that it needs no other file."""


def load(name: str) -> dict[str, Any]:
    """The schema of a name, as parsed JSON, new each time: `load("claim")`; LookupError for an unknown name.

    Dates have a pattern beside `format: date`, but only a format checker refuses 2026-02-30: pass
    `format_checker=Draft202012Validator.FORMAT_CHECKER`.
    """
    if name not in names():
        raise LookupError(f"no schema `{name}`; there are {', '.join(names())}")
    return _read(name)


def names() -> tuple[str, ...]:
    """The names that `load` knows, sorted."""
    found = (file.name[:-5] for file in files(__name__).iterdir() if file.name.endswith(".json"))
    return tuple(sorted(name for name in found if name != _SHARED))


def with_shared(name: str) -> dict[str, Any]:
    """A schema with the shared definitions it uses, as definitions.json has them now.

    `python docs/generate.py` writes the files so: change a shared definition in definitions.json, then run it.
    """
    schema, shared = load(name), _read(_SHARED)["$defs"]
    # service.json describes service.toml: its definitions have texts of their own.
    if name == "service":
        return _with_kinds(schema)
    own = {known: value for known, value in schema.pop("$defs", {}).items() if known not in shared}
    waiting = [*_references(schema), *_references(own)]
    while waiting:
        wanted = waiting.pop()
        if wanted in shared and wanted not in own:
            own[wanted] = shared[wanted]
            waiting += _references(own[wanted])
    return {**schema, "$defs": dict(sorted(own.items()))} if own else schema


def kinds(schema: dict[str, Any], what: str) -> tuple[str, ...]:
    """The kinds of something in the schema of service.toml: `kinds(schema, "item")` is per-activity, block, ..."""
    return tuple(name.partition(":")[2] for name in schema["$defs"] if name.startswith(f"{what}:"))


def _with_kinds(schema: dict[str, Any]) -> dict[str, Any]:
    """Each table that has kinds takes the keys that all its kinds have, and those of its own kind: no others.

    A table with `"x-kind": {"of": TABLE, "key": KEY}` is of the kind that its KEY names: `TABLE:KIND` in `$defs`. To
    add a kind, add that one definition and run `python docs/generate.py`, which writes the choice between them.
    """
    for table in schema["$defs"].values():
        if "x-kind" in table:
            what, key = table["x-kind"]["of"], table["x-kind"]["key"]
            known = kinds(schema, what)
            table["properties"][key]["enum"] = list(known)
            table["allOf"] = [
                {
                    "if": {"required": [key], "properties": {key: {"const": kind}}},
                    "then": {"$ref": f"#/$defs/{what}:{kind}"},
                }
                for kind in known
            ]
            table["unevaluatedProperties"] = False
    return schema


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")))


def _references(node: object) -> Iterator[str]:
    """The names of the definitions that a value refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)
