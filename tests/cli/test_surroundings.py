"""Faults around the program: locks, broken and missing plugins, interruptions, files without headers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lescli.store.database.connection import connect_found

ANN = "9990000018"
HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
EXPORT = f"{HEADER}{ANN},A,1950-02-01,2026-05-20,700139004,Home visit\n"
SUBMIT = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
BROKEN = {
    "raises": "raise RuntimeError('9990000018')",
    "leaves": "raise SystemExit(7)",
    "misspells": "from lescli.api import hookimpl\n@hookimpl\ndef les_clam(spec): ...\n",
}


def environment(store: Path, *paths: Path) -> dict[str, str]:
    return {
        **os.environ,
        "LES_PLUGIN_SECONDS": "",
        "LES_STORE": str(store),
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
    }


def les(store: Path, *arguments: str, paths: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lescli", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(store, *paths),
        check=False,
    )


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("surroundings")
    path, export = folder / "practice.les", folder / "export.csv"
    export.write_text(EXPORT, encoding="utf-8")
    assert les(path, "init", "--practice", "A82038", "--name", "Test").returncode == 0
    assert les(path, "services", "sign", "denosumab", "--from", "2026-04-01").returncode == 0
    assert les(path, "import", str(export)).returncode == 0
    return path


@pytest.fixture
def store(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made_once, tmp_path / "practice.les"))


def package(folder: Path, source: str) -> Path:
    info = folder / "brk-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brk\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[lescli.services]\nbrk = brk_service\n", encoding="utf-8")
    (folder / "brk_service.py").write_text(source, encoding="utf-8")
    return folder


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_service_named_with_others_hides_none(store: Path, tmp_path: Path, how: str) -> None:
    paths = (package(tmp_path / "site", BROKEN[how]),)
    claim = ("claim", "brk", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--json")
    done = les(store, *claim, paths=paths)
    assert done.returncode == 3
    assert json.loads(done.stdout)["total_pence"] == 2000
    assert "les: brk: " in done.stderr
    assert ANN not in done.stderr
    assert les(store, "services", paths=paths).returncode == 3
    alone = les(store, "claim", "brk", "--month", "2026-05", paths=paths)
    assert (alone.returncode, alone.stdout) == (1, "")


def test_a_contract_whose_service_is_not_installed_is_named(store: Path) -> None:
    connection, _ = connect_found(store)
    connection.execute("INSERT INTO signature VALUES ('gone', '2026-04-01', NULL, '')")
    connection.close()
    done = les(store, "claim", "--month", "2026-05", "--as-of", "2026-06-05", "--json")
    assert done.returncode == 3
    assert "gone: the practice holds this contract, but its service is not installed" in done.stderr


def test_the_chain_head_is_printed_whole(store: Path) -> None:
    done = les(store, *SUBMIT)
    (claim,) = json.loads(les(store, "claims", "--json").stdout)["claims"]
    assert claim["chain_head"] in done.stderr
    assert claim["chain_head"] in les(store, "claims", "--format", "csv").stdout


def test_digits_within_a_digest_are_not_taken_for_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    from lescli.outputs.table import say

    say("chain head 13272301573a5027a880b5edd59814857bc1234567890b1e68ec0d; 9990000018; 999 000 0018; 2026-06-23 14:30")
    said = capsys.readouterr().err
    assert said.count("[number]") == 2
    assert "bc1234567890b1" in said
    assert "2026-06-23 14:30" in said


def test_a_submission_that_meets_a_lock_ends_with_4(store: Path, les_here, monkeypatch) -> None:
    monkeypatch.setattr("lescli.store.database.connection.LOCK_WAIT_SECONDS", 0.01)
    holder, _ = connect_found(store)
    holder.execute("BEGIN IMMEDIATE")
    try:
        done = les_here(*SUBMIT, store=store)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert done.code == 4
    assert "in use by another program" in done.err


@pytest.mark.skipif(os.name == "nt", reason="control-C is sent another way there")
def test_an_interrupted_import_says_so_and_leaves_nothing(store: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    rows = "".join(f"{ANN},,,2026-05-{n % 28 + 1:02d},700139004,Type {n}\n" for n in range(200_000))
    large.write_text(EXPORT + rows, encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "lescli", "import", str(large)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(store),
        # A test run in the background ignores control-C, and so would every process it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    journal = store.with_name(f"{store.name}-journal")
    while not journal.exists() and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == 130
    assert stderr.decode().strip() == "les: interrupted, nothing changed"
    connection, _ = connect_found(store)
    assert connection.execute("SELECT count(*) FROM activity").fetchone() == (1,)
    connection.close()


def test_a_register_file_is_refused_with_the_line_and_without_a_name(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text(f"{ANN},Zzsentinel\n", encoding="utf-8")
    headless = les(store, "register", "denosumab", "--load", str(file))
    assert headless.returncode == 1
    assert "sentinel" not in headless.stderr.lower()
    assert "line 1" in headless.stderr
    file.write_text(f"nhs_number,first_dose_on\n{ANN},2026-01-01\n9990000026,2026-01-01\n", encoding="utf-8")
    unknown = les(store, "register", "denosumab", "--load", str(file))
    assert unknown.returncode == 1
    assert "line 3: no patient with that NHS number is in the store" in unknown.stderr
    assert "first_dose_on=" not in les(store, "register", "denosumab").stdout


def test_someone_new_who_is_only_described_is_accepted(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text("nhs_number,date_of_birth\n9990000026,1950-01-01\n", encoding="utf-8")
    counts = json.loads(les(store, "import", str(file), "--json").stdout)["files"][0]
    assert (counts["rows"], counts["accepted"], counts["unchanged"]) == (1, 1, 0)


def test_a_month_without_any_specification_is_not_submitted(store: Path) -> None:
    done = les(store, "claim", "ius", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert done.returncode == 1
    assert "no specification was in force" in done.stderr


INTERRUPTED = """
from lescli.cli import run

def interrupted(arguments):
    try:
        exec("raise KeyboardInterrupt")
    except KeyboardInterrupt:
        return 130

run.run = interrupted
"""


def test_an_interrupt_while_a_module_is_made_keeps_its_exit_code(store: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED, encoding="utf-8")
    assert les(store, "status", paths=(tmp_path,)).returncode == 130
