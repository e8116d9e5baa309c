"""A register entry is checked against what is there, and every state has a command that mends it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import Les

EVE, FAY, GUS = "9990000069", "9990000018", "9990000026"
HEADER = "nhs_number,date_of_birth,registered_on,died_on,left_on,date,code,code_system"
ANTICOAG = f"""{HEADER}
{EVE},1950-01-01,2010-01-01,,,2020-07-31,66QD,read2
{FAY},1951-01-01,2010-01-01,,,,,
{GUS},1952-01-01,2010-01-01,,,,,
"""
COLUMNS = "nhs_number,entered_on,ended_on,end_reason,from,level"
EVE_WHO_STOPPED = (f"{EVE},2019-10-01,,,2019-10-01,3", f"{EVE},2019-10-01,2020-11-12,stopped,2020-09-28,3")


class Anticoag:
    """A store with one contract and three patients, asked in the words of the command line."""

    def __init__(self, les: Les, folder) -> None:
        self.les, self.folder, self.store = les, folder, folder / "practice.les"
        (folder / "activity.csv").write_text(ANTICOAG, encoding="utf-8")
        for arguments in (
            ("init", "--practice", "A82038", "--name", "Test Surgery"),
            ("services", "sign", "anticoag", "--from", "2020-04-01"),
            ("import", "activity.csv"),
        ):
            assert les(*arguments, store=self.store).code == 0

    def __call__(self, *arguments: str, as_of: str = "2020-12-05"):
        return self.les(*arguments, "--as-of", as_of, store=self.store)

    def register(self, *arguments: str, as_of: str = "2020-12-05"):
        return self("register", "anticoag", *arguments, as_of=as_of)

    def load(self, *rows: str, as_of: str = "2020-12-05"):
        (self.folder / "register.csv").write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
        return self.register("--load", "register.csv", as_of=as_of)

    def entries(self, nhs_number: str, as_of: str = "2020-12-05"):
        done = self.register("--json", as_of=as_of)
        assert done.code == 0, done.err
        return [one for one in done.json["entries"] if one["nhs_number"] == nhs_number]

    def spans(self, nhs_number: str, as_of: str = "2020-12-05"):
        return [(one["entered_on"], one["ended_on"]) for one in self.entries(nhs_number, as_of)]

    def levels(self, nhs_number: str, month: str, as_of: str = "2020-12-05"):
        """Item and verdict of a patient's months of a claim."""
        done = self("claim", "anticoag", "--month", month, "--rows", "--json", as_of=as_of)
        return [
            (row["item"], row["verdict"], row["reason"])
            for row in done.json["rows"]
            if row["nhs_number"] == nhs_number and row["date"] == f"{month}-01"
        ]

    def number(self, nhs_number: str, place: int = 0) -> str:
        return str(self.entries(nhs_number)[place]["numbers"][0])

    def answers(self) -> None:
        """Every question to the service is answered, and nothing is in doubt."""
        for question in (
            ("register", "anticoag"),
            ("recall", "anticoag"),
            ("report", "anticoag", "--period", "2020-11"),
            ("verify",),
        ):
            done = self(*question)
            assert done.code == 0, (question, done.err)
            assert "overlap" not in done.out + done.err

    def overlap(self) -> None:
        """Two entries that an earlier version could make: the patient's entry, and another inside it."""
        with closing(sqlite3.connect(self.store)) as store, store:
            service, patient = store.execute("SELECT service, patient_id FROM register_entry").fetchone()
            number = store.execute(
                "INSERT INTO register_entry (service, patient_id, entered_on) VALUES (?, ?, '2020-10-28')",
                (service, patient),
            ).lastrowid
            store.execute("INSERT INTO register_detail VALUES (?, '2020-10-28', 'level', '4')", (number,))


@pytest.fixture
def anticoag(les_here, tmp_path) -> Anticoag:
    return Anticoag(les_here, tmp_path)


class TestOverlap:
    def test_what_overlaps_is_refused_with_the_entry_and_the_command(self, anticoag):
        assert anticoag.load(*EVE_WHO_STOPPED, as_of="2020-11-10").code == 0
        done = anticoag.register("--add", EVE, "--set", "level=3", "--from", "2020-10-28", as_of="2020-11-10")
        assert done.code == 1
        assert "from 01 Oct 2019 to 12 Nov 2020" in done.err
        number = anticoag.number(EVE)
        assert f"`les register anticoag --amend {number} --reason TEXT`" in done.err
        anticoag.answers()
        assert anticoag.spans(EVE) == [("2019-10-01", "2020-11-12")]

    def test_the_command_that_it_names_puts_the_patient_back(self, anticoag):
        anticoag.load(*EVE_WHO_STOPPED)
        number = anticoag.number(EVE)
        assert anticoag.register("--amend", number, "--reopen", "--reason", "goes on").code == 0
        assert anticoag.spans(EVE) == [("2019-10-01", None)]
        anticoag.answers()

    @pytest.mark.parametrize(("day", "code"), [("2020-11-12", 1), ("2020-11-13", 0)])
    def test_the_last_day_is_inside_and_the_day_after_is_a_new_entry(self, anticoag, day, code):
        anticoag.load(*EVE_WHO_STOPPED)
        assert anticoag.register("--add", EVE, "--set", "level=3", "--from", day).code == code
        assert len(anticoag.spans(EVE)) == 2 - code
        anticoag.answers()

    def test_a_store_that_holds_the_pair_answers_for_everybody(self, anticoag):
        anticoag.load(*EVE_WHO_STOPPED, f"{FAY},2020-04-01,,,,3")
        anticoag.overlap()
        shown = anticoag.register("--json")
        assert shown.code == 3
        eve, fay = (
            [one for one in shown.json["entries"] if one["nhs_number"] == nhs_number] for nhs_number in (EVE, FAY)
        )
        assert [(one["entered_on"], one["ended_on"]) for one in eve] == [("2019-10-01", None)]
        assert "overlap" in eve[0]["doubt"]
        assert len(eve[0]["numbers"]) == 2
        assert len(fay) == 1
        assert "doubt" not in fay[0]
        for question in (
            ("recall", "anticoag"),
            ("claim", "anticoag", "--month", "2020-11"),
            ("status",),
            ("verify",),
            ("doctor",),
        ):
            done = anticoag(*question)
            assert done.code == 3, (question, done.err)
            assert "overlap" in done.out + done.err, question
        assert anticoag("report", "anticoag", "--period", "2020-11").code == 0
        explained = anticoag("explain", "anticoag", "--patient", EVE)
        assert "overlap" in explained.out
        recalled = anticoag("recall", "anticoag", "--json").json["recalls"]
        assert {EVE, FAY} <= {one["nhs_number"] for one in recalled}

    def test_the_pair_is_not_paid_until_it_is_mended_and_once_then(self, anticoag):
        (anticoag.folder / "inr.csv").write_text(f"{HEADER}\n{EVE},,,,,2020-11-03,66QD,read2\n", encoding="utf-8")
        anticoag("import", "inr.csv")
        anticoag.load(*EVE_WHO_STOPPED)
        anticoag.overlap()
        assert [verdict for _, verdict, _ in anticoag.levels(EVE, "2020-11")] == ["check"]
        assert {reason for _, _, reason in anticoag.levels(EVE, "2020-11")} == {"register-overlap"}
        (shown,) = [one for one in anticoag.register("--json").json["entries"] if one["nhs_number"] == EVE]
        assert anticoag.register("--remove", str(max(shown["numbers"])), "--reason", "made twice").code == 0
        assert anticoag.spans(EVE) == [("2019-10-01", "2020-11-12")]
        assert anticoag.levels(EVE, "2020-11") == [("level-3", "payable", "accepted")]
        anticoag.answers()


class TestLoadedTwice:
    ENDED = f"{FAY},2020-04-01,2020-05-31,stopped,2020-04-01,3"

    def test_loading_twice_changes_nothing(self, anticoag):
        assert "changed 1 patient" in anticoag.load(self.ENDED).err
        before = anticoag.entries(FAY)
        again = anticoag.load(self.ENDED)
        assert (again.code, "nothing was changed" in again.err) == (0, True)
        assert anticoag.entries(FAY) == before
        anticoag.answers()

    @pytest.mark.parametrize(
        "rows",
        [
            (f"{FAY},2020-04-01,2020-05-31,stopped,2020-04-01,3", f"{FAY},2020-04-01,2020-05-31,stopped,2020-05-01,4"),
            (f"{FAY},2020-04-01,2020-05-31,stopped,2020-04-01,3", f"{FAY},2020-04-01,,,2020-05-01,4"),
            (f"{FAY},,2020-05-31,stopped,2020-04-01,3", f"{FAY},,,,2020-05-01,4"),
            (f"{FAY},,2020-05-31,stopped,2020-04-01,3", f"{FAY},,2020-05-31,stopped,2020-05-01,4"),
        ],
    )
    def test_two_dated_rows_are_one_entry(self, anticoag, rows):
        for _ in range(2):
            assert anticoag.load(*rows).code == 0
            assert anticoag.spans(FAY) == [("2020-04-01", "2020-05-31")]
            assert anticoag.entries(FAY, "2020-04-30")[0]["details"]["level"] == "3"
            assert anticoag.entries(FAY, "2020-05-31")[0]["details"]["level"] == "4"
        anticoag.answers()

    def test_an_end_before_the_written_start_ends_what_the_code_opened(self, anticoag):
        # The code of 31 July opened the entry; the file says that it began on 1 October.
        again = ANTICOAG.replace("2020-07-31", "2020-09-10")
        (anticoag.folder / "again.csv").write_text(again, encoding="utf-8")
        assert anticoag("import", "again.csv").code == 0
        assert anticoag.load(f"{EVE},2020-10-01,,,,3").code == 0
        for last in ("2020-08-15", "2020-09-30"):
            assert anticoag.register("--end", EVE, "--on", last, "--reason", "stopped").code == 0
        assert anticoag.spans(EVE) == [("2020-07-31", "2020-08-15"), ("2020-09-10", "2020-09-30")]
        anticoag.answers()

    def test_an_earlier_day_after_an_end_is_refused(self, anticoag):
        anticoag.load(f"{FAY},2020-04-01,,,2020-04-01,3")
        end = ("--end", FAY, "--on", "2020-05-31", "--reason", "stopped")
        assert anticoag.register(*end).code == 0
        assert anticoag.register(*end).code == 0
        for day in ("2020-05-15", "2020-03-01"):
            done = anticoag.register("--add", FAY, "--from", day)
            assert (done.code, "from 01 Apr 2020 to 31 May 2020" in done.err) == (1, True)
        assert anticoag.spans(FAY) == [("2020-04-01", "2020-05-31")]
        anticoag.answers()

    def test_a_file_with_a_contradiction_writes_nothing_and_names_the_line(self, anticoag):
        done = anticoag.load(
            f"{GUS},2020-04-01,,,,3", f"{FAY},2020-04-01,2020-08-31,stopped,,3", f"{FAY},2020-06-16,,,,4"
        )
        assert done.code == 1
        assert "line 4" in done.err
        assert anticoag.spans(FAY) == anticoag.spans(GUS) == []

    def test_two_separate_spells_are_two_entries(self, anticoag):
        rows = (f"{FAY},2020-04-01,2020-05-31,stopped,,3", f"{FAY},2020-08-01,,,,4")
        for each in (rows, rows, rows[::-1]):
            assert anticoag.load(*each).code == 0
            assert anticoag.spans(FAY) == [("2020-04-01", "2020-05-31"), ("2020-08-01", None)]


class TestDeadOrGone:
    def died(self, anticoag):
        anticoag.load(f"{FAY},2020-04-01,,,2020-04-01,3")
        died = f"{FAY},1951-01-01,2010-01-01,2020-07-10,,2020-06-20,66QD,read2"
        (anticoag.folder / "died.csv").write_text(f"{HEADER}\n{died}\n", encoding="utf-8")
        anticoag("import", "died.csv")

    def test_the_entry_of_a_dead_patient_keeps_its_start(self, anticoag):
        self.died(anticoag)
        done = anticoag.register("--add", FAY, "--set", "level=4", "--from", "2020-06-16", as_of="2020-08-02")
        assert done.code == 0
        assert anticoag.spans(FAY, "2020-08-02") == [("2020-04-01", "2020-07-10")]
        assert anticoag.levels(FAY, "2020-05", "2020-08-02")[0][0] == "level-3"
        assert anticoag.levels(FAY, "2020-06", "2020-08-02") == [("level-4", "payable", "accepted")]

    def test_the_entry_of_a_patient_who_left_keeps_its_start(self, anticoag):
        anticoag.load(f"{FAY},2020-04-01,,,2020-04-01,3")
        (anticoag.folder / "left.csv").write_text(
            f"{HEADER}\n{FAY},1951-01-01,2010-01-01,,2020-07-10,,,\n", encoding="utf-8"
        )
        anticoag("import", "left.csv")
        anticoag.register("--add", FAY, "--set", "level=4", "--from", "2020-06-16", as_of="2020-08-02")
        assert anticoag.spans(FAY, "2020-08-02") == [("2020-04-01", "2020-07-10")]
        assert anticoag.register("--end", FAY, "--on", "2020-07-31", "--reason", "late").code == 0


class TestEndAhead:
    def test_a_detail_before_an_end_to_come_amends_the_entry(self, anticoag):
        (anticoag.folder / "inr.csv").write_text(f"{HEADER}\n{FAY},,,,,2020-06-03,66QD,read2\n", encoding="utf-8")
        anticoag.load(f"{FAY},2020-04-01,,,2020-04-01,3", as_of="2020-06-10")
        anticoag("import", "inr.csv")
        anticoag.register("--end", FAY, "--on", "2020-08-31", "--reason", "moves", as_of="2020-06-10")
        add = ("--add", FAY, "--set", "level=4", "--from", "2020-06-16")
        done = anticoag.register(*add, as_of="2020-06-20")
        assert (done.code, "its end stays" in done.err) == (0, True)
        assert anticoag.spans(FAY) == [("2020-04-01", "2020-08-31")]
        assert anticoag.levels(FAY, "2020-06", "2020-07-05") == [("level-4", "payable", "accepted")]
        again = anticoag.register(*add, as_of="2020-06-20")
        assert (again.code, "nothing was changed" in again.err) == (0, True)


class TestCodes:
    """An entry that a code opened is amended like one written by hand."""

    def test_what_is_written_after_a_second_code_keeps_its_start(self, anticoag):
        anticoag.register("--end", EVE, "--on", "2020-08-31", "--reason", "stopped")
        (anticoag.folder / "again.csv").write_text(f"{HEADER}\n{EVE},,,,,2020-10-05,66QD,read2\n", encoding="utf-8")
        anticoag("import", "again.csv")
        both = [("2020-07-31", "2020-08-31"), ("2020-10-05", None)]
        assert anticoag.spans(EVE) == both
        assert anticoag.register("--add", EVE, "--set", "level=4", "--from", "2020-11-01").code == 0
        assert anticoag.spans(EVE) == both
        assert anticoag.entries(EVE)[1]["details"] == {"level": "4"}
        anticoag.answers()

    @pytest.mark.parametrize("day", ["2020-07-30", "2020-04-01"])
    def test_a_day_before_the_code_is_since_when_they_are_on_it(self, anticoag, day):
        assert anticoag.register("--add", EVE, "--from", day).code == 0
        assert anticoag.spans(EVE) == [(day, None)]
        assert "nothing was changed" in anticoag.register("--add", EVE, "--from", day).err
        assert anticoag.register("--add", EVE, "--from", "2020-03-01").code == 1
        anticoag.answers()

    @pytest.mark.parametrize("day", ["2020-07-31", "2020-08-01"])
    def test_a_day_from_the_code_on_moves_nothing(self, anticoag, day):
        assert anticoag.register("--add", EVE, "--from", day).code == 0
        assert "nothing was changed" in anticoag.register("--add", EVE, "--from", day).err
        assert anticoag.spans(EVE) == [("2020-07-31", None)]

    def test_a_code_that_moves_behind_the_end_is_named_and_stops_nobody(self, anticoag):
        rows = [f"{EVE},1950-01-01,2010-01-01,,,{day},66QD,read2,x1" for day in ("2020-07-01", "2020-10-01")]
        for row in rows[:1]:
            (anticoag.folder / "x.csv").write_text(f"{HEADER},source_id\n{row}\n", encoding="utf-8")
            anticoag("import", "x.csv")
        with closing(sqlite3.connect(anticoag.store)) as store, store:
            store.execute("DELETE FROM activity WHERE source_id IS NULL")
        anticoag.register("--end", EVE, "--on", "2020-08-31", "--reason", "stopped")
        (anticoag.folder / "x.csv").write_text(f"{HEADER},source_id\n{rows[1]}\n", encoding="utf-8")
        anticoag("import", "x.csv")
        done = anticoag.register("--json")
        assert done.code == 3
        assert [one["entered_on"] for one in done.json["entries"]] == ["2020-10-01"]


class TestAmend:
    """Every mending has a command, and the earlier values are kept."""

    @pytest.fixture
    def entry(self, anticoag) -> str:
        anticoag.load(f"{FAY},2020-04-01,2020-08-31,stopped,2020-04-01,3")
        return anticoag.number(FAY)

    @pytest.mark.parametrize(
        ("change", "spans"),
        [
            (("--starts", "2020-05-01"), [("2020-05-01", "2020-08-31")]),
            (("--on", "2020-09-30"), [("2020-04-01", "2020-09-30")]),
            (("--on", "2020-07-31"), [("2020-04-01", "2020-07-31")]),
            (("--on", "2020-04-01"), [("2020-04-01", "2020-04-01")]),
            (("--reopen",), [("2020-04-01", None)]),
        ],
    )
    def test_its_days(self, anticoag, entry, change, spans):
        assert anticoag.register("--amend", entry, *change, "--reason", "typed wrongly").code == 0
        assert anticoag.spans(FAY) == spans
        with closing(sqlite3.connect(anticoag.store)) as store:
            kept = store.execute("SELECT before, reason FROM register_change WHERE what IN ('entered_on', 'ended_on')")
            assert kept.fetchall()[0] in [("2020-04-01", "typed wrongly"), ("2020-08-31", "typed wrongly")]

    @pytest.mark.parametrize("change", [("--on", "2020-03-31"), ("--starts", "2020-09-01")])
    def test_no_end_before_its_start(self, anticoag, entry, change):
        assert anticoag.register("--amend", entry, *change, "--reason", "typed wrongly").code == 1
        assert anticoag.spans(FAY) == [("2020-04-01", "2020-08-31")]

    def test_its_details(self, anticoag, entry):
        anticoag.register("--amend", entry, "--set", "level=4", "--from", "2020-06-16")
        assert anticoag.entries(FAY)[0]["details"] == {"level": "4"}
        taken = ("--amend", entry, "--unset", "level", "--from", "2020-06-16", "--reason", "typed wrongly")
        assert anticoag.register(*taken).code == 0
        assert anticoag.entries(FAY)[0]["details"] == {"level": "3"}
        assert anticoag.register(*taken).code == 1

    def test_it_is_taken_away_and_made_anew(self, anticoag, entry):
        assert anticoag.register("--remove", entry, "--reason", "another patient").code == 0
        assert anticoag.spans(FAY) == []
        assert anticoag.register("--remove", entry, "--reason", "again").code == 1
        assert anticoag.register("--add", FAY, "--from", "2020-06-01").code == 0
        assert anticoag.spans(FAY) == [("2020-06-01", None)]

    def test_not_into_another_entry(self, anticoag, entry):
        anticoag.load(f"{FAY},2020-10-01,,,,4")
        for change in (("--reopen",), ("--on", "2020-10-01")):
            done = anticoag.register("--amend", entry, *change, "--reason", "goes on")
            assert (done.code, "since 01 Oct 2020" in done.err) == (1, True)
        assert anticoag.register("--amend", entry, "--on", "2020-09-30", "--reason", "goes on").code == 0

    @pytest.mark.parametrize("number", ["999", "-1"])
    def test_an_entry_that_is_not_there(self, anticoag, entry, number):
        assert anticoag.register("--amend", number, "--reopen", "--reason", "x").code == 1

    def test_an_entry_of_another_service(self, anticoag, entry):
        done = anticoag("register", "denosumab", "--remove", entry, "--reason", "x")
        assert done.code == 1


class TestOneBadValue:
    """A value that the service no longer accepts is named, and hides no patient."""

    def test_a_detail_that_cannot_be_read(self, anticoag):
        anticoag.load(f"{FAY},2020-04-01,,,,3", f"{GUS},2020-04-01,,,,3")
        number = anticoag.number(FAY)
        with closing(sqlite3.connect(anticoag.store)) as store, store:
            store.execute("UPDATE register_detail SET value = 'three' WHERE register_entry_id = ?", (number,))
        done = anticoag.register("--json")
        assert done.code == 3
        assert f"entry {number}" in done.err
        assert len([one for one in done.json["entries"] if one["nhs_number"] in (FAY, GUS)]) == 2
        assert anticoag.register("--amend", number, "--set", "level=3").code == 0
        assert anticoag.register().code == 0

    def test_a_day_from_which_nothing_can_be_counted_is_not_taken(self, anticoag):
        anticoag.register("--add", FAY, "--set", "level=3", "--from", "2020-04-01")
        done = anticoag.register("--add", FAY, "--set", "meter_checked_on=9999-12-31", "--set", "self_monitoring=yes")
        assert (done.code, "after 2200" in done.err) == (1, True)
        assert anticoag.register("--add", FAY, "--set", "next_test_on=2200-12-31").code == 0
        assert anticoag("recall", "anticoag").code == 0

    def test_such_a_day_of_an_earlier_version_is_named_and_hides_nobody(self, anticoag):
        anticoag.load(f"{FAY},2020-04-01,,,,3", f"{GUS},2020-04-01,,,,3")
        with closing(sqlite3.connect(anticoag.store)) as store, store:
            (number,) = store.execute("SELECT min(id) FROM register_entry").fetchone()
            store.execute("INSERT INTO register_detail VALUES (?, '2020-04-01', 'review_on', '9999-12-31')", (number,))
        done = anticoag("recall", "anticoag", "--json")
        assert done.code == 3
        assert f"entry {number} has a value of review_on" in done.err
        assert {FAY, GUS} <= {one["nhs_number"] for one in done.json["recalls"]}

    @pytest.mark.parametrize(("days", "code"), [("-1", 1), ("0", 0), ("9999", 0), ("10000", 1)])
    def test_a_setting_that_no_calendar_can_count_is_not_taken(self, anticoag, days, code):
        term = f"setting.monitored_days={days}"
        done = anticoag("services", "set", "anticoag", term, "--from", "2020-04-01", "--source", "letter")
        assert done.code == code
        anticoag.load(f"{FAY},2020-04-01,,,,3")
        assert anticoag("claim", "anticoag", "--month", "2020-11").code == 0


def test_a_long_file_asks_for_the_register_no_more_often_than_a_short_one(anticoag, monkeypatch):
    """The register was once worked out anew for every row of a file."""
    from lescli.services.service import Service

    asked: list[str] = []
    original = Service.register
    monkeypatch.setattr(Service, "register", lambda self, records: asked.append("") or original(self, records))
    counts = []
    for rows in ([f"{FAY},2020-04-01,,,,3"], [f"{GUS},2020-04-01,,,2020-0{month}-01,3" for month in range(4, 10)]):
        asked.clear()
        assert anticoag.load(*rows).code == 0
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 2


class TestTheDayGiven:
    """`--add NHS --set K=V --from DAY` means what `entered_on` DAY means in a file, and the other meaning is told."""

    @pytest.mark.parametrize("day", ["2020-07-30", "2020-04-01"])
    def test_both_doors_give_the_same_register_before_the_first_code(self, anticoag, les_here, tmp_path, day):
        added = anticoag.register("--add", EVE, "--set", "level=3", "--from", day)
        number = anticoag.number(EVE)
        back = f"les register anticoag --amend {number} --starts 2020-07-31 --reason TEXT"
        assert (added.code, f"`{back}`" in added.err) == (0, True)
        (tmp_path / "other").mkdir()
        other = Anticoag(les_here, tmp_path / "other")
        (tmp_path / "register.csv").write_text(f"{COLUMNS}\n{EVE},{day},,,,3\n", encoding="utf-8")
        assert other.register("--load", "register.csv").code == 0
        assert anticoag.entries(EVE) == other.entries(EVE)
        assert anticoag.spans(EVE) == [(day, None)]
        # The command of the note, typed as printed, gives the other meaning.
        assert anticoag.les(*back.split()[1:], "--as-of", "2020-12-05", store=anticoag.store).code == 0
        assert anticoag.spans(EVE) == [("2020-07-31", None)]
        assert anticoag.entries(EVE)[0]["details"] == {"level": "3"}
        anticoag.answers()

    def test_a_day_before_an_entry_by_hand_moves_no_start_and_the_note_says_how(self, anticoag):
        anticoag.load(f"{FAY},2020-06-01,,,,4")
        done = anticoag.register("--add", FAY, "--set", "level=3", "--from", "2020-05-10")
        starts = f"les register anticoag --amend {anticoag.number(FAY)} --starts 2020-05-10 --reason TEXT"
        assert (done.code, f"if the patient was on the register before: `{starts}`" in done.err) == (0, True)
        assert anticoag.spans(FAY) == [("2020-06-01", None)]
        assert anticoag.les(*starts.split()[1:], "--as-of", "2020-12-05", store=anticoag.store).code == 0
        assert anticoag.spans(FAY) == [("2020-05-10", None)]


class TestTheCureOfAMissingLevel:
    """`les register anticoag --add NHS --set level=3 --from DATE` works where a month or a visit lacks its level."""

    def cure(self, anticoag, day: str):
        done = anticoag.register("--add", EVE, "--set", "level=3", "--from", day)
        assert done.code == 0, done.err
        return done

    def again(self, anticoag, day: str) -> None:
        (anticoag.folder / "again.csv").write_text(f"{HEADER}\n{EVE},,,,,{day},66QD,read2\n", encoding="utf-8")
        assert anticoag("import", "again.csv").code == 0

    @pytest.mark.parametrize("day", ["2020-07-01", "2020-07-31"])
    @pytest.mark.parametrize("ended", ["2020-08-31", ""])
    def test_the_month_of_the_first_code(self, anticoag, day, ended):
        if ended:
            assert anticoag.register("--end", EVE, "--on", ended, "--reason", "stopped").code == 0
        assert anticoag.levels(EVE, "2020-08") == [("level-3", "check", "level-missing")]
        self.cure(anticoag, day)
        for month in ("2020-07", "2020-08"):
            assert anticoag.levels(EVE, month) == [("level-3", "payable", "accepted")]
        anticoag.answers()

    @pytest.mark.parametrize("day", ["2020-06-01", "2020-06-04", "2020-06-30"])
    def test_an_entry_by_hand_that_has_ended(self, anticoag, day):
        self.again(anticoag, "2020-06-03")
        assert anticoag.register("--end", EVE, "--on", "2020-06-30", "--reason", "stopped").code == 0
        number = anticoag.number(EVE)
        assert anticoag.register("--amend", number, "--starts", "2020-06-02", "--reason", "known").code == 0
        assert anticoag.levels(EVE, "2020-06") == [("level-3", "check", "level-missing")]
        self.cure(anticoag, day)
        assert anticoag.levels(EVE, "2020-06") == [("level-3", "payable", "accepted")]
        anticoag.answers()

    def test_a_month_in_which_one_entry_ended_with_its_level_and_another_began_without(self, anticoag):
        self.cure(anticoag, "2020-07-31")
        assert anticoag.register("--end", EVE, "--on", "2020-09-10", "--reason", "stopped").code == 0
        self.again(anticoag, "2020-09-20")
        assert anticoag.levels(EVE, "2020-09") == [("level-3", "check", "level-missing")]
        done = self.cure(anticoag, "2020-09-01")
        assert "has that already; the next one has it now from 20 Sep 2020 on" in done.err
        assert anticoag.levels(EVE, "2020-09") == [("level-3", "payable", "accepted")]
        anticoag.answers()

    def test_two_entries_without_a_level_are_told_one_after_the_other(self, anticoag):
        assert anticoag.register("--end", EVE, "--on", "2020-09-10", "--reason", "stopped").code == 0
        self.again(anticoag, "2020-09-20")
        done = self.cure(anticoag, "2020-09-01")
        told = "les register anticoag --add NHS --set level=VALUE --from 2020-09-20"
        assert f"has no level yet; `{told}` records it there" in done.err
        assert anticoag.levels(EVE, "2020-09") == [("level-3", "check", "level-missing")]
        typed = told.replace("NHS", EVE).replace("VALUE", "3").split()[1:]
        assert anticoag.les(*typed, "--as-of", "2020-12-05", store=anticoag.store).code == 0
        assert anticoag.levels(EVE, "2020-09") == [("level-3", "payable", "accepted")]
