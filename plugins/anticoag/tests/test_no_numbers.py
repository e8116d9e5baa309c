"""Every number of the specification and of our decisions is in service.toml: none stands in Python."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "lescli_anticoag"
PLAIN = {
    "amounts.py": {0, 1, 3, 12},  # the months of a quarter and of a year
    "control.py": {0, 1, 2},  # decimals shown
    "ttr.py": {0, 100},  # percent
}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_no_number_but_those_of_arithmetic(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    numbers = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex)
    }
    assert numbers <= PLAIN.get(path.name, {0, 1}), path.name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_no_number_written_as_text(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if text.strip().replace(".", "", 1).isdigit()] == []
