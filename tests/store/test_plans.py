"""The selections of a rule go by index: a plan that scans the activity of all years would be slow only later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lescli.model import Practice
from lescli.store import Store, create_store
from lescli.store.records import EDGE, SPAN


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        yield made


def plan(store: Store, sql: str, values: object) -> list[str]:
    return [row[3] for row in store.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]  # type: ignore[arg-type]


def test_a_span_of_days_is_searched_by_code_and_day(store: Store) -> None:
    steps = plan(store, f"{SPAN} (?, ?)", ("2026-05-01", "2026-05-31", 1, 2))
    assert any("SEARCH a USING INDEX activity_by_code (code_set_id=? AND day>? AND day<?)" in step for step in steps)
    assert not any(step.startswith("SCAN a") for step in steps)


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_the_newest_and_oldest_entry_of_a_patient_are_one_look_up_each(store: Store, direction: str) -> None:
    steps = plan(store, f"{EDGE} {direction} LIMIT 1)", {"code_set": 1, "last": "2026-05-31"})
    by_patient = "USING INDEX activity_by_patient (patient_id=? AND code_set_id=? AND day"
    assert sum(by_patient in step or by_patient.replace("INDEX", "COVERING INDEX") in step for step in steps) == 2
    assert not any(step.startswith(("SCAN a", "SCAN b")) for step in steps)
