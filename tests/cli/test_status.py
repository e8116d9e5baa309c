"""`les status`: what cannot wait, on both sides of each day it turns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
ANN, BEA = "9990000018", "9990000026"
EXPORT = (
    f"{HEADER}{ANN},A,1950-02-01,2026-04-10,700139004,Home visit\n"
    f"{ANN},,,2026-05-20,700139004,Home visit\n{BEA},B,1950-02-01,2026-05-20,700139004,Telephone call\n"
)


class Les:
    """The program on one store, inside this process: what `status` says does not turn on the process itself."""

    def __init__(self, store: Path, run: Callable[..., Any]) -> None:
        self.store = store
        self.run = run

    def __call__(self, *arguments: str) -> CompletedProcess[str]:
        done = self.run(*arguments, store=self.store)
        return CompletedProcess(arguments, done.code, done.out, done.err)

    def status(self, as_of: str) -> dict[str, Any]:
        done = self("status", "--as-of", as_of, "--json")
        assert done.returncode == 0, done.stderr
        from jsonschema import Draft202012Validator

        from lescli_schemas import load

        data: dict[str, Any] = json.loads(done.stdout)
        Draft202012Validator(load("status")).validate(data)
        return data


@pytest.fixture
def les(tmp_path: Path, les_here: Callable[..., Any]) -> Les:
    les = Les(tmp_path / "practice.les", les_here)
    export = tmp_path / "export.csv"
    export.write_text(EXPORT, encoding="utf-8")
    assert les("init", "--practice", "A82038", "--name", "Test").returncode == 0
    assert les("services", "sign", "denosumab", "--from", "2026-04-01").returncode == 0
    assert les("import", str(export)).returncode == 0
    return les


@pytest.mark.parametrize(("as_of", "days_left"), [("2026-06-10", 0), ("2026-06-11", -1)])
def test_a_month_not_submitted_is_named_with_its_last_day(les: Les, as_of: str, days_left: int) -> None:
    may = next(row for row in les.status(as_of)["deadlines"] if row["month"] == "2026-05")
    assert (may["due_on"], may["days_left"], may["amount_pence"]) == ("2026-06-10", days_left, 4000)


def test_a_submitted_month_is_not(les: Les) -> None:
    les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert "2026-05" not in [row["month"] for row in les.status("2026-06-05")["deadlines"]]


def test_money_is_at_risk_until_the_last_day_of_its_window(les: Les) -> None:
    def at_risk(as_of: str) -> list[tuple[str, int, int]]:
        return [(row["expires_on"], row["count"], row["amount_pence"]) for row in les.status(as_of)["at_risk"]]

    # 10 April + 3 months; of 20 May one is payable and one only wants its consultation corrected.
    assert at_risk("2026-07-10") == [("2026-07-10", 1, 2000), ("2026-08-20", 2, 4000)]
    assert at_risk("2026-07-11") == [("2026-08-20", 2, 4000)]
    assert at_risk("2026-08-21") == []
    les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert at_risk("2026-07-10") == [("2026-08-20", 1, 2000)]


def test_recalls_are_counted(les: Les) -> None:
    assert les.status("2026-11-21")["recalls"] == [{"service": "denosumab", "overdue": 2, "due": 0, "upcoming": 0}]
    assert les.status("2026-10-30")["recalls"] == [{"service": "denosumab", "overdue": 0, "due": 2, "upcoming": 0}]


def test_a_clock_runs_until_it_is_stopped(les: Les) -> None:
    event = ("incident", "denosumab", "--kind", "death", "--on", "2026-05-20T14:30", "--patient", ANN)
    les(*event)
    for as_of, late in (("2026-05-23", False), ("2026-05-24", True)):
        (clock,) = les.status(as_of)["clocks"]
        assert (clock["due_at"], clock["overdue"]) == ("2026-05-23T14:30", late)
    les(*event, "--notified", "2026-05-22")
    assert les.status("2026-05-24")["clocks"] == []


def test_old_data_is_said_to_be_old(les: Les) -> None:
    assert "import a new export" not in les("status", "--as-of", "2026-05-27").stderr
    assert "8 days ago: import a new export" in les("status", "--as-of", "2026-05-28").stderr


def test_a_diary_of_the_deadlines_names_nobody(les: Les, tmp_path: Path) -> None:
    diary = tmp_path / "deadlines.ics"
    assert les("status", "--as-of", "2026-06-05", "--out", str(diary)).returncode == 0
    text = diary.read_text(encoding="utf-8")
    assert "submit the claim for 2026-05" in text
    assert ANN not in text


@pytest.mark.parametrize(
    ("as_of", "found"),
    [
        ("2026-01-30", []),
        ("2026-01-31", [(90, "lapsing")]),
        ("2026-05-01", [(0, "lapsing")]),
        ("2026-05-02", [(-1, "lapsed")]),
    ],
)
def test_an_accreditation_that_lapses_is_told_90_days_ahead(les: Les, as_of: str, found: list[tuple[int, str]]) -> None:
    les("services", "sign", "ius", "--from", "2026-01-01")
    les("clinician", "Dr A", "--accreditation", "fsrh-loc", "--from", "2021-05-01", "--to", "2026-05-01")
    assert [(row["days_left"], row["status"]) for row in les.status(as_of)["accreditations"]] == found


def test_renewals_without_a_gap_are_one_and_a_gap_is_told(les: Les) -> None:
    les("services", "sign", "ius", "--from", "2026-01-01")
    letter = ("--accreditation", "fsrh-loc", "--from")
    les("clinician", "Dr A", *letter, "2021-05-01", "--to", "2026-05-01")
    les("clinician", "dr a.", *letter, "2026-05-02", "--to", "2031-05-01")
    les("clinician", "Dr B", *letter, "2021-05-01", "--to", "2026-05-01")
    les("clinician", "Dr B", *letter, "2026-07-01", "--to", "2031-05-01")
    found = les.status("2026-04-25")["accreditations"]
    assert [(row["clinician"], row["ends_on"]) for row in found] == [("Dr B", "2026-05-01")]


def test_claimed_work_that_would_not_be_paid_today_is_a_discrepancy(les: Les, tmp_path: Path) -> None:
    les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert "discrepancies" not in les("claims", "--json", "--as-of", "2026-06-06").stdout
    later = tmp_path / "later.csv"
    later.write_text(f"nhs_number,date_of_birth,died_on\n{ANN},1950-02-01,2026-05-01\n", encoding="utf-8")
    les("import", str(later))
    done = les("claims", "--json", "--as-of", "2026-06-06")
    (claim,) = json.loads(done.stdout)["claims"]
    assert [(row["row"], row["change"]) for row in claim["discrepancies"]] == [(2, "changed")]
    assert "would not be paid today: dated after the patient's death" in done.stderr
    shown = les("claims", "show", "denosumab-2026-05", "--json", "--as-of", "2026-06-06")
    assert len(json.loads(shown.stdout)["discrepancies"]) == 1
    assert "`les claims reverse denosumab-2026-05 --row 2" in shown.stderr


def test_every_output_that_may_rest_on_a_suggested_code_says_so(les: Les) -> None:
    les("services", "sign", "phlebotomy", "--from", "2026-01-01")
    for verb in (
        ("register", "phlebotomy"),
        ("recall", "phlebotomy"),
        ("report", "phlebotomy", "--period", "2026-05"),
        ("explain", "phlebotomy", "--patient", ANN),
        ("claim", "phlebotomy", "--month", "2026-05"),
        ("status",),
    ):
        assert "`sample` is suggested, not specified" in les(*verb, "--as-of", "2026-06-05").stderr, verb
    les("services", "set", "phlebotomy", "codes.sample=22778000", "--from", "2025-04-01", "--source", "ICB")
    assert "suggested" not in les("report", "phlebotomy", "--period", "2026-05", "--as-of", "2026-06-05").stderr
