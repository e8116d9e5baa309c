"""Planted faults in the claims of many practices are found, and nothing is said about the other files."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from lescli.errors import LesError
from lescli.group.check.amounts import robust_z
from lescli.group.check.answer import RULES, CheckedClaim, check_answer, check_claims, needs_person
from lescli.group.check.queries import query_files, write_queries
from lescli.group.check.read import read_claims
from lescli.group.members import read_members
from lescli_schemas import load

from .planted import SEED, planted
from .sent_claims import SPECS, line, made, ods, settle, sound_claims, write_all


def checked(folder: Path, claims: dict[str, Any], sizes: dict[int, int]) -> tuple[CheckedClaim, ...]:
    sent, members = write_all(folder, claims, sizes)
    return check_claims(read_claims([sent]), SPECS, read_members(members))


def found_in(checked: tuple[CheckedClaim, ...]) -> dict[str, list[str]]:
    return {one.claim.file: [found.rule for found in one.findings] for one in checked if one.findings}


def test_nothing_is_said_about_sound_claims(tmp_path: Path) -> None:
    claims, sizes = sound_claims(SEED)
    assert len(claims) == 195
    assert found_in(checked(tmp_path, claims, sizes)) == {}


def test_each_planted_fault_is_found_and_nothing_else(tmp_path: Path) -> None:
    claims, sizes, wanted = planted()
    found = checked(tmp_path, claims, sizes)
    assert (len(claims), len(found)) == (195, 195)
    assert found_in(found) == wanted
    assert len({rule for rules in wanted.values() for rule in rules}) > 20


def test_every_rule_is_planted_somewhere() -> None:
    known = {rule for rules in planted()[2].values() for rule in rules}
    # These have tests of their own.
    digests = {"same-patient", "work-twice", "digest-count", "other-key"}
    assert {rule.name for rule in RULES} - known == {"same-chain-head", "cap", *digests}


def test_a_chain_head_of_another_claim_is_named_in_both(tmp_path: Path) -> None:
    claims, sizes = sound_claims(SEED)
    claims[f"{ods(9)}.json"]["chain_head"] = claims[f"{ods(10)}.json"]["chain_head"]
    head = ["same-chain-head"]
    assert found_in(checked(tmp_path, claims, sizes)) == {f"{ods(9)}.json": head, f"{ods(10)}.json": head}


def test_more_than_the_cap_of_every_patient_is_found(tmp_path: Path) -> None:
    claims, sizes = sound_claims(SEED)
    sizes[151] = 100
    for month, done in (("2026-04", 99), ("2026-05", 100), ("2026-06", 100)):
        claims[f"{ods(151)}-{month}.json"]["lines"][0]["item"] = "change"
        settle(claims[f"{ods(151)}-{month}.json"], [line("change", month, done, 3000)])
    rules = {name: set(found) for name, found in found_in(checked(tmp_path, claims, sizes)).items()}
    assert all("cap" not in found for found in rules.values())
    settle(claims[f"{ods(151)}-2026-05.json"], [line("change", "2026-05", 202, 3000)])
    (tmp_path / "over").mkdir()
    found = checked(tmp_path / "over", claims, sizes)
    assert [name for name, rules in found_in(found).items() if "cap" in rules] == [f"{ods(151)}-2026-06.json"]
    text = next(one.text for each in found for one in each.findings if one.rule == "cap")
    assert "401 activities of change since 01 Apr 2026" in text
    assert "400 at the most" in text


def test_the_text_names_the_figures_and_the_json_is_valid(tmp_path: Path) -> None:
    claims, sizes, _ = planted()
    sent, members_file = write_all(tmp_path, claims, sizes)
    members = read_members(members_file)
    found = check_claims(read_claims([sent]), SPECS, members)
    answer = check_answer(found, SPECS, members)
    Draft202012Validator(load("group-check")).validate(answer.data)
    texts = {one.rule: one.text for each in found for one in each.findings}
    assert texts["price"] == "injection of May 2026 is claimed at £21.00. The price in the terms is £20.00."
    assert "until 31 Aug 2026" in texts["window"]
    assert "robust z is" in texts["outlier"]
    assert not any("MEMBERS sent no claim" in note and ods(1) in note for note in answer.notes)
    assert any(f"sent no claim: {ods(2)}, {ods(3)}" in note for note in answer.notes)


def test_each_practice_with_findings_has_a_workbook_and_a_message(tmp_path: Path) -> None:
    claims, sizes, _ = planted()
    files = query_files(checked(tmp_path, claims, sizes))
    codes = {name.partition("-")[2].partition(".")[0] for name in files}
    assert files.keys() == {f"queries-{code}.{suffix}" for code in codes for suffix in ("xlsx", "eml")}
    assert {ods(1), "Z99999", ods(5)} <= codes
    message = email.message_from_bytes(files[f"queries-{ods(5 * 8)}.eml"], policy=email.policy.SMTP)
    assert message["Subject"] == f"Questions about your claims: Surgery 40 ({ods(40)})"
    assert message["To"] is None
    body = message.get_body()
    assert body is not None
    assert "but the total says" in body.get_content()
    sheet = load_workbook(BytesIO(files[f"queries-{ods(40)}.xlsx"])).active
    assert sheet is not None
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any("The lines add up to" in str(cell) for cell in cells)
    write_queries(tmp_path / "queries", files)
    with pytest.raises(LesError, match="--queries folder is not empty"):
        write_queries(tmp_path / "queries", files)


def test_another_edition_of_most_practices_is_said_once_and_to_the_commissioner(tmp_path: Path) -> None:
    claims, sizes = sound_claims(SEED)
    for name, claim in claims.items():
        if claim["service"] == "denosumab":
            claim["specification"]["sha256"] = ("1" if name != f"{ods(1)}.json" else "2") * 64
    found = checked(tmp_path, claims, sizes)
    assert found_in(found) == {f"{ods(1)}.json": ["edition"]}
    assert needs_person(found[1:], SPECS)
    assert not needs_person([one for one in found if one.claim.service != "denosumab"], SPECS)
    notes = check_answer(found, SPECS, None).notes
    assert [note for note in notes if note.startswith("denosumab: 149 claims were made under one edition")]


def test_a_zip_is_read_and_other_answers_of_les_in_it_are_left_out(tmp_path: Path) -> None:
    claims, _ = sound_claims(SEED)
    path = tmp_path / "sent.zip"
    with ZipFile(path, "w") as held:
        held.writestr("a/claim.json", json.dumps([claims[f"{ods(1)}.json"], claims[f"{ods(2)}.json"]]))
        held.writestr("a/month.json", json.dumps({"schema": "les-month/1"}))
    assert [(one.file, one.ods_code, one.fault) for one in read_claims([path])] == [
        ("sent.zip/a/claim.json", ods(1), ""),
        ("sent.zip/a/claim.json", ods(2), ""),
    ]
    with pytest.raises(LesError, match="cannot be read"):
        read_claims([tmp_path / "not-there.json"])


def test_a_number_in_a_file_is_never_repeated(tmp_path: Path) -> None:
    claims, sizes = sound_claims(SEED)
    claims[f"{ods(1)}.json"]["lines"][0]["item"] = "9990000018"
    claims[f"{ods(2)}.json"]["9990000018"] = 1
    found = checked(tmp_path, claims, sizes)
    assert "9990000018" not in json.dumps(check_answer(found, SPECS, None).data)
    assert b"9990000018" not in b"".join(one for name, one in query_files(found).items() if name.endswith("eml"))


@pytest.mark.parametrize(
    "change",
    [
        {"month": "9999-12"},
        {"month": "1000-01"},
        {"total_pence": 10**400},
        {"considered": 3.0},
        {"considered": float("nan")},
        {"lines": [line("injection", "9999-12", 1, 2000)]},
        {"lines": [line("injection", "2026-05", 10**400, 2000)]},
        {"lines": [line("injection", "2026-05", 1, 2000) | {"quantity": 1.0}]},
        {"practice": {"ods_code": "A81001", "name": "x 9990000018"}, "lines": 1},
        {"practice": []},
        {"service": ["x"]},
        {"schema": "les-claim/2"},
    ],
)
def test_no_file_can_stop_the_others(tmp_path: Path, change: dict[str, Any]) -> None:
    claims, sizes = sound_claims(SEED)
    claims[f"{ods(1)}.json"] |= change
    found = checked(tmp_path, claims, sizes)
    assert found_in(found) == {f"{ods(1)}.json": ["schema"]}
    Draft202012Validator(load("group-check")).validate(check_answer(found, SPECS, None).data)
    assert "9990000018" not in str(query_files(found))


def test_few_practices_or_equal_ones_have_no_outlier() -> None:
    assert robust_z(9, [1, 1, 1, 1, 9]) is None
    assert robust_z(5, [1, 2, 3, 4, 5]) == pytest.approx(0.6745 * 2)


@pytest.mark.parametrize(
    ("starts", "month", "year", "found"),
    [
        (7, "2026-27-Q1", "2026-27", set()),
        (1, "2026-Q3", "2026", set()),
        # The first quarter of April is not the third of the calendar year, and is over before its work is done.
        (4, "2026-27-Q1", "2026-27", {"after-its-month"}),
        (4, "2026-Q3", "2026-27", {"claimed-by"}),
        (1, "2026-27-Q1", "2026", {"claimed-by", "after-its-month"}),
    ],
)
def test_a_quarter_is_read_in_the_contract_year_of_its_service(
    starts: int, month: str, year: str, found: set[str], tmp_path: Path
) -> None:
    name = "near-patient-testing"
    spec = replace(SPECS[name], year_starts=starts)
    claim = made(1, name, "2026-27-Q2", "2026-10-05", [line("monitoring", "2026-07", 20, 1500)], 0)
    claim |= {"month": month, "claim_id": f"{name}-{month}", "submit_by": None}
    claim["specification"] |= {"contract_year": year}
    path = tmp_path / "claim.json"
    path.write_text(json.dumps(claim), encoding="utf-8")
    (one,) = check_claims(read_claims([path]), {name: spec}, None)
    assert {each.rule for each in one.findings} - {"deadline", "no-terms"} == found
