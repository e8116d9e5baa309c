"""Completion knows verbs, options, services, months, claims and terms, and never prints an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lescli.cli.completion import SCRIPTS, complete, suggestions
from lescli.cli.run import run
from lescli.cli.verb_table import GROUPS, MONTHLY, VERBS, short_overview

LES = Path(sys.executable).with_name("les.exe" if sys.platform == "win32" else "les")


def found(*words: str) -> list[str]:
    return list(suggestions(list(words)))


@pytest.mark.parametrize(
    ("words", "one"),
    [
        (("cla",), "claims"),
        (("claims", "sh"), "show"),
        (("claim", "den"), "denosumab"),
        (("claim", "denosumab", "--mo"), "--month"),
        (("claim", "--he"), "--help"),
        (("recall", "--for", "accurx-w"), "accurx-web"),
        (("services", "set", "denosumab", "price."), "price.injection="),
        (("services", "set", "denosumab", "message.f"), "message.first="),
        (("completion", "install", "z"), "zsh"),
        (("group", "st"), "status"),
        (("claim", "denosumab", "--format", "j"), "json"),
        (("claim", "Deno"), "denosumab"),
        (("--as-of", "2026-06-05", "claim", "denosumab", "--mo"), "--month"),
        (("recall", "--by", "ph"), "phone"),
        (("recall", "--service", "den"), "denosumab"),
        (("claim", "--month", "2026-05", "den"), "denosumab"),
        (("config", "set", "st"), "store"),
        (("config", "set", "format", "c"), "csv"),
        (("config", "unset", "k"), "key_file"),
        (("month", "la"), "last-month"),
        (("services", "test", "den"), "denosumab"),
    ],
)
def test_what_is_suggested(words: tuple[str, ...], one: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LES_STORE", str(tmp_path / "none.les"))
    assert one in found(*words)
    assert all(each.casefold().startswith(words[-1].casefold()) for each in found(*words))


@pytest.mark.parametrize(
    "words",
    [
        *(("services", "add", ""), ("services", "check", ""), ("config", "set", "store", ""), ("restore", "")),
        *(
            ("verify", ""),
            ("doctor", ""),
            ("claim", "denosumab", "--out", ""),
            ("explain", "denosumab", "--patient", ""),
        ),
        *(("patients", "settle", ""), ("services", "new", ""), ("reconcile", "denosumab", "")),
    ],
)
def test_a_place_of_a_file_or_a_person_gives_nothing(words: tuple[str, ...]) -> None:
    """The shell then completes file names; a service there would hide them."""
    assert found(*words) == []


def test_every_flag_is_known_as_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LES_STORE", str(tmp_path / "none.les"))
    assert "denosumab" in found("claim", "--json", "den")
    assert "denosumab" in found("recall", "--dry-run", "den")


def test_months_and_claims_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    monkeypatch.setattr("lescli.calendar.today", lambda: __import__("datetime").date(2026, 6, 5))
    assert found("claim", "--month", "")[:2] == ["2026-06", "2026-05"]
    run(["init", "--practice", "A81001", "--name", "Demo"])
    text = (
        "nhs_number,date_of_birth,date,code,consultation_type\n9990000018,1950-02-01,2026-05-05,700139004,Home visit\n"
    )
    (tmp_path / "may.csv").write_text(text, encoding="utf-8")
    run(["import", str(tmp_path / "may.csv")])
    run(["claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A"])
    assert found("claims", "show", "") == ["denosumab-2026-05"]
    assert found("claims", "pay", "--on", "2026-07-01", "") == ["denosumab-2026-05"]
    assert found("claims", "pay", "denosumab-2026-05", "") == []
    capsys.readouterr()
    assert run(["claims", "show", "denosumab-206-05"]) == 1
    assert "did you mean `denosumab-2026-05`? `les claims` lists them" in capsys.readouterr().err
    assert run(["claims", "show", "x"]) == 1
    assert "ids look like SERVICE-2026-05; `les claims` lists them" in capsys.readouterr().err


def test_the_store_of_the_line_and_of_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "p.les"
    monkeypatch.setattr("lescli.cli.completion._claim_ids", lambda: [os.environ["LES_STORE"]])
    for words in (
        ["claims", "show", "--store", str(store), ""],
        ["--store", str(store), "claims", "show", ""],
        [f"--store={store}", "claims", "show", ""],
    ):
        monkeypatch.setenv("LES_STORE", "another.les")
        complete(words)
        assert capsys.readouterr().out == f"{store}\n"
    monkeypatch.delenv("LES_STORE")
    monkeypatch.setattr("lescli.cli.settings_file.from_file", {})
    (tmp_path / "config.toml").write_text("store = 'of the file.les'\n", encoding="utf-8")
    monkeypatch.setenv("LES_CONFIG", str(tmp_path / "config.toml"))
    complete(["claims", "show", ""])
    assert capsys.readouterr().out == "of the file.les\n"
    monkeypatch.setenv("LES_STORE", "")
    (tmp_path / "config.toml").write_text("store = ", encoding="utf-8")
    complete(["cla"])
    assert capsys.readouterr().out == "claim\nclaims\n"


@pytest.mark.parametrize("words", [("nonsense", "x"), ("claims", "show", ""), ("services", "set", "nobody", ""), ("",)])
def test_it_never_prints_an_error(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "p.les").write_bytes(b"no store at all" * 100)
    done = subprocess.run(
        [sys.executable, "-m", "lescli", "_complete", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LES_STORE": str(tmp_path / "p.les")},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_installing_changes_its_own_lines_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    start = tmp_path / ".bashrc"
    start.write_text("export A=1", encoding="utf-8")
    assert run(["completion", "install", "bash", "--dry-run"]) == 0
    assert start.read_text("utf-8") == "export A=1"
    assert run(["completion", "install", "bash"]) == 0
    once = start.read_text("utf-8")
    assert once.startswith("export A=1\n# >>> les completion >>>\n")
    start.write_text(once + "export B=2\n", encoding="utf-8")
    assert run(["completion", "install", "bash"]) == 0
    assert start.read_text("utf-8").count("_les_complete()") == 1
    assert run(["completion", "uninstall", "bash"]) == 0
    assert start.read_text("utf-8") == "export A=1\nexport B=2\n"
    capsys.readouterr()
    assert run(["completion", "install", "basch"]) == 2
    assert "did you mean `bash`?" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes(tmp_path: Path) -> None:
    script = tmp_path / "les.bash"
    script.write_text(SCRIPTS["bash"], encoding="utf-8")
    line = f'les() {{ "{LES}" "$@"; }}; source "{script}"; COMP_WORDS=(les claim den); COMP_CWORD=2; _les_complete'
    done = subprocess.run(
        ["bash", "-c", f'{line}; echo "${{COMPREPLY[@]}}"'], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "denosumab"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_read_their_script(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    script = tmp_path / "les.script"
    script.write_text(SCRIPTS[shell], encoding="utf-8")
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_verb_is_in_a_group() -> None:
    words = [word for group in GROUPS.values() for word in group]
    assert len(words) == len(set(words))
    assert set(words) == {verb.split(" ")[0] for verb in VERBS}
    assert set(MONTHLY) <= set(VERBS)
    assert len(MONTHLY) == 6
    assert all(len(line) <= 80 for line in short_overview().splitlines())
