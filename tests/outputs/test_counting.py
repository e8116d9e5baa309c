"""One is counted as one, in every title and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lescli.operations
from lescli.amounts import counted

_BY_ITSELF = re.compile(r"\} (patients|activities|entries|rows|days|hours|months|working days)\b")


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (1200, "1,200 entries")]
)
def test_a_count_has_a_singular_or_plural_noun(number: int, told: str) -> None:
    assert counted(number, "entry", "entries") == told


def test_every_plural_is_made_by_counted() -> None:
    folder = Path(lescli.operations.__file__).parent
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted(folder.glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if _BY_ITSELF.search(line)
    ]
    assert found == []
