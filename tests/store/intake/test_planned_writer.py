"""What extracts say is planned: new, changed, gone or given up, the same whatever order they come in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lescli.model import Code, Practice
from lescli.readers import COLUMNS, Reading, Row
from lescli.readers.planned import PlannedEntry, Planning, RefusedEntry
from lescli.store import Store, create_store
from lescli.store.intake.import_file import take_in
from lescli.store.intake.planned_writer import take_planned
from lescli.store.intake.result import ImportedFile, known_file
from lescli.testing import nhs_number

ANN = nhs_number(0)
BORN = "1950-02-01"
CODE = (Code(system="snomed", code="165581004"),)
EARLY, LATE = "2026-05-20T08:00:00", "2026-06-03T08:00:00"


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        yield made


def entry(source_id: str, **changes: Any) -> PlannedEntry:
    common: dict[str, Any] = {
        "line": 1,
        "raw": "",
        "asked_on": date(2026, 5, 4),
        "planned_on": date(2026, 7, 1),
        "codes": CODE,
        "term": "INR",
        "priority": "",
        "clinician": "Bo Carr",
        "intent": "plan",
        "status": "active",
        "source_id": source_id,
    }
    return PlannedEntry(**(common | changes))


def take(
    store: Store,
    name: str,
    *entries: PlannedEntry | RefusedEntry,
    when: str | None = EARLY,
    whole: bool = True,
    born: str = BORN,
    describes: bool = True,
) -> ImportedFile:
    facts = {"nhs_number": ANN, "date_of_birth": born} if describes else {"nhs_number": ANN}
    row = Row(1, "", tuple(facts.get(column, "") for column in COLUMNS))
    reading = Reading(
        profile="gpconnect",
        columns=COLUMNS,
        rows=iter([row] if describes else []),
        extracted_at=when,
        source_system="S",
        planning=Planning(nhs_number=ANN, born=born, entries=entries, whole=whole),
    )
    with store.writing():
        done = take_in(store, Path(name), name.ljust(64, "0"), reading)
        take_planned(store, reading, done)
    return done


def held(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT source_id, planned_on, status, withdrawn, extracted_at FROM planned ORDER BY 1")


def counts(done: ImportedFile) -> tuple[int, ...]:
    return done.rows, done.accepted, done.unchanged, done.quarantined, done.planned_changed, done.planned_withdrawn


def test_new_unchanged_changed_and_gone(store: Store) -> None:
    assert counts(take(store, "a", entry("1"), entry("2"), entry("3"))) == (4, 4, 0, 0, 0, 0)
    assert counts(take(store, "b", entry("1"), entry("2"), entry("3"))) == (4, 0, 4, 0, 0, 0)
    moved = entry("2", planned_on=date(2026, 8, 1))
    assert counts(take(store, "c", entry("1"), moved, entry("4"), when=LATE)) == (4, 2, 2, 0, 1, 1)
    assert held(store) == [
        ("1", "2026-07-01", "active", 0, LATE),
        ("2", "2026-08-01", "active", 0, LATE),
        ("3", "2026-07-01", "active", 1, LATE),
        ("4", "2026-07-01", "active", 0, LATE),
    ]
    known = known_file(store, "c".ljust(64, "0"))
    assert known is not None
    assert (known.rows, known.unchanged) == (4, 4)


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_request_that_is_done_or_given_up_stays_with_its_status(store: Store, status: str) -> None:
    take(store, "a", entry("1", intent="order"))
    done = take(store, "b", entry("1", intent="order", status=status), when=LATE)
    assert (done.planned_changed, held(store)) == (1, [("1", "2026-07-01", status, 0, LATE)])


@pytest.mark.parametrize("order", [("early", "late"), ("late", "early"), ("early", "late", "early again")])
def test_any_order_of_extracts_ends_as_the_newest_has_it(store: Store, order: tuple[str, ...]) -> None:
    for name in order:
        if name.startswith("early"):
            take(store, name, entry("1"), entry("2"), entry("3"), when=EARLY)
        else:
            take(store, name, entry("1"), entry("2", planned_on=None), entry("4"), when=LATE)
    assert held(store) == [
        ("1", "2026-07-01", "active", 0, LATE),
        ("2", None, "active", 0, LATE),
        ("3", "2026-07-01", "active", 1, LATE),
        ("4", "2026-07-01", "active", 0, LATE),
    ]


def test_a_part_of_a_record_withdraws_nothing(store: Store) -> None:
    take(store, "a", entry("1"))
    assert counts(take(store, "b", entry("2"), when=LATE, whole=False))[-1] == 0
    assert [row[3] for row in held(store)] == [0, 0]


def test_what_was_gone_can_come_back(store: Store) -> None:
    take(store, "a", entry("1"))
    take(store, "b", when=LATE)
    assert held(store)[0][3] == 1
    again = take(store, "c", entry("1"), when="2026-06-10T08:00:00")
    assert (again.planned_changed, held(store)[0][3]) == (1, 0)


def test_what_cannot_be_trusted_is_kept_in_quarantine_and_counted(store: Store) -> None:
    done = take(store, "a", entry("1"), RefusedEntry(7, "{}", ("intent: it is missing",)))
    assert counts(done) == (3, 2, 0, 1, 0, 0)
    assert done.quarantine == [(7, ("intent: it is missing",))]
    assert store.rows("SELECT line, raw, waiting_for FROM quarantine") == [(7, "{}", None)]


def test_another_date_of_birth_is_not_this_patient(store: Store) -> None:
    take(store, "a")
    done = take(store, "b", entry("1"), born="1951-02-01", when=LATE)
    assert (held(store), done.quarantined) == ([], 2)
    assert all("date_of_birth" in reasons[0] for _, reasons in done.quarantine)
    # Nor does that other record say what is no longer planned.
    take(store, "c", entry("1"))
    take(store, "d", born="1951-02-01", when=LATE)
    assert [row[3] for row in held(store)] == [0]


def test_nobody_is_made_up_for_a_plan(store: Store) -> None:
    done = take(store, "a", entry("1"), born="", describes=False)
    assert (held(store), done.quarantined) == ([], 1)
    assert "nobody described this patient" in done.quarantine[0][1][0]
    take(store, "b")
    take(store, "c", entry("1"), born="", describes=False)
    assert len(held(store)) == 1
