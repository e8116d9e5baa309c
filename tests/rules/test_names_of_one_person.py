"""Which names of two records can hardly be those of one person."""

from __future__ import annotations

from datetime import date

import pytest

from lescli.model import Patient
from lescli.model.record import clearly_different_names


def named(family: str, given: str) -> Patient:
    return Patient(
        nhs_number="9990000018", family_name=family, given_name=given, date_of_birth=date(1950, 1, 1), sex="female"
    )


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        (("Archer", "Ann"), ("ARCHER", "Anne Mary"), False),
        (("Archer", "Ann"), ("Archer-Moss", "A."), False),
        (("O'Brien", "Zoë"), ("OBRIEN", "Zoe"), False),
        (("Macdonald", "Jon"), ("McDonald", "Jonathan"), False),
        (("Archer, Ann", ""), ("Archer", "Ann"), False),
        (("", ""), ("Archer", "Ann"), False),
        (("Archer", ""), ("Archer", "Eve"), False),
        (("Archer", "Ann"), ("Zebedee", "Ann"), True),
        (("Archer", "Ann"), ("Archer", "Eve"), True),
        (("Archer, Ann", ""), ("Zebedee, Ann", ""), True),
    ],
)
def test_only_clearly_different_names_count_as_different(
    one: tuple[str, str], other: tuple[str, str], differ: bool
) -> None:
    assert clearly_different_names(named(*one), named(*other)) is differ
    assert clearly_different_names(named(*other), named(*one)) is differ
