"""Everything a store holds but its audit trail: equal before and after, a command changed nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..store import open_store


def content_of(path: Path) -> dict[str, list[Any]]:
    """The rows of every table by its name, the audit trail left out: every command leaves its entry there."""
    with open_store(path) as store:
        tables = store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'audit' ORDER BY name")
        return {name: sorted(store.rows(f'SELECT * FROM "{name}"'), key=repr) for (name,) in tables}
