"""Each patient's newest and oldest entry, compared with a search through all entries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.model import Activity, Practice
from lescli.readers import COLUMNS, Reading, Row
from lescli.store import Store, create_store
from lescli.store.intake.caches import Standing
from lescli.store.intake.import_file import take_in
from lescli.store.records.latest import edge_rows, newest_counted, patient_ids, span_rows
from lescli.store.records.rows import activity_of
from lescli.testing import nhs_number

FIRST = date(2016, 1, 1)
ENTRY = st.tuples(st.integers(1, 4), st.integers(0, 4000), st.sampled_from(["700139004", "165581004"]), st.booleans())


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        yield made


def fill(store: Store, entries: list[tuple[int, int, str, bool]]) -> None:
    rows = []
    for line, (number, days, code, _) in enumerate(entries, start=2):
        told = {
            "nhs_number": nhs_number(number),
            "date_of_birth": "1950-02-03",
            "date": (FIRST + timedelta(days)).isoformat(),
            "code": code,
            "source_id": f"E{line}",
        }
        rows.append(Row(line, "", tuple(told.get(column, "") for column in COLUMNS)))
    take_in(store, Path("a.csv"), "0" * 64, Reading(profile="les", columns=COLUMNS, rows=iter(rows)))
    for line, (*_, withdrawn) in enumerate(entries, start=2):
        if withdrawn:
            store.connection.execute("UPDATE activity SET withdrawn = 1 WHERE source_id = ?", (f"E{line}",))


@settings(max_examples=40, deadline=None)
@given(st.lists(ENTRY, min_size=1, max_size=30), st.integers(-5, 4200), st.sampled_from(["min", "max"]))
def test_newest_and_oldest_entries_match_a_full_search(
    store: Store, entries: list[tuple[int, int, str, bool]], asked: int, edge: str
) -> None:
    last = FIRST + timedelta(asked)
    with store.trying():
        fill(store, entries)
        for (code_set,) in store.rows("SELECT id FROM code_set"):
            expected = store.rows(
                f"SELECT a.id, a.day FROM activity a JOIN (SELECT patient_id AS p, {edge}(day) AS d FROM activity"
                " WHERE code_set_id = ? AND day <= ? AND NOT withdrawn GROUP BY patient_id) e"
                " ON e.p = a.patient_id AND e.d = a.day WHERE a.code_set_id = ? AND NOT a.withdrawn ORDER BY a.id",
                code_set,
                last.isoformat(),
                code_set,
            )
            assert sorted((row[0], row[2]) for row in edge_rows(store, code_set, edge, last)) == expected


def test_patients_with_later_entries_are_looked_up_span_by_span(store: Store) -> None:
    asked: list[str] = []
    with store.trying():
        fill(store, [(number, days, "700139004", False) for number in range(40) for days in (number % 2, 900)])
        (code_set,) = store.rows("SELECT id FROM code_set")[0]
        store.connection.set_trace_callback(asked.append)
        try:
            rows = edge_rows(store, code_set, "max", FIRST + timedelta(10))
        finally:
            store.connection.set_trace_callback(None)
    assert len({row[1] for row in rows}) == len(rows) == 40
    # Six queries: the bounds, the patients beyond them, one span, the entries of its days, their codes and kinds.
    assert len(asked) == 6


def test_first_and_last_day_of_a_patient_only_widen(store: Store) -> None:
    with store.trying():
        fill(store, [(1, 100, "700139004", False)])
        set_, patient = store.rows("SELECT code_set_id, patient_id FROM activity")[0]
        standing = Standing(store)
        for day in ("2016-03-01", "2017-01-01", "2016-06-01"):
            standing.note(set_, patient, day)
        standing.flush()
        assert store.rows("SELECT first_day, last_day FROM standing") == [("2016-03-01", "2017-01-01")]


@settings(max_examples=40, deadline=None)
@given(st.lists(ENTRY, min_size=1, max_size=30), st.integers(-5, 4200), st.sampled_from([0, 2, 4000]))
def test_the_newest_entry_that_counts_matches_a_full_search(
    store: Store, entries: list[tuple[int, int, str, bool]], asked: int, few: int
) -> None:
    last = FIRST + timedelta(asked)
    with store.trying(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[patient_ids.__module__], "_MOST", few)
        fill(store, entries)
        sets = [row[0] for row in store.rows("SELECT id FROM code_set")]
        every = [activity_of(row) for row in span_rows(store, sets, date.min, last)]
        wanted = {nhs_number(1), nhs_number(2), nhs_number(3)}
        expected: dict[str, Activity] = {}
        for one in sorted(every, key=lambda one: one.order):
            if one.nhs_number in wanted and counts(one):
                expected[one.nhs_number] = one
        assert newest_counted(store, sets, last, wanted, counted) == expected


def counts(one: Activity) -> bool:
    return one.day.day % 3 > 0


def counted(row: Any) -> Activity | None:
    one = activity_of(row)
    return one if counts(one) else None


def test_entries_before_the_newest_that_counts_are_not_read(store: Store) -> None:
    looked_at: list[str] = []

    def notes(row: Any) -> Activity | None:
        looked_at.append(row[2])
        return activity_of(row) if len(looked_at) > 1 else None

    with store.trying():
        fill(store, [(1, days, "700139004", False) for days in range(0, 4000, 100)])
        sets = [row[0] for row in store.rows("SELECT id FROM code_set")]
        found = newest_counted(store, sets, FIRST + timedelta(4000), {nhs_number(1)}, notes)
    assert looked_at == [(FIRST + timedelta(days)).isoformat() for days in (3900, 3800)]
    assert found[nhs_number(1)].day == FIRST + timedelta(3800)
