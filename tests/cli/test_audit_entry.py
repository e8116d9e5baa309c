"""The store keeps who asked what and when, but not about whom. No answer waits or differs because of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lescli.cli import audit_entry
from lescli.store.database.connection import connect_found

ANN = "9990000018"
RECALL = ("recall", "denosumab", "--as-of", "2026-12-24")
CLAIM = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05")


@pytest.fixture
def les(les_here, monkeypatch):
    monkeypatch.setattr(audit_entry, "moment", lambda: datetime(2026, 6, 5, 8, 30, tzinfo=UTC))
    return les_here


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Make waiting for a lock take no time."""
    monkeypatch.setattr("lescli.store.database.connection.LOCK_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(audit_entry, "_PATIENCE_SECONDS", 0.01)


@pytest.fixture
def held(store: Path) -> Iterator[None]:
    """Another program is writing."""
    holder, _ = connect_found(store)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.execute("ROLLBACK")
    holder.close()


def entries(store: Path) -> list[tuple[Any, ...]]:
    """verb, asked, by, patients, identifiable and exit code of every entry since the store was prepared."""
    connection, _ = connect_found(store)
    found = connection.execute(
        "SELECT verb, asked, by, patients, identifiable, exit_code FROM audit"
        " WHERE at = '2026-06-05T08:30:00Z' ORDER BY id"
    ).fetchall()
    connection.close()
    return found


def test_what_is_asked_and_how_it_ended(les, store, tmp_path):
    les(*CLAIM, store=store)
    les(*CLAIM, "--rows", "--json", store=store)
    les(*CLAIM, "--submit", "--by", f"A. Admin {ANN}", store=store)
    les("claim", "smith", "--month", "2026-05", store=store)
    les("claims", "pay", "denosumab-2026-05", "--amount", "100.00", "--on", "2026-06-30", store=store)
    les("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "phone", store=store)
    les(*RECALL, "--out", tmp_path / "smith.xlsx", "--quiet", store=store)
    assert entries(store) == [
        ("claim", "denosumab --month 2026-05 --as-of", "", 0, 0, 0),
        ("claim", "denosumab --month 2026-05 --rows --as-of --json", "", 3, 1, 0),
        ("claim", "denosumab --month 2026-05 --submit --by --as-of", "A. Admin [number]", 0, 0, 0),
        ("claim", "--month 2026-05", "", 0, 0, 2),
        ("claims pay", "denosumab-2026-05 --amount --on", "", 0, 0, 0),
        ("claims pay", "denosumab-2026-05 --amount --on", "", 0, 0, 3),
        ("invite", "denosumab --on --by", "", 0, 0, 0),
        ("recall", "denosumab --as-of --out --quiet", "", 3, 1, 0),
    ]


def test_no_patient_is_named_whatever_is_typed(les, store, activity_file, tmp_path):
    file = activity_file(f"{ANN},Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-05-04,700139004,,,,", name="x")
    (tmp_path / "Sentinelle.csv").write_bytes(file.read_bytes())
    for arguments in (
        ("import", "Sentinelle.csv"),
        ("register", "denosumab", "--add", ANN, "--set", "t_score=-2.5"),
        ("register", "denosumab", "--end", ANN, "--on", "2026-06-30", "--reason", f"Sentinelle {ANN}"),
        ("register", "sentinelle", "--add", ANN),
        ("explain", "denosumab", "--patient", ANN),
        ("explain", "denosumab", "--patient", "999 000 0018"),
        ("explain", ANN, "--patient", ANN),
        ("incident", "denosumab", "--kind", "emergency-admission", "--on", "2026-05-01T14:30", "--patient", ANN),
        ("claims", "reverse", "sentinelle", "--row", "1", "--reason", "Philippa Sentinelle, 1948-03-02"),
        ("clinician", "Dr Sentinelle", "--accreditation", "sentinelle", "--from", "2026-01-01", "--to", "2027-01-01"),
        ("services", "sign", "denosumab", "--from", "2026-04-02", "--source", "Sentinelle"),
        ("quarantine", "--rows"),
    ):
        les(*arguments, store=store)
    connection, _ = connect_found(store)
    # A hash may contain any four digits, and it changes every second.
    columns = [row[1] for row in connection.execute("PRAGMA table_info(audit)") if row[1] not in ("previous", "hash")]
    kept = repr(connection.execute(f"SELECT {', '.join(columns)} FROM audit").fetchall()).lower()
    connection.close()
    assert kept.count("'explain'") == 3
    assert not [word for word in (ANN, "999 000 0018", "sentinelle", "philippa", "1948") if word in kept]


def test_what_is_typed_wrongly_opens_no_store_and_leaves_none(les, store):
    assert les("claim", "--month", "May", store=store).code == 2
    assert les("services", "check", "nowhere", store=store).code == 1
    assert entries(store) == []


def test_the_entry_is_there_before_patients_are_shown(les, store, monkeypatch):
    seen: list[Any] = []
    monkeypatch.setattr("lescli.outputs.show", lambda *_, **__: seen.extend(entries(store)))
    les(*RECALL, store=store)
    assert seen == [("recall", "denosumab --as-of", "", 3, 1, 0)]


def test_nobody_is_shown_while_the_entry_cannot_be_written(les, store, impatient, held):
    done = les(*RECALL, store=store)
    assert (done.code, done.out) == (4, "")
    assert "in use by another program" in done.err


@pytest.mark.parametrize("verbose", [(), ("-v",)])
def test_a_preview_is_shown_while_another_program_writes(les, store, impatient, held, verbose):
    done = les(*CLAIM, *verbose, "--json", store=store)
    assert done.code == 0
    assert done.json["total_pence"] == 4000
    assert ("no entry in the audit trail: the store is in use" in done.err) is bool(verbose)


def test_a_store_that_cannot_be_written_is_read_and_it_is_said(les, store, monkeypatch):
    from lescli.store.database import connection

    settled = connection._settled

    def only_read(opened: Any) -> Any:
        opened.execute("PRAGMA query_only = ON")
        return settled(opened)

    monkeypatch.setattr(connection, "_settled", only_read)
    shown = les(*RECALL, store=store)
    assert shown.code == 0
    assert ANN in shown.out
    assert "without an entry in its audit trail" in shown.err
    assert "audit" not in les(*CLAIM, store=store).err
    assert entries(store) == []


def test_a_restore_that_was_refused_stands_in_the_store_it_was_tried_on(les, store, tmp_path):
    les("backup", "copy.les", store=store)
    assert les("restore", "copy.les", store=store).code == 1
    assert les("restore", "none.les", "--yes", store=store).code == 1  # and never reached the store
    assert entries(store) == [("backup", "", "", 0, 0, 0), ("restore", "", "", 0, 0, 1)]
    assert les("restore", "copy.les", "--yes", store=store).code == 0
    assert entries(store) == [("restore", "--yes", "", 0, 0, 0)]


def test_a_copy_that_left_no_entry_is_told_without_being_asked_for(les, store, impatient, held):
    done = les("backup", "copy.les", "--quiet", store=store)
    assert (done.code, done.err) == (0, "les: no entry in the audit trail: the store is in use\n")
    assert entries(store) == []
    refused = les("backup", "copy.les", "--quiet", store=store)
    assert (refused.code, refused.err.count("\n")) == (1, 1), "there is no copy to tell of"


def test_a_failure_while_showing_is_written_after_it(les, store, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("lescli.outputs.to_file.os.fsync", full)
    assert les(*RECALL, "--out", tmp_path / "a.csv", store=store).code == 1
    assert [entry[-1] for entry in entries(store)] == [0, 1]


def test_an_answer_is_the_same_the_second_time(les, store):
    for arguments in (CLAIM, RECALL, ("status", "--as-of", "2026-06-05"), ("claims",), ("services",)):
        assert les(*arguments, "--json", store=store).out == les(*arguments, "--json", store=store).out


@pytest.mark.skipif(sys.platform == "win32", reason="the name is asked of the password file")
def test_the_user_is_the_operating_systems_and_no_variable_changes_it(les, store, monkeypatch):
    from pwd import getpwuid

    monkeypatch.setenv("USER", "somebody")
    monkeypatch.setenv("LOGNAME", "somebody")
    assert audit_entry.system_user() == getpwuid(os.getuid()).pw_name != "somebody"
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    assert audit_entry.system_user() == "uid 4000000"
