"""Planted faults in the claims of many practices are found, and nothing is said about the other files."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from lescli.errors import LesError
from lescli.group.check.amounts import robust_z
from lescli.group.check.answer import RULES, CheckedClaim, check_answer, check_claims
from lescli.group.check.queries import query_files, write_queries
from lescli.group.check.read import read_claims
from lescli.group.members import read_members
from lescli_schemas import load

from .sent_claims import SPECS, line, made, ods, settle, sound_claims, write_all

SEED = 1411
Plant = Callable[[dict[str, Any]], None]


def injections(quantity: int, price: int = 2000, month: str = "2026-05", late: bool = False) -> dict[str, Any]:
    return line("injection", month, quantity, price, late=late)


def _done(claim: dict[str, Any]) -> int:
    return int(claim["lines"][-1]["quantity"])


def _line_amount(claim: dict[str, Any]) -> None:
    claim["lines"][-1]["amount_pence"] += 500
    claim["total_pence"] += 500


def _preview(claim: dict[str, Any]) -> None:
    claim |= {"status": "preview", "claim_id": None}
    del claim["chain_head"]


def _named(claim: dict[str, Any]) -> None:
    claim["identifiable"] = True


def _one_less(claim: dict[str, Any]) -> None:
    claim["verdicts"]["payable"] -= 1
    claim["considered"] -= 1


def _reason_gone(claim: dict[str, Any]) -> None:
    settle(claim, claim["lines"], 2)
    claim["reasons"] = []


def _unpriced(claim: dict[str, Any]) -> None:
    settle(claim, claim["lines"])
    claim["verdicts"]["unpriced"] = claim["considered"] = 1
    claim["considered"] += claim["verdicts"]["payable"]
    claim["reasons"] = [{"verdict": "unpriced", "reason": "no-price", "clause": "1", "count": 1, "fix": ""}]


def _another_month(month: str, as_of: str, lines: list[dict[str, Any]]) -> Plant:
    def plant(claim: dict[str, Any]) -> None:
        number = int(claim["practice"]["ods_code"][1:]) - 81000
        claim.clear()
        claim |= made(number, "denosumab", month, as_of, lines, 0)

    return plant


FAULTS: dict[str, Plant] = {
    "schema": lambda claim: claim.pop("considered"),
    "names-patients": _named,
    "not-submitted": _preview,
    "claim-id": lambda claim: claim.update(claim_id="denosumab-2026-04"),
    "line-amount": _line_amount,
    "line-twice": lambda claim: settle(claim, [injections(5), injections(_done(claim))]),
    "no-price": lambda claim: claim["lines"].append(injections(0) | {"unit_price_pence": None, "amount_pence": None}),
    "total": lambda claim: claim.update(total_pence=claim["total_pence"] + 1),
    "considered": lambda claim: claim.update(considered=claim["considered"] + 1),
    "payable": _one_less,
    "reasons": _reason_gone,
    "unpriced": _unpriced,
    "late-mark": lambda claim: claim["lines"][-1].update(late=True),
    "chain-head": lambda claim: claim.pop("chain_head"),
    "too-early": lambda claim: claim.update(as_of="2026-05-31"),
    "edition": lambda claim: claim["specification"].update(sha256="0" * 64),
    "contract-year": lambda claim: claim["specification"].update(contract_year="2025-26"),
    "service-unknown": lambda claim: claim.update(service="denosumap", claim_id="denosumap-2026-05"),
    "item-unknown": lambda claim: claim["lines"][-1].update(item="injektion"),
    "after-its-month": lambda claim: claim["lines"][-1].update(activity_month="2026-06"),
    "no-terms": lambda claim: settle(claim, [injections(1, month="2026-03", late=True), injections(_done(claim))]),
    "price": lambda claim: settle(claim, [injections(_done(claim), 2100)]),
    "window": _another_month("2026-09", "2026-10-05", [injections(3, month="2026-05", late=True)]),
    "deadline": lambda claim: claim.update(as_of="2026-06-11"),
    "claimed-by": _another_month("2026-27-Q1", "2026-07-05", [injections(3)]),
    "outlier": lambda claim: settle(claim, [injections(900)]),
    "many-for-list": _another_month("2026-08", "2026-09-05", [injections(16_001, month="2026-08")]),
}
"""Each rule, and what makes only it speak about a claim of denosumab for May 2026."""


def checked(folder: Path, claims: dict[str, Any], sizes: dict[int, int]) -> tuple[CheckedClaim, ...]:
    sent, members = write_all(folder, claims, sizes)
    return check_claims(read_claims([sent]), SPECS, read_members(members))


def found_in(checked: tuple[CheckedClaim, ...]) -> dict[str, list[str]]:
    return {one.claim.file: [found.rule for found in one.findings] for one in checked if one.findings}


def planted() -> tuple[dict[str, Any], dict[int, int], dict[str, list[str]]]:
    """195 claims with a fault of each kind, and which file has which."""
    claims: dict[str, Any]
    claims, sizes = sound_claims(SEED)
    wanted: dict[str, list[str]] = {}
    for number, (rule, plant) in enumerate(FAULTS.items(), start=1):
        # Not neighbours, so that no two are of one network.
        name = f"{ods(5 * number)}.json"
        plant(claims[name])
        wanted[name] = [rule]

    def other(number: int, rule: str, value: Any) -> None:
        claims[f"{ods(number)}.json"], wanted[f"{ods(number)}.json"] = value, [rule]

    first = claims[f"{ods(1)}.json"]
    changed = deepcopy(first)
    settle(changed, [injections(1)])
    other(2, "changed-since", changed)
    other(3, "sent-twice", deepcopy(first))
    other(4, "schema", "{not json")
    # The month of practice 6 once more, from a file that lies where practice 7 should have sent one.
    again = deepcopy(claims[f"{ods(6)}.json"]) | {"claim_id": "denosumab-2026-05-2", "chain_head": "1" * 64}
    other(7, "month-twice", again)
    other(8, "not-a-member", claims[f"{ods(8)}.json"] | {"practice": {"ods_code": "Z99999", "name": "Elsewhere"}})
    more = made(165, "near-patient-testing", "2026-27-Q1", "2026-07-05", [line("monitoring", "2026-04", 20_000, 1)], 0)
    other(165, "more-than-list", more)
    wanted[f"{ods(165)}.json"] = ["more-than-list", "outlier"]
    july = [line("fitting", "2026-07", 30, 3000)]
    claims[f"{ods(155)}-2026-05.json"] = made(155, "pessary", "2026-07", "2026-08-03", july, 0)
    wanted[f"{ods(155)}-2026-06.json"] = ["month-missing"]
    return claims, sizes, wanted


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


def test_few_practices_or_equal_ones_have_no_outlier() -> None:
    assert robust_z(9, [1, 1, 1, 1, 9]) is None
    assert robust_z(5, [1, 2, 3, 4, 5]) == pytest.approx(0.6745 * 2)
