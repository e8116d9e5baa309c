"""`les duties`: what is listed, confirmed, corrected and told, and where it stands besides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lescli.operations.status import needs_person

from .conftest import ANN, Les

CONFIRM = ("--by", "A. Admin", "--note", "certificate seen")


@pytest.fixture
def les(les_here: Les, store: Path) -> Any:
    """Run `les` on a store that holds the denosumab contract from 1 April 2026."""
    return lambda *arguments: les_here(*arguments, store=store)


def listed(les: Any, as_of: str = "2026-06-05", *more: str) -> dict[str, dict[str, Any]]:
    found = les("duties", *more, "--as-of", as_of, "--json").json["duties"]
    return {one["name"]: one for one in found}


def confirm(
    les: Any, *more: str, duty: str = "resuscitation", on: str = "2026-05-01", as_of: str = "2026-06-05"
) -> Any:
    return les("duties", "denosumab", "--confirm", duty, "--on", on, *CONFIRM, *more, "--as-of", as_of)


def test_the_duties_of_the_contract_held_are_listed_and_never_confirmed(les: Any) -> None:
    done = les("duties", "--as-of", "2026-06-05", "--json")
    assert done.code == 3
    duties = done.json["duties"]
    assert {one["service"] for one in duties} == {"denosumab"}
    assert {one["status"] for one in duties} == {"never"}
    first = next(one for one in duties if one["name"] == "resuscitation")
    assert first == {
        "service": "denosumab",
        "name": "resuscitation",
        "title": "Clinicians who take part are competent in resuscitation",
        "clause": "2.6 Applicable quality requirements",
        "every_months": 12,
        "confirmed_on": None,
        "by": None,
        "note": None,
        "due_on": None,
        "status": "never",
    }


def test_a_confirmation_says_when_by_whom_on_what_evidence_and_when_it_is_due_again(les: Any) -> None:
    done = confirm(les)
    assert (done.code, done.err) == (0, "les: denosumab: resuscitation is confirmed; due again on 01 May 2027\n")
    one = listed(les)["resuscitation"]
    assert [one[name] for name in ("confirmed_on", "by", "note", "due_on", "status")] == [
        *("2026-05-01", "A. Admin", "certificate seen", "2027-05-01", "confirmed")
    ]
    assert listed(les, "2027-05-01")["resuscitation"]["status"] == "due"
    assert listed(les, "2027-05-02")["resuscitation"]["status"] == "overdue"
    assert listed(les, "2026-04-30")["resuscitation"]["status"] == "never"


def test_the_same_confirmation_again_changes_nothing(les: Any) -> None:
    confirm(les)
    assert "recorded already, unchanged" in confirm(les).err
    assert len(les("duties", "--history", "--json").json["history"]) == 1


def test_when_every_duty_is_confirmed_no_person_is_needed(les: Any) -> None:
    for name in listed(les):
        confirm(les, duty=name)
    assert les("duties", "--as-of", "2027-05-01").code == 0
    assert les("duties", "--as-of", "2027-05-02").code == 3


def test_a_wrong_confirmation_is_corrected_by_one_that_says_so(les: Any) -> None:
    confirm(les, on="2026-06-01")
    done = confirm(les, "--corrects", "2026-06-01", on="2026-03-01")
    assert "in place of that of 01 Jun 2026; due again on 01 Mar 2027" in done.err
    assert listed(les)["resuscitation"]["confirmed_on"] == "2026-03-01"
    first, second = les("duties", "denosumab", "--history", "--json").json["history"]
    assert (first["confirmed_on"], first["replaced_by"], second["replaces"]) == ("2026-06-01", 2, 1)
    again = confirm(les, "--corrects", "2026-06-01", on="2026-02-01")
    assert again.code == 1
    assert "no confirmation of resuscitation of 01 Jun 2026 stands" in again.err


def test_a_withdrawn_confirmation_leaves_the_one_before(les: Any) -> None:
    confirm(les, on="2026-03-01")
    confirm(les, on="2026-06-01")
    wrong = ("duties", "denosumab", "--withdraw", "resuscitation", "--on", "2026-06-01", "--by", "B", "--note", "typed")
    assert les(*wrong).code == 0
    assert listed(les)["resuscitation"]["confirmed_on"] == "2026-03-01"
    assert les(*wrong).code == 1
    shown = les("duties", "denosumab", "--history").out
    assert "withdraws that of 01 Jun 2026" in shown


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("denosumab", "--confirm", "resuscitation", "--on", "2026-06-06", *CONFIRM), 1, "--on is after 05 Jun 2026"),
        (
            ("denosumab", "--confirm", "resuscitaton", "--on", "2026-06-05", *CONFIRM),
            2,
            "did you mean `resuscitation`?",
        ),
        (("denosumab", "--confirm", "resuscitation", "--on", "2026-06-05", "--by", "A"), 2, "--note TEXT"),
        (("denosumab", "--confirm", "resuscitation", "--by", "A", "--note", "n"), 2, "needs --on DATE"),
        (("--confirm", "resuscitation", "--on", "2026-06-05", *CONFIRM), 2, "which service's duty?"),
        (("denosumab", "--on", "2026-06-05"), 2, "go with --confirm"),
        (
            ("denosumab", "--confirm", "resuscitation", "--on", "2026-06-05", "--by", "A", "--note", f"for {ANN}"),
            2,
            "--note holds what looks like an NHS number",
        ),
        (("denosumab", "--withdraw", "resuscitation", "--on", "2026-06-05", *CONFIRM), 1, "--history` lists them all"),
        (("nothing",), 2, "there is no service of that name"),
    ],
)
def test_what_is_refused_says_why_and_records_nothing(les: Any, more: tuple[str, ...], code: int, said: str) -> None:
    done = les("duties", *more, "--as-of", "2026-06-05")
    assert done.code == code
    assert said in done.err
    assert les("duties", "--history", "--json").json["history"] == []


def test_the_day_asked_on_may_be_the_day_of_the_evidence(les: Any) -> None:
    assert confirm(les, on="2026-06-05", as_of="2026-06-05").code == 0


@pytest.mark.parametrize(
    ("as_of", "found"), [("2026-03-31", 0), ("2026-04-01", 13), ("2026-06-30", 13), ("2026-07-01", 0)]
)
def test_only_a_contract_held_on_the_day_asks_for_its_duties(les: Any, as_of: str, found: int) -> None:
    les("services", "unsign", "denosumab", "--on", "2026-06-30")
    done = les("duties", "--as-of", as_of, "--json")
    assert len(done.json["duties"]) == found
    assert (done.code, "its contract is not held" in done.err) == ((3, False) if found else (0, True))
    assert len(listed(les, as_of, "denosumab")) == 13
    assert [one["never"] for one in les("status", "--as-of", as_of, "--json").json["duties"]] == [found] * bool(found)


def test_a_service_named_but_not_signed_is_listed_with_a_warning(les: Any) -> None:
    done = les("duties", "ius", "--json")
    assert done.code == 3
    assert "les services sign ius --from DATE" in done.err
    assert {one["service"] for one in done.json["duties"]} == {"ius"}


def test_status_counts_what_is_late_on_one_line_a_service(les: Any) -> None:
    confirm(les)
    confirm(les, duty="appraisal", on="2025-06-05")
    for as_of, overdue, due in (("2026-06-05", 0, 1), ("2026-06-06", 1, 0)):
        done = les("status", "--as-of", as_of, "--json")
        counts = {"overdue": overdue, "never": 11, "due": due, "confirmed": 1}
        assert done.json["duties"] == [{"service": "denosumab", **counts}]
        assert needs_person({"duties": done.json["duties"]}) is bool(overdue)


def test_the_evidence_pack_holds_the_duties_with_their_last_confirmation(les: Any, tmp_path: Path) -> None:
    confirm(les)
    les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A", "--quiet")
    done = les("evidence", "denosumab", "--period", "2026-05", "--as-of", "2026-06-05", "--out", tmp_path / "pack")
    assert "12 duties are overdue or never confirmed; `les duties denosumab` lists them" in done.err
    manifest = json.loads((tmp_path / "pack" / "manifest.json").read_text(encoding="utf-8"))
    found = {one["name"]: one["status"] for one in manifest["duties"]}
    assert (found["resuscitation"], found["appraisal"], len(found)) == ("confirmed", "never", 13)
    assert "certificate seen" in (tmp_path / "pack" / "summary.html").read_text(encoding="utf-8")


def test_the_audit_trail_names_the_duty_and_who_confirmed_it(les: Any) -> None:
    confirm(les)
    entry = les("audit", "--json").json["entries"][-1]
    assert (entry["verb"], entry["by"]) == ("duties", "A. Admin")
    assert entry["asked"] == "denosumab resuscitation --confirm --on --by --note --as-of"


def test_a_folder_can_ask_for_duties_of_its_own(les: Any, tmp_path: Path) -> None:
    les("services", "new", "dressings", "--in", tmp_path)
    file = tmp_path / "dressings" / "service.toml"
    own = '[[duty]]\nname = "{}"\ntitle = "T"\nclause = "1"\nevidence = "E"\n{}\n'
    whole = file.read_text(encoding="utf-8").replace("FILL IN: ", "")
    cases = {
        own.format("a", "") + own.format("a", ""): "duty[2].name: the name `a` is used twice",
        own.format("a", 'interval_setting = "x"'): "duty[1].interval_setting: there is no setting `x`",
        own.format("a", 'interval_setting = "shared_with"'): "the setting `shared_with` is not a whole number",
        own.format("a", "every_months = 0"): "duty[1].every_months: the number is too small; write 1 or more",
        own.format("a", 'every_months = 1\ninterval_setting = "duty_months"'): "cannot be used together",
        own.format("a", "every_month = 1"): "did you mean `every_months`?",
    }
    for text, told in cases.items():
        file.write_text(whole + text, encoding="utf-8")
        done = les("services", "check", tmp_path / "dressings")
        assert (done.code, told in done.err) == (3, True), done.err
    file.write_text(whole + own.format("a", "") + own.format("b", 'interval_setting = "duty_months"'), encoding="utf-8")
    assert les("services", "check", tmp_path / "dressings").code == 0
