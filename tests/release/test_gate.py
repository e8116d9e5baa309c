"""The workflow and the pre-commit hooks run what the gate runs, and the changelog knows the version."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from lescli import __version__

ROOT = Path(__file__).parents[2]
GATE = ROOT / ".ci" / "run"
LINTS = {"ruff check .", "ruff format --check .", "mypy", "docs/generate.py --check"}
pytestmark = pytest.mark.skipif(not GATE.exists(), reason="an sdist has no gate")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def parts(script: str) -> set[str]:
    """What a script runs with the environment's Python, however it calls it, without the installing."""
    joined = re.sub(r"\\\n\s*", "", script)
    calls = re.findall(r"\"\$bin/(\w+)\" ?([^'\n]*)", joined)
    commands = {
        arguments.removeprefix("-m ") if tool == "python" else f"{tool} {arguments}" for tool, arguments in calls
    }
    return {command.strip() for command in commands if not command.startswith("pip ")}


def test_the_gate_is_read_as_it_stands():
    assert parts(text(".ci/run")) > LINTS
    assert any(command.startswith("pytest --encrypted ") for command in parts(text(".ci/run")))


def test_the_workflow_runs_every_part_of_the_gate():
    assert parts(text(".ci/run")) - parts(text(".github/workflows/gate.yml")) == set()
    assert parts(text(".github/workflows/gate.yml")) - parts(text(".ci/run")) == {"pytest"}


def test_the_workflow_knows_every_python_of_the_metadata():
    supported = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text("pyproject.toml"))
    (tried,) = re.findall(r"python: \[(.+)\]", text(".github/workflows/gate.yml"))
    assert re.findall(r'"(.+?)"', tried) == supported


def test_the_hooks_before_a_commit_are_the_gate_s_lints():
    entries = re.findall(r"entry: python (?:-m )?(.+)", text(".pre-commit-config.yaml"))
    assert set(entries) == LINTS


def test_the_changelog_has_this_version_dated_below_what_is_not_released():
    headings = re.findall(r"(?m)^## (.+)$", text("CHANGELOG.md"))
    released = [heading for heading in headings if heading != "[Unreleased]"]
    assert len(headings) - len(released) <= 1
    made = re.fullmatch(r"\[(.+)\] - (.+)", released[0])
    assert made is not None
    assert made[1] == __version__
    date.fromisoformat(made[2])
