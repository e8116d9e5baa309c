"""Merged NHS numbers: which entries the store reads, and which entries a whole-record extract withdraws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.errors import LesError
from lescli.model import Patient, Practice
from lescli.model.record import may_be_one, named
from lescli.readers import Reading, Row
from lescli.readers.reading import COLUMNS
from lescli.store import Store, create_store
from lescli.store.intake.import_file import take_in
from lescli.store.people.same_person import decisions, known_as, merge, names, names_alike, tell_apart

OLD, NEW, THIRD = "9990000018", "9990000026", "9990000034"
TODAY = date(2026, 6, 5)


@pytest.fixture
def store():
    with create_store(None, Practice(ods_code="A82038", name="Test Surgery")) as made:
        yield made


def record(store: Store, number: str, moment: str, *entries: tuple[str, str]) -> None:
    """Import the whole record of one number as of a moment, given as the ids and days of its entries."""
    cells = [
        {
            "nhs_number": number,
            "date_of_birth": "1950-01-01",
            "date": day,
            "code": "700139004",
            "source_id": source_id,
        }
        for source_id, day in entries
    ]
    rows = [Row(line, "", tuple(row.get(name, "") for name in COLUMNS)) for line, row in enumerate(cells, start=2)]
    reading = Reading(
        profile="gpconnect",
        columns=COLUMNS,
        rows=iter(rows),
        whole_record=True,
        source_system="EMIS",
        extracted_at=moment,
    )
    with store.writing():
        take_in(store, Path(f"{moment}.json"), f"{number}{moment}".ljust(64, "0"), reading)


def standing(store: Store) -> set[str]:
    return {row[0] for row in store.rows("SELECT source_id FROM activity WHERE NOT withdrawn")}


def decided(store: Store, how, one: str, other: str) -> bool:
    with store.writing():
        return how(store, one, other, on=TODAY, reason="test")


def test_a_newer_record_of_the_new_number_withdraws_what_the_old_one_held(store):
    record(store, OLD, "2026-05-01", ("a", "2026-04-07"), ("b", "2026-04-08"))
    record(store, NEW, "2026-05-02", ("c", "2026-04-09"))
    assert standing(store) == {"a", "b", "c"}
    decided(store, merge, OLD, NEW)
    record(store, NEW, "2026-06-01", ("a", "2026-04-07"), ("c", "2026-04-09"))
    assert standing(store) == {"a", "c"}


def test_numbers_told_apart_keep_their_own_records(store):
    record(store, OLD, "2026-05-01", ("a", "2026-04-07"))
    record(store, NEW, "2026-05-02", ("c", "2026-04-09"))
    decided(store, merge, OLD, NEW)
    decided(store, tell_apart, OLD, NEW)
    record(store, NEW, "2026-06-01", ("c", "2026-04-09"))
    assert standing(store) == {"a", "c"}


def test_the_last_decision_about_two_numbers_counts(store):
    for number in (OLD, NEW, THIRD):
        record(store, number, "2026-05-01", (number, "2026-04-07"))
    for how, known in ((merge, NEW), (tell_apart, OLD), (merge, NEW)):
        assert decided(store, how, OLD, NEW)
        assert not decided(store, how, OLD, NEW)
        assert known_as(store, OLD) == known
    assert [one.how for one in decisions(store)] == ["merged"]
    with pytest.raises(LesError, match="third"):
        decided(store, merge, OLD, THIRD)


def test_decisions_cannot_be_changed_or_deleted(store):
    for number in (OLD, NEW):
        record(store, number, "2026-05-01", (number, "2026-04-07"))
    decided(store, merge, OLD, NEW)
    with pytest.raises(Exception, match="stays as it was written"), store.writing():
        store.connection.execute("DELETE FROM same_person")


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["Ash", "ash ", "Ásh", "ÁSH", "Straße", "STRASSE", "", "Ash, Bo", "Ash  Bo"]),
        st.sampled_from(["Bo", " bo", "", "B"]),
        st.sampled_from(["1950-02-01", "1950-02-02", "1951-01-01"]),
        st.sampled_from(["female", "male", "unknown"]),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(PEOPLE, st.sets(st.integers(0, 13), max_size=3))
def test_who_is_left_out_can_be_nobody_elses_number(people: list[tuple[str, str, str, str]], also: set[int]) -> None:
    numbers = [f"99900{place:05}" for place in range(len(people))]
    with create_store(None, Practice(ods_code="A81001", name="X")) as store:
        store.connection.executemany(
            "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
            " VALUES (?, ?, ?, ?, ?, '')",
            [(number, *person) for number, person in zip(numbers, people, strict=True)],
        )
        asked = {numbers[place] for place in also if place < len(numbers)}
        every, few = names(store), names_alike(store, asked)
    assert asked <= {one.nhs_number for one in few} <= {one.nhs_number for one in every}

    def pairs(found: Iterable[Patient]) -> set[tuple[str, str]]:
        both = combinations(sorted(found, key=lambda one: one.nhs_number), 2)
        return {
            (one.nhs_number, other.nhs_number)
            for one, other in both
            if one.date_of_birth == other.date_of_birth
            and (may_be_one(one, other) or named(one) is None or named(other) is None)
        }

    assert pairs(few) == pairs(every)
