"""Running and missed clocks, and values beyond a threshold, in `les status`, `les recall` and `les explain`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.testing import snomed_concept

ANN, BEA = "9990000018", "9990000026"
TOLD, REVIEW, PSA = map(snomed_concept, range(3))
SERVICE = f"""
[service]
name = "homes"
title = "Care homes"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2026-04-01"
clause = "1"

[submission]
clause = "1"
by = "email"

[register]
rule = "coded"
clause = "2"
find_by = ["told", "psa"]

[codelists.told]
title = "Told of an admission"
status = "specified"
clause = "2"
snomed = ["{TOLD}"]

[codelists.review]
title = "Review"
status = "specified"
clause = "2"
snomed = ["{REVIEW}"]

[codelists.psa]
title = "PSA"
status = "specified"
clause = "2"
snomed = ["{PSA}"]

[[clock]]
name = "told-to-review"
title = "Review after admission"
clause = "4.2"
from = {{ codelist = "told" }}
to = {{ any_of = ["review"] }}
within = 7
unit = "days"

[[threshold]]
name = "psa-above"
title = "PSA above 4"
clause = "4.3"
codelist = "psa"
above = 4
"""
EXPORT = f"""nhs_number,family_name,date_of_birth,date,code,value
{ANN},A,1950-02-01,2026-05-01,{TOLD},
{BEA},B,1950-02-01,2026-05-01,{TOLD},
{BEA},,,2026-05-03,{PSA},4.5
"""
Run = Callable[..., Any]


@pytest.fixture
def les(tmp_path: Path, les_here: Run) -> Run:
    folder = tmp_path / "homes"
    folder.mkdir()
    (folder / "service.toml").write_text(SERVICE, encoding="utf-8")
    export, store = tmp_path / "export.csv", tmp_path / "practice.les"
    export.write_text(EXPORT, encoding="utf-8")

    def run(*arguments: object) -> Any:
        return les_here(*arguments, store=store)

    assert run("init", "--practice", "A82038", "--name", "Test").code == 0
    assert run("services", "add", folder).code == 0
    assert run("services", "sign", "homes", "--from", "2026-04-01").code == 0
    assert run("import", export).code == 0
    return run


@pytest.mark.parametrize(("as_of", "overdue"), [("2026-05-08", False), ("2026-05-09", True)])
def test_clocks_stand_in_the_status(les: Run, as_of: str, overdue: bool) -> None:
    status = les("status", "--as-of", as_of, "--json").json
    assert status["clocks"] == [
        {
            "service": "homes",
            "kind": "told-to-review",
            "due_at": "2026-05-08T23:59",
            "title": "Review after admission",
            "patients": 2,
            "overdue": overdue,
            "clause": "4.2",
        }
    ]
    shown = les("status", "--as-of", as_of)
    words = "1 day late" if overdue else "today"
    assert f"{words}: Review after admission, 2 patients, last day 08 May 2026" in " ".join(shown.out.split())
    assert (shown.code == 3) is overdue


def test_the_diary_has_the_last_day_of_each_clock_and_names_nobody(les: Run, tmp_path: Path) -> None:
    diary = tmp_path / "status.ics"
    les("status", "--as-of", "2026-05-08", "--out", diary)
    text = diary.read_text(encoding="utf-8").replace("\r\n ", "")
    assert "SUMMARY:homes: last day of told-to-review for 2 patients" in text
    assert "DTSTART;VALUE=DATE:20260508" in text
    assert ANN not in text


def test_values_beyond_a_threshold_stand_in_the_status(les: Run) -> None:
    assert "thresholds" not in les("status", "--as-of", "2026-05-02", "--json").json
    shown = les("status", "--as-of", "2026-05-03", "--json")
    assert [(one["kind"], one["patients"]) for one in shown.json["thresholds"]] == [("psa-above", 1)]
    assert "homes: PSA above 4: 1 patient to look at; `les recall homes` lists them" in shown.err


def test_the_recall_lists_both_most_pressing_first(les: Run) -> None:
    rows = les("recall", "homes", "--as-of", "2026-05-09", "--json").json["recalls"]
    assert [(row["nhs_number"], row["kind"], row["days_overdue"]) for row in rows] == [
        (BEA, "psa-above", 6),
        (ANN, "told-to-review", 1),
        (BEA, "told-to-review", 1),
    ]


def test_explain_says_how_each_clock_stands(les: Run, tmp_path: Path) -> None:
    def told(as_of: str) -> str:
        answers = les("explain", "homes", "--patient", ANN, "--as-of", as_of, "--json").json["answers"]
        (answer,) = [one["answer"] for one in answers if one["rule"] == "clock: told-to-review from 01 May 2026"]
        return str(answer)

    assert told("2026-05-08") == "running: its last day is 08 May 2026"
    assert told("2026-05-09") == "not met: its last day was 08 May 2026"
    later = tmp_path / "later.csv"
    later.write_text(f"nhs_number,date_of_birth,date,code\n{ANN},1950-02-01,2026-05-09,{REVIEW}\n", encoding="utf-8")
    assert les("import", later).code == 0
    assert told("2026-05-09") == "met late, on 09 May 2026: its last day was 08 May 2026"


def test_explain_says_how_the_newest_value_stands(les: Run) -> None:
    answers = les("explain", "homes", "--patient", BEA, "--as-of", "2026-05-04", "--json").json["answers"]
    told = [(one["answer"], one["clause"]) for one in answers if one["rule"] == "threshold: psa-above"]
    assert told == [("03 May 2026: 4.5 is above 4", "4.3")]


def test_the_terms_show_clocks_and_thresholds(les: Run) -> None:
    shown = les("services", "show", "homes").out
    assert "review within 7 days of told" in shown
    assert "newest psa above 4" in shown


def test_the_time_of_a_clock_changes_from_a_day_on(les: Run) -> None:
    source = ("--from", "2026-05-02", "--source", "letter")
    assert les("services", "set", "homes", "within.told-to-review=2", *source).code == 0
    assert [one["due_at"] for one in les("status", "--as-of", "2026-05-02", "--json").json["clocks"]] == [
        "2026-05-08T23:59"
    ]
    earlier = ("--from", "2026-05-01", "--source", "second letter")
    assert les("services", "set", "homes", "within.told-to-review=3", *earlier).code == 0
    assert [one["due_at"] for one in les("status", "--as-of", "2026-05-02", "--json").json["clocks"]] == [
        "2026-05-04T23:59"
    ]
