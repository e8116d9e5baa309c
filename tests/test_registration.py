"""Spells of registration that follow from statements, in every order of the statements."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from lescli.model import Statement, spells_of

HERE, THERE = "A82038", "B81001"


def said(start: str = "", end: str = "", kind: str = "", practice: str = HERE) -> dict[str, object]:
    return {
        "practice": practice,
        "kind": kind,
        "start": date.fromisoformat(start) if start else None,
        "end": date.fromisoformat(end) if end else None,
    }


CASES = {
    "nothing was said": ([], ["A82038 regular None None"]),
    "a start": ([said("2001-01-01")], ["A82038 regular 2001-01-01 None"]),
    "an end alone": ([said(end="2004-01-01")], ["A82038 regular None 2004-01-01"]),
    "start and end apart": ([said("2001-01-01"), said(end="2004-01-01")], ["A82038 regular 2001-01-01 2004-01-01"]),
    "came back": (
        [said("2001-01-01"), said(end="2004-01-01"), said("2020-01-01")],
        ["A82038 regular 2001-01-01 2004-01-01", "A82038 regular 2020-01-01 None"],
    ),
    "left twice": (
        [said("2001-01-01", "2004-01-01"), said("2020-01-01"), said(end="2026-05-01")],
        ["A82038 regular 2001-01-01 2004-01-01", "A82038 regular 2020-01-01 2026-05-01"],
    ),
    "left again, nobody knows since when": (
        [said("2001-01-01", "2004-01-01"), said(end="2026-05-01")],
        ["A82038 regular None 2026-05-01", "A82038 regular 2001-01-01 2004-01-01"],
    ),
    "the end told with and without its start": (
        [said("2001-01-01", "2004-01-01"), said(end="2004-01-01")],
        ["A82038 regular 2001-01-01 2004-01-01"],
    ),
    "temporary": ([said(kind="temporary")], ["A82038 temporary None None"]),
    "temporary since": (
        [said("2026-05-01"), said(kind="temporary")],
        ["A82038 temporary 2026-05-01 None"],
    ),
    "of another practice": ([said(practice=THERE)], ["B81001 regular None None"]),
    "moved here": (
        [said("2001-01-01", "2020-01-01", practice=THERE), said("2020-01-02")],
        ["A82038 regular 2020-01-02 None", "B81001 regular 2001-01-01 2020-01-01"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_spells_are_the_same_in_every_order_of_the_rows(name: str) -> None:
    stated, expected = CASES[name]
    for order in permutations(stated):
        statements = [Statement(order=place, **one) for place, one in enumerate(order)]  # type: ignore[arg-type]
        found = spells_of(statements, HERE).spells
        assert [f"{one.practice} {one.kind} {one.start} {one.end}" for one in found] == expected


def test_of_two_different_statements_the_later_import_counts() -> None:
    first, second = said("2001-01-01", "2004-01-01"), said("2001-01-01", "2003-12-31")
    for order, end in (((0, 1), "2003-12-31"), ((1, 0), "2004-01-01")):
        statements = [
            Statement(order=place, **one)  # type: ignore[arg-type]
            for place, one in zip(order, (first, second), strict=True)
        ]
        assert [str(one.end) for one in spells_of(statements, HERE).spells] == [end]
