"""The settings file counts after options and LES_* variables, and a broken one never stops `les config`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def les(folder: Path, *words: str, **more: str) -> tuple[int, str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LES_")}
    place = {"LES_CONFIG": str(folder / "config.toml"), "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "lescli", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**kept, **place, "PYTHONUTF8": "1", **more},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def origins(folder: Path, *words: str, **more: str) -> dict[str, Any]:
    code, out, err = les(folder, "config", "--json", *words, **more)
    assert code in (0, 3), err
    return {one["name"]: (one["value"], one["origin"]) for one in json.loads(out)["settings"]}


def test_option_then_variable_then_file_then_default(tmp_path: Path) -> None:
    assert origins(tmp_path)["store"][1] == "default"
    file = str(tmp_path / "file.les")
    assert les(tmp_path, "config", "set", "store", file)[0] == 0
    assert origins(tmp_path)["store"] == (file, "settings file")
    assert origins(tmp_path, LES_STORE="variable.les")["store"] == ("variable.les", "LES_STORE")
    assert origins(tmp_path, "--store", "option.les", LES_STORE="variable.les")["store"] == (
        "option.les",
        "option --store",
    )
    assert les(tmp_path, "config", "unset", "store")[0] == 0
    assert origins(tmp_path)["store"][1] == "default"


def test_the_store_and_the_format_of_the_file_are_used(tmp_path: Path) -> None:
    les(tmp_path, "config", "set", "store", str(tmp_path / "p.les"))
    les(tmp_path, "config", "set", "format", "json")
    assert les(tmp_path, "init", "--practice", "A81001", "--name", "Demo")[0] == 0
    assert (tmp_path / "p.les").is_file()
    code, out, _ = les(tmp_path, "claims")
    assert (code, json.loads(out)["schema"]) == (0, "les-claims/1")
    assert not les(tmp_path, "claims", "--format", "table")[1].startswith("{")


def test_a_broken_file_is_one_line_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("store = ", encoding="utf-8")
    code, _, err = les(tmp_path, "claims")
    assert code == 1
    assert "is no TOML" in err
    assert "les config unset NAME" in err
    code, out, err = les(tmp_path, "config")
    assert code == 3
    assert "Settings" in out
    assert "is no TOML" in err
    assert les(tmp_path, "config", "unset", "store")[0] == 0
    assert les(tmp_path, "config")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "stor", "x"), "did you mean `store`?"),
        (("set", "format", "jsn"), "did you mean `json`?"),
        (("set", "plugin_seconds", "soon"), "whole number"),
        (("unset", "nothing"), "there are store"),
    ],
)
def test_a_slip_is_answered(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    code, _, err = les(tmp_path, "config", *words)
    assert code == 2
    assert said in err
    assert not (tmp_path / "config.toml").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    les(tmp_path, "config", "set", "key_file", "a.key")
    assert (tmp_path / "config.toml").stat().st_mode & 0o077 == 0
