from __future__ import annotations

import pytest

from lescli.errors import LesError
from lescli.outputs.nameless import refuse_nhs_numbers


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
