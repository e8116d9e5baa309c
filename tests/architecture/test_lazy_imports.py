"""Help is quick because it imports nothing it does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lescli.model import Practice
from lescli.store import create_store

RUN = """
import sys
from lescli.__main__ import main
sys.argv = ["les", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
sys.stderr.write("\\n".join(sorted(sys.modules)))
"""


def modules_after(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, text=True, check=True)
    assert "les" in done.stdout
    return set(done.stderr.splitlines())


HEAVY = {"sqlite3", "jsonschema", "tabulate", "holidays", "sqlite_utils", "rich", "pydantic", "xlsxwriter", "pluggy"}
HEAVY |= {"openpyxl", "xlrd"}


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("--version",)])
def test_the_overview_needs_neither_typer_nor_the_model(arguments):
    loaded = modules_after(*arguments)
    assert not loaded & {*HEAVY, "typer", "click", "lescli.model", "lescli.calendar", "lescli.store", "dataclasses"}


def verbs() -> list[str]:
    from lescli.cli.verb_table import VERBS

    return list(VERBS)


@pytest.mark.parametrize("verb", verbs())
def test_help_of_a_verb_needs_no_store_and_no_rules(verb):
    loaded = modules_after(*verb.split(" "), "--help")
    assert not loaded & {
        *HEAVY,
        "json",
        "lescli.model",
        "lescli.store",
        "lescli.rules",
        "lescli.services",
        "importlib.metadata",
    }


def test_a_question_loads_no_reader_of_an_export(tmp_path):
    store = tmp_path / "practice.les"
    create_store(store, Practice(ods_code="A99999", name="Example Surgery")).close()
    loaded = modules_after("recall", "denosumab", "--as-of", "2026-06-05", "--json", "--store", str(store))
    assert "lescli.rules.recall" in loaded
    readers = ("recognise", "profile", "workbook", "clinical_report", "gp_connect")
    assert not loaded & {f"lescli.readers.{name}" for name in readers}
