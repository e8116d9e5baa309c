from __future__ import annotations

import pytest

from lescli.errors import LesError
from lescli.outputs.table import masked, nhs_numbers_in, refuse_nhs_numbers


@pytest.mark.parametrize("text", ["9990000018", "for 999 000 0018.", "(999-000-0018)", "a\n9990000026\nb"])
def test_an_nhs_number_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(LesError) as caught:
        refuse_nhs_numbers("fine", text)
    assert "999" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["9990000019", "99900000180", "ab9990000018cd", "999000-0018", "01234 567890", "2026-05-01", "£24,000.00"]
)
def test_other_numbers_pass(text: str) -> None:
    refuse_nhs_numbers(text)


def test_the_numbers_of_a_text_are_found_once_each() -> None:
    assert nhs_numbers_in("9990000018, 999 000 0018 and 999-000-0026; not 9990000019") == {"9990000018", "9990000026"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann 9990000018.csv", "ann [number].csv"),
        ("ann9990000018b", "ann[number]b"),
        ("999 000-0018", "[number]"),
        ("٩٩٩٠٠٠٠٠١٨", "[number]"),
        ("9990000019", "[number]"),  # mistyped, and still a patient's
        ("chain head " + "0123456789" * 6 + "abcd", "chain head " + "0123456789" * 6 + "abcd"),
        ("999000051000000107", "999000051000000107"),
        ("2026-05-01 and 24000", "2026-05-01 and 24000"),
    ],
)
def test_anything_like_an_nhs_number_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
