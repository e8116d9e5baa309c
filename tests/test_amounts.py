"""Money as people read and type it: every reader of typed money takes the same forms, and no slip becomes pounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.amounts import counted, plain_pounds, pounds, typed_number, typed_pence
from lescli.cli.options import parse_pence
from lescli.errors import UsageError
from lescli.readers.small_table import count_in, pence_in


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("240", 24000),
        ("240.00", 24000),
        ("0.05", 5),
        ("3.2", 320),
        ("£3.20", 320),
        (" 1,240.00 ", 124000),
        ("£1,240,000", 124000000),
    ],
)
def test_an_amount_as_people_type_it(text: str, pence: int) -> None:
    assert typed_pence(text) == pence


SLIPS = [
    "",
    "£",
    ".50",
    "20.",
    "20.005",
    "20,00",
    "1,24.00",
    "12,40.00",
    ",240",
    "1,,240",
    "2.4e2",
    "twenty",
    "²0",
    "٣",
]


@pytest.mark.parametrize("text", [*SLIPS, "-20.00", "(20.00)", "£ 20.00", "2 0.00", "1.2.3"])
def test_a_slip_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^no amount of pounds and pence$"):
        typed_pence(text)


@given(st.integers(0, 10**12))
def test_what_is_printed_can_be_typed(pence: int) -> None:
    assert typed_pence(pounds(pence)) == typed_pence(plain_pounds(pence)) == pence
    assert pence_in(pounds(-pence)) == pence_in(plain_pounds(-pence)) == -pence
    assert typed_number(f"{pence:,}") == typed_number(str(pence)) == pence


@given(st.integers(0, 10**11 - 1), st.sampled_from(["{0}.{1:02d}", "{0:,}.{1:02d}", "£{0}.{1:02d}"]))
def test_every_reader_of_typed_money_reads_the_same(pence: int, form: str) -> None:
    text = form.format(*divmod(pence, 100))
    assert typed_pence(text) == parse_pence("--amount", text) == pence_in(text) == pence


@pytest.mark.parametrize("text", [slip for slip in SLIPS if slip != "20."])
@pytest.mark.parametrize("read", [pence_in, lambda text: parse_pence("--amount", text)])
def test_no_reader_takes_a_slip(read: Callable[[str], int], text: str) -> None:
    with pytest.raises((ValueError, UsageError)):
        read(text)


def test_an_option_takes_nine_digits_of_pounds() -> None:
    assert parse_pence("--amount", "999,999,999.99") == 99999999999
    for text in ("1,000,000,000", "1000000000.00", "-20.00", "(20.00)"):
        with pytest.raises(UsageError, match="--amount: not an amount of pounds and pence"):
            parse_pence("--amount", text)


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("-20", -2000),
        ("(20.00)", -2000),
        ("\N{MINUS SIGN}£1,240.5", -124050),
        ("£ 1 240.500", 124050),
        ("20.", 2000),
        ("1000000000", 100000000000),
    ],
)
def test_only_a_commissioners_table_has_signs_brackets_and_what_a_workbook_adds(text: str, pence: int) -> None:
    assert pence_in(text) == pence


@pytest.mark.parametrize("text", ["(20", "20)", "-20)", "-(20)", "(-20)", "((20))", "()", "--20", "£(20"])
def test_a_sum_that_may_go_either_way_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"pounds and pence|whole number"):
        pence_in(text)


def test_a_whole_number_of_a_table() -> None:
    assert (count_in("12"), count_in(" 12.0 "), count_in("1,240")) == (12, 12, 1240)
    for text in ("", "12.5", "12,40", "-3", "٣"):
        with pytest.raises(ValueError, match=r"^no whole number$"):
            count_in(text)


@pytest.mark.parametrize(
    ("pence", "shown", "typed"),
    [(0, "£0.00", "0.00"), (5, "£0.05", "0.05"), (124005, "£1,240.05", "1240.05"), (-105, "-£1.05", "-1.05")],
)
def test_money_is_written_for_people_and_for_files(pence: int, shown: str, typed: str) -> None:
    assert (pounds(pence), plain_pounds(pence)) == (shown, typed)


def test_a_count_has_its_noun() -> None:
    assert (counted(1, "row"), counted(1200, "row"), counted(2, "activity", "activities")) == (
        "1 row",
        "1,200 rows",
        "2 activities",
    )
