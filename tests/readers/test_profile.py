from __future__ import annotations

import pytest

from lescli.readers import COLUMNS
from lescli.readers.profile import ENTRY, PATIENT, built_in, folded


def test_headings_are_compared_by_letters_and_digits() -> None:
    assert folded(" User Detail's  Organisation-Code:") == folded("user details organisation code")


def test_a_heading_may_mean_every_column_and_kind_of_code() -> None:
    assert {*PATIENT, *ENTRY} == {*COLUMNS, "snomed", "read2", "ctv3"} - {"other_codes"}


@pytest.mark.parametrize("name", ["les", "emis", "systmone"])
def test_every_heading_maps_onto_a_column_that_exists(name: str) -> None:
    profile = built_in(name)
    assert {column for column, _ in profile.patient.values()} == set(PATIENT)
    entry = {column for column, _ in profile.entry.values()}
    assert entry <= set(ENTRY)
    assert {"date", "code", "consultation_type", "clinician", "done_at", "value"} <= entry
    assert set(profile.values) <= {"sex", "registration", "deceased", "housebound"}


def test_the_codes_of_each_system() -> None:
    emis, systmone = ({column for column, _ in built_in(name).entry.values()} for name in ("emis", "systmone"))
    assert {"snomed", "read2"} <= emis
    assert {"snomed", "ctv3"} <= systmone
    # What SystmOne calls an event may hold several entries: its id is the id of none of them.
    assert "source_id" not in systmone


def test_no_heading_identifies_both_systems() -> None:
    assert not built_in("emis").marks & built_in("systmone").marks
    assert "nhsnumber" not in built_in("emis").marks | built_in("systmone").marks
