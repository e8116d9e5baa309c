"""No patient is left out of a recall without a word: who declined, who is not called, and who may be one person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import ANN, BEN, CAT, Les

HEADER = "nhs_number,family_name,given_name,date_of_birth,sex,registered_on,left_on,died_on,date,code,consultation_type"
DUE = "2026-11-20"


def row(number: str, name: str = "Archer,Ann", left: str = "", died: str = "") -> str:
    return f"{number},{name},1948-03-02,female,2010-01-05,{left},{died},2026-05-04,700139004,Face to face consultation"


class Practice:
    """Injections of 4 May, due again on 4 November."""

    def __init__(self, folder: Path, les: Les) -> None:
        self.les, self.folder, self.store = les, folder, folder / "practice.les"
        les("init", "--practice", "A82038", "--name", "Test", store=self.store)
        les("services", "sign", "denosumab", "--from", "2026-04-01", store=self.store)

    def __call__(self, *arguments: str, on: str = DUE):
        return self.les(*arguments, "--as-of", on, store=self.store)

    def take(self, *rows: str) -> None:
        (self.folder / "in.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        assert self("import", "in.csv", on="2026-06-05").code in (0, 3)

    def declined(self, who: str, day: str = "2026-11-08", *more: str):
        return self("invite", "denosumab", who, "--on", day, "--by", "phone", "--outcome", "declined", *more)

    def recall_answers(self, who: str, on: str = DUE) -> list[tuple[str, str, str]]:
        answers = self("explain", "denosumab", "--patient", who, "--json", on=on).json["answers"]
        return [(a["rule"], a["answer"], a["clause"]) for a in answers if a["rule"].startswith("recall")]


@pytest.fixture
def practice(tmp_path: Path, les_here: Les) -> Practice:
    return Practice(tmp_path, les_here)


def test_explain_gives_the_day_a_patient_declined_and_what_ends_it(practice: Practice) -> None:
    practice.take(row(ANN), row(BEN, "Older,Ben"))
    practice.declined(ANN)
    practice.declined(BEN, "2026-11-08", "--until", "2027-01-15")
    ((rule, answer, clause),) = practice.recall_answers(ANN)
    assert (rule, clause) == ("recall: injection", "2.2; 5 (4)")
    assert answer.startswith("left out: declined on 08 Nov 2026, until they attend again; would be due 04 Nov 2026;")
    ((_, answer, _),) = practice.recall_answers(BEN)
    assert answer == "left out: declined on 08 Nov 2026, asked again from 15 Jan 2027; would be due 04 Nov 2026"
    explained = practice("explain", "denosumab", "--patient", BEN, "--json").json
    assert explained["declined"] == [
        {
            "kind": "injection",
            "due_on": "2026-11-04",
            "declined_on": "2026-11-08",
            "again_on": "2027-01-15",
            "clause": "2.2; 5 (4)",
        }
    ]


def test_a_patient_who_declined_before_the_last_injection_is_recalled(practice: Practice) -> None:
    practice.take(row(ANN))
    practice.declined(ANN, "2026-05-03")
    assert practice.recall_answers(ANN)[0][1].startswith("overdue, due 04 Nov 2026")


def test_the_list_and_the_status_count_who_declined(practice: Practice) -> None:
    practice.take(row(ANN), row(BEN, "Older,Ben"), row(CAT, "Third,Cat"))
    practice.declined(ANN)
    practice.declined(BEN, "2026-11-08", "--until", "2027-01-15")
    recall = practice("recall", "denosumab", "--json")
    assert [one["nhs_number"] for one in recall.json["recalls"]] == [CAT]
    assert recall.json["left_out"] == [{"service": "denosumab", "reason": "declined", "patients": 2}]
    assert "denosumab: left out: 2 declined; `les explain denosumab --patient NHS`" in practice("recall").err
    counts = {"service": "denosumab", "overdue": 1, "due": 0, "upcoming": 0, "declined": 2}
    assert practice("status", "--json").json["recalls"] == [counts]
    later = practice("recall", "denosumab", "--json", on="2027-01-15").json
    assert {one["nhs_number"] for one in later["recalls"]} == {BEN, CAT}
    assert later["left_out"] == [{"service": "denosumab", "reason": "declined", "patients": 1}]
    assert "because they declined: 2" in practice("report", "denosumab", "--period", "2026-11").err


def test_the_report_with_small_numbers_hidden_does_not_count_who_declined(practice: Practice) -> None:
    practice.take(row(ANN), row(BEN, "Older,Ben"))
    practice.declined(ANN)
    done = practice("report", "denosumab", "--period", "2026-11", "--suppress", "--json")
    assert done.code == 0
    assert "declined" not in done.out


def test_declining_without_until_says_what_it_means(practice: Practice) -> None:
    practice.take(row(ANN))
    told = practice.declined(ANN).err
    assert "left out of every recall until they attend again" in told
    assert "give --until DATE to ask again" in told
    assert "left out" not in practice.declined(ANN, "2026-11-08", "--until", "2027-01-15").err


def test_explain_says_why_a_patient_has_no_recall(practice: Practice) -> None:
    practice.take(row(ANN, died="2026-07-01"), row(BEN, "Older,Ben", left="2026-07-01"), row(CAT, "Third,Cat"))
    practice("register", "denosumab", "--end", CAT, "--on", "2026-10-01", "--reason", "stopped")
    said = {who: practice.recall_answers(who) for who in (ANN, BEN, CAT)}
    for (rule, answer, _), *more in said.values():
        assert (rule, more) == ("recall", [])
        assert answer.startswith("none: ")
        assert len(answer) > len("none: ")


def test_two_numbers_of_one_person_are_marked_and_the_report_says_so(practice: Practice) -> None:
    practice.take(row(ANN), row(BEN), row(CAT, "Third,Cat"))
    doubts = {one["nhs_number"]: one["doubt"] for one in practice("recall", "--json").json["recalls"]}
    mark = "may be one person under two NHS numbers"
    assert doubts == {ANN: mark, BEN: mark, CAT: ""}
    told = practice("report", "denosumab", "--period", "2026-05").err
    assert "1 pair of NHS numbers may be one person's and is counted twice: `les patients` lists them" in told
    practice("patients", "apart", ANN, BEN, "--reason", "two people")
    assert {one["doubt"] for one in practice("recall", "--json").json["recalls"]} == {""}
    assert "counted twice" not in practice("report", "denosumab", "--period", "2026-05").err


def test_a_patient_without_a_name_and_a_recall_without_a_band_read_well(practice: Practice) -> None:
    practice.take(row(ANN, ","))
    text = practice("explain", "denosumab", "--patient", ANN).out
    assert "denosumab on 20 Nov 2026: a patient without a name, born 02 Mar 1948" in text
    assert "()" not in practice("explain", "denosumab", "--patient", ANN, on="2026-06-05").out
