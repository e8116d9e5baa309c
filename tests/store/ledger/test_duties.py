"""Confirmations of duties only grow, are links of the ledger's chain, and `verify` finds every change of one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.model import Practice
from lescli.store import Store, create_store, open_store
from lescli.store.database.connection import connect_found
from lescli.store.ledger.duties import confirm_duty, confirmations, withdraw_duty
from lescli.store.verify.run import verify

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 5)


def confirm(store: Store, duty: str, on: date, corrects: date | None = None, note: str = "seen") -> bool:
    with store.writing():
        return confirm_duty(store, "s", duty, on=on, by="A", note=note, recorded_on=JUNE, corrects=corrects)


def changed(path: Path, statement: str) -> None:
    """Change the table as anybody with the file could: drop the triggers and put them back afterwards."""
    with closing(connect_found(path)[0]) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with five rows: a confirmation, its correction, another, its withdrawal, and one of another duty."""
    file = tmp_path / "practice.les"
    with create_store(file, Practice(ods_code="A82038", name="Example")) as store:
        confirm(store, "audit", JUNE)
        confirm(store, "audit", MAY, corrects=JUNE)
        confirm(store, "audit", JUNE)
        with store.writing():
            withdraw_duty(store, "s", "audit", on=JUNE, by="B", note="typed wrongly", recorded_on=JUNE)
        confirm(store, "neqas", MAY)
    return file


def test_what_stands_is_what_no_later_row_corrects(path: Path) -> None:
    with open_store(path) as store:
        found = confirmations(store, "s")
        assert [(one.id, one.stands, one.replaces, one.replaced_by) for one in found] == [
            *((1, False, None, 2), (2, True, 1, None), (3, False, None, 4), (4, False, 3, None), (5, True, None, None))
        ]
        assert confirmations(store, "other") == ()


def test_a_day_without_a_confirmation_that_stands_cannot_be_corrected(path: Path) -> None:
    with open_store(path) as store:
        for duty in ("audit", "neqas"):
            with pytest.raises(LesError, match=r"no confirmation of \w+ of 05 Jun 2026 stands"):
                confirm(store, duty, MAY, corrects=JUNE, note="again")
        assert len(confirmations(store, "s")) == 5


def test_the_newest_confirmation_of_a_day_is_the_one_corrected(path: Path) -> None:
    with open_store(path) as store:
        confirm(store, "neqas", MAY, note="a second time")
        confirm(store, "neqas", JUNE, corrects=MAY)
        assert [one.note for one in confirmations(store, "s") if one.duty == "neqas" and one.stands] == ["seen", "seen"]


WRONG = {
    "a change": "UPDATE duty_confirmation SET note = 'x' WHERE id = 1",
    "a row taken away": "DELETE FROM duty_confirmation WHERE id = 5",
    "a row in the place of another": "INSERT OR REPLACE INTO duty_confirmation VALUES "
    "(5, 's', 'neqas', '2026-05-01', 'A', 'n', '2026-06-05', NULL, '', '')",
    "a day to come": "INSERT INTO duty_confirmation VALUES (9, 's', 'd', '2026-06-06', 'A', 'n', '2026-06-05', NULL,"
    " '', '')",
    "a withdrawal of nothing": "INSERT INTO duty_confirmation VALUES (9, 's', 'd', NULL, 'A', 'n', '2026-06-05', NULL,"
    " '', '')",
    "a correction of another duty": "INSERT INTO duty_confirmation VALUES (9, 's', 'audit', '2026-05-01', 'A', 'n',"
    " '2026-06-05', 5, '', '')",
    "a second correction": "INSERT INTO duty_confirmation VALUES (9, 's', 'audit', '2026-05-01', 'A', 'n',"
    " '2026-06-05', 1, '', '')",
    "a correction of a withdrawal": "INSERT INTO duty_confirmation VALUES (9, 's', 'audit', '2026-05-01', 'A', 'n',"
    " '2026-06-05', 4, '', '')",
}


@pytest.mark.parametrize("statement", WRONG.values(), ids=WRONG.keys())
def test_the_table_refuses(path: Path, statement: str) -> None:
    with open_store(path) as store, pytest.raises(sqlite3.IntegrityError):
        store.connection.execute(statement)


FOUND = {
    "UPDATE duty_confirmation SET note = 'x' WHERE id = 5": "duty confirmation 5 is not as it was written",
    "UPDATE duty_confirmation SET confirmed_on = '2026-05-02' WHERE id = 2": "duty confirmation 2 is not as it was",
    "DELETE FROM duty_confirmation WHERE id = 5": "",
    "DELETE FROM duty_confirmation WHERE id = 3": "follows a row that does not exist",
    "UPDATE duty_confirmation SET confirmed_on = '2026-06-31' WHERE id = 5": "its date is missing or invalid",
    "UPDATE duty_confirmation SET confirmed_on = '2026-06-06' WHERE id = 5": "of a day after it was recorded",
    "UPDATE duty_confirmation SET replaces = 5 WHERE id = 2": "it corrects a confirmation of another duty",
    "UPDATE duty_confirmation SET service = 't' WHERE id = 1": "2: it corrects a confirmation of another duty",
}


@pytest.mark.parametrize(("statement", "told"), FOUND.items())
def test_verify_finds_a_row_that_was_changed(path: Path, statement: str, told: str) -> None:
    head = verify(path).heads["ledger"]
    changed(path, statement)
    texts = [fault.text for fault in verify(path, (head,)).faults]
    assert any(told in text for text in texts), texts


def test_a_sound_store_has_no_fault(path: Path) -> None:
    found = verify(path)
    assert (found.faults, found.looked_at["duty_confirmation"]) == ((), 5)
