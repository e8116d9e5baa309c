"""`les status`: what cannot wait, on both sides of each deciding day."""

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


def one_line(text: str) -> str:
    return " ".join(text.split())


class Les:
    """Run `les` on one store inside this process, because `status` does not depend on the process itself."""

    def __init__(self, store: Path, run: Callable[..., Any]) -> None:
        self.store = store
        self.run = run

    def __call__(self, *arguments: str) -> CompletedProcess[str]:
        done = self.run(*arguments, store=self.store)
        return CompletedProcess(arguments, done.code, done.out, done.err)

    def status(self, as_of: str) -> dict[str, Any]:
        done = self("status", "--as-of", as_of, "--json")
        assert done.returncode in (0, 3), done.stderr
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
def test_an_unsubmitted_month_is_listed_with_its_deadline(les: Les, as_of: str, days_left: int) -> None:
    # April is not submitted either: its £20.00 is in its own row, not in May's too.
    april, may = les.status(as_of)["deadlines"]
    assert (april["month"], april["amount_pence"]) == ("2026-04", 2000)
    assert (may["due_on"], may["days_left"], may["amount_pence"]) == ("2026-06-10", days_left, 2000)


def test_a_submitted_month_is_not(les: Les) -> None:
    les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert "2026-05" not in [row["month"] for row in les.status("2026-06-05")["deadlines"]]


def test_money_is_at_risk_until_the_last_day_of_its_window(les: Les) -> None:
    def at_risk(as_of: str) -> list[tuple[str, int, int]]:
        return [(row["expires_on"], row["count"], row["amount_pence"]) for row in les.status(as_of)["at_risk"]]

    # 10 April + 3 months; of 20 May one is payable and the other only needs its consultation type corrected.
    assert at_risk("2026-07-10") == [("2026-07-10", 1, 2000), ("2026-08-20", 2, 4000)]
    assert at_risk("2026-07-11") == [("2026-08-20", 2, 4000)]
    assert at_risk("2026-08-21") == []
    les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert at_risk("2026-07-10") == [("2026-08-20", 1, 2000)]


def test_recalls_are_counted(les: Les) -> None:
    # Ann's is due in November; Ben was only telephoned in May, and still is to have his.
    assert les.status("2026-11-21")["recalls"] == [
        {"service": "denosumab", "overdue": 2, "due": 0, "upcoming": 0, "declined": 0}
    ]
    assert les.status("2026-10-30")["recalls"] == [
        {"service": "denosumab", "overdue": 1, "due": 1, "upcoming": 0, "declined": 0}
    ]


def test_a_clock_runs_until_it_is_stopped(les: Les) -> None:
    event = ("incident", "denosumab", "--kind", "death", "--on", "2026-05-20T14:30", "--patient", ANN)
    les(*event)
    for as_of, late in (("2026-05-23", False), ("2026-05-24", True)):
        (clock,) = les.status(as_of)["clocks"]
        assert (clock["due_at"], clock["overdue"]) == ("2026-05-23T14:30", late)
    les(*event, "--notified", "2026-05-22")
    assert les.status("2026-05-24")["clocks"] == []


def test_old_data_is_reported(les: Les) -> None:
    week = les("status", "--as-of", "2026-05-27").stdout
    assert "Newest data: 20 May 2026, 7 days ago." in week
    assert "import a new export" not in week
    told = les("status", "--as-of", "2026-05-28")
    assert "8 days ago: import a new export" in one_line(told.stdout)
    # The screen says it, so it is not said twice; JSON has no line for it.
    assert told.stderr == ""
    assert "8 days ago: import a new export" in les("status", "--as-of", "2026-05-28", "--json").stderr


def test_a_diary_of_the_deadlines_names_nobody(les: Les, tmp_path: Path) -> None:
    diary = tmp_path / "deadlines.ics"
    assert les("status", "--as-of", "2026-06-05", "--out", str(diary)).returncode == 3
    text = diary.read_text(encoding="utf-8")
    assert "submit the claim for 2026-05" in text
    # The current month has its deadline too, so the calendar is never empty.
    assert "submit the claim for 2026-06" in text
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
def test_a_lapsing_accreditation_is_reported_90_days_ahead(les: Les, as_of: str, found: list[tuple[int, str]]) -> None:
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
        ("status", "--json"),
    ):
        assert "`sample` is suggested, not specified" in les(*verb, "--as-of", "2026-06-05").stderr, verb
    les("services", "set", "phlebotomy", "codes.sample=22778000", "--from", "2025-04-01", "--source", "ICB")
    assert "suggested" not in les("report", "phlebotomy", "--period", "2026-05", "--as-of", "2026-06-05").stderr


SAMPLES = "nhs_number,date_of_birth,date,code\n" + "".join(
    f"{ANN},1950-02-01,2026-05-{day:02d},22778000\n"
    for day in (1, 5, 6, 7, 8, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22)  # working days
)


@pytest.fixture
def bloods(tmp_path: Path, les_here: Callable[..., Any]) -> Les:
    """A practice with 15 samples in May, under a contract without a window, a deadline or a price."""
    les = Les(tmp_path / "bloods.les", les_here)
    export = tmp_path / "samples.csv"
    export.write_text(SAMPLES, encoding="utf-8")
    assert les("init", "--practice", "A82038", "--name", "Test").returncode == 0
    assert les("services", "sign", "phlebotomy", "--from", "2026-05-01").returncode == 0
    assert les("import", str(export)).returncode == 0
    return les


def test_samples_without_a_price_are_on_a_line_of_their_service(bloods: Les) -> None:
    done = bloods("status", "--as-of", "2026-06-05")
    assert done.returncode == 3
    assert "Every month that ended is submitted" not in done.stdout
    assert "phlebotomy 15 samples without a price" in one_line(done.stdout)
    assert "les services set SERVICE KEY=VALUE --from DATE --source TEXT" in done.stdout
    assert "no price 15 activities: phlebotomy 15" in one_line(done.stdout)
    (row,) = bloods.status("2026-06-05")["services"]
    assert (row["unpriced"], row["unset"], row["months_not_submitted"]) == (15, ["price.sample"], ["2026-05"])


def test_a_month_without_a_deadline_is_not_called_submitted(bloods: Les) -> None:
    bloods("services", "set", "phlebotomy", "price.sample=1.40", "--from", "2026-05-01", "--source", "ICB")
    done = bloods("status", "--as-of", "2026-06-05")
    assert done.returncode == 0
    assert "Every month that ended is submitted" not in done.stdout
    assert "no deadline is set: claim for 2026-05" in done.stdout
    (row,) = bloods.status("2026-06-05")["services"]
    assert (row["payable_pence"], row["months_not_submitted"]) == (2100, ["2026-05"])
    bloods("claim", "phlebotomy", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    done = bloods("status", "--as-of", "2026-06-05")
    assert "Every month that ended is submitted" in done.stdout
    (row,) = bloods.status("2026-06-05")["services"]
    assert (row["payable_pence"], row["claimed_pence"], row["months_not_submitted"]) == (0, 2100, [])


def test_work_found_since_is_reported_beside_submitted_months(bloods: Les, tmp_path: Path) -> None:
    bloods("services", "set", "phlebotomy", "price.sample=1.40", "--from", "2026-05-01", "--source", "ICB")
    bloods("claim", "phlebotomy", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    later = tmp_path / "later.csv"
    later.write_text("nhs_number,date,code\n" + f"{ANN},2026-05-26,22778000\n", encoding="utf-8")
    bloods("import", str(later))
    done = bloods("status", "--as-of", "2026-06-05")
    assert "phlebotomy 1 activity, £1.40, found after their months were submitted" in one_line(done.stdout)


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("2026-06-08", 0),  # April is claimed; 32 days are left of nothing else
        ("2026-07-19", 0),
        ("2026-07-20", 3),  # 20 May, whose window closes on 20 August
        ("2026-08-20", 3),
        ("2026-08-21", 3),  # lost
        ("2026-09-20", 3),
        ("2026-09-21", 0),  # lost more than 31 days ago: still listed, but no longer news
    ],
)
def test_it_needs_a_person_when_money_is_about_to_be_lost_or_lately_was(les: Les, as_of: str, code: int) -> None:
    for month in ("2026-04", "2026-05"):
        les("claim", "denosumab", "--month", month, "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert les("status", "--as-of", as_of).returncode == code
    (row,) = les.status(as_of)["services"]
    # What is left is Bea's telephone call of 20 May, once.
    assert row["held_back_pence"] + row["at_risk_pence"] + row["expired_pence"] == 2000
    assert (row["expired_pence"] == 2000) is (as_of > "2026-08-20")


def test_results_of_patients_on_no_register_are_counted_and_named(les: Les, tmp_path: Path) -> None:
    numbers = ("9990000034", "9990000042", "9990000050")
    export = tmp_path / "inr.csv"
    rows = (f"{who},1950-02-01,2020-0{month}-04,165581004\n" for who in numbers for month in (5, 6))
    export.write_text("nhs_number,date_of_birth,date,code\n" + "".join(rows), encoding="utf-8")
    les("services", "sign", "anticoag", "--from", "2020-04-01")
    assert les("import", str(export)).returncode == 3
    told = "anticoag: 3 patients have INR results and are on no register (6 entries)"
    for verb in (("status", "--json"), ("claim", "anticoag", "--month", "2020-06")):
        done = les(*verb, "--as-of", "2020-07-05")
        assert (done.returncode, told in done.stderr) == (3, True), verb
        assert "`les register anticoag --add NHS --from DATE`" in done.stderr
        assert not [who for who in numbers if who in done.stdout + done.stderr]
    assert "nothing was left out" not in les("claim", "anticoag", "--month", "2020-06").stdout
    # May's claim looks at May's results alone.
    assert (
        "3 patients have INR results and are on no register (3 entries)"
        in les("claim", "anticoag", "--month", "2020-05").stderr
    )
    done = les("register", "anticoag", "--as-of", "2020-07-05", "--json")
    assert told in done.stderr
    listed = json.loads(done.stdout)["unregistered"]
    assert [(row["nhs_number"], row["entries"], row["last_on"]) for row in listed] == [
        (who, 2, "2020-06-04") for who in numbers
    ]
    for who in numbers:
        les("register", "anticoag", "--add", who, "--from", "2020-05-01", "--set", "level=3", "--as-of", "2020-07-05")
    assert "on no register" not in les("status", "--as-of", "2020-07-05").stdout
