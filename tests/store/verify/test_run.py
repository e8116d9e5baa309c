"""Each kind of damage is found by the check meant for it, and a sound store has no fault."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from lescli.errors import LesError, LockedError
from lescli.model import Practice
from lescli.operations.imports import import_files
from lescli.store import Store, audit_trail, create_store, open_store
from lescli.store.database.connection import connect, connect_found
from lescli.store.database.encryption import make_key_file
from lescli.store.database.migrate import apply_from
from lescli.store.ledger import chain
from lescli.store.ledger.read import claims
from lescli.store.quarantine.manual import close_rows, open_rows, reopen_rows, settled_rows
from lescli.store.schema.migrations import APPLICATION_ID, MIGRATIONS
from lescli.store.verify.ledger import audit_chain, ledger
from lescli.store.verify.records import activity, imports, people, plain_dates, quarantine, registers, services
from lescli.store.verify.run import CONTENT_CHECKS, carefully, verify, verify_open
from lescli.testing import nhs_number

HEADER = "nhs_number,family_name,date_of_birth,registered_on,date,code,consultation_type,source_id\n"


def found(path: Path, *heads: str) -> list[tuple[str, str]]:
    return [(fault.check, fault.text) for fault in verify(path, heads).faults]


def changed(path: Path, *statements: str) -> None:
    """Change the tables as anybody with the file could: drop the triggers and put them back afterwards."""
    with closing(connect_found(path)[0]) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("COMMIT")


def test_a_sound_store_has_no_fault_and_is_not_written_to(whole: Path) -> None:
    before = whole.read_bytes()
    done = verify(whole)
    assert done.faults == ()
    assert {name for name, count in done.looked_at.items() if count} == set(done.looked_at) - {
        "withdrawal",
        "duty_confirmation",
    }
    assert whole.read_bytes() == before


LEDGER = {
    "UPDATE claim SET by = 'B' WHERE month = '2026-04'": "claim denosumab-2026-04 or one of its rows is not as it was",
    "UPDATE claim_row SET fix = 'x' WHERE id = 2": "claim denosumab-2026-04 or one of its rows is not as it was",
    "UPDATE claim_row SET evidence = '[]' WHERE id = 2": "claim denosumab-2026-04 or one of its rows is not as it was",
    "UPDATE claim_row SET facts = '{}' WHERE id = 2": "claim denosumab-2026-04 or one of its rows is not as it was",
    "UPDATE claim SET total_pence = 8001 WHERE month = '2026-04'": "its total is 8001 pence and its payable rows come",
    "UPDATE claim_row SET amount_pence = 1 WHERE id = 1": "its total is 8000 pence and its payable rows come to 6001",
    "UPDATE claim SET body = replace(body, '\"considered\": 4', '\"considered\": 5')": "the rows differ in considered",
    "UPDATE claim SET body = replace(body, '\"payable\": 4', '\"payable\": 5')": "and the rows differ in verdicts",
    "UPDATE claim SET body = replace(body, '\"quantity\": 4', '\"quantity\": 5')": "and the rows differ in lines",
    'UPDATE claim SET body = replace(body, \'"month": "2026-04"\', \'"month": "2026-03"\')': "rows differ in month",
    "UPDATE claim SET body = '[' WHERE id = 1": "claim denosumab-2026-04: the submitted claim cannot be read",
    "UPDATE claim_row SET row = 9 WHERE id = 1": "its rows are not numbered",
    "UPDATE claim_row SET day = '2026-04-31' WHERE id = 1": "a date is invalid",
    "UPDATE reversal SET amount_pence = 1": "reversal 1: it does not take back what its row claimed",
    "UPDATE reversal SET on_date = '2026-02-30'": "reversal 1: its date is invalid",
    "UPDATE payment SET amount_pence = 0": "payment 1: its claim, date or amount is missing or invalid",
    "UPDATE payment SET on_date = '30/06/2026'": "payment 1 is not as it was written",
    "DELETE FROM payment": None,
    "DELETE FROM reversal": "the chain breaks after 2 rows: payment 1 follows a row that does not exist",
    "DELETE FROM claim_row WHERE id = 2": "or one of its rows is not as it was written",
    "UPDATE seal SET digest = replace(digest, '0', '1')": "rows from before the ledger was one chain were",
    "DELETE FROM seal": "the place where the chain begins is missing",
    f"UPDATE patient SET nhs_number = '{nhs_number(77)}' WHERE id = 1": "or one of its rows is not as it was written",
    "INSERT INTO payment SELECT 7, claim_id, amount_pence, on_date, previous, hash, '', ''"
    " FROM payment": "the chain forks",
    "UPDATE payment SET claim_id = 2": "payment 1 is not as it was written",
    "UPDATE payment SET items = '[[\"i\", 1]]'": "payment 1: what it is for cannot be read",
    "UPDATE payment SET items = '['": "payment 1: what it is for cannot be read",
    "INSERT INTO payment SELECT 8, claim_id, amount_pence, on_date, hash, 'x', '', ''"
    " FROM payment": "payment 8 is not as",
    "UPDATE claim SET month = '2026-13' WHERE id = 1": "claim denosumab-2026-13: its month is invalid",
    "UPDATE claim SET body = replace(body, 'submitted', 'preview')": "the rows differ in status",
    "UPDATE claim SET body = replace(body, 'denosumab-2026', 'ius-2026')": "the rows differ in claim_id",
    "UPDATE claim SET body = json_remove(body, '$.lines')": "the rows differ in lines",
    "UPDATE claim SET body = json_set(body, '$.lines[0].unit_price_pence', 2001)": "has a line that does not add up",
    "UPDATE claim SET body = json_set(body, '$.lines[0].unit_price_pence', 1, '$.lines[0].amount_pence', 4)": "lines",
    "UPDATE seal SET claim = 1": "rows from before the ledger was one chain were changed",
}


@pytest.fixture(scope="module")
def opened(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that tests change only in transactions that are rolled back."""
    path = shutil.copy(made_once, tmp_path_factory.mktemp("opened") / "practice.les")
    with open_store(Path(path)) as store:
        store.connection.execute("PRAGMA foreign_keys = OFF")
        yield store


def after(store: Store, statement: str, *checks: Callable[[Store], Iterator[str]]) -> list[str]:
    """What the checks find after a statement changed the store without its triggers; the change is rolled back."""
    with store.trying():
        for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            store.connection.execute(f"DROP TRIGGER {name}")
        store.connection.execute(statement)
        return [text for check in checks for text in carefully(check(store))]


@pytest.mark.parametrize("statement", LEDGER)
def test_a_change_of_the_ledger_is_found(opened: Store, statement: str) -> None:
    faults = after(opened, statement, ledger)
    expected = LEDGER[statement]
    if expected is None:
        # Nothing shows that the last row of a chain was removed, except a head noted outside the store.
        assert faults == []
    else:
        assert any(expected in text for text in faults), faults


def rehashed(path: Path) -> None:
    """Rewrite the hashes, as somebody could who knows how the ledger is hashed."""
    with open_store(path) as store:
        store.connection.execute("PRAGMA foreign_keys = OFF")
        for table in chain.LINKED:
            store.connection.execute(f"DROP TRIGGER {table}_no_update")
        previous = chain.start(store)
        for table, number in (("claim", 1), ("claim", 2), ("reversal", 1), ("payment", 1)):
            (link,) = [one for one in chain.links(store, table) if one.values[0] == number]
            now = chain.digest(previous, table, link.values, link.rows)
            store.connection.execute(f"UPDATE {table} SET previous = ?, hash = ? WHERE id = ?", (previous, now, number))
            previous = now


def test_a_rewritten_chain_is_found_by_a_head_noted_earlier(whole: Path) -> None:
    with open_store(whole) as store:
        first, second = (claim.chain_head for claim in claims(store))
    assert found(whole, first, second) == []
    changed(whole, "UPDATE claim SET by = 'B' WHERE month = '2026-05'")
    rehashed(whole)
    assert [check for check, _ in found(whole, first)] == ["tables"] * len(chain.LINKED)
    texts = [text for check, text in found(whole, first, second) if check == "heads"]
    assert texts == [f"head {second}: in neither chain; what it covers was changed, or this is another store"]


def test_work_claimed_twice_is_found_without_the_indexes(whole: Path) -> None:
    changed(
        whole,
        "DROP INDEX claimed_once",
        "DROP INDEX claimed_once_each",
        "INSERT INTO claim_row SELECT 70, claim_id, 5, service, item, patient_id, day, activity_id, code, verdict,"
        " reason, clause, fix, amount_pence, evidence, facts, generation FROM claim_row WHERE id = 2",
    )
    texts = [text for _, text in found(whole)]
    assert "denosumab-claims: the same work is claimed 2 times and was not reversed" in texts
    assert "the index claimed_once is missing" in texts


def test_a_row_that_is_reversed_twice_is_found_without_the_index(opened: Store) -> None:
    with opened.trying():
        opened.connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM reversal")
        opened.connection.execute("DROP TABLE reversal")
        opened.connection.execute("CREATE TABLE reversal AS SELECT * FROM kept UNION ALL SELECT * FROM kept")
        opened.connection.execute("DROP TABLE kept")
        assert "claim row 1 is reversed 2 times" in list(carefully(ledger(opened)))


def test_work_claimed_again_after_a_reversal_is_no_fault(whole: Path) -> None:
    changed(
        whole,
        "INSERT INTO claim_row SELECT 70, 2, 99, service, item, patient_id, day, activity_id, code, verdict, reason,"
        " clause, fix, amount_pence, evidence, facts, 1 FROM claim_row WHERE id = 1",
    )
    assert not [text for _, text in found(whole) if "claimed 2 times" in text]


AUDIT = {
    "UPDATE audit SET patients = 7": "line 1 of the audit trail is not as it was written",
    "UPDATE audit SET user = 'ben'": "line 1 of the audit trail is not as it was written",
    "DELETE FROM audit WHERE id = 1": "the audit trail breaks before line 2",
    "INSERT INTO audit SELECT 9, command, at, user, by, verb, asked, patients, identifiable, exit_code, previous, hash"
    " FROM audit WHERE id = 2": "the audit trail breaks before line 9",
}


@pytest.mark.parametrize("statement", AUDIT)
def test_a_change_of_the_audit_trail_is_found(opened: Store, statement: str) -> None:
    assert AUDIT[statement] in after(opened, statement, audit_chain)


PLANNED = "INSERT INTO planned VALUES (1, 1, 0, 'p1',"
RECORDS = {
    "UPDATE import_file SET accepted = accepted + 1": "import 1: 9 rows, but 9 accepted, 0 unchanged and 1",
    "UPDATE import_file SET unchanged = 1, accepted = accepted - 1, quarantined = -1, rows = 7": "import 1: 7 rows",
    "DELETE FROM quarantine": "import 1: 1 row went into quarantine, and 0 rows stayed there",
    "UPDATE quarantine SET settled_by = 0": "quarantine: an import settled 1 row of a later import",
    "UPDATE quarantine SET reasons = '[]'": "quarantine row 1: it has no reason",
    "UPDATE quarantine SET reasons = 'x'": "part of the store could not be checked: a value is damaged",
    "UPDATE patient SET nhs_number = '9990000017' WHERE id = 1": "patient 1: the NHS number is invalid",
    "UPDATE patient SET date_of_birth = '1950-02-30' WHERE id = 1": "patient 1: a date or the sex is invalid",
    "UPDATE patient SET sex = 'x' WHERE id = 1": "patient 1: a date or the sex is invalid",
    "UPDATE patient SET died_on = '' WHERE id = 1": "patient 1: a date or the sex is invalid",
    "DELETE FROM practice": "the store does not name exactly one practice",
    "UPDATE registration SET end_on = '2009-12-31' WHERE patient_id = 1": "patient 1: a registration is",
    "UPDATE registration SET start_on = '2010-1-1' WHERE patient_id = 1": "patient 1: a registration is",
    # date('2026-02-30') returns its input unchanged.
    "UPDATE activity SET day = '2026-02-30' WHERE id = 1": "activity: 1 entry on a day that does not exist",
    "UPDATE activity SET day = 'May' WHERE id = 1": "activity: 1 entry on a day that does not exist",
    "UPDATE activity SET recorded_on = '2026-13-01' WHERE id = 1": "activity: 1 entry recorded on a day that",
    "UPDATE activity SET kind_id = 99 WHERE id = 1": "activity: 1 entry with another act or code set",
    "UPDATE activity SET act_id = 99 WHERE id = 1": "activity: 1 entry with another act or code set",
    "UPDATE activity SET code_set_id = 99 WHERE id = 1": "activity: 1 entry with another act or code set",
    "UPDATE activity SET withdrawn = 2 WHERE id = 1": "activity: 1 entry with an invalid value of withdrawn",
    "UPDATE activity SET n = NULL WHERE source_id IS NULL": "activity: 4 entries with neither a source_id nor a",
    "UPDATE standing SET last_day = first_day": "activity: 4 entries outside the first and last day stored for",
    "DELETE FROM standing": "activity: 8 entries outside the first and last day stored for",
    "UPDATE phrase SET text = 'x' WHERE id = 0": "phrase 0 is not empty",
    "DELETE FROM code_set_member": "code set 1: its codes and its members differ",
    "UPDATE code_set SET codes = codes || ' read2:66QD'": "code set 1: its codes and its members differ",
    "UPDATE signature SET start_on = '2026-04-31'": "signature: 1 invalid date",
    "INSERT INTO incident VALUES (1, 's', 'k', '2026-02-30T10:00', '', NULL, NULL)": "incident: 1 invalid date",
    "INSERT INTO incident VALUES (1, 's', 'k', '2026-02-03T25:00', '', NULL, NULL)": "incident: 1 invalid date",
    "INSERT INTO incident VALUES (1, 's', 'k', '2026-02-03', '', '3 Feb', NULL)": "incident: 1 invalid date",
    "INSERT INTO invitation VALUES (1, 's', 1, '', 'phone', '', NULL, '', '')": "invitation: 1 invalid date",
    "INSERT INTO accreditation VALUES ('c', 'k', '2026-02-02', '2026-02-01')": "accreditation: 1 row with an end",
    "UPDATE signature SET end_on = '2020-01-01'": "signature: 1 row with an end before",
    "INSERT INTO term VALUES (1, 's', 'price.i', '1', 2, '2026-04-01', '')": "term: 1 row with an invalid service,",
    "INSERT INTO taken_back VALUES (1, 'term', '{}', '2026-02-30', 'x')": "taken_back: 1 invalid date",
    "INSERT INTO taken_back VALUES (1, 'term', '[', '2026-02-03', 'x')": "taken_back: 1 row that cannot be read",
    "INSERT INTO folder_service VALUES ('s', 'x', 'y')": "folder_service: the specification of service 1 is not",
    f"{PLANNED} '2026-02-30', NULL, 1, 0, '', 0, 'order', 'active', '', 0, 1)": "planned: 1 invalid date",
    f"{PLANNED} '2026-02-03', '', 1, 0, '', 0, 'order', 'active', '', 0, 1)": "planned: 1 invalid date",
    f"{PLANNED} '2026-02-03', NULL, 1, 0, '', 0, 'order', '', '', 0, 1)": "planned: 1 row without an intent,",
    f"{PLANNED} '2026-02-03', NULL, 1, 0, '', 0, 'order', 'active', '', 2, 1)": "planned: 1 row with an invalid value",
    f"{PLANNED} '2026-02-03', NULL, 1, 0, '', 0, 'order', 'active', '', 0, 1)": "import 1: 8 rows accepted, but 9",
    "UPDATE import_file SET accepted = accepted - 1, unchanged = unchanged + 1": "import 1: 7 rows accepted,",
    "UPDATE import_file SET patients = 9": "import 1: 9 patients in 8 rows",
    "UPDATE import_file SET columns = '{}'": "import 1: its list of columns cannot be read",
    "UPDATE quarantine SET closed = 1": "quarantine row 1: its state does not match its last settlement",
    "UPDATE quarantine SET settled_by = 1": "quarantine row 1: its state does not match its last settlement",
    "UPDATE quarantine SET line = -1": "quarantine row 1: its line, cells or count is invalid",
    "UPDATE quarantine SET occurrence = 0": "quarantine row 1: its line, cells or count is invalid",
    "UPDATE quarantine SET cells = '7'": "quarantine row 1: its line, cells or count is invalid",
    "INSERT INTO settlement VALUES (1, 1, 'closed', NULL, NULL, '2026-06-06', 'A', 'w')": "quarantine row 1: its state",
    "INSERT INTO settlement VALUES (1, 1, 'corrected', 1, NULL, NULL, '', '')": "quarantine row 1: its state does",
    "INSERT INTO settlement VALUES (1, 1, 'reopened', NULL, NULL, '2026-06-06', '', 'w')": "settlement 1: it does not",
    "INSERT INTO settlement VALUES (1, 1, 'sent-again', 1, 1, NULL, '', '')": "settlement 1: it does not say",
    "INSERT INTO settlement VALUES (1, 1, 'lost', 1, NULL, '2026-06-06', 'A', 'w')": "settlement 1: it does not say",
    "INSERT INTO settlement VALUES (1, 1, 'reopened', NULL, NULL, '2026-06-31', 'A', 'w')": "settlement: 1 invalid",
    "UPDATE practice SET ods_code = 'A82039'": "2 claims submitted by another practice than the store's",
    "UPDATE practice SET ods_code = 'a82038'": "the practice's ODS code is invalid",
    "INSERT INTO practice VALUES ('A82039', 'x')": "the store does not name exactly one practice",
    "UPDATE patient SET housebound = 2 WHERE id = 1": "patient 1: housebound is neither yes nor no",
    "UPDATE patient SET given_name = 'A' || char(0) WHERE id = 1": "patient 1: the name has a character that no",
    "UPDATE activity SET value = char(0) || '5' WHERE id = 1": "activity: 1 entry with a text that no import",
    "UPDATE activity SET withdrawn = 1 WHERE id = 1": "activity: 1 entry withdrawn without a source_id",
    "UPDATE activity SET n = 1 WHERE source_id IS NOT NULL": "activity: 4 entries with both a source_id and a",
    "UPDATE activity SET patient_id = 2 WHERE id = 1": "activity: 1 entry outside the first and last day",
    "UPDATE standing SET last_day = '2026-06-31'": "standing: 4 rows with invalid days",
    "UPDATE standing SET first_day = ''": "standing: 4 rows with invalid days",
    "UPDATE act SET key = id": "act: 2 rows different from the kinds of entry",
    "UPDATE phrase SET text = 'Telephone' WHERE text = 'Home visit'": "act: 1 row different from the kinds of entry",
    "UPDATE phrase SET text = text || char(0) WHERE id = 1": "phrase: 1 row with a text that no import",
    "UPDATE code_set_member SET code = '700139003'": "code set 1: its codes and its members differ",
    "UPDATE code_set SET codes = 'snomed:1 '": "code set 1: its codes and its members differ",
}


@pytest.mark.parametrize("statement", RECORDS)
def test_a_change_of_the_records_is_found(opened: Store, statement: str) -> None:
    texts = after(opened, statement, imports, quarantine, people, activity, services, plain_dates)
    assert any(text.startswith(RECORDS[statement]) for text in texts), texts
    assert not [text for text in texts if "999000" in text], "a fault names no patient"


def test_a_code_that_fails_its_check_digit_is_found(whole: Path) -> None:
    changed(
        whole,
        "UPDATE code_set SET codes = replace(codes, '700139004', '700139003')",
        "UPDATE code_set_member SET code = replace(code, '700139004', '700139003')",
    )
    assert ("activity", "code set 1: a code is invalid") in found(whole)


def test_register_entries_that_contradict_each_other_are_found_with_their_cure(opened: Store) -> None:
    texts = after(
        opened,
        "INSERT INTO register_entry (id, service, patient_id, entered_on, ended_on) VALUES"
        " (7, 's', 1, '2026-05-01', '2026-05-31'), (8, 's', 1, '2026-05-31', NULL),"
        " (9, 's', 2, '2026-05-02', '2026-05-01')",
        registers,
    )
    assert texts == [
        "register: entries 7 and 8 of s are of one patient and overlap; take one away with `les register s --remove 8"
        " --reason TEXT`, or change it, such as its start: `les register s --amend 8 --starts DATE --reason TEXT`",
        "register: entry 9 of s ends before it begins; change its start: `les register s --amend 9 --starts DATE"
        " --reason TEXT`",
    ]


TABLES = {
    "DROP TRIGGER claim_no_update": "the trigger claim_no_update is missing",
    "DROP INDEX activity_by_code": "the index activity_by_code is missing",
    "CREATE TABLE notes (text TEXT)": "the table notes was not made by les",
    "ALTER TABLE term ADD COLUMN more TEXT": "the table term was altered",
    "PRAGMA user_version = 1": "the file says it is of version 1, and its tables are those of version "
    f"{len(MIGRATIONS)}",
    "PRAGMA user_version = 0": "the file says it is of version 0, and no such version exists",
    "CREATE INDEX more ON claim(by)": "the index more was not made by les",
    "CREATE VIEW more AS SELECT * FROM claim": "the view more was not made by les",
    'CREATE VIEW "Smith 999" AS SELECT 1': "the view (its name cannot be shown) was not made by les",
    "CREATE TRIGGER more AFTER INSERT ON claim BEGIN SELECT 1; END": "the trigger more was not made by les",
}


@pytest.mark.parametrize("statement", TABLES)
def test_a_change_of_the_tables_is_found(whole: Path, statement: str) -> None:
    with closing(connect_found(whole)[0]) as connection:
        connection.execute(statement)
    assert ("tables", TABLES[statement]) in found(whole)


WRITTEN = {
    "INSERT INTO sqlite_master VALUES ('trigger', 'sqlite_x', 'payment', 0, 'CREATE TRIGGER sqlite_x AFTER INSERT ON"
    " payment BEGIN DELETE FROM standing; END')": "the trigger sqlite_x was not made by les",
    "INSERT INTO sqlite_master VALUES ('view', 'sqlite_stat1', 'sqlite_stat1', 0, 'CREATE VIEW sqlite_stat1 AS SELECT"
    " 1')": "the view sqlite_stat1 was not made by les",
    "UPDATE sqlite_master SET sql = replace(sql, 'UPDATE ON', 'UPDATE OF by ON') WHERE name = 'claim_no_update'":
    "the trigger claim_no_update was altered",
    "UPDATE sqlite_master SET sql = replace(sql, ' STRICT', '') WHERE name = 'claim'": "the table claim was altered",
}  # fmt: skip


@pytest.mark.parametrize("statement", WRITTEN)
def test_a_change_of_sqlite_master_is_found(whole: Path, statement: str) -> None:
    """SQLite refuses to make a trigger of such a name, but runs one that is in the table."""
    with closing(connect_found(whole)[0]) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement)
    assert ("tables", WRITTEN[statement]) in found(whole)


def test_statistics_of_the_query_planner_are_no_fault(whole: Path) -> None:
    with closing(connect_found(whole)[0]) as connection:
        connection.execute("ANALYZE")
    assert found(whole) == []


def test_a_row_missing_from_an_index_is_found(whole: Path) -> None:
    """Delete an entry while its index is declared for other rows."""
    for pair in (("NOT withdrawn", "withdrawn"), ("withdrawn", "NOT withdrawn")):
        with closing(connect_found(whole)[0]) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(
                "UPDATE sqlite_master SET sql = replace(sql, 'WHERE ' || ?, 'WHERE ' || ?)"
                " WHERE name = 'activity_by_code'",
                pair,
            )
        if pair[1] == "withdrawn":
            with closing(connect_found(whole)[0]) as connection:
                connection.execute("PRAGMA foreign_keys = OFF")
                connection.execute("DELETE FROM activity WHERE id = 1")
    assert "integrity" in {check for check, _ in found(whole)}


@pytest.mark.plain_only("makes its files without a key")
@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_sound_store_of_an_earlier_version_passes(tmp_path: Path, version: int) -> None:
    path = tmp_path / "old.les"
    with Store(connect(path), path) as store, store.writing():
        store.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        apply_from(store, 0, version)
        store.connection.execute("INSERT INTO practice VALUES ('A82038', 'Test')")
        store.connection.execute("INSERT INTO signature VALUES ('denosumab', '2026-04-01', NULL, '')")
    assert found(path) == []
    with open_store(path) as store:
        assert store.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]


def test_every_way_a_row_leaves_the_quarantine_passes(whole: Path, tmp_path: Path) -> None:
    """Rows sent again, taken in once their patient is described, corrected, and closed or reopened by a person."""
    waits = f"{nhs_number(9)},,,,2026-05-01,700139004,Home visit,\n"
    bad = "9990000019,,,,2026-05-01,700139004,,\n"
    undated = f"{nhs_number(1)},,,,2026-02-30,700139004,,e9\n"
    files = (
        f"{waits}{bad}{undated}{bad}",
        f"{nhs_number(9)},Patient,1950-01-01,2010-01-01,,,,\n{bad}{undated.replace('02-30', '02-28')}",
    )
    with open_store(whole) as store:
        for number, rows in enumerate(files):
            path = tmp_path / f"{number}.csv"
            path.write_text(HEADER + rows, encoding="utf-8")
            import_files(store, [path], None, dry_run=False, progress=lambda *_: None, as_of=date(2026, 6, 5))
            assert verify_open(store).faults == ()
        decided = [row.number for row in open_rows(store)]
        for decide in (close_rows, reopen_rows, close_rows):
            with store.writing():
                decide(store, [str(decided[0])], on=date(2026, 6, 6), by="A", why="w")
            assert verify_open(store).faults == ()
        assert {row.how for row in settled_rows(store)} == {"sent-again", "taken-in", "corrected", "closed"}


def test_a_shortened_audit_trail_is_found_by_a_head_noted_earlier(whole: Path) -> None:
    heads = verify(whole).heads
    assert set(heads) == {"ledger", "audit"}
    assert found(whole, *heads.values()) == []
    changed(whole, "DELETE FROM audit WHERE id = 2", "DELETE FROM payment")
    assert [check for check, _ in found(whole)] == []
    assert [text.split(":")[0] for _, text in found(whole, *heads.values())] == [
        f"head {one}" for one in heads.values()
    ]


def test_a_trigger_that_does_nothing_is_found(whole: Path) -> None:
    with closing(connect_found(whole)[0]) as connection:
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute("CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT 1; END")
    assert ("tables", "the trigger audit_no_delete was altered") in found(whole)


def test_a_dangling_reference_is_found(whole: Path) -> None:
    changed(whole, "DELETE FROM import_file")
    texts = [text for check, text in found(whole) if check == "references"]
    assert "activity: the import_file of 8 rows does not exist" in texts


def test_only_the_first_of_many_faults_are_listed(tmp_path: Path) -> None:
    with create_store(tmp_path / "a.les", Practice(ods_code="A82038", name="Test")) as store, store.writing():
        store.connection.executemany(
            "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
            " VALUES (?, '', '', '1950-01-01', 'female', '')",
            [(str(n),) for n in range(50)],
        )
    texts = [text for _, text in found(tmp_path / "a.les")]
    assert len(texts) == 21
    assert texts[-1] == "and 30 more of this kind"


@pytest.mark.plain_only("an encrypted file that is damaged does not open at all")
class TestDamagedFiles:
    @pytest.mark.parametrize("size", [100, 4096, 10_000, -4096])
    def test_a_file_cut_short(self, whole: Path, size: int) -> None:
        content = whole.read_bytes()
        whole.write_bytes(content[:size])
        assert found(whole)

    def test_pages_of_zeros(self, whole: Path) -> None:
        content = bytearray(whole.read_bytes())
        for page in range(2, len(content) // 4096, 3):
            content[page * 4096 : (page + 1) * 4096] = bytes(4096)
        whole.write_bytes(content)
        assert ("integrity", "part of the store could not be checked") in [
            (check, text.partition(":")[0]) for check, text in found(whole)
        ] or any(check == "integrity" for check, _ in found(whole))

    def test_a_text_that_is_no_longer_utf_8_is_found(self, whole: Path) -> None:
        with closing(sqlite3.connect(whole, isolation_level=None)) as connection:
            connection.execute("DROP TRIGGER claim_no_update")
            connection.execute("UPDATE claim SET by = CAST(x'ff41' AS TEXT) WHERE id = 1")
        assert any(check == "ledger" for check, _ in found(whole))

    def test_a_wrong_header(self, whole: Path) -> None:
        whole.write_bytes(b"nothing" + whole.read_bytes()[7:-1])
        ((check, text),) = found(whole)
        assert check == "integrity"
        assert "damaged" in text

    @pytest.mark.parametrize("byte", [16, 60, 100])
    def test_a_byte_of_the_first_page(self, whole: Path, byte: int) -> None:
        content = bytearray(whole.read_bytes())
        content[byte] ^= 0xFF
        whole.write_bytes(content)
        try:
            assert found(whole)
        except LesError as fault:
            assert "newer" in fault.what or "not a store" in fault.what or "writing" in fault.what


@pytest.mark.plain_only("reads the file as it lies there")
def test_a_damaged_store_gets_no_audit_entry(whole: Path) -> None:
    command = audit_trail.Command(path=whole, at=lambda: "2026-06-05T08:00:00Z", user="ann", verb="verify")
    with audit_trail.following(command):
        assert found(whole) == []
        assert command.opened
        command.opened = False
        changed(whole, "DROP INDEX activity_by_code")
        assert found(whole)
        assert not command.opened


def test_another_programs_file_and_a_newer_store_are_refused(whole: Path, tmp_path: Path) -> None:
    with closing(connect_found(whole)[0]) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(LesError, match="newer version"):
        verify(whole)
    with closing(connect_found(whole)[0]) as connection:
        connection.execute("PRAGMA application_id = 7")
    with pytest.raises(LesError, match="not a store of les"):
        verify(whole)
    with pytest.raises(LesError, match="there is no store"):
        verify(tmp_path / "none.les")
    with pytest.raises(LesError, match="is a folder"):
        verify(tmp_path)


@pytest.mark.plain_only("makes a key of its own")
def test_the_authentication_code_of_every_page_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own check skips a page that nothing refers to."""
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "a.key"))
    path = tmp_path / "a.les"
    with create_store(path, Practice(ods_code="A82038", name="Test"), make_key_file(tmp_path / "a.key")) as store:
        store.connection.execute("CREATE TABLE more (a)")
        store.connection.execute("INSERT INTO more VALUES (randomblob(9000))")
        store.connection.execute("DROP TABLE more")
        free = store.rows("PRAGMA freelist_count")[0][0]
    assert free
    assert found(path) == []
    content = bytearray(path.read_bytes())
    content[-2000] ^= 1
    path.write_bytes(content)
    (fault,) = found(path)
    assert fault[0] == "integrity"
    assert fault[1].startswith("the file was altered or is damaged")


def test_a_locked_store_raises_an_error_and_is_no_fault(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lescli.store.database.connection.LOCK_WAIT_SECONDS", 0.01)
    with closing(connect_found(whole)[0]) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LockedError):
            verify(whole)


def test_the_checks_find_no_fault_in_an_unchanged_store(opened: Store) -> None:
    assert after(opened, "SELECT 1", *CONTENT_CHECKS.values()) == []


def test_a_check_reads_the_store_as_of_one_moment(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a check read at two moments, a chain that grew in between would look broken."""
    counts: list[int] = []

    def twice(store: Store) -> Iterator[str]:
        counts.append(store.rows("SELECT count(*) FROM signature")[0][0])
        with closing(connect_found(whole)[0]) as other:
            other.execute("PRAGMA busy_timeout = 0")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO signature VALUES ('b', '2026-04-01', NULL, '')")
        counts.append(store.rows("SELECT count(*) FROM signature")[0][0])
        yield from ()

    monkeypatch.setitem(CONTENT_CHECKS, "dates", twice)
    assert verify(whole).faults == ()
    assert counts == [1, 1]
