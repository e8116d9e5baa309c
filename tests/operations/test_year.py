"""The year's money agrees with the claims and the status, month by month."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lescli.cli.run import run

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
DAYS = ("2026-04-03", "2026-05-05", "2026-05-20", "2026-06-10")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    text = "".join(f"9990000018,Ash,1950-02-01,{day},700139004,Home visit\n" for day in DAYS)
    Path("a.csv").write_text(HEADER + text, encoding="utf-8")
    run(["import", "a.csv", "--as-of", "2026-07-06"])
    capsys.readouterr()
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    run([*words, "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("here")
def test_each_pound_is_in_one_column(capsys: pytest.CaptureFixture[str]) -> None:
    run(["claim", "denosumab", "--month", "2026-05", "--as-of", "2026-07-04", "--submit", "--by", "A"])
    run(["claims", "pay", "denosumab-2026-05", "--amount", "20.00", "--on", "2026-07-05", "--ref", "B1"])
    year = asked(capsys, "year", "--as-of", "2026-07-06")
    months = {row["month"]: row for row in year["months"]}
    # April's window closed on 3 July, before the claim.
    assert (months["2026-04"]["expired"], months["2026-04"]["lost_pence"]) == (1, 2000)
    assert (months["2026-05"]["claimed_pence"], months["2026-05"]["paid_pence"]) == (4000, 2000)
    assert months["2026-05"]["owed_pence"] == 2000
    assert months["2026-06"]["open_pence"] == 2000
    assert list(months) == ["2026-04", "2026-05", "2026-06", "2026-07"]
    claims = asked(capsys, "claims", "--as-of", "2026-07-06")["claims"]
    status = asked(capsys, "status", "--as-of", "2026-07-06")["services"][0]
    assert year["totals"]["claimed_pence"] == sum(one["total_pence"] - one["reversed_pence"] for one in claims)
    assert year["totals"]["lost_pence"] == status["expired_pence"]
    assert year["totals"]["open_pence"] == status["ready_pence"] + status["not_over_pence"] + status["at_risk_pence"]


@pytest.mark.usefixtures("here")
def test_a_payment_too_large_is_shown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    run(["claim", "denosumab", "--month", "2026-05", "--as-of", "2026-07-04", "--submit", "--by", "A"])
    run(["claims", "pay", "denosumab-2026-05", "--amount", "50.00", "--on", "2026-07-05", "--ref", "B1"])
    totals = asked(capsys, "year", "--as-of", "2026-07-06")["totals"]
    assert (totals["owed_pence"], totals["overpaid_pence"]) == (0, 1000)


@pytest.mark.usefixtures("here")
def test_another_year_has_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    year = asked(capsys, "year", "2025-26", "--as-of", "2026-07-06")
    assert len(year["months"]) == 12
    assert set(year["totals"].values()) == {0}
    capsys.readouterr()
    assert run(["year", "2026-05"]) == 2
    assert "write it as 2026-27" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_the_workbook_has_a_native_chart(capsys: pytest.CaptureFixture[str]) -> None:
    run(["claim", "denosumab", "--month", "2026-05", "--as-of", "2026-07-04", "--submit", "--by", "A"])
    run(["year", "--as-of", "2026-07-06", "--out", "year.xlsx"])
    book = openpyxl.load_workbook("year.xlsx")
    sheet = book["Chart 1"]
    assert len(sheet._charts) == 1  # type: ignore[attr-defined]
    assert [cell.value for cell in sheet[1]][1:] == ["Claimed", "Paid"]
    assert 40 in [cell.value for cell in sheet["B"]]
