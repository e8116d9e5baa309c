"""Every difference between their figures and ours has a reason of our own, and the reasons add up to the difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lescli.cli.run import run

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
ANN, BEN, CAT, DAN = "9990000018", "9990000026", "9990000034", "9990000050"
ROWS = (
    (ANN, "2026-04-20", "Home visit"),
    (ANN, "2026-05-05", "Home visit"),
    (BEN, "2026-05-06", "Telephone call"),
    (CAT, "2026-05-07", "Home visit"),
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A practice whose claim for May has two injections, one late one of April, and one to put right."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo Surgery"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    text = "".join(f"{who},X,1950-02-01,{day},700139004,{kind}\n" for who, day, kind in ROWS)
    text += f"{DAN},X,1950-02-01,2026-05-06,44054006,Home visit\n"
    Path("may.csv").write_text(HEADER + text, encoding="utf-8")
    run(["import", "may.csv", "--as-of", "2026-06-01"])
    capsys.readouterr()
    return tmp_path


def submit() -> None:
    run(["claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A. Admin"])


def reconciled(capsys: pytest.CaptureFixture[str], text: str, *words: str) -> tuple[int, dict[str, Any], str]:
    Path("theirs.csv").write_text(text, encoding="utf-8")
    capsys.readouterr()
    code = run(
        ["reconcile", "denosumab", "theirs.csv", "--month", "2026-05", "--as-of", "2026-06-20", "--json", *words]
    )
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def reasons(data: dict[str, Any]) -> dict[str, int]:
    return {one["reason"]: one["rows"] for one in data["differences"]}


@pytest.mark.usefixtures("here")
def test_equal_figures_have_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    code, data, _ = reconciled(capsys, "Item,Quantity,Amount\nDenosumab injection,3,£60.00\n")
    assert (code, data["differences"]) == (0, [])
    assert data["theirs"] == data["ours"] == {"quantity": 3, "amount_pence": 6000}


@pytest.mark.usefixtures("here")
def test_fewer_at_theirs_is_late_work_first_and_then_theirs_to_find(capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    code, data, _ = reconciled(capsys, "item,quantity\ninjection,1\n")
    assert (code, reasons(data)) == (3, {"late": 1, "not-in-theirs": 1})
    assert "les claims show denosumab-2026-05" in data["differences"][1]["fix"]


@pytest.mark.usefixtures("here")
def test_more_at_theirs_is_what_we_did_not_claim_and_then_what_we_do_not_have(
    capsys: pytest.CaptureFixture[str],
) -> None:
    submit()
    _, data, _ = reconciled(capsys, "item,quantity\ninjection,5\n")
    assert reasons(data) == {"consultation-type": 1, "no-such-entry": 1}


@pytest.mark.usefixtures("here")
def test_the_same_number_at_another_price(capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    _, data, _ = reconciled(capsys, "item,quantity,amount\ninjection,3,57.00\n")
    assert reasons(data) == {"other-price": 3}
    assert data["differences"][0]["difference_pence"] == -300


@pytest.mark.usefixtures("here")
def test_before_it_is_submitted_they_cannot_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    _, data, _ = reconciled(capsys, "item,quantity\ninjection,0\n")
    assert reasons(data) == {"not-submitted": 3}


@pytest.mark.usefixtures("here")
def test_rows_are_matched_by_patient_and_day(capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    theirs = (
        "nhs_number,date\n"
        f"{ANN},05/05/2026\n"  # ours too
        f"{ANN},05/05/2026\n"  # twice
        f"{DAN},06/05/2026\n"  # a patient of ours, without work of this service
        f"{BEN},06/05/2026\n"  # a telephone call
        f"{CAT},08/05/2026\n"  # another day
        "9990000042,08/05/2026\n"  # nobody of ours
    )
    code, data, err = reconciled(capsys, theirs)
    assert code == 3
    assert reasons(data) == {
        "counted-twice": 1,
        "no-such-entry": 1,
        "other-day": 1,
        "consultation-type": 1,
        "patient-not-known": 1,
        "late": 1,
        "not-in-theirs": 1,
    }
    assert ANN not in json.dumps(data) + err
    _, data, _ = reconciled(capsys, theirs, "--rows")
    assert {"nhs_number": BEN, "date": "2026-05-06"}.items() <= data["rows"][0].items() or len(data["rows"]) == 7
    assert data["identifiable"] is True


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item,quantity\ninjektion,3\n", "line 2: denosumab has no such item: did you mean `injection`?"),
        ("item,quantity\ninjection,three\n", "line 2: quantity is no whole number"),
        ("item,quantity,amount\ninjection,3,x\n", "line 2: amount is no pounds and pence"),
        ("nhs_number,date\n9990000010,2026-05-05\n", "line 2: "),
        ("what,ever\n1,2\n", "no header with item and quantity"),
    ],
)
def test_a_fault_of_the_file_is_named_with_its_line(capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    code, data, err = reconciled(capsys, text)
    assert (code, data) == (1, {})
    assert said in err
    assert "9990000010" not in err


@pytest.mark.usefixtures("here")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantity=st.integers(0, 9), pence=st.integers(0, 30000))
def test_the_reasons_add_up(capsys: pytest.CaptureFixture[str], quantity: int, pence: int) -> None:
    submit()
    _, data, _ = reconciled(capsys, f"item,quantity,amount\ninjection,{quantity},{pence // 100}.{pence % 100:02d}\n")
    counted = [one for one in data["differences"] if one["reason"] != "other-price"]
    assert sum(one["rows"] for one in counted) == abs(quantity - data["ours"]["quantity"])
    assert sum(one["difference_pence"] for one in data["differences"]) == pence - data["ours"]["amount_pence"]
