from __future__ import annotations

from datetime import date

import pytest

from lescli.errors import UsageError
from lescli.readers import open_reading
from lescli.readers.profile import BASES, read_additions

EMIS = """Patient Details,,INR,,,
NHS Number,Born,Concept ID,When Done,Where,Date
{0},01-Feb-1950,165581004,02-Nov-2026,Surgery,03-Nov-2026
"""
SYSTMONE = """NHS number,Date of birth,Clinic: Given,Clinic: What,Event date
{0},01-Feb-1950,02-Nov-2026,Prolia ,03-Nov-2026
"""
OWN = """List of May
NHS No,Birthday,Done on,Code,System,Sex
{0},01/02/1950,2026-11-02,XaMh8,Read v3,Lady
"""


def test_a_practices_own_heading_wins_over_ours(write, read, numbers) -> None:
    own = write(
        '[patient]\ndate_of_birth = ["Born"]\n'
        '[entry]\ndate = ["When done"]\nconsultation_type = ["Where"]\nrecorded_on = ["Date"]\n',
        name="ours.toml",
    )
    reading, (row,), bad = read(write(EMIS.format(*numbers)), str(own))
    assert (bad, reading.profile, reading.ignored_columns) == ([], "emis", ())
    assert (row.day, row.recorded_on, row.consultation_type) == (date(2026, 11, 2), date(2026, 11, 3), "Surgery")
    _, (row,), _ = read(write(EMIS.format(*numbers)))
    assert row.day == date(2026, 11, 3)


def test_a_heading_of_ours_may_be_ignored(write, read, numbers) -> None:
    own = write('ignore = ["Date"]\n[entry]\ndate = ["When Done"]\n', name="ours.toml")
    reading, (row,), _ = read(write(EMIS.format(*numbers)), str(own))
    assert (row.day, row.recorded_on) == (date(2026, 11, 2), None)
    assert "INR: Date" in reading.ignored_columns


def test_a_heading_may_be_named_with_its_group(write, read, numbers) -> None:
    text = EMIS.replace("INR,,,", "INR,,,Letter").replace("Born", "DOB")
    own = write('ignore = ["Letter: Date"]\n[entry]\ndate = ["INR: When done"]\n', name="ours.toml")
    _, (row,), bad = read(write(text.format(*numbers)), str(own))
    assert (row.day, bad) == (date(2026, 11, 2), [])


def test_a_systmone_report_with_terms_for_codes(write, read, numbers) -> None:
    own = write(
        'profile = "systmone"\n[entry]\ndate = ["Clinic: Given"]\nsnomed = ["What"]\n'
        '[values.snomed]\n700139004 = ["Prolia"]\n',
        name="ours.toml",
    )
    reading, rows, bad = read(write(SYSTMONE.format(*numbers)), str(own))
    assert reading.profile == "systmone"
    assert [(str(row.codes[0]), row.day) for row in rows] == [("snomed:700139004", date(2026, 11, 2))]
    # The column of another report in the same file has a date and no code, and is not passed over.
    assert bad == [("code: there is a date and no code",)]


def test_any_table_can_be_named_as_a_les_csv(write, read, numbers) -> None:
    own = write(
        'profile = "les"\n[patient]\nnhs_number = ["NHS No"]\ndate_of_birth = ["Birthday"]\n'
        '[entry]\ndate = ["Done on"]\ncode_system = ["System"]\n'
        '[values.sex]\nfemale = ["Lady"]\n[values.code_system]\nctv3 = ["Read v3"]\n',
        name="ours.toml",
    )
    reading, (row,), bad = read(write(OWN.format(*numbers)), str(own))
    assert (bad, reading.profile, reading.source_system) == ([], "les", "")
    assert (row.nhs_number, row.patient.sex, str(row.codes[0])) == (numbers[0], "female", "ctv3:XaMh8")


def test_a_les_csv_reads_the_same_with_a_file_that_adds_nothing(write, read, numbers) -> None:
    text = f"""nhs_number,date_of_birth,date,code,value,unit,done_at,source_id,mine
{numbers[0]},01/02/1950,2026-11-02,165581004,72 mL/min,,elsewhere,e1,x
{numbers[1]},,,,,,,e2,
{numbers[0]},01/02/1950,2026-11-02,42QE.,,,,,
"""
    path = write(text)
    plain, own = read(path), read(path, str(write('profile = "les"\n', name="ours.toml")))
    assert plain[1:] == own[1:]
    assert (plain[0].profile, plain[0].ignored_columns) == (own[0].profile, own[0].ignored_columns)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_profile_saved_by_notepad_is_read(write, numbers, encoding: str) -> None:
    own = write('[patient]\r\ndate_of_birth = ["Born"]\r\n', name="OURS.TOML", encoding=encoding)
    assert "Born" not in open_reading(write(EMIS.format(*numbers)), str(own)).ignored_columns


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not toml", "line 1: not TOML"),
        ("[entry]\ndate = When", "line 2: not TOML"),
        ("x = 1", "`x` is not a known key"),
        ("[pateint]\nsex = ['G']", r"`pateint` is not a known key; did you mean `patient`\?"),
        ("profile = 'gpconnect'", "profile: it must be one of emis, systmone, les"),
        ("ignore = 'Date'", "ignore: it must be a list of headings"),
        ("continuation = 'yes'", "continuation: it must be true or false"),
        ("[entry]\nwhen = ['Date']", r"\[entry\] when: there is no such column"),
        ("[entry]\ndatte = ['Date']", r"\[entry\] datte: there is no such column; did you mean `date`\?"),
        ("[entry]\nsex = ['Gender']", r"\[entry\] sex: there is no such column; it belongs under \[patient\]"),
        ("[patient]\nsnomed = ['Code']", r"\[patient\] snomed: there is no such column; it belongs under \[entry\]"),
        ("[entry]\ndate = 'When'", r"\[entry\] date: it must be a list of headings"),
        ("[patient]\nsex = [1]", r"\[patient\] sex: it must be a list of headings"),
        ("[patient]\nsex = ['--']", r"\[patient\] sex: a heading has letters or digits"),
        ("[entry]\ndate = ['A b']\nterm = ['a-B']", r"\[entry\] term: the heading `a-B` stands for date already"),
        ("[patient]\nleft_on = ['A']\n[entry]\ndate = ['a']", "stands for left_on already"),
        ("patient = 1", r"\[patient\]: it must be a table"),
        ("values = 1", r"\[values\]: it must hold tables"),
        ("[values.shoe]\nbig = ['12']", r"\[values.shoe\]: there is no such column"),
        ("[values.date]\nx = ['12']", r"\[values.date\]: there is no such column"),
        ("[values.nhs_number]\nx = ['12']", r"\[values.nhs_number\]: there is no such column"),
        ("[values.sex]\nqueen = ['Q']", r"\[values.sex\] queen: it must be one of female, male, other, unknown"),
        ("[values.sex]\nfemale = 'Q'", r"\[values.sex\]: it must hold lists"),
    ],
)
def test_a_fault_is_reported_with_its_place(write, numbers, text: str, said: str) -> None:
    report = write(EMIS.format(*numbers))
    with pytest.raises(UsageError, match=rf"ours\.toml.*{said}"):
        open_reading(report, str(write(text, name="ours.toml")))


def test_every_fault_is_reported_at_once(write) -> None:
    own = write("x = 1\n[entry]\nwhen = ['A']\ndate = 'B'\n[values.shoe]\nbig = ['12']\n", name="ours.toml")
    with pytest.raises(UsageError) as no:
        read_additions(own)
    assert all(word in str(no.value) for word in ("`x`", "when", "date", "shoe"))
    many = write("".join(f"x{number} = 1\n" for number in range(9)), name="many.toml")
    with pytest.raises(UsageError, match="and 4 more"):
        read_additions(many)


def test_a_profile_that_cannot_be_read_is_reported(write, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml is not there"):
        read_additions(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="save it as UTF-8"):
        read_additions(write("[entry]\n", name="ours.toml", encoding="utf-16"))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UsageError, match=r"folder\.toml cannot be read"):
        read_additions(tmp_path / "folder.toml")


@pytest.mark.parametrize("base", BASES)
def test_every_profile_can_be_built_upon(write, base: str) -> None:
    assert read_additions(write(f"profile = '{base}'", name="ours.toml")).base == base
    assert read_additions(write("", name="ours.toml")).base == "emis"
