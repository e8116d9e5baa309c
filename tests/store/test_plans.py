"""Rules read entries by index: a scan of all entries would become slow only after years of use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lescli.model import Practice
from lescli.store import Store, create_store
from lescli.store.records.latest import BY_BOUND, IN_SPAN, SPAN, on_days


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        yield made


def plan(store: Store, sql: str, values: object) -> list[str]:
    return [row[3] for row in store.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]  # type: ignore[arg-type]


def test_a_span_of_days_is_searched_by_code_and_day(store: Store) -> None:
    steps = plan(store, f"{SPAN} (?, ?)", ("2026-05-01", "2026-05-31", 1, 2))
    assert any("SEARCH a USING INDEX activity_by_code (code_set_id=? AND day>? AND day<?)" in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)


@pytest.mark.parametrize("edge", ["min", "max"])
def test_newest_and_oldest_entries_take_one_look_up_a_patient(store: Store, edge: str) -> None:
    steps = plan(store, BY_BOUND[edge], {"code_set": 1, "last": "2026-05-31"})
    assert any(
        "SEARCH a USING INDEX activity_by_code (code_set_id=? AND day=? AND patient_id=?)" in step for step in steps
    )
    assert any("SEARCH st USING PRIMARY KEY (code_set_id=?)" in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)


def test_entries_of_days_and_of_a_span_are_found_by_index(store: Store) -> None:
    one = plan(store, on_days([(1, "2026-05-31"), (2, "2026-05-30")]), (1,))
    assert any("SEARCH a USING INDEX activity_by_code (code_set_id=? AND day=? AND patient_id=?)" in s for s in one)
    span = plan(store, f"SELECT a.patient_id, max(a.day) {IN_SPAN}", (1, "2026-05-01", "2026-05-31"))
    assert any("SEARCH a USING INDEX activity_by_code (code_set_id=? AND day>? AND day<?)" in s for s in span)


def test_the_identity_of_an_entry_is_found_by_index(store: Store) -> None:
    counted = "patient_id = ? AND day = ? AND act_id = ? AND value = ? AND source_id IS NULL AND n = ?"
    steps = plan(store, f"SELECT id, kind_id FROM activity WHERE {counted}", (1, "2026-05-31", 1, "", 1))
    assert any("USING INDEX activity_identity" in step for step in steps)
    steps = plan(store, "SELECT id, kind_id FROM activity WHERE source = ? AND source_id = ?", (1, "a"))
    assert any("USING INDEX activity_source" in step for step in steps)
    held = "patient_id = ? AND source = ? AND source <> 0 AND source_id IS NOT NULL AND NOT withdrawn"
    steps = plan(store, f"SELECT id FROM activity WHERE {held}", (1, 1))
    assert any("USING INDEX activity_of_extract" in step for step in steps)
