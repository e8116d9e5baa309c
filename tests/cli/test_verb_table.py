"""A practice's month from the first verb to the last, typed as a person types it. JSON agrees with its schema."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lescli.store.database.connection import connect_found
from tests.cli.conftest import prepared
from tests.store_content import content_of

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SHIPPED = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]["lescli.services"]
ANN, BEN, CAT, DEE = "9990000018", "9990000026", "9990000034", "9990000042"
MAY = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05")
JUNE = ("claim", "denosumab", "--month", "2026-06", "--as-of", "2026-07-06")
SUBMIT = ("--submit", "--by", "A. Admin")
LETTER = ("--accreditation", "fsrh-loc", "--from", "2025-01-01", "--to", "2026-01-01")
FINE = "Face to face"


def entry(nhs: str, day: str, kind: str = FINE, source: str = "") -> str:
    """An activity of a patient who is already described."""
    return f"{nhs},,,,,,{day},700139004,Denosumab,{kind},B Carr,{source}"


def described(nhs: str, name: str) -> str:
    return f"{nhs},{name},Syn,1950-01-01,female,2010-01-01,,,,,,"


@pytest.fixture
def les(les_here):
    return les_here


@pytest.fixture(scope="module")
def submitted_once(tmp_path_factory) -> Path:
    store = prepared(tmp_path_factory.mktemp("submitted"))
    subprocess.run([sys.executable, "-m", "lescli", *MAY, *SUBMIT, "--store", str(store), "--quiet"], check=True)
    return store


@pytest.fixture
def submitted(submitted_once, tmp_path) -> Path:
    """The store with May claimed: two injections, £40."""
    return Path(shutil.copy(submitted_once, tmp_path / "practice.les"))


class TestInit:
    def test_it_says_what_comes_next_and_refuses_to_overwrite(self, les, tmp_path):
        made = les("init", "--practice", "a82038", "--name", "Any", "--store", tmp_path / "new" / "practice.les")
        assert made.code == 0
        assert made.out == ""
        assert "les services sign" in made.err
        assert "claims_from" in made.err
        again = les("init", "--practice", "A82038", "--name", "Any", "--store", tmp_path / "new" / "practice.les")
        assert again.code == 1

    def test_the_store_is_where_the_option_the_variable_or_the_user_folder_says(self, les, tmp_path):
        option, variable = tmp_path / "option.les", tmp_path / "variable.les"
        assert les("init", "--practice", "A82038", "--name", "Any", "--store", option, store=variable).code == 0
        assert option.exists()
        assert not variable.exists()
        assert les("init", "--practice", "A82038", "--name", "Any", store=variable).code == 0
        assert variable.exists()
        assert les("init", "--practice", "A82038", "--name", "Any", "--quiet").err == ""
        assert [path.name for path in (tmp_path / "home").rglob("*.les")] == ["practice.les"]
        assert les("claims").code == 0


class TestImport:
    def test_the_counts_add_up_and_a_second_time_changes_nothing(self, les, store, activity_file):
        path = activity_file(
            described(DEE, "Fourth"), entry(DEE, "2026-05-07", source="e4"), entry(DEE, "2026-02-30", source="e5")
        )
        first = les("import", path, "--json", store=store)
        assert first.code == 3
        (file,) = first.json["files"]
        assert (file["rows"], file["accepted"], file["unchanged"], file["quarantined"], file["patients"]) == (
            3,
            2,
            0,
            1,
            1,
        )
        (kept,) = first.json["quarantine"]
        assert (kept["file"], kept["line"]) == ("more.csv", 4)
        before = content_of(store)
        second = les("import", path, "--json", store=store)
        (file,) = second.json["files"]
        assert (file["rows"], file["accepted"], file["unchanged"], file["quarantined"]) == (3, 0, 2, 1)
        assert second.code == 3
        assert content_of(store) == before

    def test_an_overlapping_file_adds_only_what_is_new(self, les, store, activity_file):
        path = activity_file(entry(ANN, "2026-05-04", source="e1"), entry(ANN, "2026-06-10", source="e9"))
        (file,) = les("import", path, "--json", store=store).json["files"]
        assert (file["accepted"], file["unchanged"]) == (1, 1)

    def test_a_dry_run_writes_nothing(self, les, store, activity_file):
        before = content_of(store)
        done = les("import", activity_file(entry(ANN, "2026-06-10", source="e9")), "--dry-run", "--json", store=store)
        assert done.code == 0
        assert done.json["dry_run"] is True
        assert done.json["files"][0]["accepted"] == 1
        assert content_of(store) == before

    def test_one_bad_file_of_two_is_told_and_the_other_is_taken(self, les, store, activity_file, tmp_path):
        good = activity_file(entry(ANN, "2026-06-10", source="e9"))
        (tmp_path / "bad.csv").write_bytes(b"")
        done = les("import", tmp_path / "bad.csv", good, "--json", store=store)
        assert done.code == 3
        assert [file["accepted"] for file in done.json["files"]] == [0, 1]

    @pytest.mark.parametrize("change", ["changed", "withdrawn"])
    def test_what_a_claim_rests_on_and_has_changed_is_a_discrepancy(self, les, submitted, activity_file, change):
        day = "2026-05-05" if change == "changed" else ""
        row = entry(ANN, day, source="e1") if day else f"{ANN},,,,,,,,,,,e1"
        done = les("import", activity_file(row), "--json", store=submitted)
        assert done.code == 3, done.err
        (found,) = done.json["discrepancies"]
        assert (found["claim_id"], found["change"]) == ("denosumab-2026-05", change)
        (claim,) = les("claims", "--json", store=submitted).json["claims"]
        assert claim["total_pence"] == 4000
        assert claim["discrepancies"]
        shown = les("claims", "show", "denosumab-2026-05", "--json", store=submitted).json
        assert [one["row"] for one in shown["discrepancies"]] == [found["row"]]
        assert les(*MAY, "--json", store=submitted).json["total_pence"] == 4000


class TestServices:
    def test_every_service_is_there_and_the_contract_is_shown(self, les, store):
        found = les("services", "--json", store=store).json["services"]
        assert [one["name"] for one in found] == sorted(SHIPPED)
        assert {one["status"] for one in found} == {"ok"}
        assert [one["name"] for one in found if one["signed"]] == ["denosumab"]

    def test_it_works_without_a_store(self, les):
        assert len(les("services", "--json").json["services"]) == len(SHIPPED)

    def test_show_lays_local_terms_beside_the_clauses(self, les, store):
        set_ = (
            "services",
            "set",
            "ius",
            "price.fitting=81.31",
            "--from",
            "2020-04-01",
            "--source",
            "Schedule 3 Part A",
        )
        assert "UNSET" in les("services", "show", "ius", store=store).out
        assert "needs.tier-3-excision" in les("services", "show", "minor-surgery", store=store).out
        assert les(*set_, store=store).code == 0
        assert les(*set_, store=store).code == 0
        shown = les("services", "show", "ius", "--json", store=store).json
        assert [term["value"] for term in shown["local_terms"]] == ["81.31"]
        assert "price.fitting" not in shown["unset"]
        assert "Schedule 3" in les("services", "show", "ius", store=store).out

    def test_a_file_of_terms(self, les, store, tmp_path):
        (tmp_path / "terms.toml").write_text(
            'from = "2020-04-01"\nsource = "letter"\n[price]\nfitting = "81.31"\nremoval = "20.00"\n', encoding="utf-8"
        )
        done = les("services", "set", "ius", "--load", "terms.toml", store=store)
        assert done.code == 0
        assert "2 terms" in done.err

    def test_a_contract_given_up_is_not_paid_after_its_last_day(self, les, store, activity_file):
        assert les("services", "unsign", "denosumab", "--on", "2026-05-31", store=store).code == 0
        les("import", activity_file(entry(ANN, "2026-06-10", source="e9")), store=store)
        verdicts = les(*JUNE, "--json", store=store).json["verdicts"]
        assert (verdicts["payable"], verdicts["refused"]) == (2, 1)

    def test_a_named_service_that_is_not_signed_works_with_a_warning(self, les, store):
        done = les("claim", "pessary", "--month", "2026-05", "--as-of", "2026-06-05", "--json", store=store)
        assert done.code in (0, 3)
        assert "les services sign pessary" in done.err
        assert done.json["service"] == "pessary"

    def test_a_service_from_a_folder_lives_from_template_to_claim(self, les, store, tmp_path, activity_file):
        assert les("services", "new", "dressings", store=store).code == 0
        assert les("services", "new", "dressings", store=store).code == 1
        template = les("services", "check", "dressings", store=store)
        assert template.code == 0
        assert "still to be filled in: service.title, service.commissioner" in template.err
        assert les("services", "add", "dressings", store=store).code == 1
        (tmp_path / "dressings" / "service.toml").write_text(BARE.replace('"12.34"', '"free"'), encoding="utf-8")
        faulty = les("services", "check", "dressings", store=store)
        assert faulty.code == 3
        assert all(line.startswith("les: service.toml") for line in faulty.err.splitlines())
        assert les("services", "add", "dressings", store=store).code == 1
        (tmp_path / "dressings" / "service.toml").write_text(BARE, encoding="utf-8")
        whole = les("services", "check", "dressings", store=store)
        assert (whole.code, whole.out, whole.err) == (0, "", "")
        assert les("services", "add", "dressings", store=store).code == 0
        assert "dressings" in [one["name"] for one in les("services", "--json", store=store).json["services"]]
        assert les("services", "sign", "dressings", "--from", "2026-04-01", store=store).code == 0
        row = f"{CAT},,,,,,2026-05-12,{WOUND},,{FINE},B Carr,w1"
        assert les("import", activity_file(row), store=store).code == 0
        claim = ("claim", "dressings", "--month", "2026-05", "--as-of", "2026-06-05")
        assert les(*claim, "--json", store=store).json["total_pence"] == 1234
        assert les("services", "remove", "dressings", store=store).code == 0
        assert les("services", "add", "dressings", store=store).code == 0
        assert les(*claim, *SUBMIT, store=store).code == 0
        assert les("services", "remove", "dressings", store=store).code == 1

    def test_a_broken_service_hides_no_other(self, les, store):
        connection, _ = connect_found(store)
        connection.execute("INSERT INTO folder_service VALUES ('broken', 'nonsense = [', 'x')")
        connection.close()
        done = les("services", "--json", store=store)
        assert done.code == 3
        assert "broken" in done.err
        assert {one["name"]: one["status"] for one in done.json["services"]}["denosumab"] == "ok"
        assert les(*MAY, "--json", store=store).json["total_pence"] == 4000


WOUND = "9999999105"
BARE = f"""
[service]
name = "dressings"
title = "Dressings after an operation"
commissioner = "An ICB"
document = "Specification of dressings after an operation"

[[period]]
start = "2026-04-01"
end = "2027-03-31"
clause = "1"

[codelists.dressing]
title = "Wound dressed"
status = "specified"
clause = "2"
snomed = ["{WOUND}"]

[register]
rule = "coded"
clause = "3"
find_by = ["dressing"]

[[item]]
name = "dressing"
title = "Wound dressed"
kind = "per-activity"
clause = "4"
codelists = ["dressing"]
unit = "attendance"

[[item.price]]
amount = "12.34"
from = "2026-04-01"
clause = "4"

[submission]
clause = "5"
by = "email"
day = 10

[[measure]]
id = "dressings"
title = "Wounds dressed"
kind = "items"
of = "dressing"
unit = "attendances"
clause = "4"
"""


class TestRegister:
    def entries(self, les, store, as_of="2026-06-05"):
        done = les("register", "denosumab", "--as-of", as_of, "--json", store=store)
        assert done.code == 0
        return {one["nhs_number"]: one for one in done.json["entries"]}

    def test_found_by_code(self, les, store):
        found = self.entries(les, store)
        assert set(found) == {ANN, BEN, CAT}
        assert found[ANN]["entered_on"] == "2026-05-04"
        assert found[ANN]["missing"] == ["first_dose_on", "management_plan_given_on"]
        assert self.entries(les, store, "2026-05-01").keys() == {CAT}

    def test_set_details_are_dated_and_checked(self, les, store):
        add = ("register", "denosumab", "--add", ANN, "--as-of", "2026-06-05")
        assert les(*add, "--set", "first_dose_on=04/11/2025", "--set", "t_score=-3.1", store=store).code == 0
        assert les(*add, "--set", "t_score=-3.5", "--from", "2026-05-20", store=store).code == 0
        details = self.entries(les, store)[ANN]["details"]
        assert details == {"first_dose_on": "2025-11-04", "t_score": -3.5}
        assert self.entries(les, store, "2026-05-10")[ANN]["details"]["t_score"] == -3.1
        assert self.entries(les, store)[ANN]["missing"] == ["management_plan_given_on"]

    def test_added_by_hand_and_ended(self, les, store, activity_file):
        les("import", activity_file(described(DEE, "Fourth")), store=store)
        assert DEE not in self.entries(les, store)
        add = ("register", "denosumab", "--add", DEE, "--from", "2026-05-20", "--as-of", "2026-06-05")
        assert les(*add, store=store).code == 0
        assert self.entries(les, store)[DEE]["entered_on"] == "2026-05-20"
        end = ("register", "denosumab", "--end", DEE, "--on", "2026-05-31", "--reason", "treatment stopped")
        assert les(*end, store=store).code == 0
        ended = self.entries(les, store)[DEE]
        assert (ended["ended_on"], ended["end_reason"]) == ("2026-05-31", "treatment stopped")

    def test_a_file_is_loaded(self, les, store, tmp_path):
        (tmp_path / "register.csv").write_text(
            f"nhs_number,first_dose_on,management_plan_given_on,diagnosis\n"
            f"{ANN},04/11/2025,2026-05-04,osteoporosis\n{BEN},2025-11-05,,\n",
            encoding="utf-8",
        )
        done = les("register", "denosumab", "--load", "register.csv", "--as-of", "2026-06-05", store=store)
        assert done.code == 0
        found = self.entries(les, store)
        assert found[ANN]["missing"] == []
        assert found[BEN]["missing"] == ["management_plan_given_on"]


class TestRecall:
    def recalls(self, les, store, as_of, *more):
        done = les("recall", "--as-of", as_of, *more, "--json", store=store)
        assert done.code == 0
        return {one["nhs_number"]: one for one in done.json["recalls"]}

    def test_due_upcoming_and_overdue(self, les, store):
        found = self.recalls(les, store, "2026-10-25")
        assert [(nhs, one["status"], one["due_on"]) for nhs, one in found.items()] == [
            # A telephone call in May was no injection.
            (BEN, "overdue", "2026-05-06"),
            (CAT, "overdue", "2026-10-20"),
            (ANN, "due", "2026-11-04"),
        ]
        assert "does not count" in found[BEN]["note"]
        assert found[BEN]["evidence"]
        assert self.recalls(les, store, "2026-10-25", "--within", "7d")[ANN]["status"] == "upcoming"
        assert self.recalls(les, store, "2026-10-25", "--within", "1w")[ANN]["status"] == "upcoming"

    def test_invitations_are_counted_and_who_declined_is_left_in_peace(self, les, store):
        invite = ("invite", "denosumab", ANN, "--on", "2026-10-20")
        assert les(*invite, "--by", "letter", "--outcome", "dna", store=store).code == 0
        assert les(*invite, "--by", "phone", "--outcome", "booked", store=store).code == 0
        assert les("invite", "denosumab", BEN, "--on", "2026-10-20", "--by", "sms", "--outcome", "declined",
                   "--until", "2026-12-01", store=store).code == 0  # fmt: skip
        found = self.recalls(les, store, "2026-10-25")
        assert found[ANN]["invitations"] == 2
        assert BEN not in found
        assert BEN in self.recalls(les, store, "2026-12-01")


class TestClaim:
    def test_a_preview_writes_nothing_and_names_nobody(self, les, store):
        before = content_of(store)
        done = les(*MAY, "--json", store=store)
        assert done.code == 0
        assert content_of(store) == before
        claim = done.json
        assert (claim["status"], claim["claim_id"], claim["submit_by"]) == ("preview", None, "2026-06-10")
        assert [(line["activity_month"], line["quantity"], line["late"]) for line in claim["lines"]] == [
            ("2026-04", 1, True),
            ("2026-05", 1, False),
        ]
        assert claim["considered"] == sum(claim["verdicts"].values()) == 3
        assert claim["total_pence"] == sum(line["amount_pence"] for line in claim["lines"]) == 4000
        assert not [word for word in (ANN, "Sentinelle", "1948") if word in done.out]

    def test_rows_name_every_activity_with_its_reason(self, les, store):
        rows = les(*MAY, "--rows", "--json", store=store).json["rows"]
        assert sorted((row["nhs_number"], row["verdict"], row["reason"]) for row in rows) == [
            (ANN, "payable", "accepted"),
            (BEN, "check", "consultation-type"),
            (CAT, "payable", "accepted"),
        ]

    def test_several_services_are_an_array(self, les, store):
        done = les(
            "claim", "denosumab", "pessary", "--month", "2026-05", "--as-of", "2026-06-05", "--json", store=store
        )
        assert [one["service"] for one in done.json] == ["denosumab", "pessary"]

    def test_submitted_once(self, les, store):
        first = les(*MAY, *SUBMIT, "--authorised-by", "Dr B", "--json", store=store)
        assert first.code == 0
        assert (first.json["status"], first.json["claim_id"]) == ("submitted", "denosumab-2026-05")
        before = content_of(store)
        second = les(*MAY, *SUBMIT, store=store)
        assert second.code == 0
        assert "already submitted, unchanged" in second.err
        assert content_of(store) == before
        (claim,) = les("claims", "--json", store=store).json["claims"]
        assert (claim["by"], claim["authorised_by"], claim["submitted_on"]) == ("A. Admin", "Dr B", "2026-06-05")
        assert claim["chain_head"] in first.err

    def test_late_activity_comes_in_the_next_claim_as_a_line_of_its_own(self, les, submitted, activity_file):
        late = [entry(BEN, "2026-05-06", source="late"), entry(ANN, "2026-06-11", source="new")]
        assert les("import", activity_file(*late), store=submitted).code == 0
        frozen = les(*MAY, "--json", store=submitted)
        assert frozen.json["total_pence"] == 4000
        assert frozen.json["found_later"] == {"count": 1, "amount_pence": 2000}
        claim = les(*JUNE, "--json", store=submitted).json
        assert [(line["activity_month"], line["late"]) for line in claim["lines"]] == [
            ("2026-05", True),
            ("2026-06", False),
        ]
        # The new consultation supersedes the telephone entry, and what May paid stays claimed.
        assert claim["verdicts"]["claimed"] == 2
        assert [row["reason"] for row in claim["reasons"] if row["verdict"] == "refused"] == ["superseded"]

    def test_after_its_window_it_has_expired(self, les, store):
        late = les("claim", "denosumab", "--month", "2026-07", "--as-of", "2026-08-05", "--json", store=store).json
        assert late["verdicts"]["expired"] == 2
        assert late["total_pence"] == 0

    def test_an_unpriced_item_is_previewed_and_never_submitted(self, les, store, activity_file):
        sample = f"{CAT},,,,,,2026-05-12,22778000,,{FINE},B Carr,s1"
        les("import", activity_file(sample), store=store)
        claim = ("claim", "phlebotomy", "--month", "2026-05", "--as-of", "2026-06-05")
        done = les(*claim, "--json", store=store)
        assert done.code == 3
        assert done.json["verdicts"]["unpriced"] == 1
        assert done.json["suggested_codes"]
        before = content_of(store)
        refused = les(*claim, *SUBMIT, store=store)
        assert refused.code == 1
        assert "price.sample" in refused.err
        assert content_of(store) == before
        les(
            "services",
            "set",
            "phlebotomy",
            "price.sample=2.50",
            "--from",
            "2026-04-01",
            "--source",
            "letter",
            store=store,
        )
        assert les(*claim, "--json", store=store).json["total_pence"] == 250


class TestClaims:
    def test_show_reverse_and_claim_again(self, les, submitted):
        shown = les("claims", "show", "denosumab-2026-05", "--json", store=submitted)
        assert shown.code == 0
        row = next(row["row"] for row in shown.json["rows"] if row["nhs_number"] == ANN)
        reverse = ("claims", "reverse", "denosumab-2026-05", "--row", row, "--reason", "wrong patient")
        assert les(*reverse, "--as-of", "2026-06-20", store=submitted).code == 0
        again = les(*reverse, "--as-of", "2026-06-20", store=submitted)
        assert again.code == 1
        (claim,) = les("claims", "--json", store=submitted).json["claims"]
        assert (claim["total_pence"], claim["reversed_pence"], claim["owed_pence"]) == (4000, 2000, 2000)
        after = les("claims", "show", "denosumab-2026-05", "--json", store=submitted).json
        assert [one["reason"] for one in after["reversals"]] == ["wrong patient"]
        june = les(*JUNE, "--json", store=submitted).json
        assert [(line["activity_month"], line["quantity"]) for line in june["lines"]] == [("2026-05", 1)]
        assert les(*JUNE, *SUBMIT, store=submitted).code == 0
        assert len(les("claims", "--json", store=submitted).json["claims"]) == 2

    def test_a_row_that_was_not_paid_has_nothing_to_reverse(self, les, submitted):
        rows = les("claims", "show", "denosumab-2026-05", "--json", store=submitted).json["rows"]
        check = next(row["row"] for row in rows if row["verdict"] == "check")
        done = les("claims", "reverse", "denosumab-2026-05", "--row", check, "--reason", "x", store=submitted)
        assert done.code == 1

    def test_paid_once_and_too_much(self, les, submitted):
        pay = ("claims", "pay", "denosumab-2026-05", "--amount")
        assert les(*pay, "40.00", "--on", "30/06/2026", store=submitted).code == 0
        again = les(*pay, "£40.00", "--on", "2026-06-30", store=submitted)
        assert again.code == 1
        assert "already recorded" in again.err
        assert "--ref TEXT" in again.err
        (claim,) = les("claims", "--json", store=submitted).json["claims"]
        assert (claim["paid_pence"], claim["owed_pence"]) == (4000, 0)
        too_much = les(*pay, "5.00", "--on", "2026-07-30", store=submitted)
        assert too_much.code == 3
        assert "paid too much" in too_much.err


class TestReportAndExplain:
    def test_the_measures(self, les, submitted):
        done = les("report", "denosumab", "--period", "2026-27-Q1", "--as-of", "2026-07-06", "--json", store=submitted)
        assert done.code == 0
        found = {one["id"]: one for one in done.json["measures"]}
        assert {"injections", "register-size", "on-time", "overdue"} <= set(found)
        assert found["injections"]["numerator"] == 2
        assert found["injections"]["denominator"] is None
        assert ANN not in done.out

    @pytest.mark.parametrize(
        "period", ["2026-05", "2026-27", "2026-27-Q1", "2026-04-01..2026-06-30", "1-Apr-2026..30/06/2026"]
    )
    def test_the_periods(self, les, store, period):
        assert les("report", "denosumab", "--period", period, "--as-of", "2027-04-01", store=store).code == 0

    def test_a_patient_is_explained_with_clause_and_evidence(self, les, store):
        done = les("explain", "denosumab", "--patient", "999 000 0018", "--as-of", "2026-06-05", "--json", store=store)
        assert done.code == 0
        (claim,) = done.json["claims"]
        assert (claim["verdict"], claim["clause"] != "", claim["evidence"] != []) == ("payable", True, True)
        assert "Sentinelle".upper() in les("explain", "denosumab", "--patient", ANN, store=store).out.upper()


class TestIncidentAndClinician:
    def test_an_incident_has_a_clock_that_is_met(self, les, store):
        event = ("incident", "denosumab", "--kind", "death", "--on", "2026-05-01T14:30", "--patient", ANN)
        first = les(*event, store=store)
        assert first.code == 0
        assert "to be notified by 04 May 2026, 14:30 (" in first.err
        told = les(*event, "--notified", "2026-05-02T09:00", store=store)
        assert "in time" in told.err
        shown = les("explain", "denosumab", "--patient", ANN, "--as-of", "2026-06-05", "--json", store=store).json
        assert [one["notified_at"] for one in shown["incidents"]] == ["2026-05-02T09:00"]
        late = les(*event, "--notified", "2026-05-09T09:00", store=store)
        assert "late" in late.err

    def test_an_accreditation_is_recorded_and_amended(self, les, store):
        record = ("clinician", "Dr D McAvenue", "--accreditation", "fsrh-loc", "--from", "2022-05-01", "--to")
        assert les(*record, "2027-04-30", store=store).code == 0
        assert les(*record, "30/06/2027", store=store).code == 0


READING = [
    ("services",),
    ("services", "show", "denosumab"),
    ("quarantine",),
    ("quarantine", "--rows"),
    ("register", "denosumab"),
    ("recall",),
    ("claim", "--month", "2026-05"),
    ("claim", "--month", "2026-05", "--rows"),
    ("claims",),
    ("claims", "show", "denosumab-2026-05"),
    ("report", "denosumab", "--period", "2026-05"),
    ("explain", "denosumab", "--patient", ANN),
]


@pytest.mark.parametrize("verb", READING, ids=" ".join)
class TestOptionsEveryVerbKnows:
    def test_table_json_and_csv(self, les, submitted, verb):
        table = les(*verb, "--as-of", "2026-06-05", store=submitted)
        assert table.code == 0
        assert table.out.endswith("\n")
        short = les(*verb, "--as-of", "2026-06-05", "--json", store=submitted)
        assert short.out == les(*verb, "--as-of", "2026-06-05", "--format", "json", store=submitted).out
        assert short.json
        rows = les(*verb, "--as-of", "2026-06-05", "--format", "csv", store=submitted)
        assert rows.code == 0
        assert "," in rows.out.splitlines()[0]

    def test_store_and_as_of_before_and_after_the_verb(self, les, submitted, verb):
        after = les(*verb, "--store", submitted, "--as-of", "2026-06-05")
        assert after.code == 0
        for before in (
            les("--store", submitted, "--as-of", "2026-06-05", *verb),
            les(f"--store={submitted}", *verb, "--as-of=05/06/2026"),
            les("--as-of", "5-Jun-2026", *verb, "--store", submitted),
        ):
            assert (before.code, before.out) == (0, after.out)

    @pytest.mark.parametrize("suffix", ["json", "csv", "xlsx", "html", "md"])
    def test_out(self, les, submitted, tmp_path, verb, suffix):
        out = tmp_path / f"out.{suffix}"
        done = les(*verb, "--as-of", "2026-06-05", "--out", out, store=submitted)
        assert (done.code, done.out) == (0, "")
        content = out.read_bytes()
        assert content
        if suffix == "json":
            assert json.loads(content) == les(*verb, "--as-of", "2026-06-05", "--json", store=submitted).json

    def test_quiet(self, les, submitted, verb):
        done = les(*verb, "--as-of", "2026-06-05", "--quiet", store=submitted)
        assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize(
    ("verb", "suffix"),
    [(("recall",), "ics"), (("claim", "denosumab", "--month", "2026-05"), "eml")],
    ids=["recall.ics", "claim.eml"],
)
def test_a_diary_of_recalls_and_a_message_with_the_claim(les, submitted, tmp_path, verb, suffix):
    out = tmp_path / f"out.{suffix}"
    assert les(*verb, "--as-of", "2026-06-05", "--out", out, store=submitted).code == 0
    content = out.read_text(encoding="utf-8")
    assert ANN not in content
    assert "Sentinelle" not in content


def test_today_is_used_when_no_day_is_named(les, store):
    asked = les("recall", "--json", store=store).json["as_of"]
    assert abs((date.fromisoformat(asked) - datetime.now(UTC).date()).days) <= 1


def test_the_overview_and_the_version(les):
    for asked in ((), ("-h",), ("--help",)):
        shown = les(*asked)
        assert (shown.code, shown.err) == (0, "")
        assert "les claim --month" in shown.out
    assert les("--version").out.startswith("les ")


WRITING = [
    ("services", "sign", "pessary", "--from", "2026-04-01"),
    ("services", "unsign", "denosumab", "--on", "2027-03-31"),
    ("services", "set", "denosumab", "price.injection=21.00", "--from", "2026-07-01", "--source", "letter"),
    ("services", "new", "dressings"),
    ("register", "denosumab", "--add", ANN, "--set", "t_score=-3.1"),
    ("register", "denosumab", "--end", ANN, "--on", "2026-06-30", "--reason", "treatment stopped"),
    ("invite", "denosumab", ANN, "--on", "2026-06-05", "--by", "sms"),
    ("claims", "pay", "denosumab-2026-05", "--amount", "40.00", "--on", "2026-06-30"),
    ("claims", "reverse", "denosumab-2026-05", "--row", "1", "--reason", "wrong patient"),
    ("claims", "withdraw", "denosumab-2026-05", "--reason", "submitted too early"),
    ("clinician", "Dr A", "--accreditation", "fsrh-loc", "--from", "2026-05-01", "--to", "2027-04-30"),
    ("incident", "denosumab", "--kind", "death", "--on", "2026-05-02"),
]


@pytest.mark.parametrize("verb", WRITING, ids=" ".join)
class TestOptionsOfVerbsThatWrite:
    def test_json(self, les, submitted, verb):
        done = les(*verb, "--as-of", "2026-07-06", "--json", store=submitted)
        assert done.code == 0
        assert done.json["schema"] == "les-done/1"
        assert ANN not in done.out

    def test_quiet(self, les, submitted, verb):
        done = les(*verb, "--as-of", "2026-07-06", "--quiet", store=submitted)
        assert (done.code, done.out, done.err) == (0, "", "")

    @pytest.mark.parametrize("options", [("--format", "xml"), ("--out", "nowhere/out.csv"), ("--out", "out.docx")])
    def test_what_cannot_be_answered_is_not_done(self, les, submitted, tmp_path, verb, options):
        before = content_of(submitted)
        done = les(*verb, "--as-of", "2026-07-06", *options, store=submitted)
        assert done.code in (1, 2)
        assert content_of(submitted) == before
        assert not (tmp_path / "dressings").exists()


@pytest.mark.parametrize(
    "verb",
    [
        *((f"out.{'ics' if place % 2 else 'eml'}", *verb) for place, verb in enumerate(WRITING)),
        ("out.ics", "import", "may.csv"),
        ("out.ics", *JUNE, *SUBMIT),
    ],
    ids=" ".join,
)
def test_what_cannot_be_written_changes_nothing(les_here, store, verb):
    assert les_here("services", "sign", "pessary", "--from", "2026-04-01", store=store).code == 0
    before = content_of(store)
    done = les_here(*verb[1:], "--out", verb[0], store=store)
    assert (done.code, done.out) == (2, "")
    assert "submitted;" not in done.err
    assert content_of(store) == before


@pytest.mark.parametrize("services", [("pessary",), ("pessary", "ius")])
def test_claims_without_an_address_are_refused_with_a_line_each(les_here, store, services):
    for name in services:
        assert les_here("services", "sign", name, "--from", "2026-04-01", store=store).code == 0
    before = content_of(store)
    asked = ("claim", *services, "--month", "2026-05", "--as-of", "2026-06-05", *SUBMIT, "--out", "both.eml")
    done = les_here(*asked, store=store)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", len(services))
    assert all(f"`les services set {name} email=ADDRESS --from DATE --source TEXT`" in done.err for name in services)
    assert content_of(store) == before


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("claims", "shw"), "did you mean `les claims show`?"),
        (("claims", "withdrw", "denosumab-2026-05"), "did you mean `les claims withdraw`?"),
        (("services", "list"), "there are show, set, unset, sign"),
        (("patients", "merg"), "did you mean `les patients merge`?"),
        (("verify", "now"), "`les verify` was given more words than it takes"),
        (("clinician", "A", "Smith", *LETTER), "put a name or a text of several words in quotes"),
    ],
)
def test_a_second_word_that_was_mistyped_is_told(les_here, store, typed, told):
    done = les_here(*typed, store=store)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert "unexpected" not in done.err


def test_an_accreditation_that_no_service_asks_for_is_refused(les_here, store):
    days = ("--from", "2025-01-01", "--to", "2026-01-01")
    before = content_of(store)
    for typed, told in (("swimming", "it is one of"), ("fsrh-loc-iut", "did you mean `fsrh-loc`?")):
        done = les_here("clinician", "Dr B", "--accreditation", typed, *days, store=store)
        assert (done.code, told in done.err, "fsrh-loc" in done.err) == (2, True, True)
    assert content_of(store) == before
    assert les_here("clinician", "Dr B", "--accreditation", "fsrh-loc", *days, store=store).code == 0


def test_money_has_one_form(les_here, store):
    assert les_here(*JUNE, *SUBMIT, store=store).code in (0, 3)
    pay = ("claims", "pay", "denosumab-2026-06", "--amount", "1,120.00", "--on", "2026-06-30")
    assert les_here(*pay, store=store).code in (0, 3)
    done = les_here("claims", "withdraw", "denosumab-2026-06", "--reason", "x", "--as-of", "2026-07-07", store=store)
    assert (done.code, "£1,120.00 is paid" in done.err, "--amount -1120.00" in done.err) == (1, True, True)
    assert "£1,120.00" in les_here(*pay, store=store).err
