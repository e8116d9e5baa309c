"""`les evidence` on the command line: a folder for a check of claims after payment."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from lescli.store import open_store
from tests.store_content import content_of

MAY = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A. Admin")
ASKED = ("evidence", "denosumab", "--period", "2026-05", "--as-of", "2026-08-01")


@pytest.fixture
def submitted(les_here, store):
    assert les_here(*MAY, store=store).code == 0
    return store


def test_the_pack_is_written_and_what_is_printed_names_nobody(les_here, submitted, tmp_path):
    before = content_of(submitted)
    done = les_here(*ASKED, "--out", "pack", "--json", store=submitted)
    assert done.code == 3  # no register was kept
    assert content_of(submitted) == before
    with open_store(submitted) as store:
        trail = store.rows("SELECT patients, identifiable, exit_code FROM audit")
    assert trail[-1] == (2, 1, 3)
    assert (done.json["rows"], done.json["missing"], done.json["patients"]) == (2, 2, 2)
    assert "identifiable" in done.err
    assert "Sentinelle" not in done.out + done.err
    assert json.loads((tmp_path / "pack" / "manifest.json").read_text("utf-8")) == done.json
    assert b"SENTINELLE" in (tmp_path / "pack" / "evidence.csv").read_bytes()
    assert b"SENTINELLE" not in (tmp_path / "pack" / "summary.html").read_bytes()


def test_with_everything_recorded_it_is_done(les_here, submitted, tmp_path):
    loaded = tmp_path / "register.csv"
    rows = [f"{number},2026-04-01,2025-10-01,2026-04-01" for number in ("9990000018", "9990000034")]
    loaded.write_text("\n".join(["nhs_number,entered_on,first_dose_on,management_plan_given_on", *rows]) + "\n")
    assert les_here("register", "denosumab", "--load", loaded, store=submitted).code == 0
    assert les_here(*ASKED, "--out", "pack", store=submitted).code == 0


def test_a_second_pack_needs_a_yes_and_refuses_before_it_asks(les_here, submitted, tmp_path):
    les_here(*ASKED, "--out", "pack", store=submitted)
    again = les_here(*ASKED, "--out", "pack", store=submitted)
    assert (again.code, again.out) == (1, "")
    assert "--yes" in again.err
    assert les_here(*ASKED, "--out", "pack", "--yes", "--sample", "1", store=submitted).code == 3
    assert json.loads((tmp_path / "pack" / "manifest.json").read_text("utf-8"))["rows"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--sample", "0"), "at least one"), (("--seed", "7"), "goes with --sample"), ((), "--out")],
)
def test_what_makes_no_sense_is_usage(les_here, submitted, tmp_path, options, said):
    out = ("--out", "pack") if options else ()
    done = les_here(*ASKED, *out, *options, store=submitted)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not (tmp_path / "pack").exists()


def test_without_a_claim_no_folder_is_written(les_here, store, tmp_path):
    done = les_here(*ASKED, "--out", "pack", store=store)
    assert (done.code, done.out) == (1, "")
    assert "les claims" in done.err
    assert not (tmp_path / "pack").exists()


def test_the_sum_of_the_manifest_itself_is_printed_and_that_of_the_specification_stands_in_it(
    les_here, submitted, tmp_path
):
    done = les_here(*ASKED, "--out", "pack", store=submitted)
    manifest = (tmp_path / "pack" / "manifest.json").read_bytes()
    assert sha256(manifest).hexdigest() in done.out
    told = json.loads(manifest)
    assert {claim["specification_sha256"] for claim in told["claims"]} == {told["specification"]["sha256"]}


def test_days_within_a_month_are_the_month_and_say_so(les_here, submitted, tmp_path):
    within = ("evidence", "denosumab", "--period", "2026-05-05..2026-05-06", "--as-of", "2026-05-06")
    done = les_here(*within, "--out", "pack", store=submitted)
    assert "a claim covers a whole month, so the pack covers 2026-05-01..2026-05-31" in done.err
    assert "as of 05 Jun 2026, the newest submission" in done.err
    told = json.loads((tmp_path / "pack" / "manifest.json").read_text("utf-8"))
    assert (told["period"]["end"], told["as_of"], told["unsupported"]) == ("2026-05-31", "2026-06-05", 0)


def test_the_next_pack_reports_what_a_killed_one_left(les_here, submitted, tmp_path):
    assert "interrupted" not in les_here(*ASKED, "--out", "pack", store=submitted).err
    (tmp_path / ".les-abc.part").mkdir()
    assert ".les-abc.part" in les_here(*ASKED, "--out", "pack", "--yes", store=submitted).err
