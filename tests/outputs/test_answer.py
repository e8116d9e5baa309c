from __future__ import annotations

from typing import Any

import pytest

from lescli.outputs import Answer

ANN, BEN = "9990000018", "9990000026"


def shown(data: Any, *, identifiable: bool = True, patients: int | None = None) -> int:
    return Answer(data=data, title="", grids=(), identifiable=identifiable, patients=patients).patients_shown


@pytest.mark.parametrize(
    ("data", "patients"),
    [
        ({"entries": [{"nhs_number": ANN}, {"nhs_number": ANN}, {"nhs_number": BEN}]}, 2),
        ({"patient": {"nhs_number": ANN}, "recalls": [{"nhs_number": ANN}]}, 1),
        ([{"rows": [{"nhs_number": ANN}]}, {"rows": [{"nhs_number": BEN}]}], 2),
        ({"tables": [{"columns": ["kind", "nhs_number"], "rows": [["a", ANN], ["b", BEN], ["c", ANN]]}]}, 2),
        ({"rows": [{"nhs_number": ""}, {"nhs_number": None}]}, 0),  # an item paid for the list, not for a patient
        ({"entries": []}, 0),
    ],
)
def test_patients_are_counted_wherever_their_numbers_are(data: Any, patients: int) -> None:
    assert shown(data) == patients


def test_an_answer_that_is_not_identifiable_shows_no_patients() -> None:
    assert shown({"total_pence": 100}, identifiable=False) == 0


def test_a_stated_number_of_patients_wins_over_the_count() -> None:
    assert shown({}, patients=7) == 7
