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
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_content_tells_the_profile(write, text: str, profile: str, encoding: str) -> None:
    assert recognise(write(text, name="unnamed", encoding=encoding)) == profile


def test_a_systmone_report_is_named_and_refused(write) -> None:
    path = write("NHS number,Event date,Value\n")
    for profile in (None, "systmone"):
        with pytest.raises(UnreadableFileError, match="SystmOne reports are not read yet"):
            open_reading(path, profile)


def test_a_report_that_counts_patients_says_which_to_run(write) -> None:
    with pytest.raises(UnreadableFileError, match=r"names none.*run the report with patient details"):
        open_reading(write("Gender,Event date,Patient Count\nF,x,12\n"))


@pytest.mark.parametrize("text", ["hello\n", "9990000018,SMITH\n", "date,code\n", "[1]", '"\n', "NHS number\n"])
def test_an_unknown_file_is_told_what_was_looked_for(write, text: str) -> None:
    with pytest.raises(
        UnreadableFileError, match=r"nhs_number.*Patient Details.*GP Connect.*les, emis, gpconnect"
    ) as no:
        open_reading(write(text))
    assert "SMITH" not in str(no.value)


def test_a_profile_that_does_not_exist_is_a_typing_error(write) -> None:
    with pytest.raises(UsageError, match="les, emis, gpconnect"):
        open_reading(write("nhs_number,date,code\n"), "vision")
