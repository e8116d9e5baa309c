from __future__ import annotations

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers.headings import headings_of

EMIS = """LES activity,,,,,,,,
Last Run:,,,05/11/2026 09:14,,,,,

Patient Details,,,INR,,,Denosumab,,
NHS Number,Town,DOB,Date,Code Term,Value,Concept ID,Date,Consultation Type
{0},York,01-Feb-1950,02-Nov-2026,INR,2.5,700139004,03-Nov-2026,Home visit
"""


def test_each_column_with_its_group_and_what_it_means(write, numbers) -> None:
    found = headings_of(write(EMIS.format(*numbers)))
    assert (found.profile, found.own, found.encoding) == ("emis", False, "UTF-8")
    assert (found.lines_skipped, found.header_line, found.extracted_at) == (3, 5, "2026-11-05T09:14")
    assert [(each.place, each.group, each.heading, each.means, each.about) for each in found.columns] == [
        (1, "", "NHS Number", "nhs_number", "patient"),
        (2, "", "Town", "", ""),
        (3, "", "DOB", "date_of_birth", "patient"),
        (4, "INR", "Date", "date", "entry"),
        (5, "INR", "Code Term", "term", "entry"),
        (6, "INR", "Value", "value", "entry"),
        (7, "Denosumab", "Concept ID", "snomed", "entry"),
        (8, "Denosumab", "Date", "date", "entry"),
        (9, "Denosumab", "Consultation Type", "consultation_type", "entry"),
    ]
    assert found.patient == {"nhs_number", "date_of_birth"}
    assert dict(found.groups) == {
        "INR": {"date", "term", "value"},
        "Denosumab": {"code", "date", "consultation_type"},
    }
    assert [note for note in found.notes if "`INR` hold no code" in note]


def test_no_cell_of_a_patient_is_shown(write, numbers) -> None:
    told = repr(headings_of(write(EMIS.format(*numbers))))
    assert not [cell for cell in (numbers[0], "York", "1950", "2.5", "Home visit") if cell in told]


def test_a_spare_column_is_marked(write, numbers) -> None:
    text = "NHS Number,Calling Name,Given Name,Code Term\n"
    spare = {each.heading: each.spare for each in headings_of(write(text)).columns}
    assert spare == {"NHS Number": False, "Calling Name": True, "Given Name": False, "Code Term": False}


def test_groups_without_a_name_are_named_by_their_columns(write) -> None:
    text = "NHS number,Date of birth,CTV3 code,Event date,CTV3 code,Event date\n"
    found = headings_of(write(text))
    assert [label for label, _ in found.groups] == ["columns 3 to 4", "columns 5 to 6"]
    assert [each.group for each in found.columns] == ["", "", *["columns 3 to 4"] * 2, *["columns 5 to 6"] * 2]
    joined = "NHS number,A: Event date,A: CTV3 code,A: Event date\n"
    assert [label for label, _ in headings_of(write(joined)).groups] == ["A (columns 2 to 3)", "A (column 4)"]
    assert [label for label, _ in headings_of(write("NHS number,Event date,CTV3 code\n")).groups] == [""]
    left = "NHS number,INR,Event date,Value,Injection,Event date,CTV3 code\n"
    assert [label for label, _ in headings_of(write(left)).groups] == ["INR", "Injection"]


def test_a_les_csv(write) -> None:
    found = headings_of(write("\ufeff\nNHS Number,date_of_birth,mine,code,date\n"))
    assert (found.profile, found.encoding, found.lines_skipped, found.header_line) == ("les", "UTF-8 with a BOM", 1, 2)
    assert [each.means for each in found.columns] == ["nhs_number", "date_of_birth", "", "code", "date"]
    assert found.groups == (("", frozenset({"code", "date"})),)


def test_a_bundle_has_no_columns(write, bundle) -> None:
    found = headings_of(write(bundle(), name="a.json"))
    assert (found.profile, found.columns, found.header_line) == ("gpconnect", (), None)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_the_encoding_is_reported(write, encoding: str, shown: str) -> None:
    text = "NHS number,Event date,CTV3 code\n,,é\n"
    assert headings_of(write(text, encoding=encoding)).encoding == shown


def test_headings_with_a_practices_own_profile(write, numbers) -> None:
    own = write('[entry]\nsnomed = ["INR: Code Term"]\n', name="ours.toml")
    found = headings_of(write(EMIS.format(*numbers)), str(own))
    assert found.own
    assert dict(found.groups)["INR"] == {"code", "date", "value"}


@pytest.mark.parametrize(
    ("text", "profile", "said"),
    [
        ("hello\n", None, "no known header"),
        ("nhs_number,date,date\n", None, "has a column twice"),
        ("NHS number,Event date\n", "emis", ""),
        ("Patient ID,Event date,Event done at ID\n", None, "no NHS number"),
        ("Gender,Patient Count\n", None, "counts patients"),
    ],
)
def test_a_file_the_import_refuses_is_refused(write, text: str, profile: str | None, said: str) -> None:
    path = write(text)
    if not said:
        assert headings_of(path, profile).profile == profile
        return
    with pytest.raises(UnreadableFileError, match=said):
        headings_of(path, profile)
