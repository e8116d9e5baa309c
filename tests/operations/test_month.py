"""`les month` does the whole month, says what needs a person, and changes nothing when it is run again."""

from __future__ import annotations

import json
import re
import shlex
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.run import run
from lescli.errors import LesError
from lescli.operations import month as operation
from lescli.operations.month_failed import failure_noted
from lescli.store import open_store
from lescli.store.database import connection

PLUGINS = Path(__file__).parents[2] / "plugins"
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
    assert data["index"] == str(Path("months") / "2026-05-on-2026-06-05" / "index.html")
    index = (here / data["index"]).read_text("utf-8")
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


@pytest.mark.parametrize("name", ["mine.txt", "denosumab-claim.xlsx"])
def test_what_a_person_changed_or_laid_into_the_folder_stays(
    here: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    month(capsys)
    (folder,) = (here / "months").iterdir()
    (folder / name).write_text("signed", encoding="utf-8")
    _, data, _ = month(capsys)
    assert (folder / name).read_text("utf-8") == "signed"
    second = here / "months" / "2026-05-on-2026-06-05-2"
    assert all(Path(one).parent.name == second.name for one in data["services"][0]["files"])
    before = files_in(second)
    (second / "~$denosumab-claim.xlsx").write_text("open", encoding="utf-8")
    assert "nothing has changed" in month(capsys)[2]
    (second / "~$denosumab-claim.xlsx").unlink()
    assert (files_in(second), len(list((here / "months").iterdir()))) == (before, 2)


def test_a_folder_that_would_be_the_same_is_replaced_when_it_is_not(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    month(capsys)
    (here / "inbox" / "more.csv").write_text(HEADER + f"{ANN},2026-05-20,700139004,Home visit\n", encoding="utf-8")
    assert "the files are in" in month(capsys)[2]
    assert len(list((here / "months").iterdir())) == 1


@pytest.mark.parametrize("where", [("--inbox", "."), ("--inbox", "months"), ("--inbox", "none")])
def test_an_inbox_from_which_something_else_would_move_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], where: tuple[str, str]
) -> None:
    (here / "months").mkdir()
    before = files_in(here)
    assert run(["month", "2026-05", "--out", "months", *where, *AS_OF]) == 1
    assert "--inbox folder" in capsys.readouterr().err
    left = files_in(here)
    assert before.keys() <= left.keys()
    assert (here / "p.les").is_file()


def test_a_quarter_that_goes_on_has_nothing_to_claim(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "near-patient-testing"
    run(["services", "sign", name, "--from", "2026-04-01", "--source", "letter"])
    _, data, _ = month(capsys)
    (found,) = (one for one in data["services"] if one["service"] == name)
    assert found["status"] == "nothing"
    assert "no quarter ends with 2026-05" in found["why"]
    assert found["files"] == []


def test_a_quarter_is_claimed_with_its_last_month(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "near-patient-testing"
    run(["services", "sign", name, "--from", "2026-04-01", "--source", "letter"])
    capsys.readouterr()
    run(["month", "2026-06", "--out", "months", "--json", "--as-of", "2026-07-05"])
    data = json.loads(capsys.readouterr().out)
    (found,) = (one for one in data["services"] if one["service"] == name)
    assert "ends with" not in found.get("why", "")
    claim = next(path for path in found["files"] if path.endswith("-claim.json"))
    assert json.loads(Path(claim).read_text("utf-8"))["month"] == "2026-27-Q1"


@pytest.mark.parametrize("period", ["2026-27-Q1", "2026-27"])
def test_a_quarter_or_year_is_no_month(here: Path, capsys: pytest.CaptureFixture[str], period: str) -> None:
    assert run(["month", period, "--out", "months"]) == 2
    assert "give its last month" in capsys.readouterr().err
    assert not (here / "months").exists()


def copied(here: Path, name: str, *, price: bool) -> None:
    """A copy of the service under another name, with or without its price, that the practice holds too."""
    toml = (PLUGINS / "denosumab" / "lescli_denosumab" / "service.toml").read_text("utf-8")
    text = toml.replace('name = "denosumab"', f'name = "{name}"', 1)
    if not price:
        text = re.sub(r"\[\[item\.price\]\]\n(\w.*\n)+", "", text)
    (here / name).mkdir()
    (here / name / "service.toml").write_text(text, encoding="utf-8")
    assert run(["services", "add", str(here / name)]) == 0
    assert run(["services", "sign", name, "--from", "2026-04-01"]) == 0


def test_a_claim_without_a_price_leaves_the_others_done(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Its name comes first: what it cannot do must not keep the other from being submitted.
    copied(here, "a-copy", price=False)
    capsys.readouterr()
    code, data, err = month(capsys, "--submit", "--by", "A. Admin")
    states = {one["service"]: one["status"] for one in data["services"]}
    assert (code, states) == (3, {"a-copy": "needs-a-person", "denosumab": "submitted"})
    assert "1 activity without a price (injection), so the claim was not submitted" in err
    assert any("without a price" in line for line in failure_noted(here / "p.les"))
    run(["claims", "--json"])
    assert [one["service"] for one in json.loads(capsys.readouterr().out)["claims"]] == ["denosumab"]


def test_work_that_two_services_claim_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copied(here, "a-copy", price=True)
    capsys.readouterr()
    _, data, err = month(capsys)
    assert [one["total_pence"] for one in data["services"]] == [2000, 2000]
    assert "would both be paid for the same work, 1 activity" in err
    (folder,) = (here / "months").iterdir()
    page = (folder / "index.html").read_text("utf-8")
    assert "Together at most £40.00." in page
    assert "would both be paid for the same work" in page
    _, data, _ = month(capsys, "--submit", "--by", "A. Admin")
    assert [one["total_pence"] for one in data["services"]] == [2000, 0]


def test_nothing_is_submitted_while_no_contract_is_recorded(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LES_STORE", str(here / "q.les"))
    run(["init", "--practice", "A81001", "--name", "Demo Surgery"])
    capsys.readouterr()
    code, data, _ = month(capsys, "--submit", "--by", "A. Admin")
    (one,) = (one for one in data["services"] if one["service"] == "denosumab")
    assert (code, one["status"], one["total_pence"]) == (3, "needs-a-person", 2000)
    assert "les services sign denosumab --from DATE" in one["why"]
    run(["claims", "--json"])
    assert json.loads(capsys.readouterr().out)["claims"] == []


def test_a_store_in_use_ends_with_4_and_leaves_the_inbox(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOCK_WAIT_SECONDS", 0.1)
    with open_store(here / "p.les") as other, other.writing():
        code, _, err = month(capsys)
    assert (code, "in use by another program" in err) == (4, True)
    assert files_in(here / "inbox").keys() == {"may.csv"}
    *_, last = failure_noted(here / "p.les")
    assert last.startswith("next: les month 2026-05 --store ")
    # What is to be typed in the morning works as it stands.
    words = shlex.split(last.removeprefix("next: les "), posix=sys.platform != "win32")
    assert run([*words, *AS_OF]) == 0
    assert failure_noted(here / "p.les") == ()
    assert files_in(here / "inbox").keys() == {"done/may.csv"}


def test_a_fault_and_a_killed_run_leave_their_note(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []

    def stops(*given: Any) -> None:
        seen.append(failure_noted(here / "p.les"))
        raise ZeroDivisionError

    monkeypatch.setattr(operation, "import_inbox", stops)
    assert month(capsys)[0] == 1
    assert "has begun and not ended" in seen[0][0]
    assert "ZeroDivisionError" in " ".join(failure_noted(here / "p.les"))


def test_a_report_that_fails_does_not_unsay_what_was_submitted(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any) -> None:
        raise LesError("the report cannot be made", "try again")

    monkeypatch.setattr(operation, "ask_report", fails)
    code, data, err = month(capsys, "--submit", "--by", "A. Admin")
    (one,) = data["services"]
    assert (code, one["status"]) == (3, "submitted")
    assert "denosumab-report.html was not written: the report cannot be made" in err
    assert not any(name.endswith("report.html") for name in one["files"])
    assert any(name.endswith("recalls-identifiable.xlsx") for name in one["files"])


def test_rows_in_quarantine_need_a_person(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = (
        HEADER + f"{ANN},2026-05-20,700139004,Home visit\n9990000019,Birch,1950-02-01,2026-05-05,700139004,Home visit\n"
    )
    (here / "inbox" / "june.csv").write_text(bad, encoding="utf-8")
    code, data, err = month(capsys)
    assert (code, data["imported"][0]["quarantined"]) == (3, 1)
    assert "june.csv: 1 row waits in quarantine" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_folder_is_its_owners_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month(capsys)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (here / "months", *(here / "months").rglob("*")))


def test_every_link_of_the_index_leads_to_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month(capsys)
    (folder,) = (here / "months").iterdir()
    linked = re.findall(r'<a href="([^"]+)"', (folder / "index.html").read_text("utf-8"))
    assert {*linked, "index.html", "checksums.txt"} == {path.name for path in folder.iterdir()}
    moved = here / "elsewhere"
    folder.rename(moved)
    assert all((moved / name).is_file() for name in linked)


def test_a_month_to_come_is_previewed_as_a_claim_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["month", "2026-09", "--out", "months", "--json", *AS_OF]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["status"] for one in data["services"]] == ["nothing"]


def test_a_service_without_an_address_is_named_with_the_cure(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["services", "sign", "ius", "--from", "2026-04-01"])
    capsys.readouterr()
    _, data, err = month(capsys)
    drafts = [Path(name).name for one in data["services"] for name in one["files"] if name.endswith(".eml")]
    assert drafts == ["denosumab-claim.eml"]
    assert "no draft e-mail for ius: the address is not set" in err
    term = ("email=claims@example.org", "--from", "2026-04-01", "--source", "letter")
    assert run(["services", "set", "ius", *term]) == 0
    capsys.readouterr()
    _, data, err = month(capsys)
    assert "no draft" not in err
    assert any(name.endswith("ius-claim.eml") for one in data["services"] for name in one["files"])


def test_the_checksums_are_those_of_the_files(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month(capsys)
    (folder,) = (here / "months").iterdir()
    lines = (folder / "checksums.txt").read_text("utf-8").splitlines()
    found = {name: sha256((folder / name).read_bytes()).hexdigest() for name in files_in(folder)}
    del found["checksums.txt"]
    assert lines == [f"{digest}  {name}" for name, digest in sorted(found.items())]


def test_an_interrupted_month_does_not_say_that_nothing_changed(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(operation, "ask_recall", interrupted)
    code, _, err = month(capsys, "--submit", "--by", "A. Admin")
    assert (code, "nothing changed" in err, "the same command does the rest" in err) == (130, False, True)
    assert failure_noted(here / "p.les")[1] == "it was interrupted"
    monkeypatch.undo()
    monkeypatch.setenv("LES_STORE", str(here / "p.les"))
    monkeypatch.chdir(here)
    code, data, _ = month(capsys, "--submit", "--by", "A. Admin")
    assert (code, data["services"][0]["status"], failure_noted(here / "p.les")) == (0, "already-submitted", ())


def test_a_full_disk_does_not_hide_what_was_submitted(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> None:
        raise LesError("the disk of the --out folder is full", "make room or name another disk")

    monkeypatch.setattr(operation, "write_folder", full)
    code, _, err = month(capsys, "--submit", "--by", "A. Admin")
    assert code == 1
    assert "what was imported and submitted stays; make room or name another disk, then type the same" in err
    assert list((here / "months").iterdir()) == []
    assert any("disk" in line for line in failure_noted(here / "p.les"))


def test_the_lists_over_all_services_name_a_patient_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copied(here, "a-copy", price=True)
    capsys.readouterr()
    month(capsys, as_of=("--as-of", "2026-11-20"))
    (folder,) = (here / "months").iterdir()
    page = (folder / "all-services-worklist-identifiable.html").read_text("utf-8")
    assert page.count("999 000 0018") + page.count("9990000018") == 1
    assert "dentifiable: names patients" in page
    assert (folder / "all-services-call-list-identifiable.xlsx").is_file()


def test_a_list_that_cannot_be_made_needs_a_person(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any) -> None:
        raise LesError("the telephone number is not set", "set it")

    monkeypatch.setattr(operation, "list_answer", fails)
    code, data, err = month(capsys)
    assert (code, data["services"][0]["status"]) == (3, "previewed")
    assert "all-services-worklist-identifiable.html was not written: the telephone number is not set" in err
    assert "worklist-identifiable.html was not written" in (here / data["index"]).read_text("utf-8")


def test_the_audit_counts_each_patient_whom_the_files_name_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copied(here, "a-copy", price=True)
    bea = "9990000026,Birch,1950-02-01,2026-05-06,700139004,Home visit\n"
    (here / "inbox" / "bea.csv").write_text(HEADER + bea, encoding="utf-8")
    capsys.readouterr()
    month(capsys)
    run(["audit", "--json"])
    last = json.loads(capsys.readouterr().out)["entries"][-1]
    assert (last["verb"], last["patients"]) == ("month", 2)
