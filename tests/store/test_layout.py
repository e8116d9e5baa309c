"""After a column is added to a chained table, earlier rows can still be proved, and later hashes cover the column."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lescli.model import Practice
from lescli.store import Store, open_store
from lescli.store.database import migrate
from lescli.store.database.connection import connect
from lescli.store.ledger import chain
from lescli.store.schema import migrations
from lescli.store.schema.ledger import new_layout
from lescli.store.verify.ledger import heads, heads_found
from lescli.store.verify.run import verify, verify_open

HEADS = (
    "6a4b2955c04da987a9ae7bb171c9f85756d32e5317530696adb394dd8ea1a2b9",
    "5e768cf71cf7633a70fce0aa112f7904e37e0f2db10a5271e93d47643f328d6c",
)
"""The heads of ledger and audit trail that the earlier version printed for the store below."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that an earlier version of les wrote, before its tables had layouts."""
    file = tmp_path / "old.les"
    script = Path(__file__).with_name("store-of-migration-5.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)
    return file


@pytest.fixture
def wider(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The next version of les: its migration adds a column to three chained tables."""
    migration = ""
    for table in ("payment", "claim_row", "audit"):
        columns = (*chain.COLUMNS[table], "extra")
        monkeypatch.setitem(chain.COLUMNS, table, columns)
        monkeypatch.setitem(chain.EARLIER, (table, "extra"), "")
        migration += f"ALTER TABLE {table} ADD COLUMN extra TEXT NOT NULL DEFAULT '';\n{new_layout(table, columns)}"
    longer = (*migrations.MIGRATIONS, migration)
    monkeypatch.setattr(migrate, "MIGRATIONS", longer)
    monkeypatch.setattr("lescli.store.verify.run.MIGRATIONS", longer)
    monkeypatch.setattr("lescli.store.verify.run.MIGRATIONS", longer)
    monkeypatch.setattr(migrate.apply_from, "__defaults__", (len(longer),))
    return longer


def add(store: Store, table: str, *values: object) -> str:
    """Write one more row of a chained table as the program does; its hash."""
    found = store.rows("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")[0][0]
    previous = found if table == "audit" else chain.head(store)
    whole = (chain.next_id(store, table), *values)
    digest = chain.digest(previous, table, whole)
    chain.insert(store, table, whole, previous=previous, hash=digest)
    return digest


def test_a_store_of_an_earlier_version_passes_verify_with_its_old_heads(path: Path) -> None:
    found = verify(path, HEADS)
    assert found.faults == ()
    assert found.looked_at["payment"] == 1


def test_an_added_column_keeps_earlier_hashes_and_is_hashed_from_then_on(path: Path, wider: tuple[str, ...]) -> None:
    with open_store(path) as store:
        assert store.rows("PRAGMA user_version") == [(len(wider),)]
        with store.writing():
            claim = store.rows("SELECT max(id) FROM claim")[0][0]
            known = {"claim_id": claim, "amount_pence": 100, "on_date": "2026-07-01", "extra": "R1"}
            new = add(store, "payment", *(known.get(name, "") for name in chain.COLUMNS["payment"][1:]))
            entry = add(store, "audit", 9, "2026-07-01T08:00:00Z", "ann", "A", "claim", "", 0, 0, 0, "note")
    found = verify(path, (*HEADS, new, entry))
    assert found.faults == ()
    with open_store(path) as store:
        store.connection.execute("DROP TRIGGER payment_no_update")
        store.connection.execute("UPDATE payment SET extra = 'R2' WHERE extra = 'R1'")
        assert [link.whole for link in chain.links(store, "payment")] == [True, False]
        store.connection.execute("UPDATE payment SET extra = 'R1' WHERE extra = 'R2'")
        store.connection.execute("UPDATE payment SET extra = 'R1' WHERE id = 1")
        assert [link.whole for link in chain.links(store, "payment")] == [False, True]


def test_a_value_in_an_added_column_of_an_earlier_claim_row_is_found(path: Path, wider: tuple[str, ...]) -> None:
    with open_store(path) as store:
        assert all(link.whole for link in chain.links(store, "claim"))
        store.connection.execute("DROP TRIGGER claim_row_no_update")
        store.connection.execute("UPDATE claim_row SET extra = 'x' WHERE id = 3")
        assert [link.whole for link in chain.links(store, "claim")] == [False, True]


def test_equal_payments_of_before_a_column_was_added_are_still_no_fault(
    path: Path, request: pytest.FixtureRequest
) -> None:
    """A person was asked before the second one was recorded, so `les verify` must not call it a fault later."""
    with open_store(path) as store, store.writing():
        known = {"claim_id": store.rows("SELECT max(id) FROM claim")[0][0], "amount_pence": 100}
        for _ in range(2):
            add(
                store,
                "payment",
                *({**known, "on_date": "2026-07-01"}.get(name, "") for name in chain.COLUMNS["payment"][1:]),
            )
    request.getfixturevalue("wider")
    with open_store(path):
        pass
    assert verify(path).faults == ()


LAYOUTS = {
    "taken away": "DELETE FROM layout WHERE hashed = 'payment'",
    "begun later": "UPDATE layout SET first_id = 2 WHERE hashed = 'reversal'",
    "narrower": "UPDATE layout SET columns = 'id claim_id amount_pence' WHERE hashed = 'payment'",
    "two columns exchanged": "UPDATE layout SET columns = 'id amount_pence claim_row_id reason on_date'"
    " WHERE hashed = 'reversal'",
    "one of ours on top": "INSERT INTO layout (hashed, first_id, columns) VALUES ('payment', 1, 'id claim_id')",
}


@pytest.mark.parametrize("change", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_layout_that_no_migration_wrote_is_found(path: Path, change: str) -> None:
    with open_store(path) as store:
        store.connection.execute("DROP TRIGGER layout_no_update")
        store.connection.execute("DROP TRIGGER layout_no_delete")
        store.connection.execute(change)
        found = {fault.text for fault in verify_open(store).faults if fault.check == "ledger"}
        assert any("the list of hashed columns of" in text for text in found)


def test_layouts_are_append_only(path: Path) -> None:
    with open_store(path) as store:
        for change in LAYOUTS.values():
            if not change.startswith("INSERT"):
                with pytest.raises(store.connection.Error, match="append-only"):
                    store.connection.execute(change)


def test_the_layouts_of_the_program_match_its_tables(store: Store) -> None:
    for table, columns in chain.COLUMNS.items():
        found = {row[1]: (row[2], row[4]) for row in store.rows(f"PRAGMA table_info({table})")}
        assert set(columns) == set(found) - {"previous", "hash"}
        for name in set(columns) - set(chain.FIRST_LAYOUT.get(table, columns)):
            (value,) = store.rows(f"SELECT {found[name][1]}")[0]
            assert value == chain.EARLIER[table, name]


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(connect(Path(":memory:")), None) as made:
        migrate.make(made, Practice(ods_code="A82038", name="Test"))
        yield made


def test_a_chain_begun_after_a_column_was_added_hashes_it_from_the_first_row(
    wider: tuple[str, ...], store: Store
) -> None:
    entry = (1, 1, "2026-07-01T08:00:00Z", "ann", "A", "claim", "", 0, 0, 0, "note")
    digest = chain.digest(chain.START, "audit", entry)
    chain.insert(store, "audit", entry, previous=chain.START, hash=digest)
    assert [link.whole for link in chain.links(store, "audit")] == [True]
    assert list(heads_found(store, [digest])) == []
    assert heads(store)["audit"] == digest
