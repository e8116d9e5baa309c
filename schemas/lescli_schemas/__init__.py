"""The JSON Schemas (draft 2020-12) of everything `les` reads as data and writes as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

_SHARED = "definitions"
"""The file of what several schemas share. They refer to it as `definitions.json#/$defs/NAME`."""


def load(name: str) -> dict[str, Any]:
    """The schema of a name, as parsed JSON, new each time: `load("claim")`; LookupError for an unknown name.

    It is complete: the shared definitions it refers to are in its own `$defs`, so a validator needs no other file.

    Dates have a pattern beside `format: date`, but only a format checker refuses 2026-02-30: pass
    `format_checker=Draft202012Validator.FORMAT_CHECKER`.
    """
    if name not in names():
        raise LookupError(f"no schema `{name}`; there are {', '.join(names())}")
    schema, shared = _read(name), _read(_SHARED)["$defs"]
    own = schema.setdefault("$defs", {})
    waiting = list(_references(schema))
    while waiting:
        node = waiting.pop()
        node["$ref"] = node["$ref"].removeprefix(f"{_SHARED}.json")
        wanted = node["$ref"].rpartition("/")[2]
        if wanted not in own:
            own[wanted] = shared[wanted]
            waiting += _references(own[wanted])
    return schema


def names() -> tuple[str, ...]:
    """The names that `load` knows, sorted."""
    found = (file.name[:-5] for file in files(__name__).iterdir() if file.name.endswith(".json"))
    return tuple(sorted(name for name in found if name != _SHARED))


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")))


def _references(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)
