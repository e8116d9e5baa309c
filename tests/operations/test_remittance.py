"""A remittance is recorded whole or not at all, once, and says what was not paid as claimed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lescli.cli.run import run

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A practice with the claims of April (one injection) and May (three)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    days = ("2026-04-03", "2026-05-05", "2026-05-12", "2026-05-20")
    text = "".join(f"9990000018,Ash,1950-02-01,{day},700139004,Home visit\n" for day in days)
    Path("a.csv").write_text(HEADER + text, encoding="utf-8")
    run(["import", "a.csv", "--as-of", "2026-06-05"])
    for month in ("2026-04", "2026-05"):
        run(["claim", "denosumab", "--month", month, "--as-of", "2026-06-05", "--submit", "--by", "A"])
    capsys.readouterr()
    return tmp_path


def load(capsys: pytest.CaptureFixture[str], text: str, *words: str) -> tuple[int, Any, str]:
    Path("r.csv").write_text(text, encoding="utf-8")
    code = run(["claims", "pay", "--load", "r.csv", "--as-of", "2026-07-06", "--json", *words])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def paid(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    run(["claims", "--json", "--as-of", "2026-07-06"])
    return {one["claim_id"]: one["paid_pence"] for one in json.loads(capsys.readouterr().out)["claims"]}


def test_lines_become_payments(capsys: pytest.CaptureFixture[str]) -> None:
    code, data, err = load(
        capsys,
        "Claim,Service,Month,Item,Quantity,Amount,Date,Reference\n"
        "denosumab-2026-04,,,injection,1,£20.00,30/06/2026,B1\n"
        ",Denosumab,May 2026,injection,3,60.00,30/06/2026,B1\n",
    )
    assert (code, data["not_paid"]) == (0, [])
    assert paid(capsys) == {"denosumab-2026-04": 2000, "denosumab-2026-05": 6000}
    assert "2 payments recorded, £80.00" in err


def test_the_same_file_again_records_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    text = "claim,amount,date\ndenosumab-2026-05,60.00,2026-06-30\n"
    load(capsys, text)
    code, data, err = load(capsys, text)
    assert code == 0
    assert data["payments"][0]["state"] == "recorded before"
    assert "1 payment recorded before, unchanged" in err
    assert paid(capsys)["denosumab-2026-05"] == 6000


def test_two_equal_payments_of_a_day_are_two_by_their_references(capsys: pytest.CaptureFixture[str]) -> None:
    line = "denosumab-2026-05,20.00,2026-06-30"
    load(capsys, f"claim,amount,date,reference\n{line},B1\n{line},B2\n")
    assert paid(capsys)["denosumab-2026-05"] == 4000


def test_what_was_disallowed_is_told_with_the_reversal(capsys: pytest.CaptureFixture[str]) -> None:
    head = "claim,item,quantity,amount,date,reference\n"
    code, data, _ = load(capsys, head + "denosumab-2026-05,injection,2,40.00,2026-06-30,B1\n")
    (one,) = data["not_paid"]
    assert (code, one["claimed"], one["paid"], one["difference_pence"]) == (3, 3, 2, 2000)
    assert "les claims reverse denosumab-2026-05 --row N --reason TEXT" in one["fix"]


def test_money_taken_back_and_money_too_much(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys, "claim,amount,date,reference\ndenosumab-2026-05,60.00,2026-06-30,B1\n")
    load(capsys, "claim,amount,date,reference\ndenosumab-2026-05,-20.00,2026-07-01,B2\n")
    assert paid(capsys)["denosumab-2026-05"] == 4000
    code, _, err = load(capsys, "claim,amount,date,reference\ndenosumab-2026-05,90.00,2026-07-02,B3\n")
    assert code == 3
    assert "more was paid than is claimed" in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("denosumab-2026-06,20.00,2026-06-30,B1", "line 3: there is no claim of that id: did you mean"),
        ("denosumab-2026-05,twenty,2026-06-30,B1", "line 3: no amount of pounds and pence"),
        ("denosumab-2026-05,20.00,2026-02-30,B1", "line 3: there is no such day"),
        ("denosumab-2026-05,0.00,2026-06-30,B1", "line 3: amount is zero"),
        ("denosumab-2026-05,20.00,2026-06-30,9990000018", "line 3: reference: no NHS number"),
        ("denosumab-2026-05,20.00,2026-06-30,B1\x1b[2K", "line 3: reference: no NHS number, at most 100 characters"),
        (f"denosumab-2026-05,20.00,2026-06-30,{'B' * 101}", "line 3: reference: no NHS number, at most 100 characters"),
        ("denosumab-2026-05,-20.00,2026-06-30,B1", "line 3: more would be taken back than was paid"),
    ],
)
def test_one_wrong_line_and_nothing_is_recorded(capsys: pytest.CaptureFixture[str], line: str, said: str) -> None:
    text = f"claim,amount,date,reference\ndenosumab-2026-04,20.00,2026-06-30,B1\n{line}\n"
    code, _, err = load(capsys, text)
    assert code == 1
    assert said in err
    assert set(paid(capsys).values()) == {0}


def test_a_dry_run_records_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = load(capsys, "claim,amount,date\ndenosumab-2026-05,60.00,2026-06-30\n", "--dry-run")
    assert "would be recorded" in err
    assert paid(capsys)["denosumab-2026-05"] == 0


def test_a_workbook_with_a_title_above(capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Remittance of June"], [], ["claim", "amount", "date"], ["denosumab-2026-05", 60, "30/06/2026"]):
        sheet.append(row)
    book.save("r.xlsx")
    assert run(["claims", "pay", "--load", "r.xlsx", "--as-of", "2026-07-06"]) == 0
    capsys.readouterr()
    assert paid(capsys)["denosumab-2026-05"] == 6000


def test_the_file_saved_again_does_not_count_twice(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys, "claim,amount,date\ndenosumab-2026-05,60.00,2026-06-30\n")
    code, _, err = load(capsys, "claim,amount,date\ndenosumab-2026-05,60.00,30/06/2026\n")
    assert code == 1
    assert "line 2: £60.00 of 30 Jun 2026 is already recorded" in err
    assert "give it a reference" in err
    assert paid(capsys)["denosumab-2026-05"] == 6000


def test_a_payment_typed_before_does_not_count_twice(capsys: pytest.CaptureFixture[str]) -> None:
    run(["claims", "pay", "denosumab-2026-05", "--amount", "60.00", "--on", "2026-06-30"])
    capsys.readouterr()
    assert load(capsys, "claim,amount,date\ndenosumab-2026-05,60.00,2026-06-30\n")[0] == 1
    assert paid(capsys)["denosumab-2026-05"] == 6000


@pytest.mark.parametrize("amount", ["£1,240.00", '"20,00"', '"1,24.00"', '"1,,240.00"'])
def test_a_comma_in_the_wrong_place_is_refused(capsys: pytest.CaptureFixture[str], amount: str) -> None:
    code, _, err = load(capsys, f"claim,date,amount\ndenosumab-2026-05,2026-06-30,{amount}\n")
    assert (code, set(paid(capsys).values())) == (1, {0})
    assert "line 2: " in err


def test_an_item_has_its_title_and_one_with_no_money_was_not_paid(capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "claim,item,quantity,amount,date,reference\n"
        "denosumab-2026-05,Denosumab injection,3,60.00,2026-06-30,B1\n"
        "denosumab-2026-04,injection,0,0.00,2026-06-30,B1\n"
    )
    code, data, _ = load(capsys, text)
    assert code == 3
    assert [(one["claim_id"], one["paid"]) for one in data["not_paid"]] == [("denosumab-2026-04", 0)]
    assert paid(capsys) == {"denosumab-2026-04": 0, "denosumab-2026-05": 6000}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",,injektion,1,20.00", "line 2: denosumab has no such item: did you mean `injection`?"),
        ("denosumab,2026-04,injection,1,20.00", "line 2: the claim is of another service or month"),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(capsys: pytest.CaptureFixture[str], cells: str, said: str) -> None:
    text = f"claim,service,month,item,quantity,amount,date,reference\ndenosumab-2026-05,{cells},2026-06-30,B1\n"
    code, _, err = load(capsys, text)
    assert code == 1
    assert said in err


def test_an_item_taken_back_is_asked_about_as_often_as_the_file_says(capsys: pytest.CaptureFixture[str]) -> None:
    head = "claim,item,quantity,amount,date,reference\n"
    load(capsys, head + "denosumab-2026-05,injection,3,60.00,2026-06-30,B1\n")
    code, data, _ = load(capsys, head + "denosumab-2026-05,injection,1,-20.00,2026-07-03,B2\n")
    (one,) = data["not_paid"]
    assert (code, one["claimed"], one["paid"], one["difference_pence"]) == (3, 3, 2, 2000)
    assert one["fix"].startswith("ask which 1 they disallow")
