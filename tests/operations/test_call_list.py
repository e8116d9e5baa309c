"""The call list is one line a patient, and comes back filled in, also after a spreadsheet has rewritten it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lescli.cli.run import run

HEADER = "nhs_number,family_name,given_name,date_of_birth,date,code,consultation_type\n"
ANN, BEN = "9990000018", "9990000026"
AS_OF = ("--as-of", "2026-11-20")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo Surgery"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    people = ((ANN, "Ash,Ann,1950-11-21"), (BEN, "Birch,Ben,1948-03-02"))
    text = "".join(f"{number},{who},2026-05-05,700139004,Home visit\n" for number, who in people)
    Path("a.csv").write_text(HEADER + text, encoding="utf-8")
    run(["import", "a.csv", "--as-of", "2026-06-05"])
    capsys.readouterr()
    return tmp_path


def rows() -> list[dict[str, str]]:
    run(["recall", "--for", "call-list", "--out", "calls.csv", *AS_OF])
    return list(csv.DictReader(Path("calls.csv").read_text("utf-8-sig").splitlines()))


def invited(capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    run(["recall", "--json", *AS_OF])
    return json.loads(capsys.readouterr().out)


def load(capsys: pytest.CaptureFixture[str], text: str, *words: str) -> tuple[int, str]:
    Path("back.csv").write_text(text, encoding="utf-8")
    capsys.readouterr()
    code = run(["invite", "--load", "back.csv", "--on", "2026-11-19", *AS_OF, *words])
    return code, capsys.readouterr().err


def test_one_line_a_patient_with_what_the_caller_needs() -> None:
    one, _ = rows()
    assert one["nhs_number"] == ANN
    assert (one["age"], one["services"], one["days_overdue"]) == ("75", "denosumab", "15")
    assert one["what_for"] == "Denosumab injection, due 05 Nov 2026"
    assert (one["outcome"], one["note"], one["telephone"]) == ("", "", "")
    assert not any("mail" in name for name in one)


def test_it_comes_back_and_the_recall_knows(capsys: pytest.CaptureFixture[str]) -> None:
    text = f"nhs_number,services,outcome,note\n{ANN},denosumab,Declined,rang twice\n{BEN},denosumab,,\n"
    code, err = load(capsys, text)
    assert (code, "1 contact recorded; 1 line without an outcome" in err) == (0, True)
    found = invited(capsys)
    assert [one["nhs_number"] for one in found["recalls"]] == [BEN]
    assert found["left_out"][0]["patients"] == 1
    code, err = load(capsys, text)
    assert "0 contacts recorded, 1 recorded before" in err


def test_no_answer_is_a_contact_without_an_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys, f"nhs_number,services,outcome\n{ANN},denosumab,No answer\n")
    assert {one["nhs_number"]: one["invitations"] for one in invited(capsys)["recalls"]} == {ANN: 1, BEN: 0}


def test_a_workbook_that_somebody_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    run(["recall", "--for", "call-list", "--out", "calls.xlsx", *AS_OF])
    book = openpyxl.load_workbook("calls.xlsx")
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for row in sheet.iter_rows(max_row=3) for cell in row if cell.value}
    first = next(row for row in sheet.iter_rows() if row[0].value == ANN)
    first[heads["Outcome"] - 1].value = "booked"
    first[0].value = int(ANN)  # as a number, as some spreadsheets make it
    book.save("calls.xlsx")
    capsys.readouterr()
    assert run(["invite", "--load", "calls.xlsx", *AS_OF]) == 0, capsys.readouterr().err
    assert {one["nhs_number"]: one["invitations"] for one in invited(capsys)["recalls"]}[ANN] == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{ANN},denosumab,bookd", "line 3: outcome: did you mean `booked`?"),
        (f"{ANN},denosumap,booked", "line 3: there is no service of that name: did you mean `denosumab`?"),
        ("9990000010,denosumab,booked", "line 3: "),
        ("9990000042,denosumab,booked", "line 3: no patient"),
        (f"{ANN},,booked", "line 3: services is empty"),
    ],
)
def test_one_wrong_line_and_nothing_is_recorded(capsys: pytest.CaptureFixture[str], line: str, said: str) -> None:
    code, err = load(capsys, f"nhs_number,services,outcome\n{BEN},denosumab,booked\n{line}\n")
    assert code == 1
    assert said in err or "line 3" in err
    assert ANN not in err
    assert {one["invitations"] for one in invited(capsys)["recalls"]} == {0}


def test_the_worklist_has_boxes_and_the_words() -> None:
    run(["recall", "--for", "worklist", "--out", "work.html", *AS_OF])
    page = Path("work.html").read_text("utf-8")
    assert "\N{BALLOT BOX}" in page
    assert "Your denosumab injection was due on 5 November 2026. Which day suits you?" in page
    assert "identifiable" in page


def test_the_list_knows_its_day_so_loading_it_on_two_days_records_it_once(capsys: pytest.CaptureFixture[str]) -> None:
    rows()
    text = Path("calls.csv").read_text("utf-8-sig").splitlines()
    assert "2026-11-20" in text[1]
    filled = [text[0], *(line.replace("2026-11-20,,", "2026-11-20,no answer,") for line in text[1:])]
    Path("back.csv").write_text("\n".join(filled) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["invite", "--load", "back.csv", *AS_OF]) == 0
    assert "2 contacts recorded" in capsys.readouterr().err
    run(["invite", "--load", "back.csv", "--as-of", "2026-11-24"])
    assert "0 contacts recorded, 2 recorded before" in capsys.readouterr().err
    assert {one["invitations"] for one in invited(capsys)["recalls"]} == {1}


def test_a_dry_run_records_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = load(capsys, f"nhs_number,services,outcome\n{ANN},denosumab,booked\n", "--dry-run")
    assert "would be recorded" in err
    assert {one["invitations"] for one in invited(capsys)["recalls"]} == {0}


def test_a_clinician_has_a_list_and_who_has_none_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    third = "9990000034"
    header = HEADER.replace("consultation_type", "consultation_type,clinician")
    lines = f"{third},Cole,Cat,1950-01-01,2026-05-05,700139004,Home visit,Nurse  Adams\n"
    Path("b.csv").write_text(header + lines, encoding="utf-8")
    assert run(["import", "b.csv", "--as-of", "2026-06-05"]) == 0
    capsys.readouterr()
    asked = ["recall", "--for", "call-list", "--out", "calls.csv", *AS_OF]
    assert run([*asked, "--clinician", "nurse adams"]) == 0
    assert "in no clinician's list: 2 patients" in capsys.readouterr().err
    table = csv.DictReader(Path("calls.csv").read_text("utf-8-sig").splitlines())
    assert [one["nhs_number"] for one in table] == [third]
    # As the rules compare names, so that an accreditation and a list are of the same person.
    assert run([*asked, "--clinician", "NURSE-ADAMS"]) == 0
    capsys.readouterr()
    assert run([*asked, "--clinician", "nurse adam"]) == 2
    assert "did you mean" in capsys.readouterr().err
