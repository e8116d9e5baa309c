"""One person under two NHS numbers: named, not paid twice, merged by one command and separated by another."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import Les

OLD, NEW, THIRD = "9990000018", "9990000026", "9990000034"
HEADER = (
    "nhs_number,family_name,given_name,date_of_birth,sex,registered_on,"
    "date,code,code_system,consultation_type,source_id,value"
)
INJECTION = "700139004"
CHANGE = "22778000"
F2F = "Face to face consultation"
REASON = ("--reason", "number replaced")


def entry(
    number, day, source_id="", *, given="Ann", code=INJECTION, system="", born="1950-01-01", sex="female", value=""
):
    return f"{number},Archer,{given},{born},{sex},2010-01-01,{day},{code},{system},{F2F},{source_id},{value}"


class Store:
    """A store with the contracts of two services, asked in the words of the command line."""

    def __init__(self, les: Les, folder) -> None:
        self.les, self.folder, self.path, self.files = les, folder, folder / "practice.les", 0
        assert les("init", "--practice", "A82038", "--name", "Test Surgery", store=self.path).code == 0
        for service, day in (("denosumab", "2026-04-01"), ("anticoag", "2020-04-01")):
            assert les("services", "sign", service, "--from", day, store=self.path).code == 0

    def __call__(self, *arguments: str, as_of: str = "2026-06-05"):
        return self.les(*arguments, "--as-of", as_of, store=self.path)

    def take(self, *rows: str, header: str = HEADER):
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return self("import", str(path))

    def claim(self, month: str = "2026-05", service: str = "denosumab", as_of: str = "2026-06-05"):
        """Patient, day, verdict and reason of each row, and the pence of the claim."""
        done = self("claim", service, "--month", month, "--rows", "--json", as_of=as_of)
        rows = [(row["nhs_number"], row["date"], row["verdict"], row["reason"]) for row in done.json["rows"]]
        return rows, done.json["total_pence"]

    def merge(self, old: str = OLD, new: str = NEW, *more: str):
        return self("patients", "merge", old, new, *REASON, *more)

    def apart(self, one: str = OLD, other: str = NEW):
        return self("patients", "apart", one, other, "--reason", "two people")

    def recalled(self, service: str = "denosumab", as_of: str = "2026-06-05"):
        return [one["nhs_number"] for one in self("recall", service, "--json", as_of=as_of).json["recalls"]]

    def whole(self) -> None:
        done = self("verify")
        assert (done.code, done.out) == (0, "")


@pytest.fixture
def store(les_here, tmp_path) -> Store:
    return Store(les_here, tmp_path)


class TestSuspicion:
    """Two numbers that may be one person's, before anybody has decided."""

    def test_both_are_held_back_and_named(self, store):
        done = store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-04"))
        assert "1 pair of NHS numbers may be one person's" in done.err
        rows, pence = store.claim()
        held = ("check", "possible-duplicate-patient")
        assert rows == [(OLD, "2026-05-04", *held), (NEW, "2026-05-04", *held)]
        assert pence == 0
        listed = store("patients", "--json")
        assert listed.code == 3
        assert [(one["old"], one["new"]) for one in listed.json["suspicions"]] == [(OLD, NEW)]

    def test_told_apart_both_are_paid(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-04"))
        assert store.apart().code == 0
        assert store.claim()[1] == 4000
        assert store("patients").code == 0
        assert "one person" not in store.take(entry(OLD, "2026-05-04"), entry(THIRD, "2026-05-05", given="Eve")).err

    def test_merged_it_is_paid_once(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-04"))
        assert store.merge().code == 0
        assert store.claim() == ([(NEW, "2026-05-04", "payable", "accepted")], 2000)
        assert store.recalled() == [NEW]
        store.whole()

    @pytest.mark.parametrize(
        "other",
        [
            {"given": "Eve"},
            {"born": "1950-01-02"},
            {"sex": "male"},
        ],
    )
    def test_twins_and_namesakes_are_two_people(self, store, other):
        done = store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-04", **other))
        assert "one person" not in done.err
        assert store.claim()[1] == 4000

    def test_without_a_name_nobody_is_held_back(self, store):
        header = "nhs_number,date_of_birth,date,code,consultation_type"
        store.take(*(f"{number},1950-01-01,2026-05-04,{INJECTION},{F2F}" for number in (OLD, NEW)), header=header)
        assert store.claim()[1] == 4000

    @pytest.mark.parametrize(("shared", "source_ids", "named"), [(1, True, True), (1, False, False), (2, False, True)])
    def test_without_a_name_entries_tell(self, store, shared, source_ids, named):
        """An id that appears again under another number; or the same birth date and two equal entries."""
        header = "nhs_number,date_of_birth,date,code,consultation_type,source_id"
        for number in (OLD, NEW):
            ids = [f"x{place}" if source_ids else "" for place in range(shared)]
            rows = [
                f"{number},1950-01-01,2026-05-0{place + 1},{INJECTION},{F2F},{given}" for place, given in enumerate(ids)
            ]
            done = store.take(*rows, f"{number},1950-01-01,,,,", header=header)
        assert ("1 pair of NHS numbers" in done.err) == named
        assert store("patients").code == (3 if named else 0)

    def test_another_day_is_other_work(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05"))
        assert store.claim()[1] == 4000
        assert store("patients").code == 3

    def test_what_was_claimed_holds_the_other_back(self, store):
        store.take(entry(OLD, "2026-05-04"))
        assert store("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A").code == 0
        store.take(entry(NEW, "2026-05-04"))
        rows, pence = store.claim("2026-06", as_of="2026-07-05")
        assert (NEW, "2026-05-04", "check", "possible-duplicate-patient") in rows
        assert pence == 0


class TestMerge:
    @pytest.mark.parametrize("source_id", ["x1", ""])
    def test_everything_follows_and_nothing_comes_twice(self, store, source_id):
        store.take(entry(OLD, "2026-05-04", source_id))
        add = ("register", "denosumab", "--add", OLD, "--set", "first_dose_on=2025-11-04")
        assert store(*add).code == 0
        assert store("invite", "denosumab", OLD, "--on", "2026-05-20", "--by", "phone").code == 0
        assert store("incident", "denosumab", "--kind", "death", "--on", "2026-05-30", "--patient", OLD).code == 0
        assert store("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A").code == 0
        done = store.take(entry(NEW, "2026-05-04", source_id))
        assert "may be one person's" in done.err
        assert store.merge().code == 0
        assert store.claim("2026-06", as_of="2026-07-05")[0] == [(NEW, "2026-05-04", "claimed", "claimed")]
        register = store("register", "denosumab", "--json").json["entries"]
        assert [(one["nhs_number"], one["details"]) for one in register] == [(NEW, {"first_dose_on": "2025-11-04"})]
        recalls = store("recall", "denosumab", "--json").json["recalls"]
        assert [(one["nhs_number"], one["invitations"]) for one in recalls] == [(NEW, 1)]
        explained = store("explain", "denosumab", "--patient", OLD, "--json").json
        assert explained["patient"]["nhs_number"] == NEW
        assert [one["kind"] for one in explained["incidents"]] == ["death"]
        assert store("claims", "--to-reverse").code == 0
        shown = store("claims", "show", "denosumab-2026-05", "--json").json
        assert [row["nhs_number"] for row in shown["rows"]] == [OLD]
        report = store("report", "denosumab", "--period", "2026-05", "--json").json
        assert {one["id"]: one["numerator"] for one in report["measures"]}["injections"] == 1
        assert store("evidence", "denosumab", "--period", "2026-05", "--out", "pack").code in (0, 3)
        store.whole()

    def test_later_imports_of_the_old_number_are_the_new_ones(self, store):
        store.take(entry(OLD, "2026-04-07"), entry(NEW, "2026-04-07"))
        store.merge()
        store.take(entry(OLD, "2026-05-04"))
        assert [row[:3] for row in store.claim()[0]] == [(NEW, "2026-04-07", "payable"), (NEW, "2026-05-04", "payable")]
        store.take(entry(NEW, "2026-05-04"))
        assert store.claim()[1] == 4000

    def test_what_was_claimed_under_both_is_to_be_taken_back(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-04", given="Anne"))
        store("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A")
        store.merge()
        done = store("claims", "--to-reverse", "--json")
        reverse = done.json["to_reverse"]
        assert [(one["cause"], one["amount_pence"]) for one in reverse] == [("claimed-twice", 2000)]
        row = str(reverse[0]["row"])
        assert store("claims", "reverse", "denosumab-2026-05", "--row", row, "--reason", "twice").code == 0
        assert store("claims", "--to-reverse", "--json").json["to_reverse"] == []
        assert store.claim("2026-06", as_of="2026-07-05")[1] == 0
        store.whole()

    def test_who_left_under_the_new_number_has_left(self, store):
        store.take(entry(OLD, "2025-11-04"), entry(NEW, "2026-05-04"))
        store.merge()
        header = "nhs_number,registered_on,left_on"
        store.take(f"{NEW},2010-01-01,2026-05-31", header=header)
        assert store.recalled() == []


class TestUndo:
    def test_apart_takes_a_merge_back(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05", given="Eve"))
        before = store.claim(), store.recalled()
        store.merge(OLD, NEW, "--yes")
        assert {row[0] for row in store.claim()[0]} == {NEW}
        assert store.apart().code == 0
        assert (store.claim(), store.recalled()) == before
        again = store.apart()
        assert (again.code, "nothing was changed" in again.err) == (0, True)
        store.whole()

    def test_a_chain_of_numbers(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05"), entry(THIRD, "2026-05-06"))
        assert store.merge(OLD, NEW).code == 0
        assert store.merge(NEW, THIRD).code == 0
        assert {row[0] for row in store.claim()[0]} == {THIRD}
        assert store.merge(THIRD, OLD).code == 0  # They are merged already.
        assert store.merge(OLD, THIRD).code == 0
        assert store.apart(OLD, THIRD).code == 1
        assert store.apart(OLD, NEW).code == 0
        assert {row[0] for row in store.claim()[0]} == {OLD, THIRD}
        store.whole()

    def test_a_number_is_merged_with_one_other_only(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05"), entry(THIRD, "2026-05-06"))
        store.merge(OLD, NEW)
        assert store.merge(OLD, THIRD).code == 1
        assert store.apart(OLD, NEW).code == 0
        assert store.merge(OLD, THIRD).code == 0

    def test_another_birth_date_needs_a_word(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05", born="1951-01-01"))
        assert store.merge().code == 1
        assert store.merge(OLD, NEW, "--yes").code == 0

    @pytest.mark.parametrize("pair", [(OLD, OLD), (OLD, "9990000069"), ("9990000069", NEW)])
    def test_what_cannot_be_merged(self, store, pair):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05"))
        done = store.merge(*pair)
        assert done.code == 1
        assert not [number for number in (*pair, NEW) if number in done.err]

    def test_the_trail_tells_and_names_nobody(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05"))
        store.merge()
        trail = store("audit", "--json")
        assert "patients merge" in trail.out
        assert not [number for number in (OLD, NEW) if number in trail.out]
        with closing(sqlite3.connect(store.path)) as held:
            assert held.execute("SELECT how, reason FROM same_person").fetchall() == [("merged", "number replaced")]


class TestRegisters:
    """Both numbers may be on a register."""

    def made(self, store, *rows: str):
        for number in (OLD, NEW):
            day = "2020-06-03" if number == OLD else "2020-06-04"
            store.take(entry(number, day, code="66QD", system="read2", given="Ann" if number == OLD else "Eve"))
        path = store.folder / "register.csv"
        path.write_text("\n".join(["nhs_number,entered_on,ended_on,end_reason,level", *rows]) + "\n", encoding="utf-8")
        assert store("register", "anticoag", "--load", "register.csv", as_of="2020-07-05").code == 0
        assert store.merge(OLD, NEW, "--yes").code in (0, 3)

    def spans(self, store, code: int = 0):
        done = store("register", "anticoag", "--json", as_of="2020-07-05")
        assert done.code == code
        return [(one["nhs_number"], one["entered_on"], one["ended_on"]) for one in done.json["entries"]]

    def test_that_agree_are_one_entry_and_paid_once(self, store):
        self.made(store, f"{OLD},2020-04-01,,,3", f"{NEW},2020-05-01,,,3")
        assert self.spans(store) == [(NEW, "2020-04-01", None)]
        rows, pence = store.claim("2020-06", "anticoag", "2020-07-05")
        assert [row[2] for row in rows if row[1] == "2020-06-01"] == ["payable"]
        assert pence > 0
        assert store.recalled("anticoag", "2020-07-05").count(NEW) >= 1
        store.whole()

    @pytest.mark.parametrize("second", [f"{NEW},2020-05-01,,,4", f"{NEW},2020-05-01,2020-06-30,stopped,3"])
    def test_that_differ_wait_for_a_person(self, store, second):
        self.made(store, f"{OLD},2020-04-01,,,3", second)
        assert self.spans(store, 3) == [(NEW, "2020-04-01", None)]
        rows, _ = store.claim("2020-06", "anticoag", "2020-07-05")
        assert {row[2:] for row in rows if row[1] == "2020-06-01"} == {("check", "register-overlap")}
        number = str(max(store("register", "anticoag", "--json", as_of="2020-07-05").json["entries"][0]["numbers"]))
        assert store("register", "anticoag", "--remove", number, "--reason", "of the old number").code == 0
        assert self.spans(store) == [(NEW, "2020-04-01", None)]

    def test_one_after_the_other_stay_two(self, store):
        self.made(store, f"{OLD},2020-04-01,2020-04-30,moved,3", f"{NEW},2020-05-01,,,4")
        assert self.spans(store) == [(NEW, "2020-04-01", "2020-04-30"), (NEW, "2020-05-01", None)]

    def test_what_is_written_for_the_old_number_is_the_new_ones(self, store):
        self.made(store, f"{OLD},2020-04-01,,,3")
        add = ("register", "anticoag", "--add", OLD, "--set", "level=4", "--from", "2020-06-16")
        assert store(*add, as_of="2020-07-05").code == 0
        assert self.spans(store) == [(NEW, "2020-04-01", None)]

    def test_the_same_result_is_counted_once(self, store):
        results = ("2020-05-04", "2020-06-02")
        for number in (OLD, NEW):
            store.take(*(entry(number, day, code="42QE", system="read2", value="2.5") for day in results))
        store("register", "anticoag", "--add", NEW, "--set", "level=3", "--from", "2020-04-01", as_of="2020-07-05")
        store.merge()
        done = store("report", "anticoag", "--period", "2020-06", "--rows", "--json", as_of="2020-07-05")
        (table,) = [one for one in done.json["tables"] if one["id"] == "inr-control"]
        counts = [row[table["columns"].index("inr_count")] for row in table["rows"]]
        assert counts == [2]


@pytest.mark.parametrize(("count", "pence"), [(2, 0), (3, 0), (4, 8000)])
def test_a_name_that_many_patients_share_suggests_no_pair(store, count, pence):
    numbers = (OLD, NEW, THIRD, "9990000069")[:count]
    store.take(*(entry(number, "2026-05-04") for number in numbers))
    assert store.claim()[1] == pence


def test_status_says_that_somebody_has_to_decide(store):
    store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-05"))
    asked = store("status")
    assert store("status", "--json").json["may_be_one_person"] == 1
    assert (asked.code, "1 pair of NHS numbers may be one person's" in asked.err + asked.out) == (3, True)
    store.merge()
    settled = store("status")
    assert (settled.code, "one person's" in settled.err + settled.out) == (0, False)


def test_a_cap_counts_both_numbers(store):
    """At most four changes of a pessary a year: three were claimed under the old number, two are the new one's."""
    for term in (f"codes.change={CHANGE}", "price.change=10.00"):
        assert store("services", "set", "pessary", term, "--from", "2025-04-01", "--source", "letter").code == 0
    store("services", "sign", "pessary", "--from", "2026-04-01")
    store.take(*(entry(OLD, f"2026-04-0{day}", code=CHANGE) for day in (1, 2, 3)))
    submit = ("claim", "pessary", "--month", "2026-04", "--submit", "--by", "A")
    assert store(*submit, as_of="2026-05-05").code == 0
    store.take(*(entry(NEW, f"2026-05-0{day}", code=CHANGE) for day in (1, 2)))
    store.merge()
    rows, pence = store.claim("2026-05", "pessary")
    assert [row[2] for row in rows if row[1].startswith("2026-05")] == ["payable", "over_cap"]
    assert pence == 1000


def test_a_claim_made_while_they_were_one_is_taken_back_when_they_are_not(store):
    store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-11", given="Eve"))
    store.merge(OLD, NEW, "--yes")
    assert store("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A").code == 0
    store.apart()
    found = store("claims", "--to-reverse", "--json").json["to_reverse"]
    assert [one["amount_pence"] for one in found] == [2000]
    row = str(found[0]["row"])
    assert store("claims", "reverse", "denosumab-2026-05", "--row", row, "--reason", "another patient").code == 0
    rows, pence = store.claim("2026-06", as_of="2026-07-05")
    assert [(row[0], row[2]) for row in rows if row[1] == "2026-05-04"] == [(OLD, "payable")]
    assert pence == 2000
    store.whole()


class TestWhatAMergeChanges:
    """A merge reports what it changes, what then waits for a person, and how to take it back."""

    def both_on_the_register(self, store, old: str, new: str):
        store.take(entry(OLD, "2020-05-04", given="Ann"), entry(NEW, "2020-05-11", given="Anne"))
        for number, level in ((OLD, old), (NEW, new)):
            add = ("register", "anticoag", "--add", number, "--set", f"level={level}", "--from", "2020-09-01")
            assert store(*add).code == 0

    def test_register_entries_that_contradict_are_named_with_the_cure(self, store):
        self.both_on_the_register(store, "3", "4")
        done = store.merge()
        cure = "`les register anticoag --remove 2 --reason TEXT`"
        assert (done.code, cure in done.err) == (3, True)
        assert NEW not in done.err
        verified = store("verify")
        assert (verified.code, cure in verified.out) == (3, True)
        assert store("register", "anticoag", "--remove", "2", "--reason", "merged").code == 0
        assert store("register", "anticoag").code == 0
        store.whole()

    def test_entries_that_agree_are_no_fault(self, store):
        self.both_on_the_register(store, "3", "3")
        assert store.merge().code == 0
        assert store("register", "anticoag").code == 0
        store.whole()

    def test_taken_back_nothing_contradicts(self, store):
        self.both_on_the_register(store, "3", "4")
        store.merge()
        assert store.apart().code == 0
        store.whole()

    def test_it_says_what_may_count_once_and_how_it_is_taken_back(self, store):
        store.take(entry(OLD, "2026-05-04"), entry(NEW, "2026-05-04"), entry(NEW, "2026-05-11"))
        done = store.merge()
        assert "1 entry of both numbers on one day may now count once" in done.err
        assert "`les patients apart OLD NEW --reason TEXT`" in done.err

    def test_other_names_are_asked_about_and_not_printed(self, store):
        row = entry(NEW, "2026-05-11").replace("Archer", "Zebedee")
        store.take(entry(OLD, "2026-05-04"), row)
        done = store.merge()
        assert (done.code, "different names" in done.err, "--yes" in done.err) == (1, True, True)
        assert not any(name in done.err for name in ("Archer", "Zebedee", "Ann"))
        assert store("patients", "--json").json["decisions"] == []
        assert store.merge(OLD, NEW, "--yes").code == 0
