"""Two services that could claim the same work: every command counts each pound once, before and after a claim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TOML = Path(__file__).parents[2] / "plugins" / "denosumab" / "lescli_denosumab" / "service.toml"
COPY = "denosumab-new"
DAY = ("--as-of", "2026-06-05")
MAY = ("--month", "2026-05", *DAY)
EXPORT = """\
nhs_number,family_name,date_of_birth,date,code,consultation_type
9990000018,A,1950-02-01,2026-05-04,700139004,Home visit
9990000026,B,1950-02-01,2026-05-20,700139004,Home visit
9990000034,C,1950-02-01,2026-05-20,700139004,Telephone call
9990000018,A,1950-02-01,2026-06-03,700139004,Home visit
"""


@pytest.fixture
def two(tmp_path: Path, les_here: Any) -> Any:
    """The program at a practice with denosumab and a copy of it, and an injection in the current month."""
    folder, store = tmp_path / COPY, tmp_path / "two.les"
    folder.mkdir()
    text = TOML.read_text(encoding="utf-8").replace('name = "denosumab"', f'name = "{COPY}"', 1)
    (folder / "service.toml").write_text(text, encoding="utf-8")
    export = tmp_path / "export.csv"
    export.write_text(EXPORT, encoding="utf-8")

    def les(*words: object) -> Any:
        return les_here(*words, store=store)

    assert les("init", "--practice", "A82038", "--name", "Test").code == 0
    assert les("services", "sign", "denosumab", "--from", "2026-04-01").code == 0
    assert les("import", export).code == 0
    assert les("services", "add", folder).code == 0
    assert les("services", "sign", COPY, "--from", "2026-04-01").code == 0
    return les


def money(status: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    first, second = status["services"]
    return first, second


def test_before_a_claim_the_first_service_counts_the_pound(two: Any) -> None:
    told = two("status", *DAY, "--json")
    first, second = money(told.json)
    assert (first["ready_pence"], first["not_over_pence"], first["held_back_pence"]) == (4000, 2000, 2000)
    assert [second[name] for name in ("payable_pence", "ready", "not_over", "at_risk", "held_back")] == [0] * 5
    assert second["also_claimable"] == [{"service": "denosumab", "count": 4, "amount_pence": 8000}]
    assert {row["service"] for row in told.json["at_risk"]} == {"denosumab"}
    assert sum(row["amount_pence"] for row in told.json["deadlines"]) == first["ready_pence"]
    assert f"{COPY}: 4 activities, £80.00, also claimable under denosumab" in told.err


def test_after_a_claim_the_other_has_nothing_still_to_be_had(two: Any) -> None:
    assert two("claim", "denosumab", *MAY, "--submit", "--by", "A").code == 0
    told = two("status", *DAY, "--json").json
    first, second = money(told)
    assert (first["claimed_pence"], first["ready"], first["not_over_pence"]) == (4000, 0, 2000)
    assert second["claimed_elsewhere"] == 2
    assert [second[name] for name in ("ready", "at_risk", "held_back", "not_over")] == [0] * 4
    assert {row["service"] for row in told["at_risk"]} <= {"denosumab"}
    rows = two("explain", COPY, "--patient", "9990000026", *DAY, "--json").json["claims"]
    assert [(row["standing"], row["amount_pence"]) for row in rows] == [("claimed_elsewhere", 0)]


def test_explain_says_that_the_month_is_not_over(two: Any) -> None:
    told = two("explain", "denosumab", "--patient", "9990000018", *DAY, "--json").json
    assert [row["standing"] for row in told["claims"]] == ["ready", "not_over"]
    said = [row["answer"] for row in told["answers"] if row["rule"].startswith("claim:")]
    assert [", and its month is not over yet" in answer for answer in said] == [False, True]


def test_the_preview_of_both_warns_once(two: Any) -> None:
    told = two("claim", *MAY)
    assert told.err.count("would both be paid for the same work") == 1


def test_a_setting_that_allows_the_pair_counts_both(two: Any) -> None:
    allow = ("setting.shared_with+=denosumab", "--from", "2026-04-01", "--source", "letter")
    assert two("services", "set", COPY, *allow).code == 0
    first, second = money(two("status", *DAY, "--json").json)
    assert first["ready_pence"] == second["ready_pence"] == 4000
    assert second["also_claimable"] == []


def test_a_figure_of_the_status_is_that_of_the_claim(two: Any) -> None:
    first, _ = money(two("status", *DAY, "--json").json)
    months = [row for row in two("status", *DAY, "--json").json["deadlines"] if row["service"] == "denosumab"]
    for row in months:
        claim = two("claim", "denosumab", "--month", row["month"], *DAY, "--json").json
        assert claim["total_pence"] == row["with_earlier_pence"]
    assert sum(row["amount_pence"] for row in months) == first["ready_pence"]


def test_the_report_says_what_is_of_a_month_that_is_not_over(two: Any) -> None:
    quarter = two("report", "denosumab", "--period", "2026-27-Q1", *DAY, "--json")
    assert quarter.json["not_over"] == [{"month": "2026-06", "count": 1, "amount_pence": 2000}]
    line = "1 payable activity of 2026-06, £20.00, is counted here and cannot be claimed yet: the month is not over"
    assert line in quarter.err
    # A month that is over says nothing of it, and neither does the quarter once June is over.
    for words in (("2026-05", *DAY), ("2026-27-Q1", "--as-of", "2026-07-01")):
        told = two("report", "denosumab", "--period", *words, "--json")
        assert "not_over" not in told.json
        assert "the month is not over" not in told.err
    last = two("report", "denosumab", "--period", "2026-06", "--as-of", "2026-06-30", "--json").json
    assert [one["month"] for one in last["not_over"]] == ["2026-06"]
