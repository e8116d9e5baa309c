from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.model import Code
from lescli.readers import cells
from lescli.readers.cells import Memo


def test_a_memo_computes_once_and_stays_small() -> None:
    asked: list[int] = []

    def answer(key: int) -> int:
        asked.append(key)
        return key * 2

    memo = Memo(answer, 10)
    assert [memo[1], memo[1], memo[1]] == [2, 2, 2]
    assert asked == [1]
    for key in range(1000):
        assert memo[key] == key * 2
        assert len(memo) <= 10


def test_an_entry_may_have_several_codes() -> None:
    found, fault = cells.codes(" 165581004 ", "", "read2:42QE.00 snomed:165581004 local:EMIS%20NQ1")
    assert fault == ""
    assert found == (
        Code(system="snomed", code="165581004"),
        Code(system="read2", code="42QE"),
        Code(system="local", code="EMIS%20NQ1"),
    )


def test_a_malformed_other_code_is_dropped_but_a_main_code_is_refused() -> None:
    assert cells.codes("165581004", "snomed", "read2:!!! nonsense ctv3: x:1 snomed:12")[0] == (
        Code(system="snomed", code="165581004"),
    )
    found, fault = cells.codes("165581005", "snomed", "read2:42QE.")
    assert (found, "check digit" in fault) == ((), True)


@given(
    st.sampled_from(["read2", "ctv3", "local"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30),
)
def test_a_token_is_one_word_and_survives_a_round_trip(system: str, code: str) -> None:
    token = cells.token(system, code)
    assert len(token.split()) == 1
    found, _ = cells.codes("", "", token)
    if system == "local":
        assert found == (Code(system="local", code=code),)


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ud800"])
def test_control_characters_are_refused(letter: str) -> None:
    assert cells.text(f"a{letter}b") == ("", "it holds a control character")


def test_unusual_text_is_accepted() -> None:
    for good in ("two\nlines", "a\tb", "Zoë\xa0O’Brien", "x" * 1000, "👍🏽", "\u200fعربي"):
        assert cells.text(f" {good} ") == (good, "")
    assert cells.text("x" * 1001)[1]


@pytest.mark.parametrize("form", ["{}", "{}.0", "{}.00", "'{}", "{}'", "\u2018{}\u2019", '="{}"', '="{} "', "  {}\xa0"])
def test_an_nhs_number_with_all_digits_is_repaired(numbers, form: str) -> None:
    for number in numbers:
        assert cells.nhs_number(form.format(number)) == (number, "")


def test_other_ways_of_writing_the_same_ten_digits(numbers) -> None:
    for one in numbers:
        spaced, thousands = f"{one[:3]}\xa0{one[3:6]}\u2009{one[6:]}", f"{int(one):,}"
        dashed, power = f"{one[:3]}\u2013{one[3:6]}\u2011{one[6:]}", f"{one[0]}.{one[1:]}E+09"
        for written in (spaced, thousands, f"{thousands}.00", dashed, power, power.replace("E+09", "e9")):
            assert cells.nhs_number(written) == (one, ""), written


def test_a_rounded_nhs_number_is_refused_even_if_its_check_digit_fits(numbers) -> None:
    """One rounded number in eleven passes Modulus 11 as it stands."""
    from lescli.codes import parse_nhs_number

    fits = next(f"{stem}{zero:07d}" for stem in range(999, 900, -1) for zero in (0,) if _passes(f"{stem}{zero:07d}"))
    assert parse_nhs_number(fits) == fits
    for written in (f"{fits[0]}.{fits[1:3]}E+09", f"{fits[0]}.{fits[1:6]}E+09", f"{fits[0]}.{fits[1:9]}E+09"):
        found, fault = cells.nhs_number(written)
        assert found == ""
        assert fault.startswith("a spreadsheet rounded the NHS number")
        assert written not in fault


def _passes(number: str) -> bool:
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(number[:9]))
    return (11 - weighted % 11) % 11 == int(number[9])


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("9990000018.5", "an NHS number has 10 digits"),
        ("99900000180.0", "an NHS number has 10 digits"),
        ("999,000,0018", "an NHS number has 10 digits"),
        ("9990000019.0", "the NHS number fails its check digit (Modulus 11)"),
        ('="9990000019"', "the NHS number fails its check digit (Modulus 11)"),
        ('=HYPERLINK("9990000018")', "an NHS number has 10 digits"),
        ("''", "there is no NHS number"),
        ('=""', "there is no NHS number"),
    ],
)
def test_an_nhs_number_that_cannot_be_repaired_says_why(written: str, fault: str) -> None:
    assert cells.nhs_number(written) == ("", fault)


def test_codes_and_dates_lose_the_marks_that_stop_a_spreadsheet() -> None:
    assert cells.codes('="165581004"', "", "")[0] == (Code(system="snomed", code="165581004"),)
    assert cells.day("'01-May-2026") == (date(2026, 5, 1), "")
    assert cells.day('=""') == (None, "")
    assert cells.codes("1.65581E+08", "", "") == (
        (), "a spreadsheet rounded the code; export again without opening the file in a spreadsheet",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("01-Feb-50", "its year has two digits"),
        ("01/02/26", "its year has two digits"),
        ("29-Feb-24", "its year has two digits"),
        ("31-Feb-26", "there is no such day in the calendar"),
        ("01-Foo-26", "there is no month of that name"),
        ("01-Feb-026", "not a date"),
    ],
)
def test_a_two_digit_year_is_refused_with_a_cure(written: str, fault: str) -> None:
    found, said = cells.day(written)
    assert found is None
    assert said.startswith(fault)
