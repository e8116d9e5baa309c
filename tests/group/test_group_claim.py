"""`les group claim` counts each practice once, names each that could not answer, and sums the networks by the day."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.run import run
from lescli.operations.audit import audit_answer
from lescli.store import open_store

from .conftest import make_practice

Three = tuple[Path, ...]
MembersFile = Callable[[str], Path]
ASKED = ("group", "claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--json")


def asked(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    code = run([*ASKED, "--stores", str(folder / "*.les"), *words])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def by_status(data: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in data["practices"]:
        found.setdefault(one["status"], []).append(one["ods_code"])
    return found


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_total_is_the_sum_of_the_practices(
    three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    code, data, _ = asked(capsys, tmp_path, "--workers", workers)
    assert code == 0
    assert [one["services"][0]["total_pence"] for one in data["practices"]] == [2000, 4000, 6000]
    assert data["total_pence"] == 12000
    assert data["networks"] == []


def test_a_network_counts_the_days_of_its_members(
    tmp_path: Path, members_file: MembersFile, capsys: pytest.CaptureFixture[str]
) -> None:
    make_practice(tmp_path, "x", "A81001", ("2026-05-15", "2026-05-16", "2026-05-30"))
    path = members_file("A81001,,U1,North,,2026-05-15,,\nA81001,,U2,South,2026-05-16,,,\n")
    code, data, _ = asked(capsys, tmp_path, "--members", str(path))
    assert code == 0
    assert [(one["code"], one["practices"], one["total_pence"]) for one in data["networks"]] == [
        ("U1", 1, 2000),
        ("U2", 1, 4000),
    ]
    assert data["practices"][0]["network"] == "U2"


def test_a_practice_missing_from_either_side_is_named(
    three: Three, tmp_path: Path, members_file: MembersFile, capsys: pytest.CaptureFixture[str]
) -> None:
    path = members_file("A81001,,U1,North,,,,\nA81002,,U1,North,,,,\nA81009,Lost,U1,North,,,,\n")
    code, data, err = asked(capsys, tmp_path, "--members", str(path))
    assert code == 3
    assert by_status(data)["missing"] == ["A81009"]
    assert "A81009: missing" in err
    assert "1 practice in no network of MEMBERS on that day: A81003" in err
    assert data["networks"][0]["total_pence"] == 6000
    assert data["total_pence"] == 12000


def test_a_second_store_of_a_practice_is_named_and_not_counted(
    three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(three[0], tmp_path / "copy.les")
    code, data, err = asked(capsys, tmp_path)
    assert code == 3
    assert by_status(data)["duplicate"] == ["A81001"]
    assert data["total_pence"] == 12000
    assert "the same practice as 1.les, which is counted; this is not" in err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_store_that_cannot_answer_stops_no_other(
    three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    (tmp_path / "cut.les").write_bytes(three[0].read_bytes()[:5000])
    with sqlite3.connect(tmp_path / "other.les") as other:
        other.execute("CREATE TABLE somebody (elses INTEGER)")
    other.close()
    newer = shutil.copy(three[1], tmp_path / "newer.les")
    with sqlite3.connect(newer) as opened:
        opened.execute("PRAGMA user_version = 9999")
    opened.close()
    code, data, err = asked(capsys, tmp_path, "--workers", workers)
    assert code == 3
    assert len(by_status(data)["failed"]) == 3
    assert data["total_pence"] == 12000
    for name in ("cut.les", "other.les", "newer.les"):
        assert name in err


def test_old_data_is_named_and_counted(three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run([*ASKED[:-3], "--as-of", "2026-07-20", "--json", "--stores", str(three[0])])
    data = json.loads(capsys.readouterr().out)
    assert code == 3
    assert data["practices"][0]["status"] == "stale"
    assert data["practices"][0]["error"].startswith("its newest data is ")
    assert data["total_pence"] == 2000


@pytest.mark.parametrize("workers", ["1", "2"])
def test_each_store_has_an_entry_in_its_audit_trail(
    three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    asked(capsys, tmp_path, "--workers", workers)
    for path in three:
        with open_store(path) as store:
            entries = audit_answer(store, None, None).data["entries"]  # type: ignore[call-overload]
        assert [(one["verb"], one["asked"], one["exit_code"]) for one in entries] == [
            ("group claim", "--month 2026-05 --stores", 0)
        ]


def test_a_name_that_finds_no_store_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data, err = asked(capsys, tmp_path)
    assert (code, data) == (2, {})
    assert "a name finds no store" in err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_store_that_a_writer_holds_is_named(
    three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    held = sqlite3.connect(three[1], isolation_level=None)
    held.execute("PRAGMA locking_mode = EXCLUSIVE")
    held.execute("BEGIN EXCLUSIVE")
    try:
        code, data, err = asked(capsys, tmp_path, "--workers", workers)
    finally:
        held.close()
    assert code == 3
    assert data["total_pence"] == 8000
    assert len(by_status(data)["failed"]) == 1
    assert "2.les is in use by another program" in err


def test_a_store_under_a_key_that_is_not_here_is_named(
    three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sqlcipher3")
    monkeypatch.delenv("LES_KEY_FILE", raising=False)

    def at_home(name: str) -> None:
        (tmp_path / name).mkdir(mode=0o700, exist_ok=True)
        for variable in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
            monkeypatch.setenv(variable, str(tmp_path / name))

    at_home("ours")
    assert run(["encrypt", "--store", str(three[1])]) == 0, capsys.readouterr().err
    # This process remembers the key, and other processes do not.
    at_home("elsewhere")
    capsys.readouterr()
    code, data, err = asked(capsys, tmp_path, "--workers", "2")
    assert code == 3
    assert data["total_pence"] == 8000
    assert "2.les" in err
    at_home("ours")
    code, data, _ = asked(capsys, tmp_path, "--workers", "2")
    assert (code, data["total_pence"]) == (0, 12000)


@pytest.mark.parametrize(
    "words",
    [
        ("claim", "--month", "2026-05"),
        ("recall",),
        ("status",),
        ("verify",),
        ("report", "denosumab", "--period", "2026-05"),
        ("networks", "denosumab", "--period", "2026-27", "--members", "m.csv"),
    ],
)
def test_a_pattern_that_the_shell_replaced_is_told(
    words: tuple[str, ...], three: tuple[Path, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["group", *words, "--stores", *map(str, three)]) == 2
    assert capsys.readouterr().err == (
        "les: the pattern of --stores is not in quotes; write it as --stores 'practices/*.les'\n"
    )


def test_old_data_of_many_practices_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        make_practice(tmp_path, str(number), f"A8100{number}", (f"2026-05-{20 + number % 2}",))
    words = ["group", "status", "--stores", str(tmp_path), "--json"]
    assert run([*words, "--as-of", "2026-06-05"]) == 3
    assert capsys.readouterr().err == (
        "les: 6 practices stale: the newest data is 15 to 16 days old: A81000, A81001, A81002, A81003, A81004 and 1 "
        "more\n"
    )
    (tmp_path / "5.les").unlink()
    assert run([*words, "--as-of", "2026-06-05"]) == 3
    assert capsys.readouterr().err.count("stale") == 5
