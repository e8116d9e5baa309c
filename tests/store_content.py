"""The content of a store, to compare before and after a command that must change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lescli.store import open_store


def content_of(path: Path) -> dict[str, list[Any]]:
    """The rows of every table by its name, except the audit trail, where every command writes an entry."""
    with open_store(path) as store:
        tables = store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'audit' ORDER BY name")
        return {name: sorted(store.rows(f'SELECT * FROM "{name}"'), key=repr) for (name,) in tables}
