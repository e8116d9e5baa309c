"""The ledger's chain covers every column of every row in all its tables, and begins at the seal over older rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.model import ClaimRow, Practice, Verdict
from lescli.store import Store, create_store, open_store
from lescli.store.database.connection import connect
from lescli.store.database.migrate import apply_from
from lescli.store.ledger import chain, write
from lescli.store.ledger.read import claims
from lescli.store.schema.ledger import AUDIT
from lescli.store.schema.migrations import APPLICATION_ID, MIGRATIONS

PATIENT = "9990000018"
PRACTICE = Practice(ods_code="A82038", name="Test")
NEW_PATIENT = (
    "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
    f" VALUES ('{PATIENT}', 'A', 'B', '1950-01-01', 'female', '')"
)


def row(day: int, verdict: Verdict = Verdict.PAYABLE) -> ClaimRow:
    return ClaimRow(
        key=f"i/{day}",
        nhs_number=PATIENT,
        day=date(2026, 5, day),
        item="i",
        code="c",
        verdict=verdict,
        reason="accepted",
        clause="4",
        unit_price_pence=2000,
        evidence=("register:1",),
    )


def freeze(store: Store, month: str, *rows: ClaimRow) -> None:
    body = {"service": "s", "month": month}
    write.freeze(store, body, rows, submitted_on=date(2026, 6, 5), by="A", authorised_by=None)


@pytest.fixture
def store() -> Iterator[Store]:
    """A ledger with two claims, and a reversal and a payment between them."""
    with create_store(None, PRACTICE) as made:
        made.connection.execute(NEW_PATIENT)
        freeze(made, "2026-05", row(4), row(5, Verdict.REFUSED))
        write.reverse(made, "s-2026-05", 1, reason="r", on=date(2026, 6, 6))
        write.pay(made, "s-2026-05", amount_pence=2000, on=date(2026, 6, 30))
        freeze(made, "2026-06", row(4))
        yield made


def links(store: Store) -> dict[str, chain.Link]:
    return {link.previous: link for table in chain.LINKED for link in chain.links(store, table)}


def test_claims_reversals_and_payments_form_one_chain(store: Store) -> None:
    found, at, way = links(store), chain.START, []
    while at in found:
        way.append(found[at].table)
        assert found[at].whole
        at = found[at].hash
    assert way == ["claim", "reversal", "payment", "claim"]
    assert at == chain.head(store)


@pytest.mark.parametrize("table", ["claim", "claim_row", "reversal", "payment"])
def test_a_change_of_any_column_is_found(store: Store, table: str) -> None:
    columns = [name for _, name, *_ in store.rows(f"PRAGMA table_info({table})")]
    assert set(columns) == {*chain.COLUMNS[table], *(() if table == "claim_row" else ("previous", "hash"))}
    store.connection.execute("PRAGMA foreign_keys = OFF")
    for trigger in store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", table):
        store.connection.execute(f"DROP TRIGGER {trigger[0]}")
    for column in columns:
        store.connection.execute("SAVEPOINT before")
        value = store.rows(f"SELECT typeof({column}) FROM {table} ORDER BY id LIMIT 1")[0][0]
        other = f"{column} || 'x'" if value == "text" else f"coalesce({column}, 0) + 70" if value != "null" else "7"
        if column == "authorised_by":
            other = "''"  # The empty text differs from NULL.
        store.connection.execute(f"UPDATE {table} SET {column} = {other} WHERE id = (SELECT min(id) FROM {table})")
        assert not all(link.whole for link in links(store).values()), column
        store.connection.execute("ROLLBACK TO before")
    assert all(link.whole for link in links(store).values())


def test_a_change_of_patient_and_added_or_removed_rows_are_found(store: Store) -> None:
    for change in (
        "UPDATE patient SET nhs_number = '9990000026'",
        "INSERT INTO claim_row SELECT id + 70, claim_id, row + 70, service, item, patient_id, day, activity_id, code,"
        " 'refused', reason, clause, fix, 0, evidence, facts, generation FROM claim_row WHERE id = 1",
    ):
        store.connection.execute("SAVEPOINT before")
        store.connection.execute(change)
        assert not all(link.whole for link in links(store).values()), change
        store.connection.execute("ROLLBACK TO before")


def test_nothing_is_added_to_a_broken_chain(store: Store) -> None:
    store.connection.execute("DROP TRIGGER payment_no_delete")
    store.connection.execute("DELETE FROM payment")
    with pytest.raises(LesError, match="chain of the ledger is broken"):
        write.pay(store, "s-2026-06", amount_pence=1, on=date(2026, 7, 1))


def of_an_earlier_version(path: Path) -> None:
    """A store from before the chain: a claim with one row, reversed and paid, with hashes of the old kind."""
    version = MIGRATIONS.index(AUDIT)
    with Store(connect(path), path) as store:
        store.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        apply_from(store, 0, version)
        store.connection.execute("INSERT INTO practice VALUES ('A82038', 'Test')")
        store.connection.execute(NEW_PATIENT)
        store.connection.execute(
            "INSERT INTO claim VALUES (1, 's', '2026-05', '2026-06-05', 'A', NULL, 2000, '{}', ?, ?)",
            (chain.START, "a" * 64),
        )
        store.connection.execute(
            "INSERT INTO claim_row VALUES (1, 1, 1, 's', 'i', 1, '2026-05-04', NULL, 'c', 'payable', 'accepted', '4',"
            " '', 2000, '[]', '{}', 0)"
        )
        store.connection.execute(
            "INSERT INTO reversal VALUES (1, 1, 2000, 'r', '2026-06-06', ?, ?)", (chain.START, "b" * 64)
        )
        store.connection.execute("INSERT INTO payment VALUES (1, 1, 2000, '2026-06-30', ?, ?)", (chain.START, "c" * 64))


def test_rows_of_an_earlier_version_are_sealed_and_the_chain_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "old.les"
    of_an_earlier_version(path)
    with open_store(path) as store:
        *last, sealed = store.rows("SELECT claim, claim_row, reversal, payment, digest FROM seal")[0]
        assert last == [1, 1, 1, 1]
        assert sealed == chain.sealed_digest(store, last) != chain.START
        assert links(store) == {}
        assert chain.head(store) == sealed
        assert [(one.chain_before, one.chain_head) for one in claims(store)] == [(chain.START, "a" * 64)]
        with store.writing():
            freeze(store, "2026-06", row(4))
        assert [link.previous for link in links(store).values()] == [sealed]
        for table in ("claim", "claim_row", "reversal", "payment"):
            store.connection.execute(f"DROP TRIGGER {table}_no_update")
            for _, column, *_ in store.rows(f"PRAGMA table_info({table})"):
                if column.endswith("id"):
                    continue
                store.connection.execute("SAVEPOINT before")
                store.connection.execute(f"UPDATE {table} SET {column} = 7 WHERE id = 1")
                seen = chain.sealed_digest(store, last) != sealed or not chain.sealed_unchanged(store, last)
                assert seen, (table, column)
                store.connection.execute("ROLLBACK TO before")
        assert chain.sealed_digest(store, last) == sealed
        assert chain.sealed_unchanged(store, last)
