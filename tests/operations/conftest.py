"""A store in memory, and a fixture that imports files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from lescli.model import Practice
from lescli.operations.imports import Advance, ImportAnswer, import_files
from lescli.store import Store, create_store


@pytest.fixture
def new_store() -> Iterator[Callable[[], Store]]:
    """Make a store in memory, as often as needed."""
    made: list[Store] = []

    def make() -> Store:
        made.append(create_store(None, Practice(ods_code="A82038", name="Test")))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    return new_store()


@pytest.fixture
def imported(store: Store) -> Callable[..., ImportAnswer]:
    """Import files, folders or zips into the test's store or another one."""

    def run(
        *paths: Path,
        into: Store | None = None,
        dry_run: bool = False,
        progress: Callable[[Advance], None] = lambda advance: None,
    ) -> ImportAnswer:
        return import_files(into or store, paths, None, dry_run=dry_run, progress=progress, as_of=date(2026, 6, 5))

    return run
