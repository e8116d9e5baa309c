from __future__ import annotations

import pytest

from lescli.errors import UnreadableFileError, UsageError
from lescli.readers import open_reading
from lescli.readers.recognise import recognise


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("nhs_number,date,code\n", "les"),
        ("\n\nNHS Number,date_of_birth\n", "les"),
        ("code,term,nhs_number,source_id,mine\n", "les"),
        ('\n {"resourceType":"Bundle"}', "gpconnect"),
        ("a title\n,,\nPatient Details,,\nNHS Number,Code Term,Date\n", "emis"),
        ("Last Run:,,,05/11/2026 09:14\n", "emis"),
        ("EMIS Number,NHS Number,Date of Birth,Code Term,Date\n", "emis"),
        ("NHS number,Date of birth ,Event date,Event done at ID\n", "systmone"),
        ("NHS number,Diabetes: Event date,Diabetes: CTV3 code,Patient Count\n", "systmone"),
        ("Vaccines: NHS number,Vaccines: Event date\n", "systmone"),
        ("NHS Number,Age,Date,User Details' Full Name\n", "emis"),
        # A CSV of one's own may have any column beside those that make it one.
        ("nhs_number,date,code,patient_id,event_date\n", "les"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_content_decides_the_profile(write, text: str, profile: str, encoding: str) -> None:
    assert recognise(write(text, name="unnamed", encoding=encoding)) == profile


def test_headings_of_both_systems_are_refused(write) -> None:
    path = write("NHS number,Date of birth,Event date,Code Term,SNOMED code\n")
    with pytest.raises(UnreadableFileError, match=r"may be a report of EMIS or of SystmOne.*--profile emis or"):
        open_reading(path)
    assert [open_reading(path, name).profile for name in ("emis", "systmone")] == ["emis", "systmone"]


def test_the_search_for_headings_ends_with_the_file_and_passes_over_quotes(write) -> None:
    head = 'a title with "quotes" in it\n"a cell\nof two lines",b\n' + "line,\n" * 500
    assert recognise(write(head + "Patient Details,,\nNHS Number,Code Term,Date\n")) == "emis"
    assert recognise(write(head + "last run:,,,05/11/2026 09:14\n")) == "emis"
    with pytest.raises(UnreadableFileError, match="no known header"):
        recognise(write(head))


@pytest.mark.parametrize("text", ["hello\n", "9990000018,SMITH\n", "date,code\n", "[1]", '"\n', "NHS number\n"])
def test_an_unknown_file_is_refused_with_the_headers_looked_for(write, text: str) -> None:
    with pytest.raises(
        UnreadableFileError, match=r"nhs_number.*Patient Details.*SystmOne.*GP Connect.*les, emis, systmone, gpconnect"
    ) as no:
        open_reading(write(text))
    assert "SMITH" not in str(no.value)


def test_an_unknown_profile_is_a_usage_error(write) -> None:
    with pytest.raises(UsageError, match="les, emis, systmone, gpconnect"):
        open_reading(write("nhs_number,date,code\n"), "vision")
