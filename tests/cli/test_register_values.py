"""The values a register accepts: no future day, no day before birth, no impossible number."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Les, prepared

ANN, BEA = "9990000018", "9990000026"
ASKED = "2026-06-05"
ACTIVITY = f"""nhs_number,date_of_birth,registered_on,date,code,consultation_type
{ANN},1948-03-02,2010-01-01,2026-05-04,700139004,Face to face consultation
{BEA},1950-01-01,2010-01-01,2026-05-04,700139004,Face to face consultation
"""
IMPOSSIBLE = [
    ("first_dose_on=2027-01-01", "first_dose_on: it is after the day asked about"),
    ("first_dose_on=1930-01-01", "first_dose_on: it is before the patient was born"),
    ("management_plan_given_on=2026-06-06", "management_plan_given_on: it is after the day asked about"),
    ("t_score=99", "t_score: it takes a number from -10 to 10"),
    ("risk_factors=-5", "risk_factors: it takes a number from 0 to 20"),
]


class Practice:
    """A store with one contract, asked in the words of the command line."""

    def __init__(self, les: Les, store: Path) -> None:
        self.les, self.folder, self.store = les, store.parent, store

    def __call__(self, *arguments: str, as_of: str = ASKED):
        return self.les(*arguments, "--as-of", as_of, store=self.store)

    def register(self, *arguments: str, as_of: str = ASKED):
        return self("register", "denosumab", *arguments, as_of=as_of)

    def load(self, *lines: str, as_of: str = ASKED):
        (self.folder / "register.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self.register("--load", "register.csv", as_of=as_of)

    def entry(self, nhs_number: str, as_of: str = ASKED):
        found = self.register("--json", as_of=as_of).json["entries"]
        (one,) = (one for one in found if one["nhs_number"] == nhs_number)
        return one

    def due(self, nhs_number: str, as_of: str = ASKED) -> str:
        found = self("recall", "denosumab", "--within", "400d", "--json", as_of=as_of).json["recalls"]
        (one,) = (one for one in found if one["nhs_number"] == nhs_number)
        return one["due_on"]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("register"), ACTIVITY)


@pytest.fixture
def practice(les_here, made_once, tmp_path):
    return Practice(les_here, Path(shutil.copy(made_once, tmp_path / "practice.les")))


class TestWhatCannotBe:
    @pytest.mark.parametrize(("given", "told"), IMPOSSIBLE)
    def test_is_refused_where_it_is_typed(self, practice, given, told):
        done = practice.register("--add", ANN, "--set", given)
        assert (done.code, told in done.err) == (1, True), done.err
        assert "1948" not in done.err
        assert practice.entry(ANN)["details"] == {}
        assert practice.due(ANN) == "2026-11-04"

    @pytest.mark.parametrize(("given", "told"), IMPOSSIBLE)
    def test_is_refused_in_a_file(self, practice, given, told):
        name, _, value = given.partition("=")
        done = practice.load(f"nhs_number,{name}", f"{ANN},{value}")
        assert (done.code, f"line 2: {told}" in done.err) == (1, True), done.err

    @pytest.mark.parametrize(("given", "told"), IMPOSSIBLE)
    def test_is_refused_in_an_amendment(self, practice, given, told):
        assert practice.register("--add", ANN, "--set", "t_score=-3").code == 0
        (number,) = practice.entry(ANN)["numbers"]
        done = practice.register("--amend", str(number), "--set", given)
        assert (done.code, told in done.err) == (1, True), done.err
        assert practice.entry(ANN)["details"] == {"t_score": -3.0}

    @pytest.mark.parametrize("given", ["first_dose_on=2026-06-05", "t_score=-10", "risk_factors=0", "t_score=10"])
    def test_the_edge_can_be(self, practice, given):
        assert practice.register("--add", ANN, "--set", given).code == 0

    def test_an_entry_from_before_birth_is_refused_by_every_door(self, practice):
        told = "the entry would begin before the patient was born"
        added = practice.register("--add", ANN, "--from", "1940-01-01", "--set", "t_score=-3")
        loaded = practice.load("nhs_number,entered_on", f"{ANN},1940-01-01")
        assert practice.register("--add", ANN, "--from", "2026-04-10").code == 0
        (number,) = practice.entry(ANN)["numbers"]
        amended = practice.register("--amend", str(number), "--starts", "1940-01-01", "--reason", "typed wrong")
        for done in (added, loaded, amended):
            assert (done.code, told in done.err) == (1, True), done.err


class TestWhatIsHeldAlready:
    @pytest.mark.parametrize(("given", "told"), IMPOSSIBLE)
    def test_is_named_used_for_nothing_and_can_be_put_right(self, practice, given, told):
        name, _, value = given.partition("=")
        right = {"t_score": "-3", "risk_factors": "1"}.get(name, "2026-01-04")
        assert practice.register("--add", ANN, "--set", f"{name}={right}").code == 0
        (number,) = practice.entry(ANN)["numbers"]
        with closing(sqlite3.connect(practice.store)) as store, store:
            store.execute("UPDATE register_detail SET value = ?", (value,))
        shown = practice.register()
        cure = f"`les register denosumab --amend {number} --set {name}=VALUE --from 2026-05-04`"
        assert (shown.code, cure in shown.err, told.partition(": ")[2] in shown.err) == (3, True, True), shown.err
        assert name not in practice.entry(ANN)["details"]
        assert practice.due(ANN) == "2026-11-04"
        claim = practice("claim", "denosumab", "--month", "2026-05", "--json")
        assert claim.json["verdicts"]["payable"] == 2
        change = ("--amend", str(number), "--set", f"{name}={right}", "--from", "2026-05-04")
        assert practice.register(*change).code == 0
        assert practice.register().code == 0


class TestAFirstDoseAfterAnInjection:
    """One of the two is wrong. Being late does the harm, so the earlier due date holds until a person has looked."""

    def test_moves_no_recall_and_is_named(self, practice):
        assert practice.register("--add", ANN, "--set", "first_dose_on=2026-06-01").code == 0
        (number,) = practice.entry(ANN)["numbers"]
        shown = practice.register()
        cure = f"`les register denosumab --amend {number} --set first_dose_on=DATE --from 2026-05-04`"
        assert (shown.code, "is after an entry of 04 May 2026" in shown.err, cure in shown.err) == (3, True, True)
        assert practice.due(ANN) == "2026-11-04"
        change = ("--amend", str(number), "--set", "first_dose_on=2025-11-04", "--from", "2026-05-04")
        assert practice.register(*change).code == 0
        assert (practice.register().code, practice.due(ANN)) == (0, "2026-11-04")

    def test_on_the_day_of_it_is_no_contradiction(self, practice):
        assert practice.register("--add", ANN, "--set", "first_dose_on=2026-05-04").code == 0
        assert (practice.register().code, practice.due(ANN)) == (0, "2026-11-04")

    def test_a_treatment_begun_anew_counts_from_its_first_dose(self, practice):
        assert practice.register("--add", ANN, "--set", "first_dose_on=2026-06-01").code == 0
        (number,) = practice.entry(ANN)["numbers"]
        assert practice.register("--amend", str(number), "--on", "2026-05-20", "--reason", "stopped").code == 0
        added = practice.register("--add", ANN, "--from", "2026-06-02", "--set", "first_dose_on=2026-06-01")
        assert added.code == 0, added.err
        assert (practice.register().code, practice.due(ANN)) == (0, "2026-12-01")


class TestAFile:
    COLUMNS = "nhs_number,entered_on,ended_on,from,t_score,first_dose_on"

    def test_has_every_fault_told_in_one_round_with_file_and_line(self, practice):
        done = practice.load(
            self.COLUMNS,
            f"{ANN},2026-05-04,2026-04-01,,,",
            "9990000027,2026-05-04,,2026-02-31,,2027-01-01",
            f"{BEA},1940-01-01,,,many,",
            "9990000034,2026-05-04,,,99,",
        )
        assert done.code == 1
        assert done.err.count("\n") == 1
        assert done.err.startswith("les: register.csv: line 2: the entry would end before it began; line 3: ")
        for told in (
            "line 3: from: ",
            "line 3: first_dose_on: it is after the day asked about",
            "line 4: t_score: ",
            "line 4: the entry would begin before the patient was born",
            "line 5: t_score: it takes a number from -10 to 10",
            "line 5: no patient with that NHS number",
        ):
            assert told in done.err, done.err
        assert practice.entry(ANN)["rule"] == "coded"

    def test_an_entry_that_would_end_before_its_code_is_named_so_too(self, practice):
        done = practice.load("nhs_number,ended_on", f"{ANN},2026-05-01")
        assert (done.code, done.err.startswith("les: register.csv: line 2: ")) == (1, True), done.err


class TestADayToCome:
    """A start may be in the future, such as a change of level. The distance shows a mistyped year."""

    def test_is_said_of_what_is_typed(self, practice):
        added = practice.register("--add", ANN, "--set", "t_score=-3", "--from", "2026-07-05")
        assert (added.code, "from 05 Jul 2026 on, 30 days from now" in added.err) == (0, True), added.err

    def test_is_said_of_an_amendment(self, practice):
        practice.register("--add", ANN, "--set", "t_score=-3")
        (number,) = practice.entry(ANN)["numbers"]
        done = practice.register("--amend", str(number), "--set", "t_score=-4", "--from", "2026-06-06")
        assert (done.code, "from 06 Jun 2026 on, 1 day from now" in done.err) == (0, True), done.err

    def test_is_said_of_a_file(self, practice):
        rows = (f"{ANN},2026-05-04,2026-07-05,-3", f"{BEA},2026-05-04,2026-05-04,-3")
        done = practice.load("nhs_number,entered_on,from,t_score", *rows)
        assert (done.code, "1 row for a day to come, the last from 05 Jul 2026 on" in done.err) == (0, True), done.err
