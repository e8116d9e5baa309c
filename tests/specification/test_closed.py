"""Each kind of check, item, recall, measure and register takes its own keys, and a name in it points at something."""

from __future__ import annotations

import pytest

from lescli.rules.checks import STANDARD_CHECKS
from lescli.rules.claim import KINDS as ITEM_KINDS
from lescli.rules.recall import KINDS as RECALL_KINDS
from lescli.rules.report import _KINDS as MEASURE_KINDS
from lescli.specification.kinds import kinds_of


@pytest.mark.parametrize(
    ("what", "counted"),
    [
        ("check", set(STANDARD_CHECKS)),
        ("item", set(ITEM_KINDS)),
        ("recall", set(RECALL_KINDS)),
        ("measure", {*MEASURE_KINDS, "own"}),
    ],
)
def test_the_schema_and_the_rules_know_the_same_kinds(what: str, counted: set[str]) -> None:
    assert set(kinds_of(what)) == counted
