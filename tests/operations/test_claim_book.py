"""The workbook of a claim, read by another library: it can be signed, names nobody, and its sums are the JSON's."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lescli.cli.run import run

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
ROWS = (
    ("9990000018", "Ash", "2026-04-20", "Home visit"),
    ("9990000018", "Ash", "2026-05-05", "Home visit"),
    ("9990000026", "=2+3", "2026-05-06", "Telephone call"),
)
MAY = ("denosumab", "--month", "2026-05", "--as-of", "2026-06-05")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A practice with two injections to claim and one to put right."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "=Demo+Surgery"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    text = "".join(f"{who},{name},1950-02-01,{day},700139004,{kind}\n" for who, name, day, kind in ROWS)
    Path("may.csv").write_text(HEADER + text, encoding="utf-8")
    run(["import", "may.csv", "--as-of", "2026-06-01"])
    capsys.readouterr()
    return tmp_path


def book(*words: str) -> Any:
    run(["claim", *MAY, "--out", "c.xlsx", *words])
    return openpyxl.load_workbook("c.xlsx")


def labels(sheet: Any) -> dict[str, Any]:
    return {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}


@pytest.mark.usefixtures("here")
def test_a_preview_can_be_checked_and_signed(capsys: pytest.CaptureFixture[str]) -> None:
    found = book()
    assert found.sheetnames == ["Claim", "To put right", "Not paid and why", "How to read this"]
    sheet = found["Claim"]
    held = labels(sheet)
    assert held["Practice"] == "=Demo+Surgery"
    assert held["ODS code"] == "A81001"
    assert held["Month claimed"] == "May 2026"
    assert held["Claim"] == "Preview: not submitted"
    assert held["Submit by"].date() == date(2026, 6, 10)
    assert "I declare" in held["Declaration"]
    assert {"Prepared by", "Authorised by", "Signature"} <= set(held)
    capsys.readouterr()
    run(["claim", *MAY, "--json"])
    claim = json.loads(capsys.readouterr().out)
    (total,) = (row for row in sheet.iter_rows(values_only=True) if row[0] == "Total")
    assert round(total[4] * 100) == claim["total_pence"] == 4000
    assert total[2] == sum(line["quantity"] for line in claim["lines"])


@pytest.mark.usefixtures("here")
def test_no_cell_is_a_formula_and_nothing_is_merged() -> None:
    for sheet in book():
        assert not list(sheet.merged_cells.ranges)
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert sheet.print_area
        assert sheet.page_setup.paperSize == 9


@pytest.mark.usefixtures("here")
def test_what_is_to_be_put_right_has_its_money() -> None:
    heads, row = book()["To put right"].iter_rows(values_only=True)
    told = dict(zip(heads, row, strict=True))
    assert (told["Activities"], told["Money it holds"], told["Why"]) == (1, 20, "consultation-type")
    assert told["What to do"].startswith("add a new consultation")


@pytest.mark.usefixtures("here")
def test_a_submitted_claim_has_its_names_and_its_proof(capsys: pytest.CaptureFixture[str]) -> None:
    held = labels(book("--submit", "--by", "A. Admin", "--authorised-by", "Dr B")["Claim"])
    assert (held["Claim"], held["Prepared by"], held["Authorised by"]) == ("denosumab-2026-05", "A. Admin", "Dr B")
    capsys.readouterr()
    run(["claims", "--json"])
    assert held["Chain head"] == json.loads(capsys.readouterr().out)["claims"][0]["chain_head"]


@pytest.mark.usefixtures("here")
def test_the_rows_are_in_another_file(capsys: pytest.CaptureFixture[str]) -> None:
    found = book("--rows")
    assert "c.xlsx names no patient" in capsys.readouterr().err
    text = " ".join(str(cell.value) for sheet in found for row in sheet.iter_rows() for cell in row)
    assert not any(who in text for who, *_ in ROWS)
    beside = openpyxl.load_workbook("c-rows.xlsx")
    rows = list(beside.worksheets[0].iter_rows(values_only=True))
    assert any("9990000018" in row for row in rows)
