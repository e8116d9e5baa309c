"""Random practices of every service: the claim of `les`, row by row, is what was reckoned from the specifications.

A practice is known by its seed. `python -m tests.oracle SERVICE --first SEED --practices 1` plays it again, and
`--practices 5000` many more than these. `pytest --practices 200 tests/oracle` is what the gate plays.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from .compared import play
from .contests import CONTESTS

AT_ONCE = 50


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("first", range(0, metafunc.config.getoption("--practices"), AT_ONCE))


@pytest.mark.parametrize("name", CONTESTS)
def test_the_claim_is_what_was_reckoned(name: str, first: int, tmp_path: Path) -> None:
    verdicts: Counter[str] = Counter()
    for seed in set(range(first, first + AT_ONCE)) - CONTESTS[name].known:
        outcome = play(CONTESTS[name], seed, tmp_path)
        assert outcome.differences == [], f"{name}, seed {seed}"
        verdicts += outcome.verdicts
    # A comparison of nothing cannot fail: every verdict the service knows was met many times.
    assert all(verdicts[verdict] > AT_ONCE // 5 for verdict in CONTESTS[name].verdicts), verdicts
