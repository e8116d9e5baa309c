from __future__ import annotations

from copy import deepcopy
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.operations.small_numbers import HIDDEN, SmallNumbers


def measure(part: int, whole: int | None = None, name: str = "m") -> dict[str, Any]:
    value = part if whole is None else round(100 * part / whole, 2) if whole else None
    return {"id": name, "numerator": part, "denominator": whole, "value": value}


def shown(*measures: dict[str, Any], up_to: int = 7) -> list[tuple[Any, Any, Any]]:
    found = SmallNumbers(up_to=up_to).measures(measures)
    return [(one["numerator"], one["denominator"], one["value"]) for one in found]


def rows(columns: str, *given_rows: tuple[Any, ...], up_to: int = 7) -> list[list[Any]]:
    table = {"id": "t", "title": "T", "columns": columns.split(), "rows": [list(row) for row in given_rows]}
    before = deepcopy(table)
    (found,), left_out = SmallNumbers(up_to=up_to).tables([table])
    assert (table, left_out) == (before, [])
    return list(found["rows"])


@pytest.mark.parametrize(
    ("count", "default", "up_to_4"),
    [(0, 0, 0), (1, None, None), (4, None, None), (5, None, 5), (7, None, 5), (8, 10, 10), (12, 10, 10), (13, 15, 15)],
)
def test_a_count_is_hidden_or_rounded_and_0_stays(count: int, default: int | None, up_to_4: int | None) -> None:
    assert shown(measure(count)) == [(default, None, default)]
    assert shown(measure(count), up_to=4) == [(up_to_4, None, up_to_4)]


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (20, 60, (20, 60, 33)),
        (21, 62, (20, 60, 33)),  # of the numbers shown: 33.87 per cent would reveal more
        (3, 60, (None, 60, None)),
        (57, 60, (None, 60, None)),  # three were not in time
        (2, 5, (None, None, None)),
        (0, 60, (0, 60, 0)),
        (60, 60, (60, 60, 100)),
        (0, 0, (0, 0, None)),
        (0, 4, (None, None, None)),
    ],
)
def test_a_share_is_hidden_with_its_part_its_whole_or_the_rest(part: int, whole: int, printed: tuple[Any, ...]) -> None:
    assert shown(measure(part, whole)) == [printed]


def test_only_hidden_measures_say_suppressed() -> None:
    small, large = SmallNumbers().measures([measure(3), measure(30)])
    assert small["suppressed"] is True
    assert "suppressed" not in large


def test_a_hidden_count_is_not_the_difference_of_two_that_are_shown() -> None:
    assert shown(measure(3), measure(20), measure(23)) == [(None, None, None), (None, None, None), (25, None, 25)]
    # and not that of a whole
    assert shown(measure(3), measure(20), measure(12, 23)) == [(None, None, None), (None, None, None), (10, 25, 40)]
    assert shown(measure(3), measure(20), measure(60)) == [(None, None, None), (20, None, 20), (60, None, 60)]


def test_when_one_row_is_hidden_the_next_smallest_is_too() -> None:
    assert rows("band patients", ("on-time", 0), ("late", 3), ("later", 11), ("latest", 40)) == [
        ["on-time", 0],
        ["late", HIDDEN],
        ["later", HIDDEN],
        ["latest", 40],
    ]
    assert rows("band patients", ("late", 3), ("later", 0)) == [["late", HIDDEN], ["later", 0]]
    assert rows("band patients", ("late", 3), ("later", 5), ("latest", 12)) == [
        ["late", HIDDEN],
        ["later", HIDDEN],
        ["latest", 10],
    ]


def test_the_totals_of_each_text_in_a_column_are_protected() -> None:
    """Hiding two rows is not enough where each has a total of its own."""
    found = rows(
        "quarter item quantity",
        *(("Q1", "a", 3), ("Q1", "b", 30), ("Q1", "total", 33)),
        *(("Q2", "a", 20), ("Q2", "b", 30), ("Q2", "total", 50)),
    )
    assert [row[2] for row in found] == [HIDDEN, HIDDEN, 35, HIDDEN, HIDDEN, 50]


def test_every_number_of_a_hidden_row_is_hidden() -> None:
    assert rows("who in_time not_in_time", ("a", 40, 3), ("b", 50, 60), ("c", 80, 90)) == [
        ["a", HIDDEN, HIDDEN],
        ["b", HIDDEN, HIDDEN],
        ["c", 80, 90],
    ]


def test_a_row_whose_remainder_is_small_is_hidden() -> None:
    found = rows("field recorded of percent", ("x", 42, 45, 93.33), ("y", 30, 45, 66.67), ("z", 45, 45, 100.0))
    assert found == [["x", *[HIDDEN] * 3], ["y", *[HIDDEN] * 3], ["z", 45, 45, 100]]


def test_no_amount_of_money_is_left_to_divide_by_its_price() -> None:
    assert rows("month quantity amount_pence actual", ("2026-04", 40, 80000, "800.00"), ("2026-05", 0, 0, "-0.50")) == [
        ["2026-04", 40, HIDDEN, HIDDEN],
        ["2026-05", 0, HIDDEN, HIDDEN],
    ]
    # An amount is not a count: 3 pence identify no patient.
    assert rows("month quantity amount_pence", ("2026-04", 40, 3)) == [["2026-04", 40, HIDDEN]]


def test_a_clause_number_is_not_taken_for_an_amount() -> None:
    assert rows("field clause recorded", ("x", "4.10", 40), ("y", "4.10", 3)) == [
        ["x", "4.10", HIDDEN],
        ["y", "4.10", HIDDEN],
    ]


def test_a_list_of_single_cases_is_left_out_and_named() -> None:
    cases = {"id": "c", "title": "Events", "columns": ["kind", "on"], "rows": [["death", "2026-05-04T09:00"]]}
    nothing = {**cases, "rows": []}
    assert SmallNumbers().tables([cases]) == ([], ["Events"])
    assert SmallNumbers().tables([nothing]) == ([nothing], [])


def test_words_truth_values_and_blanks_stay() -> None:
    assert rows("a b c", ("3", True, None), ("x", 50, 12.6)) == [["3", True, None], ["x", 50, 15]]


TABLES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 40)), min_size=1, max_size=9)


@given(TABLES, st.integers(2, 9))
def test_no_hidden_row_can_be_worked_out_from_the_totals(lines: list[tuple[str, str, int]], up_to: int) -> None:
    found = rows("one two n", *lines, up_to=up_to)
    for place in (0, 1, None):
        for label in {line[place] for line in lines} if place is not None else {""}:
            group = [n for n, line in enumerate(lines) if place is None or line[place] == label]
            hidden = [n for n in group if found[n][2] == HIDDEN]
            # A row hidden alone is revealed by the total only where it is the whole total, which is as small.
            assert len(hidden) != 1 or not any(lines[n][2] for n in group if n not in hidden)
    for line, (_, _, printed) in zip(lines, found, strict=True):
        assert printed == HIDDEN or (printed % 5 == 0 and not 1 <= line[2] <= up_to)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_no_hidden_count_is_the_difference_of_two_shown_ones(counts: list[int]) -> None:
    found = SmallNumbers().measures([measure(count, name=str(n)) for n, count in enumerate(counts)])
    hidden = {count for count in counts if 1 <= count <= 7}
    left = [count for count, one in zip(counts, found, strict=True) if "suppressed" not in one and count]
    assert not any(abs(one - other) in hidden for one, other in combinations(left, 2))
