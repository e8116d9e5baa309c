"""What the pages promise is there: links, verbs, options, and the package that the how-to builds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from lescli.cli.verb_table import VERBS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/*.md")])
BLOCK = re.compile(r"^ *```(\w+)(?: (\S+))?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    broken = [
        link
        for link in LINK.findall(text(page))
        if not link.startswith(("http:", "https:", "mailto:")) and not (page.parent / link).exists()
    ]
    assert broken == []


def typed(page: Path) -> list[str]:
    """Every `les …` of the page that stands alone: in a block of commands, an indented block or between backticks."""
    found = []
    for kind, _, body in BLOCK.findall(text(page)):
        if kind in ("sh", "console"):
            lines = [line.strip().removeprefix("$ ") for line in body.splitlines()]
            found += [line for line in lines if line.startswith("les ")]
    without = BLOCK.sub("", text(page))
    found += [line.strip() for line in without.splitlines() if line.startswith("    les ")]
    return found + [command.replace("\n", " ") for command in re.findall(r"`(les [a-z][^`]*)`", without)]


def verb_of(command: str) -> str:
    words = command.split(" ")[1:]
    two = " ".join(words[:2])
    return two if two in VERBS else words[0]


@cache
def help_of(verb: str) -> str:
    command = [sys.executable, "-m", "lescli", *verb.split(" "), "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout


NOT_YET = README.partition("## Not there yet")[2].partition("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_have_the_verbs_and_options_of_the_program(page):
    wrong = []
    for command in typed(page):
        verb = verb_of(command)
        if f"`les {verb}`" in NOT_YET or verb.isupper() or verb == "VERB":
            continue
        if verb not in VERBS:
            wrong.append(command)
            continue
        options = re.findall(r"(?<!\S)(--[a-z][a-z-]*)", command.partition(" #")[0])
        wrong += [f"{command}: {option}" for option in options if option != "--help" and option not in help_of(verb)]
    assert wrong == []


def test_what_is_not_there_yet_is_not_there():
    """A line of the README's last list goes when its verb comes."""
    promised = re.findall(r"`les ([a-z]+)`", NOT_YET)
    assert [verb for verb in promised if verb in VERBS] == []


def test_the_readme_opens_with_the_two_commands():
    first, second = [body for kind, _, body in BLOCK.findall(README)][:2]
    assert [kind for kind, _, _ in BLOCK.findall(README)][:2] == ["sh", "sh"]
    assert "les demo" in first
    assert "pytest" in second
    assert all(len(block.splitlines()) == 1 for block in (first, second))
    assert all(block.startswith("python3 -m venv .venv && ") for block in (first, second))


@pytest.fixture
def dressings(tmp_path) -> Path:
    """The package of the how-to, as pip would have installed it."""
    page = (ROOT / "docs" / "how-to" / "add-a-service.md").read_text(encoding="utf-8")
    for _, file, body in BLOCK.findall(page):
        if file:
            path = tmp_path / re.sub(r"^dressings/", "lescli_dressings/", file)
            path.parent.mkdir(exist_ok=True)
            path.write_text(body, encoding="utf-8")
    (group,) = re.findall(r'\[project\.entry-points\."([^"]+)"\]', page)
    info = tmp_path / "lescli_dressings-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lescli-dressings\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\ndressings = lescli_dressings\n")
    return tmp_path


def test_the_service_of_the_how_to_is_found_and_its_test_passes(dressings):
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(dressings),
        "LES_STORE": str(dressings / "none.les"),
    }
    listed = subprocess.run(
        [sys.executable, "-m", "lescli", "services"],
        capture_output=True,
        text=True,
        env=surroundings,
        stdin=subprocess.DEVNULL,
    )
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "dressings" in listed.stdout
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        capture_output=True,
        text=True,
        env=surroundings,
        cwd=dressings,
        stdin=subprocess.DEVNULL,
    )
    assert tested.returncode == 0, tested.stdout
    assert "1 passed" in tested.stdout


def test_the_package_of_the_how_to_keeps_the_rules_of_the_house(dressings):
    source = (dressings / "lescli_dressings" / "__init__.py").read_text(encoding="utf-8")
    imports = re.findall(r"^(?:from|import) (\S+)", source, re.MULTILINE)
    assert imports == ["lescli.api"]
