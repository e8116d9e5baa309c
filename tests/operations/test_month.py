"""`les month` does the whole month, says what needs a person, and changes nothing when it is run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.run import run
from lescli.operations.month_failed import failure_noted

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"
ANN = "9990000018,Alder,1950-02-01"
AS_OF = ("--as-of", "2026-06-05")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A practice that holds one contract, with one export in its inbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo Surgery"])
    run(["services", "sign", "denosumab", "--from", "2026-04-01"])
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "may.csv").write_text(HEADER + f"{ANN},2026-05-05,700139004,Home visit\n", encoding="utf-8")
    capsys.readouterr()
    return tmp_path


def month(capsys: pytest.CaptureFixture[str], *words: str, as_of: tuple[str, ...] = AS_OF) -> tuple[int, Any, str]:
    code = run(["month", "2026-05", "--out", "months", "--inbox", "inbox", "--json", *as_of, *words])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_month_is_imported_previewed_and_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data, err = month(capsys)
    assert (code, data["imported"]) == (0, [{"file": "may.csv", "accepted": 1, "quarantined": 0}])
    (one,) = data["services"]
    assert (one["service"], one["status"], one["total_pence"]) == ("denosumab", "previewed", 2000)
    assert one["deadline"] == "2026-06-10"
    assert "nothing was sent" in err
    assert all((here / name).is_file() for name in one["files"])
    index = (here / "months" / "2026-05-on-2026-06-05" / "index.html").read_text("utf-8")
    assert "Keep them inside the practice" in index
    assert '<a href="denosumab-claim.xlsx">denosumab-claim.xlsx</a>' in index
    assert (here / "inbox" / "done" / "may.csv").is_file()


def test_run_again_it_changes_nothing_and_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month(capsys, "--submit", "--by", "A. Admin")
    before = files_in(here / "months")
    code, data, err = month(capsys, "--submit", "--by", "A. Admin")
    assert (code, data["imported"], data["services"][0]["status"]) == (0, [], "already-submitted")
    assert "nothing has changed" in err
    assert files_in(here / "months") == before
    run(["claims", "--json"])
    assert len(json.loads(capsys.readouterr().out)["claims"]) == 1


def test_it_submits_only_when_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month(capsys)
    run(["claims", "--json"])
    assert json.loads(capsys.readouterr().out)["claims"] == []
    _, data, _ = month(capsys, "--submit", "--by", "A. Admin")
    assert data["services"][0]["status"] == "submitted"


def test_a_month_that_is_not_over_is_not_submitted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data, err = month(capsys, "--submit", "--by", "A. Admin", as_of=("--as-of", "2026-05-31"))
    assert (code, data["services"][0]["status"]) == (3, "needs-a-person")
    assert "the month is not over" in err
    assert any("the month is not over" in line for line in failure_noted(here / "p.les"))
    month(capsys)
    assert failure_noted(here / "p.les") == ()


def test_what_is_no_export_is_put_aside_with_the_reason(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "inbox" / "notes.txt").write_text("hello", encoding="utf-8")
    (here / "inbox" / ".hidden").write_text("x", encoding="utf-8")
    (here / "inbox" / "late.csv.part").write_text("x", encoding="utf-8")
    code, data, _ = month(capsys)
    assert code == 3
    assert data["services"][0]["status"] == "previewed"
    assert "no known header" in (here / "inbox" / "refused" / "notes.txt.reason.txt").read_text("utf-8")
    assert {path.name for path in (here / "inbox").iterdir()} == {"done", "refused", ".hidden", "late.csv.part"}


def test_a_second_file_of_the_same_name_gets_a_number(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month(capsys)
    text = HEADER + f"{ANN},2026-05-05,700139004,Home visit\n{ANN},2026-05-20,700139004,Home visit\n"
    (here / "inbox" / "may.csv").write_text(text, encoding="utf-8")
    _, data, _ = month(capsys)
    assert data["imported"] == [{"file": "may.csv", "accepted": 1, "quarantined": 0}]
    assert sorted(path.name for path in (here / "inbox" / "done").iterdir()) == ["may-2.csv", "may.csv"]
    assert data["services"][0]["total_pence"] == 4000


def test_a_store_that_is_not_there_leaves_a_note_and_the_inbox(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LES_STORE", str(here / "other.les"))
    code, _, _ = month(capsys)
    assert code == 1
    assert failure_noted(here / "other.les")
    assert (here / "inbox" / "may.csv").is_file()


def test_a_folder_with_other_files_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = here / "months" / "2026-05-on-2026-06-05"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    code, _, err = month(capsys)
    assert code == 1
    assert "not empty" in err
    assert (here / "inbox" / "may.csv").is_file()


def test_a_quarter_that_goes_on_has_nothing_to_claim(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "near-patient-testing"
    run(["services", "sign", name, "--from", "2026-04-01", "--source", "letter"])
    _, data, _ = month(capsys)
    (found,) = (one for one in data["services"] if one["service"] == name)
    assert found["status"] == "nothing"
    assert "no quarter ends with 2026-05" in found["why"]
    assert found["files"] == []
