"""The JSON Schemas (draft 2020-12) of everything `les` reads as data and writes as JSON."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def load(name: str) -> dict[str, Any]:
    """The schema of a name, as parsed JSON, new each time: `load("claim")`; LookupError for an unknown name.

    Dates have a pattern beside `format: date`, but only a format checker refuses 2026-02-30: pass
    `format_checker=Draft202012Validator.FORMAT_CHECKER`.
    """
    if name not in names():
        raise LookupError(f"no schema `{name}`; there are {', '.join(names())}")
    return dict(json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")))


def names() -> tuple[str, ...]:
    """The names that `load` knows, sorted."""
    return tuple(sorted(file.name[:-5] for file in files(__name__).iterdir() if file.name.endswith(".json")))
