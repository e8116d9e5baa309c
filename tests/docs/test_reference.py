"""The reference is what the program says, and the pages that run commands show what they print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lescli import hookspecs
from lescli.cli.verb_table import VERBS
from lescli.errors import Exit

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def test_every_written_page_is_current(tmp_path):
    """It also walks the tutorial and the how-to of a new service, against stores of their own."""
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stale_page_is_told(tmp_path):
    import shutil

    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    page = tmp_path / "docs" / "reference" / "exit-codes.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Done.", "Finished."), encoding="utf-8")
    command = [sys.executable, str(tmp_path / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "exit-codes.md is out of date" in done.stdout
    assert "Finished." in page.read_text(encoding="utf-8"), "--check must not write"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_reference(verb):
    assert f"\n## les {verb}\n" in (REFERENCE / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hook", [name for name in vars(hookspecs) if name.startswith("les_")])
def test_every_hook_is_in_the_reference(hook):
    assert f"def {hook}(" in (REFERENCE / "hooks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_in_the_reference(code):
    assert f"| `{int(code)}` |" in (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
