from __future__ import annotations

import pytest

from lescli.errors import UsageError
from lescli.readers import COLUMNS, open_reading
from lescli.readers.profile import folded, load_profile

REPORT = """Patient Details,,INR,,
NHS Number,Born,Concept ID,When Done,Where
{0},01-Feb-1950,165581004,02-Nov-2026,Surgery
"""


def test_headings_are_compared_by_letters_and_digits() -> None:
    assert folded(" User Detail's  Organisation-Code:") == folded("user details organisation code")


def test_every_heading_maps_onto_a_column_that_exists() -> None:
    profile = load_profile("emis")
    assert {column for column, _ in profile.patient.values()} == set(COLUMNS[:11])
    entry = {column for column, _ in profile.entry.values()}
    assert entry - {"snomed", "read2"} <= set(COLUMNS[11:])
    assert {"date", "snomed", "read2", "code", "consultation_type", "clinician", "done_at"} <= entry


def test_a_practice_adds_its_own_headings(write, read, numbers) -> None:
    additions = write(
        '[patient]\ndate_of_birth = ["Born"]\n[entry]\ndate = ["When done"]\nconsultation_type = ["Where"]\n',
        name="ours.toml",
    )
    reading, (row,), bad = read(write(REPORT.format(numbers[0])), str(additions))
    assert (bad, reading.profile, reading.ignored_columns) == ([], "emis", ())
    assert (str(row.day), row.consultation_type) == ("2026-11-02", "Surgery")
    assert "Born" in open_reading(write(REPORT.format(numbers[0]))).ignored_columns


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "x = 1",
        "[entry]\nwhen = ['Date']",
        "[entry]\ndate = 'When'",
        "[patient]\nsex = [1]",
        "values = 1",
        "[values.sex]\nqueen = ['Q']",
        "[values.shoe]\nbig = ['12']",
    ],
)
def test_additions_that_mean_nothing_are_refused(write, numbers, text: str) -> None:
    report = write(REPORT.format(numbers[0]))
    with pytest.raises(UsageError, match=r"ours\.toml"):
        open_reading(report, str(write(text, name="ours.toml")))


def test_added_values_are_translated(write, read, numbers) -> None:
    additions = write("[values.sex]\nfemale = ['Lady']\n", name="ours.toml")
    report = write(f"Patient Details,,INR,\nNHS Number,Gender,Concept ID,Date\n{numbers[0]},lady,,\n{numbers[1]},F,,\n")
    _, rows, bad = read(report, str(additions))
    assert ([row.patient.sex for row in rows], bad) == (["female", "female"], [])
