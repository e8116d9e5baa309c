from __future__ import annotations

from datetime import date

import pytest

import lescli_ius
from lescli.operations.small_numbers import names_on, typed_words, without_names
from lescli.services import service_of
from lescli.testing import Surgery

REGISTER = """
    patient    | entered    | from       | indication  | device_type | complications
    O'Neill    | 2026-04-01 | 2026-04-01 | menorrhagia | Mirena      | none seen
    Smith-Zoë  | 2026-04-01 | 2026-04-01 | menorrhagia | Mirena      |
    J          | 2026-04-01 | 2026-04-01 | menorrhagia | Mirena      |
"""


@pytest.fixture
def practice() -> Surgery:
    return Surgery(service_of(lescli_ius, origin="package"), register=REGISTER)


def test_typed_words_are_texts_not_choices_or_dates(practice: Surgery) -> None:
    register = practice.register(date(2026, 5, 1))
    assert typed_words(practice.service.spec, register) == {"Mirena", "none seen"}


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("seen by o'neill", "seen by [name]"),
        ("O\u2019NEILL's string", "[name] string"),
        ("smith", "[name]"),
        ("ZO\u00cb-Ann", "[name]"),
        ("Smithson, wordsmith", "Smithson, wordsmith"),
        ("j-shaped", "j-shaped"),  # a single letter may be an initial
        ("call 07700 900123", "call 07700 900123"),
        ("999 000 0018 again", "[number] again"),
    ],
)
def test_a_name_is_found_as_a_whole_word_in_any_case(practice: Surgery, typed: str, left: str) -> None:
    day = date(2026, 5, 1)
    names = names_on(practice.register(day), practice.records(day))
    table = {"id": "reasons", "title": "T", "columns": ["what", "n"], "rows": [[typed, 1], ["smith", 2]]}
    (found,), held = without_names([table], frozenset({typed}), names)
    # The second row was not typed, and the first has another text.
    assert found["rows"] == [[left, 1], ["[name]" if typed == "smith" else "smith", 2]]
    assert held == (["T"] if left != typed else [])
    # Where patients are named anyway, nothing is taken out.
    assert without_names([table], frozenset({typed}), names, but_in={"reasons"}) == ([table], [])
