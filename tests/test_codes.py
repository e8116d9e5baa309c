"""Codes and NHS numbers: a wrong digit is noticed, and a message never repeats the number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.codes import (
    parse_code,
    parse_ctv3,
    parse_nhs_number,
    parse_organisation,
    parse_practice,
    parse_read2,
    parse_snomed,
    verhoeff,
)
from lescli.testing import nhs_number, snomed_concept

NUMBERS = st.integers(0, 5000).map(nhs_number)
CONCEPTS = st.integers(0, 10**7).map(snomed_concept)


@given(NUMBERS)
def test_numbers_of_the_test_range_are_valid(number: str) -> None:
    assert number.startswith("999")
    assert parse_nhs_number(number) == number
    assert parse_nhs_number(f"{number[:3]} {number[3:6]} {number[6:]}") == number
    assert parse_nhs_number(f"{number[:3]}-{number[3:6]}-{number[6:]}") == number


def test_numbers_of_the_test_range_are_all_different() -> None:
    assert len({nhs_number(n) for n in range(3000)}) == 3000


@given(NUMBERS, st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_of_an_nhs_number_is_noticed(number: str, place: int, change: int) -> None:
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    with pytest.raises(ValueError, match="Modulus 11") as shown:
        parse_nhs_number(wrong)
    assert wrong not in str(shown.value)


@given(NUMBERS, st.integers(0, 8))
def test_two_digits_of_an_nhs_number_swapped_are_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(ValueError, match="Modulus 11"):
            parse_nhs_number(swapped)


@pytest.mark.parametrize(
    "written", ["", "999000001", "99900000180", "٩٩٩٠٠٠٠٠١٨", "999000001X", "9.99000e+9", "9990000018.0"]
)
def test_an_nhs_number_has_ten_digits(written: str) -> None:
    with pytest.raises(ValueError, match="an NHS number has 10 digits"):
        parse_nhs_number(written)


def test_nine_digits_with_a_check_of_ten_make_no_nhs_number() -> None:
    bodies = [f"999000{n:03d}" for n in range(200)]
    without = [b for b in bodies if (11 - sum(int(d) * (10 - i) for i, d in enumerate(b)) % 11) % 11 == 10]
    assert without
    for body in without:
        for digit in range(10):
            with pytest.raises(ValueError, match="Modulus 11"):
                parse_nhs_number(f"{body}{digit}")


@pytest.mark.parametrize(
    "code", ["700139004", "65200003", "68254000", "22778000", "165581004", "73211009", "999000041000000102"]
)
def test_concepts_of_the_specifications_are_valid(code: str) -> None:
    assert parse_snomed(f" {code} ") == code


@given(CONCEPTS)
def test_concepts_made_for_tests_are_valid(code: str) -> None:
    assert parse_snomed(code) == code


@given(CONCEPTS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_of_a_concept_is_noticed(code: str, place: int, change: int) -> None:
    place %= len(code)
    wrong = code[:place] + str((int(code[place]) + change) % 10) + code[place + 1 :]
    assert verhoeff(wrong) != 0
    with pytest.raises(ValueError, match="SNOMED"):
        parse_snomed(wrong)


@given(CONCEPTS, st.integers(0, 16))
def test_two_digits_of_a_concept_swapped_are_noticed(code: str, place: int) -> None:
    place %= len(code) - 1
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        assert verhoeff(swapped) != 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "6 to 18 digits"),
        ("12345", "6 to 18 digits"),
        ("0700139004", "6 to 18 digits"),
        ("7.00139e8", "6 to 18 digits"),
        ("700139005", "Verhoeff"),
        ("1223980016", "partition"),
        ("٧٠٠١٣٩٠٠٤", "6 to 18 digits"),
    ],
)
def test_a_wrong_concept_is_refused_with_the_reason(code: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_snomed(code)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("42QE.00", "42QE"),
        ("42QE.", "42QE"),
        ("42QE", "42QE"),
        ("66QD", "66QD"),
        ("133F.11", "133F"),
        ("9K27.", "9K27"),
    ],
)
def test_read_v2_is_stored_as_five_characters_without_dots(written: str, kept: str) -> None:
    assert parse_read2(written) == kept


@pytest.mark.parametrize("written", ["", "4", "4.2QE", "42QE.000", "42 QE", "42QE!"])
def test_a_wrong_read_v2_code_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="Read v2"):
        parse_read2(written)


@pytest.mark.parametrize(("written", "kept"), [("XaMh8", "XaMh8"), ("22A..", "22A"), ("XaQyK", "XaQyK")])
def test_ctv3_keeps_its_case(written: str, kept: str) -> None:
    assert parse_ctv3(written) == kept


@pytest.mark.parametrize("written", ["", "XaMh88", "Xa.h8"])
def test_a_wrong_ctv3_code_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="CTV3"):
        parse_ctv3(written)


def test_an_unknown_coding_system_is_refused() -> None:
    with pytest.raises(ValueError, match="code_system is one of snomed, read2, ctv3, local"):
        parse_code("icd10", "M81")


def test_organisations() -> None:
    assert parse_practice(" a82038 ") == "A82038"
    assert parse_organisation("rxn") == "RXN"
    for written in ("", "A8203", "I82038", "A82O38", "A820388"):
        with pytest.raises(ValueError, match="ODS code"):
            parse_practice(written)
