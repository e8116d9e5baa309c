"""The faults that are planted in sound claims, each of a kind that one rule speaks about."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .sent_claims import line, made, ods, settle, sound_claims

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


def _on_a_sunday(claim: dict[str, Any]) -> None:
    (found,) = (one for one in claim["activity"]["days"] if one["date"] == "2026-05-05")
    found["date"] = "2026-05-03"


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
    "item-unknown": lambda claim: settle(claim, [line("injektion", "2026-05", _done(claim), 2000)]),
    "after-its-month": lambda claim: settle(claim, [injections(_done(claim), month="2026-06")]),
    "no-terms": lambda claim: settle(claim, [injections(1, month="2026-03", late=True), injections(_done(claim))]),
    "price": lambda claim: settle(claim, [injections(_done(claim), 2100)]),
    "window": _another_month("2026-09", "2026-10-05", [injections(3, month="2026-05", late=True)]),
    "deadline": lambda claim: claim.update(as_of="2026-06-11"),
    "claimed-by": _another_month("2026-27-Q1", "2026-07-05", [injections(3)]),
    "outlier": lambda claim: settle(claim, [injections(900)]),
    "days-count": lambda claim: claim["activity"]["days"][-1].update(quantity=100),
    "closed-day": _on_a_sunday,
    "more-than-register": lambda claim: claim["activity"].update(register_size=1),
    "many-for-list": _another_month("2026-08", "2026-09-05", [injections(16_001, month="2026-08")]),
}
"""Each rule, and what makes only it speak about a claim of denosumab for May 2026."""


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
    again["chain_before"] = "2" * 64
    other(7, "month-twice", again)
    other(8, "not-a-member", claims[f"{ods(8)}.json"] | {"practice": {"ods_code": "Z99999", "name": "Elsewhere"}})
    more = made(165, "near-patient-testing", "2026-27-Q1", "2026-07-05", [line("monitoring", "2026-04", 20_000, 1)], 0)
    other(165, "more-than-list", more)
    wanted[f"{ods(165)}.json"] = ["more-than-list", "outlier"]
    july = [line("fitting", "2026-07", 30, 3000)]
    claims[f"{ods(155)}-2026-05.json"] = made(155, "pessary", "2026-07", "2026-08-03", july, 0)
    wanted[f"{ods(155)}-2026-06.json"] = ["month-missing"]
    _plant_in_chains(claims, wanted)
    return claims, sizes, wanted


def _plant_in_chains(claims: dict[str, Any], wanted: dict[str, list[str]]) -> None:
    """Faults between the claims of a practice that has three."""
    april, may, june = (claims[f"{ods(151)}-2026-{month}.json"] for month in ("04", "05", "06"))
    june["chain_before"] = may["chain_before"] = april["chain_head"]
    wanted[f"{ods(151)}-2026-06.json"] = ["chain-forked"]
    april, may, june = (claims[f"{ods(153)}-2026-{month}.json"] for month in ("04", "05", "06"))
    april["chain_before"], may["chain_before"] = may["chain_head"], "3" * 64
    wanted[f"{ods(153)}-2026-04.json"] = ["chain-order"]
    may = claims[f"{ods(154)}-2026-05.json"]
    may["chain_before"] = may["chain_head"]
    wanted[f"{ods(154)}-2026-05.json"] = ["chain-order"]
