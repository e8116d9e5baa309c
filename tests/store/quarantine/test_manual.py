"""A person's word on a row in quarantine: closed it stays closed, reopened it stays open, and nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.model import Practice
from lescli.readers import open_reading
from lescli.store import Store, create_store
from lescli.store.intake.import_file import take_in
from lescli.store.intake.result import ImportedFile, known_file
from lescli.store.quarantine.manual import close_rows, open_rows, reopen_rows, settled_rows
from lescli.testing import nhs_number

ANN, BEA = nhs_number(1), nhs_number(2)
HEADER = "nhs_number,date_of_birth,sex,date,code,source_id"
BAD = f"{ANN},1950-02-01,F,2026-05-04,700139004,"
GOOD = f"{ANN},1950-02-01,female,2026-05-04,700139004,"
OTHER = f"{BEA},1940-03-02,female,2026-05-04,700139004,"
WAITS = f"{BEA},,,2026-05-04,700139004,"

Send = Callable[..., ImportedFile]


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        yield made


@pytest.fixture
def send(store: Store, tmp_path: Path) -> Send:
    def send_rows(*rows: str, name: str = "a.csv") -> ImportedFile:
        digest = f"{len(store.rows('SELECT 1 FROM import_file'))}"
        path = tmp_path / name
        path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
        with store.writing():
            return take_in(store, path, digest, open_reading(path, "les"))

    return send_rows


def close(store: Store, *names: str) -> int:
    with store.writing():
        return close_rows(store, names, on=date(2026, 6, 1), by="A. Admin", why="a test patient")


def reopen(store: Store, *names: str) -> int:
    with store.writing():
        return reopen_rows(store, names, on=date(2026, 6, 2), by="B. Admin", why="a mistake")


def numbers(store: Store) -> list[int]:
    return [row.number for row in open_rows(store)]


def ways(store: Store) -> list[tuple[int, str]]:
    return [(row.number, row.how) for row in settled_rows(store)]


def test_a_row_is_closed_by_its_number_or_by_file_and_line(store: Store, send: Send) -> None:
    send(BAD, OTHER, BAD)
    assert close(store, "a.csv:4") == 1
    assert numbers(store) == [1]
    assert close(store, " 1 ") == 1
    assert numbers(store) == []
    (first, second) = settled_rows(store)
    assert (first.how, first.on, first.by, first.why) == ("closed", "2026-06-01", "A. Admin", "a test patient")
    assert (first.line, second.line, first.raw) == (2, 4, BAD)
    assert store.rows("SELECT quarantined FROM import_file") == [(2,)]


def test_several_at_once_are_closed_all_or_none(store: Store, send: Send) -> None:
    send(BAD, OTHER, BAD)
    for wrong in ("9", "a.csv:3", "b.csv:2", "a.csv", "", "one", "٤", "9" * 30, "a.csv:" + "9" * 30):
        with pytest.raises(LesError, match="no such row"):
            close(store, "1", wrong)
    assert numbers(store) == [1, 2]
    assert close(store, "1", "2", "1") == 3
    assert len(store.rows("SELECT 1 FROM settlement")) == 2
    with pytest.raises(LesError, match="off the list already"):
        close(store, "1")


def test_rows_of_two_files_of_one_name_are_told_apart_by_number(store: Store, send: Send) -> None:
    send(BAD)
    send(BAD.replace("F", "X"))
    with pytest.raises(LesError, match="several files"):
        close(store, "a.csv:2")
    close(store, "1")
    close(store, "a.csv:2")  # only one of them is left
    assert numbers(store) == []


def test_what_was_closed_comes_back_closed_each_month(store: Store, send: Send) -> None:
    send(BAD)
    close(store, "1")
    for month in (2, 3):
        send(BAD, *[OTHER] * month)
        assert numbers(store) == []
    assert ways(store) == [(1, "sent-again"), (2, "sent-again"), (3, "closed")]
    assert [row.why for row in settled_rows(store)][-1] == "a test patient"


def test_one_closed_of_two_that_are_the_same_leaves_one_open(store: Store, send: Send) -> None:
    send(BAD, BAD)
    close(store, "1")
    send(BAD, BAD, OTHER)
    assert len(numbers(store)) == 1
    send(BAD, OTHER, OTHER)
    assert len(numbers(store)) == 1


def test_a_closed_row_is_not_taken_in_when_its_patient_is_described(store: Store, send: Send) -> None:
    send(WAITS)
    close(store, "1")
    assert send(OTHER.replace("2026-05-04,700139004", ",")).released == 0
    assert store.rows("SELECT 1 FROM activity") == []
    reopen(store, "1")
    assert send(OTHER.replace("2026-05-04", "2026-05-05")).released == 1
    assert ways(store) == [(1, "taken-in")]
    assert len(store.rows("SELECT 1 FROM activity")) == 2


def test_what_is_decided_is_not_decided_again_by_an_import(store: Store, send: Send) -> None:
    send(BAD)
    close(store, "1")
    send(GOOD)
    assert ways(store) == [(1, "closed")]


def test_a_row_let_go_wrongly_is_put_back_and_stays(store: Store, send: Send) -> None:
    send(BAD)
    send(GOOD)
    assert ways(store) == [(1, "corrected")]
    assert reopen(store, "a.csv:2") == 1
    send(GOOD, OTHER)
    assert numbers(store) == [1]
    send(BAD, OTHER, OTHER)  # also when the very same row comes again
    send(GOOD, OTHER, OTHER, OTHER)
    assert numbers(store) == [2]
    assert close(store, "2") == 1
    assert numbers(store) == []


def test_only_what_is_off_the_list_can_be_put_back(store: Store, send: Send) -> None:
    send(BAD, WAITS)
    send(BAD, OTHER)
    for name, why in (("1", "newer file"), ("2", "taken in"), ("3", "on the list already"), ("8", "no such row")):
        with pytest.raises(LesError, match=why):
            reopen(store, name)
    assert numbers(store) == [3]


def test_a_file_sent_again_whole_says_what_is_still_out(store: Store, send: Send) -> None:
    send(BAD, BAD)
    close(store, "1")
    known = known_file(store, "0")
    assert known is not None
    assert (known.quarantined, known.unchanged) == (1, 1)


def test_what_was_decided_stays_written(store: Store, send: Send) -> None:
    send(BAD)
    close(store, "1")
    for change in ("DELETE FROM settlement", "UPDATE settlement SET by = 'C'"):
        with pytest.raises(store.connection.Error, match="stays as it was written"):
            store.connection.execute(change)
