"""Help is quick because it imports nothing it does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
        "lescli.model",
        "lescli.store",
        "lescli.rules",
        "lescli.services",
        "importlib.metadata",
    }
