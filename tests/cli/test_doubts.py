"""A fact that a newer extract no longer states is a doubt. It is listed, and no patient is lost because of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lescli.store import open_store
from tests.cli.conftest import ANN, BEN, Les

HEADER = "nhs_number,date_of_birth,registered_on,left_on,died_on,registration,registered_practice,housebound"
BORN = "1948-03-02,2010-01-05"
WORK = "date,code,consultation_type"
DONE = "700139004,Face to face consultation"
EMIS = """LES,,,,,,
Last Run:,,,{run} 09:14,,,,
Patient Details,,,,,Denosumab,,
NHS Number,Date of Birth,Date of Registration,Date of Deduction,Date of Death,SNOMED Code,Date,Consultation Type
999 000 0018,02-Mar-1948,05-Jan-2010,{left},{died},700139004,04-May-2026,Face to face consultation
"""


class Practice:
    """A practice with one injection of 4 May for each of two patients; files are imported as of their own day."""

    def __init__(self, folder: Path, les: Les) -> None:
        self.les, self.folder, self.store, self.files = les, folder, folder / "practice.les", 0
        les("init", "--practice", "A82038", "--name", "Test", store=self.store)
        les("services", "sign", "denosumab", "--from", "2026-04-01", store=self.store)
        self.file(f"{HEADER},{WORK}", *(f"{who},{BORN},,,,,,2026-05-04,{DONE}" for who in (ANN, BEN)))

    def __call__(self, *arguments: str, on: str = "2026-11-20"):
        return self.les(*arguments, "--as-of", on, store=self.store)

    def file(self, *lines: str, on: str = "2026-06-05", code: int | None = None):
        self.files += 1
        name = f"{self.files}.csv"
        (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = self("import", name, "--json", on=on)
        assert code is None or done.code == code, done.err
        return done.json

    def said(self, died: str = "", left: str = "", at_home: str = "", who: str = ANN):
        # The same bytes a second time are the same file, which is reported as imported before.
        return self.file(f"{HEADER},nth", f"{who},{BORN},{left},{died},,,{at_home},{self.files}")

    def recalled(self, who: str = ANN) -> list[str]:
        """The mark beside each recall of a patient."""
        return [one["doubt"] for one in self("recall", "--json").json["recalls"] if one["nhs_number"] == who]

    def doubts(self, *more: str) -> list[tuple[str, str, str]]:
        found = self("patients", "doubts", "--json", *more).json["doubts"]
        return [(one["nhs_number"], one["fact"], one["held"]) for one in found if one["fact"] != "entry"]

    def settle(self, fact: str, as_: str, *more: str, who: str = ANN):
        return self("patients", "settle", who, "--fact", fact, "--as", as_, "--reason", "seen in the record", *more)

    def claim(self, month: str, on: str) -> dict[str, tuple[str, str, str]]:
        done = self("claim", "denosumab", "--month", month, "--rows", "--json", on=on)
        return {row["date"]: (row["verdict"], row["reason"], row["fix"]) for row in done.json["rows"]
                if row["nhs_number"] == ANN}  # fmt: skip


@pytest.fixture
def practice(tmp_path: Path, les_here: Les) -> Practice:
    return Practice(tmp_path, les_here)


def test_a_death_that_is_no_longer_stated_is_named_and_the_patient_recalled(practice: Practice) -> None:
    practice.said(died="2026-05-20")
    assert practice.recalled() == []
    told = practice.said()
    assert told["doubts"] == [
        {"file": "3.csv", "fact": "died", "doubt": "death no longer stated", "held": "2026-05-20", "said_by": "2.csv"}
    ]
    assert practice.recalled() == ["death no longer stated"]
    assert practice.doubts() == [(ANN, "died", "2026-05-20")]
    status = practice("status", "--json")
    assert status.code == 3
    assert status.json["doubts"] == [{"fact": "died", "title": "death no longer stated", "count": 1}]
    # Work done after the death is not paid while it is in doubt; work done before it is.
    practice.file(f"nhs_number,{WORK}", f"{ANN},2026-05-20,{DONE}", f"{ANN},2026-05-21,{DONE}")
    rows = practice.claim("2026-05", "2026-06-08")
    verdicts = [rows[day][0] for day in ("2026-05-04", "2026-05-20", "2026-05-21")]
    assert verdicts == ["payable", "payable", "check"]
    assert rows["2026-05-21"][1] == "after-death"
    assert "no longer states the death" in rows["2026-05-21"][2]


@pytest.mark.parametrize(("as_", "recalled", "verdict"), [("withdrawn", [""], "payable"), ("stated", [], "check")])
def test_it_is_settled_by_one_command(practice: Practice, as_: str, recalled: list[str], verdict: str) -> None:
    practice.said(died="2026-05-20")
    practice.said()
    practice.file(f"nhs_number,{WORK}", f"{ANN},2026-05-21,{DONE}")
    assert practice.settle("died", as_, "--by", "A. Admin").code == 0
    assert practice.recalled() == recalled
    assert practice.claim("2026-05", "2026-06-08")["2026-05-21"][0] == verdict
    assert practice.doubts() == []
    (settled,) = practice("patients", "doubts", "--settled", "--json").json["doubts"]
    assert (settled["settled_as"], settled["by"], settled["reason"]) == (as_, "A. Admin", "seen in the record")
    trail = practice("audit", "--json").json["entries"]
    assert [(one["verb"], one["by"]) for one in trail if one["verb"] == "patients settle"] == [
        ("patients settle", "A. Admin")
    ]
    # The same silence again is no new doubt, and the decision still holds.
    practice.said()
    assert (practice.doubts(), practice.recalled()) == ([], recalled)
    # A newer extract that states the death again overrides the decision.
    practice.said(died="2026-05-20")
    assert (practice.doubts(), practice.recalled()) == ([], [])
    # A new silence about another day is another doubt.
    practice.said(died="2026-05-19")
    practice.said()
    assert practice.doubts() == [(ANN, "died", "2026-05-19")]
    assert practice.recalled() == ["death no longer stated"]


def test_a_death_restated_is_no_doubt(practice: Practice) -> None:
    practice.said(died="2026-05-20")
    practice.said()
    practice.said(died="2026-05-22")
    assert (practice.doubts(), practice.recalled()) == ([], [])
    assert practice("status", "--json").json["doubts"] == []


def test_a_file_that_says_nothing_takes_nothing_back(practice: Practice) -> None:
    practice.said(died="2026-05-20", left="2026-04-01")
    # Another patient is silent; the file has no such column; the patient is not in it; the very same file again.
    practice.said(who=BEN)
    practice.file("nhs_number,date_of_birth", f"{ANN},1948-03-02")
    practice.file(HEADER, f"{BEN},{BORN},,,,,")
    practice("import", "1.csv")
    assert practice.doubts() == []
    assert (practice.recalled(), practice.recalled(BEN)) == ([], [""])


def test_one_row_that_states_it_is_enough(practice: Practice) -> None:
    practice.said(died="2026-05-20")
    rows = (f"{ANN},{BORN},,,,,,2026-05-04,{DONE}", f"{ANN},{BORN},,2026-05-20,,,,,,")
    for several in (rows, tuple(reversed(rows))):
        practice.file(f"{HEADER},{WORK}", *several)
        assert practice.doubts() == []


def test_a_cell_that_cannot_be_read_is_no_blank(practice: Practice) -> None:
    practice.said(died="2026-05-20", left="2026-05-19")
    rows = (f"{ANN},{BORN},,,,,,2026-05-04,{DONE}", f"{ANN},{BORN},19 of May,20 of May,,,,,,")
    for several in (rows, tuple(reversed(rows))):
        practice.file(f"{HEADER},{WORK}", *several, code=3)
        assert practice.doubts() == []
        assert practice.recalled() == []


def test_a_departure_that_is_no_longer_stated_makes_them_registered_again(practice: Practice) -> None:
    practice.said(left="2026-04-01")
    assert practice.recalled() == []
    assert practice.claim("2026-05", "2026-06-08")["2026-05-04"][:2] == ("refused", "not-registered")
    told = practice.said()
    assert [(one["fact"], one["held"]) for one in told["doubts"]] == [("left", "2026-04-01")]
    assert practice.recalled() == ["departure no longer stated"]
    assert practice.claim("2026-05", "2026-06-08")["2026-05-04"][0] == "payable"
    assert practice.doubts() == [(ANN, "left", "2026-04-01")]
    assert practice.settle("left", "stated").code == 0
    assert (practice.recalled(), practice.doubts()) == ([], [])
    assert practice.claim("2026-05", "2026-06-08")["2026-05-04"][0] == "refused"
    assert practice.settle("left", "withdrawn").code == 0
    assert (practice.recalled(), practice.doubts()) == ([""], [])


@pytest.mark.parametrize("first", [f"{ANN},1948-03-02,,2026-04-01,,,,", f"{ANN},{BORN},2026-04-01,,,,"])
@pytest.mark.parametrize("then", [f"{ANN},1948-03-02,,,,,,", f"{ANN},{BORN},,,,,"])
def test_with_or_without_the_day_they_came(practice: Practice, first: str, then: str) -> None:
    practice.file(HEADER, first)
    assert practice.recalled() == []
    practice.file(HEADER, then)
    assert practice.recalled() == ["departure no longer stated"]


def test_a_patient_who_left_and_came_back_has_left_once(practice: Practice) -> None:
    both = f"{BEN},1948-03-02,2001-01-01,2009-12-31,,,,"
    practice.file(HEADER, both, f"{BEN},{BORN},,,,,")
    practice.file(HEADER, f"{BEN},{BORN},,,,,")
    assert practice.doubts() == []
    # A patient who moved away is known by the days of the other practice.
    practice.said(left="2026-04-01")
    practice.file(HEADER, f"{ANN},1948-03-02,2026-04-02,,,,B81001,")
    assert (practice.doubts(), practice.recalled()) == ([], [])


def test_a_deduction_and_another_practice_are_taken_back_too(practice: Practice) -> None:
    for fact, stated, held in (
        ("registration", {"kind": "none"}, "none"),
        ("practice", {"practice": "B81001"}, "B81001"),
    ):
        who = {"registration": "9990000034", "practice": "9990000042"}[fact]
        practice.file(
            f"nhs_number,date_of_birth,registration,registered_practice,{WORK}",
            f"{who},1950-01-01,{stated.get('kind', '')},{stated.get('practice', '')},2026-05-04,{DONE}",
        )
        assert practice.recalled(who) == []
        told = practice.file("nhs_number,registration,registered_practice", f"{who},,")
        assert [(one["fact"], one["held"]) for one in told["doubts"]] == [(fact, held)]
        assert practice.settle(fact, "stated", who=who).code == 0
        assert practice.recalled(who) == []


def test_a_patient_no_longer_stated_as_housebound_is_named_and_kept(practice: Practice) -> None:
    practice.said(at_home="yes")
    practice.said(at_home="")
    assert practice.doubts() == [(ANN, "housebound", "yes")]
    assert practice.recalled() == [""]
    practice.said(at_home="no")
    assert practice.doubts() == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newer_extract_counts_in_any_order(practice: Practice, order: tuple[int, int]) -> None:
    files = (("05/06/2026", "20-May-2026", "01-Apr-2026"), ("05/11/2026", "", ""))
    for place in order:
        run, died, left = files[place]
        practice.file(EMIS.format(run=run, died=died, left=left), on="2026-11-20")
    assert practice.doubts() == [(ANN, "died", "2026-05-20"), (ANN, "left", "2026-04-01")]
    assert practice.recalled() == ["death no longer stated; departure no longer stated"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_older_extract_that_says_nothing_takes_nothing_back(practice: Practice, order: tuple[int, int]) -> None:
    files = (("05/06/2026", "", ""), ("05/11/2026", "20-May-2026", "01-Apr-2026"))
    for place in order:
        run, died, left = files[place]
        practice.file(EMIS.format(run=run, died=died, left=left), on="2026-11-20")
    assert (practice.doubts(), practice.recalled()) == ([], [])


def undated(practice: Practice, who: str = ANN) -> list[tuple[str, str]]:
    """The fact and the cure of each open doubt of a patient."""
    found = practice("patients", "doubts", "--json").json["doubts"]
    return [(one["fact"], one["fix"]) for one in found if one["nhs_number"] == who]


def typed(practice: Practice, cure: str, as_: str = "stated", on: str = "2026-11-20"):
    """A cure as it is printed, with its capitals filled in."""
    words = cure.replace("--as stated", f"--as {as_}").split()[1:]
    filled = {"NHS": ANN, "TEXT": "seen", "DATE": "2026-05-01"}
    return practice(*(filled.get(word, word) for word in words), on=on)


def test_the_day_of_a_death_can_be_given_again(practice: Practice) -> None:
    practice.file("nhs_number,deceased", f"{ANN},yes", code=3)
    died = ("died", "stated", "--died-on")
    assert practice.settle(*died, "2026-04-20").code == 0
    assert practice.claim("2026-05", "2026-06-08")["2026-05-04"][:2] == ("check", "after-death")
    again = practice.settle(*died, "2026-05-20")
    assert again.code == 0
    assert "the day of the death is 20 May 2026" in again.err
    assert "replaces an earlier answer" in again.err
    assert practice.claim("2026-05", "2026-06-08")["2026-05-04"][0] == "payable"
    (settled,) = practice("patients", "doubts", "--settled", "--json").json["doubts"]
    assert (settled["fact"], settled["died_on"]) == ("day-of-death", "2026-05-20")
    # The day was another patient's: the death has no day again, and les asks for it.
    back = practice.settle("died", "stated")
    assert (back.code, "is removed" in back.err) == (0, True)
    ((fact, cure),) = undated(practice)
    assert fact == "day-of-death"
    assert typed(practice, cure).code == 0
    assert undated(practice) == []


@pytest.mark.parametrize(
    ("day", "on", "why"),
    [
        ("2027-01-01", "2026-06-05", "the day asked on"),
        ("2026-11-19", "2026-11-20", "by 05 Jun 2026"),
        ("1940-01-01", "2026-11-20", "before that patient was born"),
    ],
)
def test_a_day_of_death_that_cannot_be_is_refused(practice: Practice, day: str, on: str, why: str) -> None:
    practice.file("nhs_number,deceased", f"{ANN},yes")
    arguments = ("--fact", "died", "--as", "stated", "--reason", "x", "--died-on", day)
    done = practice("patients", "settle", ANN, *arguments, on=on)
    assert (done.code, why in done.err, "1948" in done.err) == (1, True, False)
    assert [fact for fact, _ in undated(practice)] == ["day-of-death"]


def test_an_undated_death_no_longer_stated_can_be_withdrawn_and_given_a_day_again(practice: Practice) -> None:
    practice.said(died="")
    practice.file("nhs_number,deceased", f"{ANN},yes")
    practice.file("nhs_number,deceased,nth", f"{ANN},,1")
    assert practice.settle("died", "stated", "--died-on", "2026-05-01").code == 0
    assert practice.recalled() == []
    done = practice.settle("died", "withdrawn")
    assert (done.code, "replaces an earlier answer" in done.err) == (0, True)
    assert practice.recalled() == [""]
    assert undated(practice) == []
    assert practice.settle("died", "stated", "--died-on", "2026-05-02").code == 0
    assert practice.recalled() == []
    # Withdrawn, and then stated by a newer extract: les asks for the day again.
    assert practice.settle("died", "withdrawn").code == 0
    practice.file("nhs_number,deceased,nth", f"{ANN},yes,2")
    assert practice.recalled() == []
    assert [fact for fact, _ in undated(practice)] == ["day-of-death"]


@pytest.mark.parametrize("day", ["2027-01-01", "1940-01-01"])
def test_a_day_that_cannot_be_and_was_taken_earlier_is_asked_for_again(practice: Practice, day: str) -> None:
    practice.file("nhs_number,deceased", f"{ANN},yes")
    assert practice.settle("died", "stated", "--died-on", "2026-05-20").code == 0
    with open_store(practice.store) as store, store.writing():
        store.connection.execute(
            "INSERT INTO fact_settled (patient_id, fact, held, how, died_on, on_date, by, why)"
            " SELECT patient_id, fact, held, how, ?, on_date, by, why FROM fact_settled",
            (day,),
        )
    assert practice.recalled() == []
    ((fact, cure),) = undated(practice)
    assert fact == "day-of-death"
    assert typed(practice, cure).code == 0
    assert undated(practice) == []


def test_a_day_is_not_given_of_a_death_that_has_one(practice: Practice) -> None:
    practice.said(died="2026-05-20")
    practice.said()
    for fact, more in (("died", ("--died-on", "2026-05-19")), ("day-of-death", ())):
        done = practice.settle(fact, "stated", *more)
        assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert practice.doubts() == [(ANN, "died", "2026-05-20")]


def test_a_death_in_a_month_still_ahead_is_said_and_given_its_day_then(practice: Practice) -> None:
    (practice.folder / "ahead.csv").write_text(f"nhs_number,died_on\n{ANN},2026-08\n", encoding="utf-8")
    told = practice("import", "ahead.csv", on="2026-06-05")
    assert (told.code, "a date of death is after the day the file was made" in told.err) == (3, True)
    give = ("patients", "settle", ANN, "--fact", "day-of-death", "--as", "stated", "--reason", "x", "--died-on")
    assert practice(*give, "2026-08-20", on="2026-08-16").code == 1
    assert "between 01 Aug 2026 and 31 Aug 2026" in practice("patients", "doubts").out
    assert practice(*give, "2026-08-20", on="2026-08-25").code == 0


def test_a_dry_run_says_what_the_import_would_say(practice: Practice) -> None:
    (practice.folder / "dead.csv").write_text(f"nhs_number,deceased\n{ANN},yes\n", encoding="utf-8")
    done = practice("import", "dead.csv", "--dry-run", on="2026-06-05")
    assert (done.code, "1 × day of the death not recorded" in done.err) == (3, True)
    assert practice("import", "dead.csv", "--dry-run", "--json", on="2026-06-05").json["deaths_without_day"] == 1
    assert practice("patients", "doubts").code == 0


def test_each_cure_works_as_it_is_printed_and_nothing_waits_then(practice: Practice) -> None:
    practice.said(died="2026-05-20", at_home="yes")
    practice.said(died="", at_home="")
    assert practice("patients", "doubts").code == 3
    assert practice("status").code == 3
    cures = undated(practice)
    assert [fact for fact, _ in cures] == ["died", "housebound"]
    for _, cure in cures:
        assert typed(practice, cure, "withdrawn").code == 0
        assert "replaces" in typed(practice, cure, "stated").err
    assert practice("patients", "doubts").code == 0
    assert practice("status").code == 0


def test_a_death_has_the_same_word_in_every_list(practice: Practice) -> None:
    (practice.folder / "dead.csv").write_text(f"nhs_number,deceased\n{ANN},yes\n", encoding="utf-8")
    done = practice("import", "dead.csv", on="2026-06-05")
    mark = "day of the death not recorded"
    assert (done.code, f"1 × {mark}" in done.out + done.err) == (3, True)
    assert [row["title"] for row in practice("status", "--json").json["doubts"]] == [mark]
    listed = practice("patients", "doubts")
    assert (mark in listed.out, "by 05 Jun 2026" in listed.out, ".." in listed.out) == (True, True, False)


def test_the_day_of_a_death_can_be_told_by_hand(practice: Practice) -> None:
    practice.file("nhs_number,deceased", f"{ANN},yes")
    assert practice("status", "--json").json["doubts"][0]["fact"] == "day-of-death"
    assert practice.settle("died", "withdrawn").code == 1
    refused = practice.settle("died", "stated")
    assert (refused.code, "--died-on DATE" in refused.err) == (1, True)
    assert practice.settle("died", "stated", "--died-on", "2026-05-01").code == 0
    assert practice("status", "--json").json["doubts"] == []
    assert practice.claim("2026-05", "2026-06-08")["2026-05-04"][:2] == ("check", "after-death")
    assert practice.recalled() == []


@pytest.mark.parametrize(
    "arguments",
    [
        (ANN, "--fact", "died", "--as", "stated", "--reason", "x"),
        (ANN, "--fact", "age", "--as", "stated", "--reason", "x"),
        (ANN, "--fact", "died", "--as", "perhaps", "--reason", "x"),
        (ANN, "--fact", "left", "--as", "stated", "--died-on", "2026-05-01", "--reason", "x"),
        (ANN, "--fact", "died", "--as", "stated", "--reason", " "),
        (ANN, "--fact", "died", "--as", "stated", "--reason", f"see {BEN}"),
        ("9990000019", "--fact", "died", "--as", "stated", "--reason", "x"),
    ],
)
def test_what_is_not_in_doubt_is_not_settled(practice: Practice, arguments: tuple[str, ...]) -> None:
    done = practice("patients", "settle", *arguments)
    assert done.code in (1, 2)
    assert len(done.err.splitlines()) == 1
    with open_store(practice.store) as store:
        assert store.rows("SELECT count(*) FROM fact_settled")[0][0] == 0


def test_a_record_without_the_death_is_silent_too(practice: Practice, tmp_path: Path) -> None:
    def record(moment: str, **death: object) -> str:
        person = {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": ANN}],
            "birthDate": "1948-03-02",
        }
        entries = [{**person, **death}, {"resourceType": "List", "title": "x", "date": moment}]
        found = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in entries]}
        path = tmp_path / f"{moment[:10]}.json"
        path.write_text(json.dumps(found, indent=1), encoding="utf-8")
        return path.name

    practice("import", record("2026-06-01T10:00:00+01:00", deceasedDateTime="2026-05-20"))
    assert practice.recalled() == []
    practice("import", record("2026-07-01T10:00:00+01:00"))
    assert practice.recalled() == ["death no longer stated"]


@pytest.mark.parametrize(
    ("header", "cells", "verdict", "changed"),
    [
        # A file without the column says nothing of it; one with it says what the entry is now.
        ("", "", "payable", 0),
        (",value", ",5", "payable", 1),
        (",consultation_type", ",", "check", 1),
        (",consultation_type", ",Home visit", "payable", 1),
    ],
)
def test_an_entry_told_again_with_its_id(
    practice: Practice, header: str, cells: str, verdict: str, changed: int
) -> None:
    practice.file(f"nhs_number,source_id,{WORK},clinician", f"{ANN},e1,2026-05-11,{DONE},B Carr")
    told = practice.file(f"nhs_number,source_id,date,code{header}", f"{ANN},e1,2026-05-11,700139004{cells}")
    assert told["files"][0]["changed"] == changed
    assert practice.claim("2026-05", "2026-06-08")["2026-05-11"][0] == verdict
