"""What the hazard log says a test shows is shown by a test that is there; and neither page claims to certify."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("hazard-log.md", "data-protection.md")
CITED = re.compile(r"`((?:tests|plugins)/[\w/]+\.py)(?:::(\w+))?`")


def text(page: str) -> str:
    return (ROOT / "docs" / "explanation" / page).read_text(encoding="utf-8")


def test_every_test_that_is_cited_is_there():
    cited = CITED.findall(text("hazard-log.md"))
    assert len(cited) > 30
    sources = {path: ROOT / path for path, _ in cited}
    assert [path for path, file in sources.items() if not file.exists()] == []
    missing = [
        f"{path}::{name}"
        for path, name in cited
        if name and not re.search(rf"def {name}\(", sources[path].read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_every_hazard_has_what_a_log_needs():
    hazards = re.split(r"(?m)^\| \*\*H[0-9]+\*\*", text("hazard-log.md"))[1:]
    assert len(hazards) >= 10
    for number, hazard in enumerate(hazards, start=1):
        for row in ("Effect", "Causes", "Controls in `les`", "The practice"):
            assert re.search(rf"(?m)^\| {re.escape(row)} \| \S", hazard), (number, row)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_certified(page):
    assert re.search(r"certifies nothing", text(page))
    assert not re.search(r"\b(is|are) (compliant|certified|approved)\b", text(page))
