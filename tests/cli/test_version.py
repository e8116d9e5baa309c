"""`les --version` needs no store, and with `-v` names what a report of a fault should name."""

from __future__ import annotations

import platform
import sqlite3
import sys
from pathlib import Path

import pytest

from lescli import __version__
from lescli.__main__ import main
from lescli.cli import version

KNOWN = "4f3c2b1a0d9e8f7c6b5a4f3c2b1a0d9e8f7c6b5a"
BRIEF = ("--version",), ("-V",)
MORE = ("--version", "-v"), ("-v", "--version"), ("--version", "--verbose"), ("-V", "-v")


@pytest.fixture
def said(monkeypatch, capsys):
    """What `les` prints when it is run in this process."""

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["les", *arguments])
        main()
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("asked", BRIEF)
def test_the_version_is_one_line(les, asked):
    done = les(*asked)
    assert (done.code, done.out, done.err) == (0, f"les {__version__}\n", "")


@pytest.mark.parametrize("asked", MORE)
def test_more_names_commit_python_and_sqlite(said, asked, monkeypatch):
    monkeypatch.setattr(version, "built_from", lambda: KNOWN)
    first, *lines = said(*asked).splitlines()
    assert first == f"les {__version__}"
    assert [line.split(maxsplit=1) for line in lines[:3]] == [
        ["commit", KNOWN],
        ["Python", platform.python_version()],
        ["SQLite", sqlite3.sqlite_version],
    ]
    assert [line.split()[0] for line in lines] == ["commit", "Python", "SQLite", "SQLCipher"]
    assert said(*asked).splitlines() == [first, *lines]


def test_a_commit_that_is_not_known_is_not_made_up(said, monkeypatch):
    monkeypatch.setattr(version, "built_from", lambda: None)
    assert "commit     not known" in said("--version", "-v")


def test_the_commit_is_what_the_build_wrote(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    assert version.built_from() is None
    (tmp_path / "commit.txt").write_text(f"{KNOWN}\n", encoding="utf-8")
    assert version.built_from() == KNOWN


def test_sqlcipher_is_named_with_the_sqlite_inside_it(les):
    dbapi2 = pytest.importorskip("sqlcipher3").dbapi2
    (line,) = [line for line in les("--version", "-v").out.splitlines() if line.startswith("SQLCipher")]
    assert line.endswith(f"(SQLite {dbapi2.sqlite_version})")


def test_without_the_extra_it_says_so(said, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    assert "SQLCipher  not installed\n" in said("--version", "-v")


def test_no_store_is_looked_at_or_made(les, tmp_path, monkeypatch):
    place = tmp_path / "not-there" / "practice.les"
    monkeypatch.setenv("LES_STORE", str(place))
    assert les("--version", "-v").code == 0
    assert not Path(place).parent.exists()


@pytest.mark.parametrize("asked", [("--version", "--json"), ("--version", "claim"), ("-V", "x")])
def test_anything_else_beside_it_is_refused(les, asked):
    done = les(*asked)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"les: {asked[0]} goes with -v or with nothing; type `les --version -v`\n"
