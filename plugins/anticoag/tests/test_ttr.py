"""Time in therapeutic range by hand-worked examples, and against a fine numeric integration."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.api import Period
from lescli_anticoag.ttr import time_in_range

DAY_0 = date(2020, 4, 1)
LONG = Period(date(2019, 1, 1), date(2021, 12, 31))
GAP = 56


def at(day: int) -> date:
    return DAY_0 + timedelta(days=day)


def ttr(*tests: tuple[int, str], low: str = "2", high: str = "3", span: Period = LONG) -> tuple[int, float | None]:
    found = time_in_range(
        [(at(day), Fraction(value)) for day, value in tests], Fraction(low), Fraction(high), span, longest_gap_days=GAP
    )
    return found.days, None if found.percent is None else round(float(found.percent), 2)


@pytest.mark.parametrize(
    ("tests", "days", "percent"),
    [
        (((0, "2.5"), (30, "3.5")), 30, 50.0),
        (((0, "3.5"), (30, "2.5")), 30, 50.0),
        (((0, "1.0"), (30, "4.0")), 30, 33.33),
        # 1.5 to 2.5 is half in range, the rest whole: 5 + 10 of 20 days; whole days would say 80.
        (((0, "1.5"), (10, "2.5"), (20, "2.8")), 20, 75.0),
        (((20, "2.8"), (0, "1.5"), (10, "2.5")), 20, 75.0),
        (((0, "2.0"), (30, "2.0")), 30, 100.0),
        (((0, "3.0"), (30, "3.0")), 30, 100.0),
        (((0, "1.9999"), (30, "1.9999")), 30, 0.0),
        (((0, "3.0001"), (30, "3.0001")), 30, 0.0),
        (((0, "2.0"), (30, "3.0")), 30, 100.0),
        (((0, "1.0"), (10, "2.0")), 10, 0.0),
        (((0, "2.5"), (56, "2.5")), 56, 100.0),
        (((0, "2.5"), (57, "2.5")), 0, None),
        # The long gap alone is left out, not the tests beside it.
        (((0, "2.5"), (10, "2.5"), (67, "4.0"), (77, "4.0")), 20, 50.0),
        (((0, "2.5"),), 0, None),
        ((), 0, None),
        # Of two on one day the mean counts: 2.5 and 4.5 are 3.5.
        (((0, "2.5"), (30, "2.5"), (30, "4.5")), 30, 50.0),
        (((0, "2.5"), (0, "2.6")), 0, None),
    ],
)
def test_worked_examples(tests: tuple[tuple[int, str], ...], days: int, percent: float | None) -> None:
    assert ttr(*tests) == (days, percent)


def test_a_line_is_cut_at_both_ends_of_the_span() -> None:
    # 2.0 on day 0 to 4.0 on day 40 leaves the range on day 20.
    line = ((0, "2.0"), (40, "4.0"))
    assert ttr(*line, span=Period(at(10), LONG.end)) == (30, 33.33)
    assert ttr(*line, span=Period(at(20), LONG.end)) == (20, 0.0)
    assert ttr(*line, span=Period(LONG.start, at(30))) == (30, 66.67)
    assert ttr(*line, span=Period(at(10), at(20))) == (10, 100.0)
    assert ttr(*line, span=Period(at(40), LONG.end)) == (0, None)
    assert ttr(*line, span=Period(LONG.start, at(0))) == (0, None)


def test_a_share_on_a_threshold_is_exactly_on_it() -> None:
    # 1.3 of 2.0 is 0.65: in binary fractions it would be a little less.
    found = time_in_range(
        [(at(0), Fraction(2)), (at(40), Fraction(4))], Fraction(2), Fraction("3.3"), LONG, longest_gap_days=GAP
    )
    assert found.percent == Fraction(65)


INRS = st.integers(5, 80).map(lambda tenths: Fraction(tenths, 10))
TESTS = st.lists(st.tuples(st.integers(0, 120), INRS), min_size=2, max_size=8, unique_by=lambda one: one[0])


def share(tests: list[tuple[int, Fraction]], span: Period = LONG) -> tuple[int, Fraction | None]:
    found = time_in_range(
        [(at(day), value) for day, value in tests], Fraction(2), Fraction(3), span, longest_gap_days=GAP
    )
    return found.days, found.percent


@given(TESTS, st.integers(0, 60), st.integers(61, 130))
def test_it_is_a_fine_numeric_integration(tests: list[tuple[int, Fraction]], first: int, last: int) -> None:
    """The middle of each of 64 slices of a day, in floats, by another way of interpolating."""
    steps, counted, inside = 64, 0, 0
    ordered = sorted(tests)
    for slice_ in range(first * steps, last * steps):
        now = (slice_ + 0.5) / steps
        for (start, begun), (end, reached) in pairwise(ordered):
            if start <= now < end and end - start <= GAP:
                weight = (now - start) / (end - start)
                counted += 1
                inside += 2 - 1e-9 <= float(begun) * (1 - weight) + float(reached) * weight <= 3 + 1e-9
    days, percent = share(tests, Period(at(first), at(last)))
    assert days * steps == counted
    if percent is None:
        assert not counted
    else:
        # Each test and each crossing of a bound puts at most one slice wrong.
        assert abs(float(percent) / 100 * counted - inside) <= 3 * len(tests)


@given(TESTS, st.data())
def test_a_test_on_the_line_changes_nothing(tests: list[tuple[int, Fraction]], data: st.DataObject) -> None:
    ordered = sorted(tests)
    near = [pair for pair in pairwise(ordered) if 1 < pair[1][0] - pair[0][0] <= GAP]
    if near:
        (start, begun), (end, reached) = data.draw(st.sampled_from(near))
        day = data.draw(st.integers(start + 1, end - 1))
        between = begun + (reached - begun) * Fraction(day - start, end - start)
        assert share([*tests, (day, between)]) == share(tests)


@given(TESTS)
def test_it_is_a_share_and_the_order_of_the_tests_means_nothing(tests: list[tuple[int, Fraction]]) -> None:
    days, percent = share(tests)
    assert share(tests[::-1]) == (days, percent)
    assert percent is None or 0 <= percent <= 100
    assert (percent is None) == (days == 0)
