"""Any wrong input ends in the right exit code and one clear line that names no patient."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from lescli.errors import LesError
from lescli.store.database.connection import LOCK_WAIT_SECONDS, connect_found
from tests.store_content import content_of

ANN = "9990000018"
ROW = f"{ANN},Sentinelle,Philippa,1948-03-02,female"
HEADER = "nhs_number,family_name,given_name,date_of_birth,sex"


def one_line(err: str) -> str:
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("les: ")
    return lines[0]


def held(store: Path) -> object:
    """What is in a store. For a file that is no store, its bytes."""
    try:
        return content_of(store)
    except LesError:
        return store.read_bytes()


def unchanged(store: Path, les, *arguments: object, code: int) -> str:
    """Run the command, check that it is refused in one line, and that only the audit trail of the store changed."""
    before = held(store)
    done = les(*arguments, store=store)
    assert done.code == code, done
    assert done.out == ""
    assert held(store) == before
    return one_line(done.err)


FILES = {
    "empty": b"",
    "only a header that says nothing": b"a,b,c\n1,2,3\n",
    "binary": bytes(range(256)) * 40,
    "zip": b"PK\x03\x04" + bytes(1000),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "unclosed quote": f'{HEADER}\n{ANN},"Sentinelle,Philippa,1948-03-02,female\n'.encode(),
    "duplicate header": f"{HEADER},sex\n{ROW},male\n".encode(),
    "missing column": b"family_name,given_name,date_of_birth,date,code\nSentinelle,Philippa,1948-03-02,2026-05-04,1\n",
    "truncated row": f"{HEADER}\n{ROW}\n{ANN},Sentin".encode(),
    "half a character": f"{HEADER}\n{ROW}\n".encode("utf-16")[:-1],
    "UTF-32": f"{HEADER}\n{ROW}\n".encode("utf-32"),
    "half a bundle": b'{"resourceType": "Bundle", "entry": [',
    "json of another kind": b'{"name": "Sentinelle"}',
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_cannot_be_read_to_its_end_is_refused_whole(les, store, tmp_path, kind):
    path = tmp_path / "export.csv"
    path.write_bytes(FILES[kind])
    assert "export.csv" in unchanged(store, les, "import", path, code=1)


def test_a_folder_and_a_missing_file_are_refused(les, store, tmp_path):
    unchanged(store, les, "import", tmp_path, code=1)
    unchanged(store, les, "import", tmp_path / "nowhere.csv", code=1)


def test_a_patients_name_in_a_file_name_is_not_repeated(les, store, tmp_path):
    path = tmp_path / f"{ANN}.csv"
    path.write_bytes(b"")
    unchanged(store, les, "import", path, code=1)


@pytest.mark.parametrize("profile", ["nonsense", ANN])
def test_an_unknown_profile_is_a_usage_error(les_here, store, activity_file, profile):
    unchanged(store, les_here, "import", activity_file(), "--profile", profile, code=2)


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on memory is set the POSIX way")
@pytest.mark.parametrize("filling", ["sparse", "text"])
def test_a_line_of_half_a_gigabyte_is_refused_quickly_in_little_memory(store, tmp_path, filling):
    import subprocess

    resource = pytest.importorskip("resource")

    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(f"{HEADER}\n{ANN},".encode())
        if filling == "sparse":
            file.truncate(1 << 29)
        else:
            for _ in range(1 << 9):
                file.write(b"a" * (1 << 20))

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))

    before = content_of(store)
    done = subprocess.run(
        [sys.executable, "-m", "lescli", "import", str(path), "--store", str(store)],
        capture_output=True,
        text=True,
        preexec_fn=bounded,
    )
    path.unlink()
    assert done.returncode == 1, done.stderr
    assert "MemoryError" not in one_line(done.stderr)
    assert ANN not in done.stderr
    assert content_of(store) == before


def test_windows_1252_text_is_read(les, store, tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(f"{HEADER}\n9990000042,Séguin,Zoë,1950-01-01,female\n".encode("cp1252"))
    done = les("import", path, "--json", store=store)
    assert done.code == 0
    assert done.json["files"][0]["accepted"] == 1


@pytest.mark.parametrize(
    ("written", "read"),
    [("13/05/2026", True), ("05/13/2026", False), ("13-May-2026", True), ("2026-05-13", True), ("2026-02-30", False)],
)
def test_dates_are_day_first_in_files_and_options(les_here, store, activity_file, written, read):
    rows = f"9990000042,Fourth,Dee,1950-01-01,female,,{written},700139004,,Home visit,,x1"
    done = les_here("import", activity_file(rows), "--json", store=store)
    assert done.code == (0 if read else 3)
    assert done.json["files"][0]["quarantined"] == (0 if read else 1)
    asked = les_here("recall", "--as-of", written, store=store)
    assert asked.code == (0 if read else 2)
    if not read:
        one_line(asked.err)


def test_a_quarantined_row_is_kept_whole_and_told_without_a_name(les, store, activity_file):
    bad = activity_file(f"{ANN[:-1]}9,Sentinelle,Philippa,1948-03-02,female,,2026-05-04,700139004,,Home visit,,x1")
    done = les("import", bad, store=store)
    assert done.code == 3
    rows = les("quarantine", "--rows", store=store)
    assert rows.code == 0
    assert "Sentinelle" in rows.out  # which was asked for
    assert "Sentinelle" not in les("quarantine", store=store).out


def test_a_store_of_another_program_is_left_alone(les, tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE patient (name TEXT)")
    connection.commit()
    connection.close()
    unchanged(path, les, "claims", code=1)
    unchanged(path, les, "init", "--practice", "A82038", "--name", "Any", code=1)


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be one" * 100, b""])
def test_a_file_that_is_no_store_is_left_alone(les, tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    unchanged(path, les, "claims", code=1)


def test_a_store_that_is_not_there_is_not_made(les, tmp_path):
    done = les("claims", "--store", tmp_path / "none.les")
    assert done.code == 1
    assert "les init" in one_line(done.err)
    assert not (tmp_path / "none.les").exists()
    assert les("recall").code == 1  # nor in the per-user folder
    assert not list(tmp_path.rglob("*.les"))


def test_a_store_that_is_a_folder(les, tmp_path):
    done = les("claims", "--store", tmp_path)
    assert done.code == 1
    one_line(done.err)
    made = les("init", "--practice", "A82038", "--name", "Any", "--store", tmp_path)
    assert made.code == 1
    one_line(made.err)


def test_a_store_cannot_be_made_inside_a_file(les, tmp_path):
    (tmp_path / "file").write_text("")
    done = les("init", "--practice", "A82038", "--name", "Any", "--store", tmp_path / "file" / "practice.les")
    assert done.code == 1
    one_line(done.err)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_may_not_be_written(les, store):
    store.chmod(0o400)
    store.parent.chmod(0o500)
    try:
        unchanged(store, les, "claims", "pay", "denosumab-2026-05", "--amount", "1.00", "--on", "2026-06-01", code=1)
    finally:
        store.parent.chmod(0o700)


def test_a_locked_store_is_waited_for_and_then_reported(les, store):
    """The one slow test: it waits as long as the program waits for a lock."""
    connection, _ = connect_found(store)
    connection.execute("BEGIN IMMEDIATE")
    try:
        assert les("claims", store=store).code == 0  # a reader is not held up
        done = les("services", "sign", "pessary", "--from", "2026-04-01", store=store)
    finally:
        connection.close()
    assert done.code == 4
    assert "in use by another program" in one_line(done.err)
    assert f"waited {LOCK_WAIT_SECONDS:.0f} seconds" in done.err
    assert les("services", "sign", "pessary", "--from", "2026-04-01", store=store).code == 0


USAGE = [
    ("frobnicate",),
    (ANN,),
    ("claims", "frobnicate"),
    ("claim", "--month", "2026-13"),
    ("claim", "--month", "May"),
    ("claim", "--month", "2026-05-01"),
    ("claim",),
    ("claim", "--month", "2026-05", "--submit"),
    ("claim", "--month", "2026-05", "--by", "A. Admin"),
    ("claim", "--month", "2026-05", "--nonsense"),
    ("recall", "--within", "soon"),
    ("recall", "--as-of", "05/13/2026"),
    ("recall", "--as-of", "yesterday"),
    ("recall", "--format", "xml"),
    ("recall", "--format", ANN),
    ("recall", "--store"),
    ("--store",),
    ("--json", "recall"),
    ("report", "denosumab", "--period", "2026-Q1"),
    ("report", "denosumab", "--period", "2026-06-30..2026-04-01"),
    ("report", "denosumab"),
    ("services", "show", "denosumab", ANN, "Sentinelle"),
    ("claims", ANN),
    ("explain", "denosumab"),
    ("explain", "denosumab", "--patient", ANN[:-1] + "9"),
    ("explain", "denosumab", "--patient", "Sentinelle"),
    ("explain", "denosumab", f"--patient={ANN}", ANN),
    ("explain", "denosumab", f"--patients={ANN}"),
    ("explain", "denosumab", f"--{ANN}"),
    ("invite", "denosumab", ANN, "--on", "2026-05-01", "--by", "pigeon"),
    ("invite", "denosumab", ANN, "--on", "2026-05-01", "--by", "sms", "--outcome", "maybe"),
    ("invite", "denosumab", ANN, "--on", "32/05/2026", "--by", "sms"),
    ("invite", "denosumab", ANN, "--on", "2026-05-01", "--by", "sms", "--until", "2026-06-01"),
    ("register", "denosumab", "--set", "t_score=-3"),
    ("register", "denosumab", "--add", ANN, "--end", ANN),
    ("register", "denosumab", "--add", ANN, "--set", "t_score"),
    ("register", "denosumab", "--end", ANN),
    ("claims", "pay", "denosumab-2026-05", "--amount", "lots", "--on", "2026-06-01"),
    ("claims", "pay", "denosumab-2026-05", "--amount", "-0.00", "--on", "2026-06-01"),
    ("claims", "pay", "denosumab-2026-05", "--amount", "0.00", "--on", "2026-06-01"),
    ("claims", "reverse", "denosumab-2026-05", "--row", "one", "--reason", "wrong"),
    ("claims", "reverse", "denosumab-2026-05", "--row", "1", "--reason", " "),
    ("services", "set", "denosumab", "price.injection=21.00"),
    ("services", "set", "denosumab"),
    ("services", "sign", "denosumab"),
    ("services", "new", "Not A Name"),
    ("clinician", "Dr A", "--accreditation", "x", "--from", "2026-05-01", "--to", "2026-04-01"),
    ("incident", "denosumab", "--kind", "nonsense", "--on", "2026-05-01"),
    ("incident", "denosumab", "--kind", "death", "--on", "2026-05-02", "--notified", "2026-05-01"),
    ("init", "--practice", "nonsense", "--name", "Any"),
    ("init", "--practice", "A82038", "--name", " "),
    ("import",),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_a_typing_error_is_a_usage_error(les_here, store, arguments):
    unchanged(store, les_here, *arguments, code=2)


REFUSED = [
    ("recall", "nonsense"),
    ("claim", "nonsense", "--month", "2026-05"),
    ("recall", ANN),
    ("services", "show", ANN),
    ("services", "remove", "denosumab"),
    ("services", "unsign", "pessary", "--on", "2026-05-01"),
    ("services", "check", "nowhere"),
    ("services", "add", "nowhere"),
    ("services", "set", "denosumab", "price.nonsense=21.00", "--from", "2026-05-01", "--source", "letter"),
    ("services", "set", "denosumab", "price.injection=lots", "--from", "2026-05-01", "--source", "letter"),
    ("services", "set", "denosumab", "codes.injection=700139005", "--from", "2026-05-01", "--source", "letter"),
    ("services", "set", "denosumab", "--load", "nowhere.toml"),
    ("explain", "denosumab", "--patient", "9990000069"),
    ("invite", "denosumab", "9990000069", "--on", "2026-05-01", "--by", "sms"),
    ("register", "denosumab", "--add", "9990000069"),
    ("register", "denosumab", "--add", ANN, "--set", "nonsense=1"),
    ("register", "denosumab", "--add", ANN, "--set", "t_score=Sentinelle"),
    ("register", "denosumab", "--end", ANN, "--on", "2020-01-01", "--reason", "moved"),
    ("register", "denosumab", "--load", "nowhere.csv"),
    ("claims", "show", "denosumab-2020-01"),
    ("claims", "show", ANN),
    ("claims", "pay", "denosumab-2020-01", "--amount", "1.00", "--on", "2026-06-01"),
    ("claims", "reverse", "denosumab-2020-01", "--row", "1", "--reason", "wrong"),
    ("init", "--practice", "A82038", "--name", "Any"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_cannot_be_done_is_refused(les_here, store, arguments):
    before = content_of(store)
    done = les_here(*arguments, store=store)
    assert done.code in (1, 2), done
    assert done.out == ""
    assert content_of(store) == before
    one_line(done.err)


@pytest.mark.parametrize(("out", "code"), [("nowhere/recall.csv", 1), ("recall.docx", 2), ("recall", 2)])
@pytest.mark.parametrize("verb", [("recall",), ("claim", "--month", "2026-05"), ("claims",), ("services",)])
def test_a_file_that_cannot_be_written_is_refused(les_here, store, out, code, verb):
    unchanged(store, les_here, *verb, "--out", out, code=code)


def test_out_is_checked_before_a_claim_is_frozen(les_here, store):
    submit = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A. Admin")
    unchanged(store, les_here, *submit, "--out", "nowhere/may.csv", code=1)
    unchanged(store, les_here, *submit, "--out", "may.docx", code=2)
    assert json.loads(les_here("claims", "--json", store=store).out)["claims"] == []


def test_an_unknown_format_is_refused_before_a_claim_is_frozen(les, store):
    submit = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A. Admin")
    unchanged(store, les, *submit, "--format", "xml", code=2)


def test_out_that_is_a_folder(les, store, tmp_path):
    (tmp_path / "recall.csv").mkdir()
    unchanged(store, les, "recall", "--out", "recall.csv", code=1)


def test_an_unknown_format_is_refused_before_a_file_is_imported(les, store, activity_file):
    path = activity_file("9990000042,Fourth,Dee,1950-01-01,female,,2026-05-04,700139004,,Home visit,,x1")
    unchanged(store, les, "import", path, "--format", "xml", code=2)


LOADS = {
    "unknown column": (f"nhs_number,shoe_size\n{ANN},7\n", "shoe_size"),
    "bad value": (f"nhs_number,t_score\n{ANN},Sentinelle\n", "line 2"),
    "bad number": ("nhs_number,t_score\n9990000019,-3\n", "line 2"),
    "month first": (f"nhs_number,first_dose_on\n{ANN},05/13/2026\n", "line 2"),
    "unclosed quote": (f'nhs_number,diagnosis\n{ANN},"x\n', "nothing was loaded"),
    "no header": ("", "nhs_number"),
    "nobody": ("nhs_number\n9990000069\n", "no patient"),
    "ends before it begins": (f"nhs_number,entered_on,ended_on\n{ANN},2026-05-01,2026-04-01\n", "end"),
}


@pytest.mark.parametrize("kind", LOADS)
def test_a_register_file_with_a_fault_loads_nothing(les_here, store, tmp_path, kind):
    content, said = LOADS[kind]
    # A good row first: it must not be written either.
    good = content.replace("\n", f"\n9990000026{',' * content.splitlines()[0].count(',')}\n", 1) if content else ""
    path = tmp_path / "register.csv"
    path.write_text(good, encoding="utf-8")
    line = unchanged(store, les_here, "register", "denosumab", "--load", path, code=1)
    assert said.replace("line 2", "line 3") in line
