"""What was taken back stays in the store as it was, and nobody can change or delete it."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.model import Practice
from lescli.store import Store, create_store, practice_data
from lescli.store.taken_back import Mistake, take_back_accreditation, take_back_contract

MAY = date(2026, 5, 1)
MISTAKE = Mistake(on=date(2026, 6, 5), reason="a colleague's")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = create_store(tmp_path / "a.les", Practice(ods_code="A99999", name="Example Surgery"))
    with opened.writing():
        for clinician, start in (("A", MAY), ("A", date(2024, 5, 1)), ("B", MAY)):
            practice_data.record_accreditation(opened, clinician, "k", start, date(2027, 4, 30))
    return opened


def test_the_row_is_kept_whole_and_only_it_is_gone(store: Store) -> None:
    with store.writing():
        take_back_accreditation(store, "A", "k", MAY, MISTAKE)
    left = store.rows("SELECT clinician, start_on FROM accreditation ORDER BY 1, 2")
    assert left == [("A", "2024-05-01"), ("B", "2026-05-01")]
    ((what, was, *rest),) = store.rows("SELECT what, was, on_date, reason FROM taken_back")
    assert (what, rest) == ("accreditation", ["2026-06-05", "a colleague's"])
    assert json.loads(was) == {"clinician": "A", "kind": "k", "start_on": "2026-05-01", "end_on": "2027-04-30"}


def test_nothing_is_changed_when_there_is_no_such_row(store: Store) -> None:
    with pytest.raises(LesError, match="name what is recorded: from 01 May 2026"), store.writing():
        take_back_accreditation(store, "B", "k", date(2024, 5, 1), MISTAKE)
    with store.writing():
        assert not take_back_contract(store, "s", MAY, MISTAKE)
    assert store.rows("SELECT count(*) FROM accreditation") == [(3,)]
    assert store.rows("SELECT count(*) FROM taken_back") == [(0,)]


def test_what_was_taken_back_cannot_be_changed_or_deleted(store: Store) -> None:
    with store.writing():
        take_back_accreditation(store, "A", "k", MAY, MISTAKE)
    for statement in ("UPDATE taken_back SET reason = ''", "DELETE FROM taken_back"):
        with pytest.raises(sqlite3.IntegrityError, match="what was taken back stays as it was written"):
            store.connection.execute(statement)


@pytest.mark.parametrize("first", ["2026-04-30", "2026-05-02", "2026-05-03"])
def test_a_contract_is_never_held_only_if_it_begins_on_the_next_day(store: Store, first: str) -> None:
    with store.writing():
        practice_data.sign(store, "s", date.fromisoformat(first), "letter")
        assert take_back_contract(store, "s", MAY, MISTAKE) == (first == "2026-05-02")
    assert bool(practice_data.signed_services(store)) == (first != "2026-05-02")
