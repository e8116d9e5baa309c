"""The quarantine as a list to work through: what is wrong, where to mend it, and what was settled."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from .conftest import ANN, BEN, CAT

EVIL = "=cmd|' /C calc'!A0"
BAD = f"{ANN},Sentinelle,Philippa,1948-03-02,F,,2026-05-11,700139004,,Home visit,,"
BAD_DATE = f"{BEN},Older,Ben,1940-07-09,male,,2026-02-30,700139004,,Home visit,,"
BOTH = f"{CAT},Third,Cat,1951-11-30,F,,2026-02-30,700139004,,Home visit,,"
FORMULA = f"{EVIL},Third,Cat,1951-11-30,female,,2026-05-12,700139004,,Home visit,,"
SEX = "sex: it must be one of female, male, other, unknown"
DAY = "date: there is no such day in the calendar"


@pytest.fixture
def les(les_here):
    return les_here


@pytest.fixture
def full(les, store, activity_file):
    """A store with four rows in quarantine, on lines 2, 3, 4 and 5 of june.csv."""
    assert les("import", activity_file(BAD_DATE, BAD, FORMULA, BOTH, name="june.csv"), store=store).code == 3
    return store


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


class TestTheList:
    def test_by_reason_with_counts_and_where_to_mend(self, les, full):
        found = les("quarantine", "--json", store=full).json
        assert (found["count"], found["reasons"][:2]) == (
            4,
            [
                {"reason": DAY, "count": 2, "mend": "the coded entry"},
                {"reason": SEX, "count": 2, "mend": "the patient's details"},
            ],
        )
        assert "rows" not in found
        table = les("quarantine", store=full).out
        assert "the patient's details" in table
        assert ANN not in table

    def test_row_by_row_like_beside_like(self, les, full):
        rows = les("quarantine", "--rows", "--json", store=full).json["rows"]
        assert [(row["file"], row["line"], row["number"]) for row in rows] == [
            ("june.csv", 2, 1),
            ("june.csv", 5, 4),
            ("june.csv", 3, 2),
            ("june.csv", 4, 3),
        ]
        assert rows[1]["reasons"] == [SEX, DAY]
        assert rows[2]["raw"] == BAD

    @pytest.mark.parametrize(
        ("asked", "lines"),
        [
            (("--reason", "female"), [3, 5]),
            (("--reason", "SUCH DAY"), [2, 5]),
            (("--reason", "such day", "--file", "JUNE"), [2, 5]),
            (("--file", "july"), []),
            (("--reason", "nothing like it"), []),
        ],
    )
    def test_only_some(self, les, full, asked, lines):
        found = les("quarantine", "--rows", *asked, "--json", store=full)
        assert found.code == 0
        assert [row["line"] for row in found.json["rows"]] == lines
        assert found.json["count"] == len(lines)

    def test_a_spreadsheet_to_work_with(self, les, full, tmp_path):
        out = tmp_path / "list.csv"
        assert les("quarantine", "--rows", "--out", out, store=full).code == 0
        rows = csv_rows(out.read_bytes().decode("utf-8-sig"))
        assert [row["mend"] for row in rows] == [
            "the coded entry",
            "the patient's details; the coded entry",
            "the patient's details",
            "the patient's details",
        ]
        assert rows[3]["raw"].startswith(f"'{EVIL}")
        assert "identifiable" in " ".join(rows[0])
        book = tmp_path / "list.xlsx"
        assert les("quarantine", "--rows", "--out", book, store=full).code == 0
        with zipfile.ZipFile(book) as parts:
            sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
            texts = parts.read("xl/sharedStrings.xml").decode()
        assert not [sheet for sheet in sheets if "<f>" in sheet]
        assert "=cmd|" in texts
        assert "identifiable" in texts

    def test_an_enormous_row_is_shortened_for_people_and_whole_in_json(self, les, store, activity_file, tmp_path):
        raw = BAD.replace("Home visit", "x" * 90_000)
        les("import", activity_file(raw, name="june.csv"), store=store)
        assert len(les("quarantine", "--rows", store=store).out) < 10_000
        assert les("quarantine", "--rows", "--json", store=store).json["rows"][0]["raw"] == raw


class TestWhatComesOff:
    def test_a_corrected_row_and_the_import_says_so(self, les, full, activity_file):
        done = les("import", activity_file(BAD.replace(",F,", ",female,"), BAD_DATE, name="july.csv"), store=full)
        assert "corrected here and off the quarantine list: 1 row of earlier files" in done.err
        assert "sent again and now listed under the newer file: 1 row" in done.err
        again = les("import", activity_file(BAD_DATE.replace("02-30", "03-02"), name="july2.csv"), "--json", store=full)
        assert again.json["files"][0]["settled"] == {"taken_in": 0, "corrected": 0, "sent_again": 0}
        settled = les("quarantine", "--settled", "--json", store=full).json["settled"]
        assert [(one["line"], one["how"], one["by_file"], one["sent_as"]) for one in settled] == [
            (2, "sent-again", "july.csv", 5),
            (3, "corrected", "july.csv", None),
        ]
        assert les("quarantine", "--json", store=full).json["count"] == 3

    def test_the_list_of_them_names_patients_only_with_rows(self, les, full, activity_file):
        les("import", activity_file(BAD.replace(",F,", ",female,"), name="july.csv"), store=full)
        assert "Sentinelle" not in les("quarantine", "--settled", store=full).out
        rows = les("quarantine", "--settled", "--rows", "--json", store=full).json
        assert rows["identifiable"] is True
        assert [one["raw"] for one in rows["settled"]] == [BAD]
        assert les("quarantine", "--settled", "--file", "may", "--json", store=full).json["settled"] == []

    def test_a_dry_run_lets_nothing_go(self, les, full, activity_file):
        les("import", activity_file(BAD.replace(",F,", ",female,")), "--dry-run", store=full)
        assert les("quarantine", "--json", store=full).json["count"] == 4


class TestByHand:
    WHY = ("--why", "not our patient", "--by", "A. Admin")

    def test_rows_are_closed_and_reopened(self, les, full):
        done = les("quarantine", "--settle", "june.csv:2", "--settle", "4", *self.WHY, store=full)
        assert (done.code, done.err) == (
            0,
            "les: closed 2 rows of the quarantine; `les quarantine --settled` lists them\n",
        )
        settled = les("quarantine", "--settled", "--as-of", "2026-07-01", "--json", store=full).json["settled"]
        assert [(one["number"], one["how"], one["by"], one["why"]) for one in settled] == [
            (1, "closed", "A. Admin", "not our patient"),
            (4, "closed", "A. Admin", "not our patient"),
        ]
        assert les("quarantine", "--reopen", "june.csv:2", *self.WHY, "--json", store=full).json["done"]
        assert les("quarantine", "--json", store=full).json["count"] == 3

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            (("--settle", "1"), 2),
            (("--settle", "1", "--why", "x"), 2),
            (("--settle", "1", "--why", " ", "--by", "A"), 2),
            (("--settle", "1", "--reopen", "2", *WHY), 2),
            (("--settle", "1", "--rows", *WHY), 2),
            (WHY, 2),
            (("--settle", "9", *WHY), 1),
            (("--settle", "1", "--settle", "9", *WHY), 1),
            (("--reopen", "1", *WHY), 1),
            (("--settle", "1", "--why", f"{ANN} is no patient of ours", "--by", "A"), 1),
        ],
    )
    def test_what_cannot_be_decided_changes_nothing(self, les, full, asked, code):
        before = les("quarantine", "--json", store=full).out
        done = les("quarantine", *asked, store=full)
        assert done.code == code
        assert len(done.err.strip().splitlines()) == 1
        assert les("quarantine", "--json", store=full).out == before
