"""The ledger and the audit trail stay as they were written, whatever a plugin tries with sqlite-utils or in SQL.

A plugin gets records that use the store's own connection, which refuses everything but a SELECT while the plugin is
asked. A plugin could also remove that guard, or open the file itself. Then the triggers refuse every change of a row.
The file cannot refuse a try that first removes the triggers or the table: `les verify` must find it afterwards. The
groups of tries below say which they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from sqlite_utils.db import Table, View

from lescli.api import hookimpl, standard_register
from lescli.calendar import Period
from lescli.errors import LesError, PluginError
from lescli.model import Claim, ClaimRow, Practice, RecallList, Register, Report, ServiceSpec, Verdict
from lescli.services.service import Service, service_of
from lescli.specification import parse_specification
from lescli.store import Store, create_store, open_store
from lescli.store.database.migrate import make
from lescli.store.ledger import chain, write
from lescli.store.ledger.duties import confirm_duty
from lescli.store.records.records import StoreRecords
from lescli.store.verify.run import verify, verify_open

PATIENT = "9990000018"
PRACTICE = Practice(ods_code="A82038", name="Test")
TABLES = tuple(chain.COLUMNS)
TOML = Path(__file__).parents[2] / "plugins" / "phlebotomy" / "lescli_phlebotomy" / "service.toml"

Try = Callable[[sqlite_utils.Database, str], Any]


def claim_row(day: int) -> ClaimRow:
    return ClaimRow(
        key=f"i/{day}",
        nhs_number=PATIENT,
        day=date(2026, 5, day),
        item="i",
        code="c",
        verdict=Verdict.PAYABLE,
        reason="accepted",
        clause="4",
        unit_price_pence=2000,
        evidence=("register:1",),
    )


def fill(store: Store) -> None:
    """Write at least one row into each chained table, and a claim that could be withdrawn."""
    with store.writing():
        store.connection.execute(
            "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
            " VALUES (?, 'A', 'B', '1950-01-01', 'female', '')",
            (PATIENT,),
        )
        body = {"service": "s", "month": "2026-05"}
        rows = (claim_row(4), claim_row(5))
        write.freeze(store, body, rows, submitted_on=date(2026, 6, 5), by="A", authorised_by=None)
        write.reverse(store, "s-2026-05", 1, reason="r", on=date(2026, 6, 6))
        for month in ("2026-07", "2026-08"):
            body = {"service": "s", "month": month}
            write.freeze(store, body, (), submitted_on=date(2026, 8, 5), by="A", authorised_by=None)
        write.withdraw(store, "s-2026-07", reason="r", on=date(2026, 8, 6))
        day = date(2026, 6, 6)
        confirm_duty(store, "s", "d", on=day, by="A", note="n", recorded_on=day, corrects=None)
        write.pay(store, "s-2026-05", amount_pence=100, on=day)
        entry = (1, 1, "2026-06-05T08:00:00Z", "ann", "A", "claim", "--submit", 1, 0, 0)
        chain.insert(store, "audit", entry, previous=chain.START, hash=chain.digest(chain.START, "audit", entry))


def newest(db: sqlite_utils.Database, table: str) -> dict[str, Any]:
    return next(iter(db.table(table).rows_where(order_by="id desc", limit=1)))


def changed(db: sqlite_utils.Database, table: str) -> dict[str, Any]:
    """The newest row of a table, with another value in the first column that has no rule of its own."""
    row = newest(db, table)
    name = PLAIN[table]
    return {**row, name: row[name] + 1 if isinstance(row[name], int) else f"{row[name]}x"}


PLAIN = {"claim": "total_pence", "claim_row": "amount_pence", "reversal": "reason", "payment": "amount_pence",
         "withdrawal": "reason", "duty_confirmation": "by", "audit": "user"}  # fmt: skip
"""A column of each table that has no rule of its own."""
TEXT = {
    "claim": "body",
    "claim_row": "facts",
    "reversal": "reason",
    "payment": "on_date",
    "withdrawal": "reason",
    "duty_confirmation": "note",
    "audit": "user",
}
"""A text column of each table."""

OF_ITS_OWN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "claim": lambda row: {**row, "id": None, "month": "2026-06"},
    "claim_row": lambda row: {**row, "id": None, "row": 3, "day": "2026-05-06", "activity_id": None},
    "reversal": lambda row: {**row, "id": None, "claim_row_id": 2},
    "payment": lambda row: {**row, "id": None},
    "withdrawal": lambda row: {**row, "id": None, "claim_id": row["claim_id"] + 1},
    "duty_confirmation": lambda row: {**row, "id": None},
    "audit": lambda row: {**row, "id": None},
}
"""A false row that no trigger refuses; only the chain shows it."""


def sql(*statements: str) -> Try:
    """Run SQL statements one by one; `{t}` is the table and `{c}` its plain column."""

    def run(db: sqlite_utils.Database, table: str) -> None:
        for statement in statements:
            db.conn.execute(statement.format(t=table, c=PLAIN[table]))

    return run


def on_table(do: Callable[[Table, dict[str, Any]], Any]) -> Try:
    """Call a method of sqlite-utils' table, with the table and the changed row."""
    return lambda db, table: do(db.table(table), changed(db, table))


def write_into_a_cell(db: sqlite_utils.Database, table: str) -> None:
    with db.conn.blobopen(table, TEXT[table], 1) as cell:
        cell.write(b"0")


def within_atomic(db: sqlite_utils.Database, table: str) -> None:
    with db.atomic():
        db.execute(CHANGE.format(t=table, c=PLAIN[table]))


CHANGE = "UPDATE {t} SET {c} = {c} WHERE id = 1"


def tagged(table: Table) -> Table:
    table.last_pk = 1
    return table.m2m("tag", {"id": 1}, pk="id")


ON_ROWS: dict[str, Try] = {
    "insert": on_table(lambda t, row: t.insert(row)),
    "insert replace": on_table(lambda t, row: t.insert(row, pk="id", replace=True)),
    "insert ignore": on_table(lambda t, row: t.insert(row, pk="id", ignore=True)),
    "insert_all replace": on_table(lambda t, row: t.insert_all([row], pk="id", replace=True)),
    "insert_all truncate": on_table(lambda t, row: t.insert_all([row], pk="id", truncate=True)),
    "upsert": on_table(lambda t, row: t.upsert(row, pk="id")),
    "upsert_all": on_table(lambda t, row: t.upsert_all([row], pk="id")),
    "update": on_table(lambda t, row: t.update(row["id"], row)),
    "update one column": on_table(lambda t, row: t.update(1, {PLAIN[t.name]: row[PLAIN[t.name]]})),
    "update conversion": on_table(
        lambda t, row: t.update(1, {TEXT[t.name]: "x"}, conversions={TEXT[t.name]: "upper(?)"})
    ),
    "delete": on_table(lambda t, row: t.delete(1)),
    "delete_where": on_table(lambda t, row: t.delete_where("id = 1")),
    "delete_where all": on_table(lambda t, row: t.delete_where()),
    "convert": on_table(lambda t, row: t.convert(TEXT[t.name], lambda value: "x")),
    "insert alter": on_table(lambda t, row: t.insert({**row, "more": 1}, pk="id", alter=True)),
    "execute": lambda db, table: db.execute(CHANGE.format(t=table, c=PLAIN[table])),
    "query": lambda db, table: list(db.query(CHANGE.format(t=table, c=PLAIN[table]) + " RETURNING id")),
    "execute_returning_dicts": lambda db, table: db.execute_returning_dicts(
        CHANGE.format(t=table, c=PLAIN[table]) + " RETURNING id"
    ),
    "atomic": within_atomic,
    "extract": on_table(lambda t, row: t.extract(TEXT[t.name])),
    "UPDATE": sql(CHANGE),
    "WITH": sql("WITH o AS (SELECT 1 AS id) UPDATE {t} SET {c} = {c} WHERE id IN (SELECT id FROM o)"),
    "UPDATE OR REPLACE": sql("UPDATE OR REPLACE {t} SET id = 7 WHERE id = 1"),
    "UPDATE OR IGNORE": sql("UPDATE OR IGNORE {t} SET {c} = {c}"),
    "UPDATE FROM": sql("UPDATE {t} SET {c} = o.{c} FROM {t} o WHERE o.id = {t}.id"),
    "DELETE": sql("DELETE FROM {t}"),
    "INSERT OR REPLACE": sql("INSERT OR REPLACE INTO {t} SELECT * FROM {t}"),
    "REPLACE": sql("REPLACE INTO {t} SELECT * FROM {t}"),
    "INSERT OR IGNORE": sql("INSERT OR IGNORE INTO {t} SELECT * FROM {t}"),
    "ON CONFLICT": sql("INSERT INTO {t} SELECT * FROM {t} WHERE true ON CONFLICT (id) DO UPDATE SET {c} = 0"),
    "in pieces": sql(
        "PRAGMA recursive_triggers = OFF", "PRAGMA foreign_keys = OFF", "REPLACE INTO {t} SELECT * FROM {t}"
    ),
    "deferred": sql(
        "BEGIN", "PRAGMA defer_foreign_keys = ON", "PRAGMA ignore_check_constraints = ON", "DELETE FROM {t}"
    ),
    "trusted_schema": sql("PRAGMA trusted_schema = OFF", "PRAGMA legacy_alter_table = ON", "DELETE FROM {t}"),
}
"""Refused on every connection: by the triggers, if nothing refuses them earlier."""

FIRST_THE_TRIGGER = "DROP TRIGGER {t}_no_update"
TAKES_AWAY: dict[str, Try] = {
    "insert a row of its own": on_table(lambda t, row: t.insert(OF_ITS_OWN[t.name](row))),
    "lookup": on_table(lambda t, row: t.lookup({PLAIN[t.name]: row[PLAIN[t.name]]}, row)),
    "add_missing_columns": on_table(lambda t, row: t.add_missing_columns([{**row, "more": 1}])),
    "add_column": on_table(lambda t, row: t.add_column("more", str)),
    "transform": on_table(lambda t, row: t.transform(not_null={"id"})),
    "transform rename": on_table(lambda t, row: t.transform(rename={PLAIN[t.name]: "more"})),
    "drop": on_table(lambda t, row: t.drop()),
    "create replace": on_table(lambda t, row: t.create({"id": int}, pk="id", replace=True)),
    "create transform": on_table(lambda t, row: t.create({"id": int, "more": str}, pk="id", transform=True)),
    "create_index": on_table(lambda t, row: t.create_index([TEXT[t.name]])),
    "enable_counts": on_table(lambda t, row: t.enable_counts()),
    "enable_fts": on_table(lambda t, row: t.enable_fts([TEXT[t.name]], create_triggers=True)),
    "add_foreign_key": on_table(lambda t, row: t.add_foreign_key(PLAIN[t.name], "patient", "id")),
    "convert into another": on_table(lambda t, row: t.convert(TEXT[t.name], lambda value: "x", output="more")),
    "rename_table": lambda db, table: db.rename_table(table, "more"),
    "create_table": lambda db, table: db.create_table(table, {"id": int}, pk="id", replace=True),
    "add_foreign_keys": lambda db, table: db.add_foreign_keys([(table, PLAIN[table], "patient", "id")]),
    "index_foreign_keys": lambda db, table: (db.index_foreign_keys(), db.table(table).create_index(["id"])),
    "drop_index": lambda db, table: db.table("claim_row").drop_index("claimed_once"),
    "DROP TABLE": sql("DROP TABLE {t}"),
    "RENAME": sql("ALTER TABLE {t} RENAME TO more"),
    "RENAME COLUMN": sql("ALTER TABLE {t} RENAME COLUMN {c} TO more"),
    "ADD COLUMN": sql("ALTER TABLE {t} ADD COLUMN more TEXT"),
    "DROP TRIGGER": sql(FIRST_THE_TRIGGER),
    "DROP TRIGGER, UPDATE": sql(FIRST_THE_TRIGGER, "UPDATE {t} SET {c} = 7"),
    "DROP TRIGGER, DELETE": sql("DROP TRIGGER {t}_no_delete", "PRAGMA foreign_keys = OFF", "DELETE FROM {t}"),
    "CREATE TRIGGER": sql("CREATE TRIGGER more AFTER INSERT ON {t} BEGIN DELETE FROM standing; END"),
    "a trigger for another": sql(
        FIRST_THE_TRIGGER, "CREATE TRIGGER {t}_no_update BEFORE UPDATE ON {t} BEGIN SELECT 1; END"
    ),
    "writable_schema": sql("PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE name = '{t}_no_update'"),
    "writable_schema, trigger": sql(
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'BEFORE UPDATE', 'AFTER UPDATE') WHERE name = '{t}_no_update'",
    ),
    "writable_schema, a name of SQLite's own": sql(
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master VALUES ('trigger', 'sqlite_more', '{t}', 0, 'CREATE TRIGGER sqlite_more AFTER INSERT"
        " ON {t} BEGIN DELETE FROM standing; END')",
    ),
    "writable_schema, page": sql(
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'practice')"
        " WHERE name = '{t}'",
        "PRAGMA writable_schema = RESET",
    ),
    "blobopen": write_into_a_cell,
}
"""The file cannot refuse these, because the user who runs the plugin may write it: verify finds them afterwards."""

BESIDE: dict[str, Try] = {
    "create": lambda db, table: db.table("more").create({"id": int}),
    "duplicate": on_table(lambda t, row: t.duplicate("more")),
    "m2m": lambda db, table: tagged(db.table(table)),
    "create_view": lambda db, table: db.create_view("more", f"SELECT * FROM {table}"),
    "executescript": lambda db, table: db.executescript(f"CREATE TABLE more AS SELECT * FROM {table}"),
    "attach": lambda db, table: db.attach("more", "more.db"),
    "enable_wal": lambda db, table: db.enable_wal(),
    "disable_wal": lambda db, table: db.disable_wal(),
    "load_extension": sql("SELECT load_extension('more')"),
    "ATTACH": sql("ATTACH ':memory:' AS more", "CREATE TABLE more.{t} AS SELECT * FROM main.{t}"),
    "TEMP TABLE": sql("CREATE TEMP TABLE {t} AS SELECT * FROM main.{t}"),
    "vacuum": lambda db, table: db.vacuum(),
    "analyze": on_table(lambda t, row: t.analyze()),
    "begin": lambda db, table: db.begin(),
    "SAVEPOINT": sql("SAVEPOINT more"),
    "query_only": sql("PRAGMA query_only = OFF"),
    "user_version": sql("PRAGMA user_version = 0"),
}
"""These do not change the ledger. A plugin does not need them, so they are refused while it is asked."""

READS = {
    "analyze_column",
    "build_insert_queries_and_params",
    "cached_counts",
    "checks",
    "close",
    "column_checks",
    "columns",
    "columns_dict",
    "count",
    "count_where",
    "create_table_sql",
    "default_values",
    "detect_fts",
    "ensure_autocommit_on",
    "execute_count",
    "exists",
    "foreign_keys",
    "get",
    "guess_foreign_column",
    "guess_foreign_table",
    "has_counts_triggers",
    "indexes",
    "iterdump",
    "journal_mode",
    "last_pk",
    "last_rowid",
    "m2m_table_candidates",
    "pks",
    "pks_and_rows_where",
    "quote",
    "quote_default_value",
    "quote_fts",
    "register_fts4_bm25",
    "register_function",
    "resolve_foreign_keys",
    "rows",
    "rows_where",
    "schema",
    "search",
    "search_sql",
    "sqlite_version",
    "strict",
    "supports_on_conflict",
    "supports_strict",
    "table",
    "table_checks",
    "table_names",
    "tables",
    "tracer",
    "transform_sql",
    "triggers",
    "triggers_dict",
    "use_counts_table",
    "use_rowid",
    "value_or_default",
    "view",
    "view_names",
    "views",
    "virtual_table_using",
    "xindexes",
}
NEEDS_MORE = {
    "add_geometry_column",
    "commit",
    "create_spatial_index",
    "disable_fts",
    "init_spatialite",
    "insert_chunk",
    "optimize",
    "populate_fts",
    "rebuild_fts",
    "reset_counts",
    "rollback",
}
"""Methods that need an extension or an earlier try, are a step of another method, or have a test of their own."""


def test_every_method_of_sqlite_utils_is_tried_or_only_reads() -> None:
    tried = {word for name in (*ON_ROWS, *TAKES_AWAY, *BESIDE) for word in name.split()[:1]}
    methods = {name for one in (Table, View, sqlite_utils.Database) for name in dir(one) if not name.startswith("_")}
    assert methods - tried - READS - NEEDS_MORE == set()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a temporary folder: sqlite-utils attaches a file in the working directory."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def whole() -> Iterator[bytes]:
    """A plain store with rows in each table, as bytes."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory, Store(memory, None) as store:
        make(store, PRACTICE)
        fill(store)
        yield memory.serialize()


def opened(whole: bytes) -> sqlite3.Connection:
    """Open the file as another program would, without the settings of our own connection."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(whole)
    return connection


def stored(connection: sqlite3.Connection) -> list[Any]:
    """The rows of the chained tables, and everything declared about them."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    rows = [connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES if table in there]
    marks = ", ".join("?" * len(TABLES))
    declared = f"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name IN ({marks}) ORDER BY type, name"
    return [*rows, connection.execute(declared, TABLES).fetchall()]


def attempt(do: Try, connection: sqlite3.Connection, table: str) -> Exception | None:
    """The exception that refused the try, or None. Commit an open transaction, as an attacker would."""
    try:
        do(sqlite_utils.Database(connection, execute_plugins=False, recursive_triggers=False), table)
    except Exception as fault:
        return fault
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")
    return None


@pytest.mark.parametrize("name", ON_ROWS)
def test_rows_cannot_be_changed_by_another_program_that_opens_the_file(whole: bytes, name: str) -> None:
    for table in TABLES:
        with closing(opened(whole)) as connection:
            before = stored(connection)
            assert isinstance(attempt(ON_ROWS[name], connection, table), sqlite3.IntegrityError), table
            assert stored(connection) == before


def broken(connection: sqlite3.Connection) -> bool:
    """Whether `les verify` finds a fault."""
    try:
        return bool(verify_open(Store(connection, None)).faults)
    except LesError:
        return True


def test_the_untouched_store_passes_verify(whole: bytes) -> None:
    with closing(opened(whole)) as connection:
        assert not broken(connection)


@pytest.mark.parametrize("name", TAKES_AWAY)
def test_changes_that_the_file_cannot_refuse_are_found_by_verify(whole: bytes, name: str) -> None:
    got_through = 0
    for table in TABLES:
        with closing(opened(whole)) as connection:
            before = stored(connection)
            attempt(TAKES_AWAY[name], connection, table)
            if stored(connection) != before:
                got_through += 1
                assert broken(connection), table
    assert got_through


@pytest.mark.parametrize("name", BESIDE)
def test_changes_outside_the_ledger_leave_it_unchanged(whole: bytes, name: str) -> None:
    for table in TABLES:
        with closing(opened(whole)) as connection:
            before = stored(connection)
            attempt(BESIDE[name], connection, table)
            connection.execute("DROP TABLE IF EXISTS temp." + table)
            assert stored(connection) == before


class Curious:
    """A plugin that tries something with its records, and then answers properly or fails."""

    def __init__(self, do: Callable[[StoreRecords], None]) -> None:
        self.do = do

    @hookimpl
    def les_service(self) -> ServiceSpec:
        return parse_specification(TOML.read_bytes(), where="test")

    @hookimpl
    def les_register(self, spec: ServiceSpec, records: StoreRecords) -> Register:
        self.do(records)
        return standard_register(spec, records)


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, PRACTICE) as made:
        fill(made)
        yield made


def everything(store: Store) -> dict[str, Any]:
    declared = store.rows("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
    return {name: [sql, store.rows(f"SELECT * FROM {name}") if kind == "table" else []] for kind, name, sql in declared}


def ask(store: Store, do: Callable[[StoreRecords], None]) -> Register:
    service: Service = service_of(Curious(do), origin="test")
    return service.register(StoreRecords(store, service.spec, date(2026, 6, 5)))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("writing", [False, True], ids=["asked", "asked while a claim is submitted"])
def test_every_change_through_the_store_s_own_connection_is_refused(store: Store, table: str, writing: bool) -> None:
    let_through: list[str] = []
    # Make it before the guard is on: sqlite-utils sets a pragma first, and without it every try would fail.
    tables = store.tables

    def try_all(records: StoreRecords) -> None:
        connection = records._store.connection
        assert tables.conn is connection
        for name, do in {**ON_ROWS, **TAKES_AWAY, **BESIDE}.items():
            try:
                do(tables, table)
            except store.connection.Error:
                continue
            except AttributeError:
                # sqlite-utils fails on an index of an expression; the driver of encrypted stores has no blobopen.
                assert (name, table) == ("lookup", "claim_row") or (name == "blobopen" and store.key is not None)
                continue
            let_through.append(name)
        for end in (connection.commit, connection.rollback):
            with pytest.raises(connection.Error) if connection.in_transaction else nullcontext():
                end()

    before = everything(store)
    with store.writing() if writing else nullcontext():
        ask(store, try_all)
        assert store.connection.in_transaction == writing
    assert let_through == []
    assert everything(store) == before


def test_a_plugin_that_writes_is_named_and_the_store_can_be_written_afterwards(store: Store) -> None:
    with pytest.raises(PluginError, match="its plugin failed in les_register"), store.writing():
        ask(store, lambda records: records._store.connection.execute("DELETE FROM invitation").close())
    with store.writing():
        store.connection.execute("DELETE FROM invitation")
        write.pay(store, "s-2026-05", amount_pence=100, on=date(2026, 6, 7))
    assert len(store.rows("SELECT * FROM payment")) == 2


def test_every_hook_runs_with_a_read_only_store(store: Store) -> None:
    guarded: list[str] = []

    class Noting(Curious):
        @hookimpl
        def les_recall(self, records: StoreRecords) -> RecallList:
            note("les_recall", records)
            return RecallList(recalls=())

        @hookimpl
        def les_claim(self, records: StoreRecords) -> Claim:
            note("les_claim", records)
            return Claim(rows=())

        @hookimpl
        def les_report(self, records: StoreRecords) -> Report:
            note("les_report", records)
            return Report(measures=())

    def note(hook: str, records: StoreRecords) -> None:
        with pytest.raises(records._store.connection.Error, match="not authorized"):
            records._store.connection.execute("DELETE FROM invitation")
        guarded.append(hook)

    service = service_of(Noting(lambda records: note("les_register", records)), origin="test")
    records = StoreRecords(store, service.spec, date(2026, 6, 5))
    month = Period.parse("2026-05")
    register = service.register(records)
    service.recall(records, register)
    claim = service.claim(records, register, month)
    with pytest.raises(PluginError, match="the measure"):
        service.report(records, register, claim, month)
    # The report asks the recall again.
    assert list(dict.fromkeys(guarded)) == ["les_register", "les_recall", "les_claim", "les_report"]


@pytest.mark.plain_only("opens the file without its key")
def test_a_plugin_that_opens_the_file_itself_is_stopped_by_the_lock_or_the_triggers(tmp_path: Path) -> None:
    create_store(tmp_path / "practice.les", PRACTICE).close()
    refused: list[str] = []

    def open_it(records: StoreRecords) -> None:
        for prefix, file in (("", str(records._store.path)), ("more.", ":memory:")):
            with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as own:
                if prefix:
                    own.execute("ATTACH ? AS more", (str(records._store.path),))
                with pytest.raises(sqlite3.Error) as fault:
                    own.execute(f"UPDATE {prefix}payment SET amount_pence = 0")
                refused.append(fault.value.sqlite_errorname)

    with open_store(tmp_path / "practice.les") as store:
        fill(store)
        ask(store, open_it)
        with store.writing():
            ask(store, open_it)
    assert refused == [*["SQLITE_CONSTRAINT_TRIGGER"] * 2, *["SQLITE_BUSY"] * 2]


@pytest.mark.plain_only("copies from a connection of the other driver")
@pytest.mark.parametrize("writing", [False, True], ids=["asked", "asked while a claim is submitted"])
def test_a_plugin_cannot_copy_another_database_over_the_store(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, writing: bool
) -> None:
    """The guard does not see either way of copying. They fail because the store is being read."""
    path = tmp_path / "practice.les"
    create_store(path, PRACTICE).close()
    tried: list[str] = []

    def copy_over(records: StoreRecords) -> None:
        with closing(sqlite3.connect(path, timeout=0)) as own:
            for target in (records._store.connection, own):
                with closing(opened(whole)) as other, pytest.raises(sqlite3.OperationalError):
                    other.backup(target, sleep=0, progress=give_up)
                tried.append("backup")
        with pytest.raises(sqlite3.Error):
            records._store.connection.deserialize(whole)

    def give_up(status: int, remaining: int, total: int) -> None:
        assert status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        raise sqlite3.OperationalError("would wait for ever")

    with open_store(path) as store:
        fill(store)
        before = everything(store)
        with store.writing() if writing else nullcontext():
            ask(store, copy_over)
        assert everything(store) == before
    assert tried == ["backup", "backup"]
    with open_store(path) as store:
        assert everything(store) == before


def test_a_plugin_that_removes_the_guard_is_stopped_by_the_triggers(store: Store) -> None:
    """A plugin is Python code in this process, so nothing stops it, but the ledger stays unchanged."""
    before = everything(store)

    def take_it_off(records: StoreRecords) -> None:
        connection = records._store.connection
        connection.set_authorizer(None)
        connection.execute("PRAGMA query_only = OFF")
        for table in TABLES:
            for name, do in ON_ROWS.items():
                if name not in ("atomic", "deferred", "in pieces"):  # These fail because of the open transaction.
                    with pytest.raises(connection.IntegrityError):
                        do(tables, table)

    tables = store.tables
    ask(store, take_it_off)
    assert everything(store) == before


@pytest.mark.plain_only("opens the file without its key")
def test_a_later_change_of_the_file_is_found_by_verify(tmp_path: Path) -> None:
    path = tmp_path / "practice.les"
    with create_store(path, PRACTICE) as store:
        with store.writing():
            early = store.connection.serialize()
        fill(store)
    heads = verify(path).heads
    assert verify(path, list(heads.values())).faults == ()
    with closing(sqlite3.connect(path, isolation_level=None)) as own:
        own.execute("DROP TRIGGER payment_no_delete")
        own.execute("DELETE FROM payment")
        own.execute(
            "CREATE TRIGGER payment_no_delete BEFORE DELETE ON payment\n"
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )
    # Shortened at its end and repaired, the chain is unbroken: only a head noted elsewhere shows the change.
    assert verify(path).faults == ()
    assert [fault.check for fault in verify(path, list(heads.values())).faults] == ["heads"]
    with closing(opened(early)) as other, closing(sqlite3.connect(path)) as own:
        other.backup(own)
    assert verify(path).faults == ()
    assert [fault.check for fault in verify(path, list(heads.values())).faults] == ["heads", "heads"]
