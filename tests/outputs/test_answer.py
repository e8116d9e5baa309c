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
def test_different_patients_are_counted_wherever_they_stand(data: Any, patients: int) -> None:
    assert shown(data) == patients


def test_an_answer_that_names_nobody_shows_nobody() -> None:
    assert shown({"total_pence": 100}, identifiable=False) == 0


def test_what_the_data_does_not_tell_is_said() -> None:
    assert shown({}, patients=7) == 7
