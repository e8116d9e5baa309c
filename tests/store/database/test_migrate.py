"""Opening a store of the first version brings it up to date, and imports then continue as in a new store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.readers import open_reading
from lescli.store import open_store
from lescli.store.database import migrate
from lescli.store.intake.import_file import take_in
from lescli.store.schema.migrations import APPLICATION_ID, MIGRATIONS
from lescli.store.verify.run import verify
from lescli.testing import nhs_number

ANN = nhs_number(1)
FILL = f"""
INSERT INTO practice VALUES ('A82038', 'Test');
INSERT INTO import_file VALUES (1, '{"1" * 64}', 'a.csv', 'les', '', NULL, '[]', 5, 5, 0, 0, 1);
INSERT INTO patient VALUES (1, '{ANN}', 'Smith', 'Ann', '1950-02-03', 'female', NULL, NULL, '');
INSERT INTO phrase VALUES (1, 'Face to face'), (2, 'Term');
INSERT INTO code_set VALUES (1, 'snomed:700139004'), (2, 'snomed:165581004 read2:42QE.');
INSERT INTO code_set_member VALUES ('snomed', '700139004', 1), ('snomed', '165581004', 2), ('read2', '42QE.', 2);
INSERT INTO activity VALUES
  (1, x'01', 1, '2026-05-04', 1, 2, NULL, NULL, 1, NULL, NULL, '2026-05-05', NULL, NULL, NULL, 0, 1),
  (2, x'02', 1, '2026-05-04', 1, 2, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1),
  (3, x'03', 1, '2026-05-04', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1),
  (4, x'04', 1, '2026-04-04', 2, NULL, '2.4', NULL, NULL, NULL, NULL, NULL, 'S1', NULL, NULL, 0, 1),
  (5, x'05', 1, '2026-03-04', 2, NULL, '2.4', NULL, NULL, NULL, NULL, NULL, 'S2', NULL, NULL, 1, 1);
INSERT INTO claim VALUES (1, 'denosumab', '2026-05', '2026-06-01', 'A', NULL, 2000, '{{}}', '', 'h');
INSERT INTO claim_row VALUES (1, 1, 1, 'denosumab', 'injection', 1, '2026-05-04', 1, '700139004', 'payable', '', '',
  '', 2000, '[]', '{{}}', 0);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "old.les"
    with sqlite3.connect(file) as connection:
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID};{MIGRATIONS[0]}{FILL}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    return file


def test_entries_keep_their_ids_texts_and_counts(path: Path) -> None:
    with open_store(path) as store:
        assert store.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]
        assert store.rows("PRAGMA foreign_keys") == [(1,)]
        assert store.rows("PRAGMA foreign_key_check") == []
        assert store.rows("SELECT id, day, value, n, source_id, withdrawn FROM activity ORDER BY id") == [
            (1, "2026-05-04", "", 1, None, 0),
            (2, "2026-05-04", "", 2, None, 0),
            (3, "2026-05-04", "", 1, None, 0),  # Without a consultation type it is another act.
            (4, "2026-04-04", "2.4", None, "S1", 0),
            (5, "2026-03-04", "2.4", None, "S2", 1),
        ]
        assert store.rows("SELECT first_day, last_day FROM standing ORDER BY 1") == [
            ("2026-04-04", "2026-04-04"),
            ("2026-05-04", "2026-05-04"),
        ]
        assert store.rows("SELECT activity_id FROM claim_row") == [(1,)]
        words = "SELECT t.text, c.text FROM entry_kind k JOIN phrase t ON t.id = k.term"
        assert store.rows(f"{words} JOIN phrase c ON c.id = k.consultation_type ORDER BY k.id") == [
            ("Term", "Face to face"),
            ("", ""),
            ("", ""),
        ]


def test_a_migrated_store_passes_verify(path: Path) -> None:
    assert verify(path).faults == ()


def test_the_same_entries_imported_again_are_unchanged(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "again.csv"
    file.write_text(
        "nhs_number,date,code,value,consultation_type,source_id\n"
        f"{ANN},2026-05-04,700139004,,Face to face,\n"
        f"{ANN},2026-05-04,700139004,,Face to face,\n"
        f"{ANN},2026-05-04,700139004,,,\n"
        f"{ANN},2026-04-04,165581004,2.5,,S1\n",
        encoding="utf-8",
    )
    with open_store(path) as store, store.writing():
        done = take_in(store, file, "2" * 64, open_reading(file))
        assert (done.rows, done.accepted, done.unchanged, len(done.changed_entries)) == (4, 1, 3, 1)
        assert store.rows("SELECT count(*) FROM activity") == [(5,)]


def test_a_store_with_a_dangling_reference_is_not_migrated(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE activity SET patient_id = 9 WHERE id = 3")
    connection.close()
    with pytest.raises(LesError, match="refers to one that does not exist"):
        open_store(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM activity WHERE identity IS NOT NULL").fetchone() == (5,)
    connection.close()


@pytest.mark.parametrize("end", ["", ";", "\n", ";\n-- and a word on why\n", "  -- and a word on why"])
def test_a_last_statement_is_run_with_and_without_its_semicolon(
    path: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = f"CREATE TABLE one (id INTEGER) STRICT;\nCREATE TABLE other (id INTEGER) STRICT{end}"
    longer = (*MIGRATIONS, added)
    monkeypatch.setattr(migrate, "MIGRATIONS", longer)
    monkeypatch.setattr(migrate.apply_from, "__defaults__", (len(longer),))
    with open_store(path) as store:
        assert store.rows("SELECT count(*) FROM one, other") == [(0,)]
