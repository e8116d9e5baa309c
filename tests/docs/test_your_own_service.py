"""The tutorial of a service of one's own: short, without programming, with invented codes, and it ends with a claim."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from lescli.testing.tables import nhs_number, snomed_concept

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial" / "your-own-service.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, _, body in BLOCK.findall(PAGE) if kind == "console" for line in body.splitlines()]
TYPED = [line.removeprefix("$ ") for line in COMMANDS if line.startswith("$ ")]

sys.path.insert(0, str(ROOT / "docs"))
from walked import walked  # noqa: E402


def test_it_takes_fewer_than_20_commands():
    assert 10 < len(TYPED) < 20


def test_it_goes_from_a_new_file_to_a_submitted_quarter():
    verbs = ("services new", "services check", "services test", "init", "services add", "services sign", "import",
             "register", "recall", "claim", "report")  # fmt: skip
    first = [min(n for n, line in enumerate(TYPED) if line.startswith(f"les {verb} ")) for verb in verbs]
    assert first == sorted(first)
    assert "les: examplin 2026-27-Q1: submitted; chain head …" in COMMANDS


def test_it_needs_no_programming():
    assert {kind for kind, _, _ in BLOCK.findall(PAGE)} == {"console", "toml", "diff", "csv"}
    assert "python" not in PAGE.casefold()


def test_the_mistake_is_shown_and_mended_and_nothing_else_fails():
    faults = [line for line in COMMANDS if "there is no `hihg`" in line]
    assert len(faults) == 1
    checks = [n for n, line in enumerate(COMMANDS) if line == "$ les services check examplin"]
    assert COMMANDS[checks[-1] + 1].startswith("$ "), "the last check must print nothing"
    tested = COMMANDS.index("$ les services test examplin")
    assert COMMANDS[tested + 1].startswith("$ "), "the test must print nothing"


def test_the_specification_says_that_it_is_invented():
    specification = PAGE.partition("## The specification")[2].partition("\n## ")[0]
    assert "**INVENTED" in specification
    assert "Health Board (invented)" in specification


def test_every_code_and_patient_is_invented():
    concepts = {snomed_concept(n) for n in range(20)}
    patients = {nhs_number(n) for n in range(20)}
    numbers = set(re.findall(r"(?<![\d-])\d{10,18}(?![\d-])", PAGE))
    assert numbers <= concepts | patients
    assert len(numbers & concepts) == 7
    specification = PAGE.partition("## The specification")[2].partition("\n## ")[0]
    assert numbers & concepts == set(re.findall(r"\d{11}", specification)), "each code is in the specification"


def test_each_clause_of_the_specification_is_written_down():
    specification = PAGE.partition("## The specification")[2].partition("\n## ")[0]
    clauses = set(re.findall(r"^> (\d\.\d) ", specification, re.MULTILINE)) | {"6"}
    written = {
        clause
        for kind, file, body in BLOCK.findall(PAGE)
        if kind == "toml" and "service.toml" in file
        for line in re.findall(r'^clause = "([^"]+)"', body, re.MULTILINE)
        for clause in line.split(" and ")
    }
    assert written == clauses


@pytest.mark.parametrize("block", ["-level = 1\n+level = 2\n", "-price = 2\n+price = 3\n"])
def test_a_change_must_find_its_lines_once(block):
    page = f"```toml a.toml\nlevel = 1\n```\n```toml a.toml+\nlevel = 1\n```\n```diff a.toml\n{block}```\n"
    with pytest.raises(ValueError, match="once"):
        walked(page)


def test_blocks_add_to_a_file_and_change_its_lines():
    page = PAGE.replace('-level = "hihg"\n+level = "high"', '-level = "hihg"\n+level = "huge"')
    assert "there is no `huge`" in walked(page)
