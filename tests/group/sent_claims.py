"""Makes the claim files of many practices from a seed, all sound, and the file of the practices."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from lescli.calendar import Month, is_working_day, parse_claim_period
from lescli.model import ServiceSpec
from lescli.rules.windows import submit_by
from lescli.services import load_catalog

EXAMPLE = Path(__file__).parents[1] / "schemas" / "examples.json"
VERDICTS = ("payable", "claimed", "check", "refused", "over_cap", "expired", "unpriced")
SPECS: dict[str, ServiceSpec] = {
    one.name: one.spec
    for one in load_catalog(names=("denosumab", "pessary", "near-patient-testing"), allowed=frozenset()).services
}
ONCE, THRICE, QUARTER = 150, 10, 15
"""Practices with one claim of a month, with three of another service, and with one of a quarter: 195 files."""
START = "0" * 64
"""What the first claim of a ledger is chained to, in every practice."""

OLD = 8
"""The last figure of the place of a file that an earlier version of les wrote, without days and the chain before."""

Claims = dict[str, dict[str, Any]]


def ods(number: int) -> str:
    """The code of a practice."""
    return f"A{81000 + number}"


def line(item: str, month: str, quantity: int, price: int, *, late: bool = False) -> dict[str, Any]:
    """A line whose amount is right."""
    return {
        "item": item,
        "activity_month": month,
        "quantity": quantity,
        "unit_price_pence": price,
        "amount_pence": quantity * price,
        "late": late,
    }


def days_of(lines: list[dict[str, Any]], made_on: str) -> list[dict[str, Any]]:
    """The work of lines on the working days of their months, up to a day; the first days have one more."""
    found: dict[tuple[str, str], int] = {}
    for one in lines:
        month = Month.parse(one["activity_month"])
        every = [month.first + timedelta(days=n) for n in range((month.last - month.first).days + 1)]
        # What is paid for a quarter has its first day, which may be a bank holiday.
        is_seen = one["item"] != "monitoring"
        open_on = [day for day in every if is_seen and is_working_day(day) and day <= date.fromisoformat(made_on)]
        open_on = open_on or every[:1]
        for place in range(one["quantity"]):
            key = open_on[place % len(open_on)].isoformat(), one["item"]
            found[key] = found.get(key, 0) + 1
    return [{"date": day, "item": item, "quantity": count} for (day, item), count in sorted(found.items())]


def settle(claim: dict[str, Any], lines: list[dict[str, Any]], check: int = 0) -> None:
    """Give a claim lines, and make everything else of it agree with them."""
    payable = sum(one["quantity"] for one in lines)
    claim["lines"], claim["total_pence"] = lines, sum(one["amount_pence"] for one in lines)
    claim["considered"] = payable + check
    claim["verdicts"] = {**dict.fromkeys(VERDICTS, 0), "payable": payable, "check": check}
    reason = {"verdict": "check", "reason": "consultation-type", "clause": "1", "count": check, "fix": "see there"}
    claim["reasons"] = [reason] if check else []
    if "activity" in claim:
        claim["activity"] = {"days": days_of(lines, claim["as_of"]), "register_size": payable}


def made(number: int, service: str, month: str, as_of: str, lines: list[dict[str, Any]], check: int) -> dict[str, Any]:
    """A sound submitted claim."""
    claim: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))["claim"]
    spec, due = SPECS[service], submit_by(SPECS[service], parse_claim_period(month))
    name = f"{service}-{month}"
    claim |= {
        "service": service,
        "specification": {
            "title": spec.title,
            "commissioner": spec.commissioner,
            "contract_year": "2026-27",
            "sha256": spec.sha256,
        },
        "practice": {"ods_code": ods(number), "name": f"Surgery {number}"},
        "month": month,
        "as_of": as_of,
        "status": "submitted",
        "claim_id": name,
        "submit_by": due.isoformat() if due else None,
        "chain_head": sha256(f"{number} {name}".encode()).hexdigest(),
        "chain_before": sha256(f"before {number} {name}".encode()).hexdigest(),
        "activity": {},
    }
    settle(claim, lines, check)
    return claim


def sound_claims(seed: int) -> tuple[Claims, dict[int, int]]:
    """195 sound claims by the name of their file, and each practice's list size."""
    rng = random.Random(seed)
    sizes = {number: rng.randrange(4000, 16000) for number in range(1, ONCE + THRICE + QUARTER + 1)}
    claims: Claims = {}

    def some(number: int, rate: float) -> int:
        return round(sizes[number] * rate / 1000 * (0.8 + number * 7 % 10 / 25))

    for number in range(1, ONCE + 1):
        lines = [line("injection", "2026-05", some(number, 3), 2000)]
        lines[:0] = [line("injection", "2026-04", 1, 2000, late=True)] if rng.random() < 0.3 else []
        claim = made(number, "denosumab", "2026-05", "2026-06-05", lines, rng.randrange(4))
        claims[f"{ods(number)}.json"] = claim | ({"chain_before": START} if number % 3 else {})
    for number in range(ONCE + 1, ONCE + THRICE + 1):
        for month in ("2026-04", "2026-05", "2026-06"):
            lines = [line("fitting", month, some(number, 4), 3000)]
            made_on = f"2026-{int(month[5:]) + 1:02}-03"
            claims[f"{ods(number)}-{month}.json"] = made(number, "pessary", month, made_on, lines, 0)
    for number in range(ONCE + THRICE + 1, ONCE + THRICE + QUARTER + 1):
        lines = [line("monitoring", "2026-04", some(number, 20), 1500)]
        period = "2026-27-Q1"
        claims[f"{ods(number)}.json"] = made(number, "near-patient-testing", period, "2026-07-05", lines, 0)
    for number in range(ONCE + 1, ONCE + THRICE + 1):
        april, may, june = (claims[f"{ods(number)}-2026-{month}.json"] for month in ("04", "05", "06"))
        # A claim follows the one before, or something else that was written since, such as a payment.
        may["chain_before"] = april["chain_head"]
        april["chain_before"] = START
        june["chain_before"] = sha256(f"paid {number}".encode()).hexdigest()
    for name in [name for number, name in enumerate(claims) if number % 10 == OLD]:
        del claims[name]["chain_before"], claims[name]["activity"]
    return claims, sizes


def write_all(folder: Path, claims: dict[str, Any], sizes: dict[int, int]) -> tuple[Path, Path]:
    """The folder with the claims and the file of the practices, five to a network."""
    sent, members = folder / "sent", folder / "members.csv"
    sent.mkdir()
    for name, claim in claims.items():
        text = claim if isinstance(claim, str) else json.dumps(claim)
        (sent / name).write_text(text, encoding="utf-8")
    head = "ods_code,name,network_code,network_name,from,to,list_size,women_15_44\n"
    rows = (f"{ods(n)},Surgery {n},U{n // 5:05},Network {n // 5},2026-04-01,,{size},\n" for n, size in sizes.items())
    members.write_text(head + "".join(rows), encoding="utf-8")
    return sent, members
