"""INR results as records hold them: read, refused, and surely beyond a limit or not."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from lescli_anticoag.inr import Inr, read_inr

DAY = date(2020, 5, 4)


@pytest.mark.parametrize(
    ("text", "value", "sign"),
    [
        ("2.4", "2.4", ""),
        (" 2.40 ", "2.4", ""),
        ("2,4", "2.4", ""),
        ("3", "3", ""),
        ("2.4 ratio", "2.4", ""),
        ("2.4 {INR}", "2.4", ""),
        ("2.4INR", "2.4", ""),
        ("INR 2.4", "2.4", ""),
        ("INR: 2.4", "2.4", ""),
        ("INR = 2.4", "2.4", ""),
        (">8", "8", ">"),
        ("> 8.0", "8", ">"),
        ("<0.9 ratio", "0.9", "<"),
        (">=8", "8", ">="),
        ("≤1.5", "1.5", "<="),
    ],
)
def test_read(text: str, value: str, sign: str) -> None:
    assert read_inr(DAY, text) == Inr(day=DAY, value=Fraction(value), sign=sign)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "clotted",
        "INR",
        "-2.4",
        "2.4-3.0",
        "2.4 on 5",
        "1e3",
        "2.4.1",
        "0",
        "0.0",
        "nan",
        "2024",
        "1:2",
        "??",
        "<>2",
    ],
)
def test_not_a_result(text: str) -> None:
    assert read_inr(DAY, text) is None


@pytest.mark.parametrize(
    ("text", "above_5", "above_8", "below_1_5"),
    [
        ("5.0", False, False, False),
        ("5.1", True, False, False),
        ("8.0", True, False, False),
        ("8.1", True, True, False),
        ("1.5", False, False, False),
        ("1.4", False, False, True),
        (">8", True, True, False),
        (">=8", True, False, False),
        (">5", True, False, False),
        (">4.5", False, False, False),
        (">1", False, False, False),
        ("<1.5", False, False, True),
        ("<=1.5", False, False, False),
        ("<2", False, False, False),
        ("<9", False, False, False),
    ],
)
def test_surely_beyond_a_limit(text: str, above_5: bool, above_8: bool, below_1_5: bool) -> None:
    inr = read_inr(DAY, text)
    assert inr is not None
    limits = (Fraction(5), Fraction(8), Fraction("1.5"))
    assert (inr.above(limits[0]), inr.above(limits[1]), inr.below(limits[2])) == (above_5, above_8, below_1_5)
