"""The store ends up the same, whether the rows of a file go in many at a time or one by one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lescli.model import Practice
from lescli.readers import Batch, open_reading
from lescli.store import Store, create_store
from lescli.store.intake import caches, import_file
from lescli.store.intake.bulk_writer import BatchWriter
from lescli.store.intake.import_file import take_in
from lescli.store.intake.result import ImportedFile
from lescli.testing import nhs_number

HEADER = (
    "nhs_number,family_name,given_name,date_of_birth,sex,registered_on,died_on,date,code,term,value,unit,"
    "consultation_type,clinician,recorded_on,source_id"
)
Rows = list[str]


def rows(seed: int, count: int = 1200) -> Rows:
    """Entries of a few patients on a few days, so that rows repeat; some have faults, ids or contradictions."""
    draw = random.Random(seed)
    made = []
    for place in range(count):
        number = draw.randrange(12)
        facts = f"Family{number},Given,19{40 + number}-02-03,female,2020-01-0{1 + number % 9},"
        if number > 9 and place < 60:
            facts = draw.choice(
                [
                    ",,,,,",
                    f"Other,,19{40 + number}-02-03,male,,",
                    "Family,,1990-01-01,,,",  # Another date of birth.
                    "Family,,19xx,,,",
                ]
            )
        day = f"2026-0{1 + draw.randrange(6)}-0{1 + draw.randrange(9)}"
        code = draw.choice(["700139004", "165581004", "22778000"])
        value = draw.choice(["", "2.4", "2.5"])
        source = f"S{draw.randrange(3000)}" if draw.random() < 0.2 else ""
        made.append(
            f"{nhs_number(number + 1)},{facts},{day},{code},{draw.choice(['', 'Term'])},{value},,"
            f"{draw.choice(['Face to face', 'Home visit'])},Dr A,{day},{source}"
        )
        if draw.random() < 0.05:
            made[-1] = draw.choice(
                [
                    made[-1].replace("2026-", "1939-"),
                    made[-1].replace(code, "123"),
                    f"{made[-1]},",
                    f"{made[-1]},more",
                    made[-1].rsplit(",", 3)[0],
                    "," * 15,
                    made[-1].replace("Dr A", '"A, Dr"') if place > 900 else f"{made[-1]}, ",
                ]
            )
        if place % 97 == 0:
            made.append("")
    return made


def store() -> Store:
    return create_store(None, Practice(ods_code="A82038", name="Test"))


def take(into: Store, folder: Path, name: str, lines: Sequence[str]) -> ImportedFile:
    file = folder / name
    file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    with into.writing():
        return take_in(into, file, name.ljust(64, "0"), open_reading(file, "les"))


def content(of: Store) -> dict[str, list[Any]]:
    """The content of the store, without the ids of its rows."""
    entries = (
        "SELECT p.nhs_number, a.day, k.key, a.value, a.n, s.codes, t.text, u.text, a.recorded_on, a.source_id,"
        " a.withdrawn FROM activity a JOIN patient p ON p.id = a.patient_id JOIN act k ON k.id = a.act_id"
        " JOIN code_set s ON s.id = a.code_set_id JOIN entry_kind e ON e.id = a.kind_id"
        " JOIN phrase t ON t.id = e.term JOIN phrase u ON u.id = e.unit ORDER BY 1, 2, 3, 4, 5, 10"
    )
    return {
        "patient": of.rows("SELECT nhs_number, family_name, given_name, sex, died_on FROM patient ORDER BY 1"),
        "registration": of.rows("SELECT patient_id, practice, kind, start_on, end_on FROM registration ORDER BY 1, 4"),
        "entries": of.rows(entries),
        "quarantine": of.rows("SELECT line, raw, reasons FROM quarantine ORDER BY id"),
        "indexes": of.rows(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'activity' ORDER BY name"
        ),
    }


def one_by_one(self: BatchWriter, batch: Batch) -> list[int]:
    return list(range(len(batch.cells)))


def few_marks(self: caches.SeenBits, mark: int) -> bool:
    return False  # Treat every row as if it had been met before.


def standing_is_true(of: Store) -> bool:
    """Every entry lies within the bounds of its patient and code set."""
    return not of.rows(
        "SELECT 1 FROM activity a LEFT JOIN standing s ON s.code_set_id = a.code_set_id AND s.patient_id = a.patient_id"
        " WHERE s.first_day IS NULL OR a.day < s.first_day OR a.day > s.last_day"
    )


Change = Callable[[pytest.MonkeyPatch], None]
WAYS: dict[str, Change] = {
    "indexed at the end": lambda patch: patch.setattr(import_file, "WORTH_INDEXING_AFTERWARDS", 0),
    "indexed at the end, one by one": lambda patch: (
        patch.setattr(import_file, "WORTH_INDEXING_AFTERWARDS", 0),  # type: ignore[func-returns-value]
        patch.setattr(BatchWriter, "take", one_by_one),
    )[0],
    "every row put aside": lambda patch: (
        patch.setattr(import_file, "WORTH_INDEXING_AFTERWARDS", 0),  # type: ignore[func-returns-value]
        patch.setattr(BatchWriter, "take", one_by_one),
        patch.setattr(caches.SeenBits, "is_new", few_marks),
    )[0],
    "one by one": lambda patch: patch.setattr(BatchWriter, "take", one_by_one),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", WAYS)
def test_the_store_is_the_same_however_rows_go_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, seed: int
) -> None:
    files = [rows(seed), rows(seed)[200:500] + rows(seed + 10, 200)]
    told: list[tuple[dict[str, list[Any]], list[tuple[int, ...]]]] = []
    for change in (None, WAYS[way]):
        with monkeypatch.context() as patch, store() as into:
            if change:
                change(patch)
            done = [take(into, tmp_path, f"{at}.csv", lines) for at, lines in enumerate(files)]
            counts = [(d.rows, d.accepted, d.unchanged, d.quarantined, d.patients) for d in done]
            assert all(d.rows == d.accepted + d.unchanged + d.quarantined for d in done)
            assert standing_is_true(into)
            told.append((content(into), counts))
    assert told[0] == told[1]
    assert len(told[0][0]["entries"]) > 300
    assert told[0][0]["quarantine"]


def test_the_later_of_two_rows_with_one_id_counts_in_bulk_too(tmp_path: Path) -> None:
    """The very same id twice in a batch: the later row counts, whichever way either goes in."""
    person = f"{nhs_number(1)},Family,Given,1950-02-03,female,2020-01-01,"
    versions = [f"{person},2026-05-0{day},700139004,,,,,,,S1" for day in (1, 2, 3)]
    with store() as into:
        done = take(into, tmp_path, "a.csv", [f"{person},2026-05-09,700139004,,,,,,,", *versions])
        assert into.rows("SELECT day FROM activity WHERE source_id = 'S1'") == [("2026-05-03",)]
        assert (done.rows, done.accepted, done.unchanged) == (4, 4, 0)


def test_a_comma_too_many_does_not_move_the_cells_of_the_rows_after(tmp_path: Path) -> None:
    person = f"{nhs_number(1)},Family,Given,1950-02-03,female,2020-01-01,"
    good = f"{person},2026-05-04,700139004,Term,,,,Dr A,2026-05-05,"
    with store() as into:
        # The extra comma moves the cells, so the cells cut off at the end would be the code and the date before it.
        shifted = f"{person},2026-05-04,2026-05-04,700139004,Term,,,,Dr A,2026-05-05,"
        long = [f"{good},".replace("Term,", f"Term,{value}") for value in range(300)]
        done = take(into, tmp_path, "a.csv", [*long, f"{good},x", shifted, good])
        assert [line for line, _ in done.quarantine] == [302, 303]
        assert into.rows("SELECT DISTINCT day FROM activity") == [("2026-05-04",)]
        assert into.rows("SELECT count(*) FROM activity") == [(301,)]


def test_the_last_of_contradicting_rows_about_a_patient_counts(tmp_path: Path) -> None:
    def row(name: str, day: int) -> str:
        return f"{nhs_number(1)},{name},,1950-02-03,,,,2026-05-{day:02d},700139004,,,,,,,"

    with store() as into:
        # In one batch, where the entries of known patients are written first.
        take(into, tmp_path, "0.csv", [*[row("Smith", 9)] * 300, row("Jones", 8), row("Smith", 7), row("Jones", 8)])
        assert into.rows("SELECT family_name FROM patient") == [("Jones",)]
        take(into, tmp_path, "1.csv", [*[row("Jones", 6)] * 300, row("Smith", 8), row("Smith", 5), row("Jones", 7)])
        assert into.rows("SELECT family_name FROM patient") == [("Jones",)]
    with store() as into:
        # The second batch states `Smith` again, with the very same cells as the first.
        smiths = [row("Smith", 1)] * 300
        take(into, tmp_path, "a.csv", [*smiths, *[row("Jones", 2)] * 300, row("Smith", 3)])
        assert into.rows("SELECT family_name FROM patient") == [("Smith",)]
        take(into, tmp_path, "b.csv", [*smiths, row("Jones", 4), *smiths])
        assert into.rows("SELECT family_name FROM patient") == [("Smith",)]
        take(into, tmp_path, "c.csv", [*smiths, row("Jones", 5)])
        assert into.rows("SELECT family_name FROM patient") == [("Jones",)]
        assert len(into.rows("SELECT id FROM activity")) == 300 + 300 + 1 + 1 + 300 + 1
