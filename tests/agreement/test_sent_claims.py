"""What random practices send is sound: the commissioner's check of days, register and chain finds only what is true."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from lescli.calendar import Month, parse_claim_period
from lescli.group.check.answer import CheckedClaim, check_claims
from lescli.group.check.sent import SentClaim
from lescli.operations.choose_services import one_service
from lescli.operations.claim.preview import proven
from lescli.operations.claims.list import claims_answer
from lescli.operations.many_stores import ClaimQuestion, claim_of
from lescli.store.ledger.read import claims
from lescli.testing import Surgery

Make = Callable[[int], tuple[Surgery, date]]
AT_ONCE = 25


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "first" in metafunc.fixturenames:
        metafunc.parametrize("first", range(0, metafunc.config.getoption("--practices"), AT_ONCE))


def with_days(surgery: Surgery, service: str, month: str, as_of: date) -> dict[str, Any]:
    question = ClaimQuestion(services=(service,), month=parse_claim_period(month), as_of=as_of, days=True)
    answer = claim_of(surgery.store, question).answer
    assert answer is not None
    assert isinstance(answer.data, dict)
    return dict(json.loads(json.dumps(answer.data)))


def sent_by(surgery: Surgery, as_of: date) -> Iterator[dict[str, Any]]:
    """The file of each claim: of one that was withdrawn as it was sent then, of the others with their days today."""
    for claim in claims(surgery.store):
        if claim.withdrawn_on:
            yield proven(claim)
        else:
            yield with_days(surgery, claim.service, claim.month, as_of)


def checked(surgery: Surgery, files: list[dict[str, Any]]) -> tuple[CheckedClaim, ...]:
    names = {one["service"] for one in files}
    sent = [SentClaim(file=f"{place}.json", data=one) for place, one in enumerate(files)]
    return check_claims(sent, {name: one_service(surgery.store, name).spec for name in names}, None)


def rules(one: CheckedClaim, *names: str) -> list[str]:
    return [found.rule for found in one.findings if found.rule in names]


def test_what_is_found_in_claims_of_random_practices_is_true(first: int, random_practice: Make) -> None:
    for seed in range(first, first + AT_ONCE):
        surgery, as_of = random_practice(seed)
        files = list(sent_by(surgery, as_of))
        heads = {one["chain_head"]: one["as_of"] for one in files}
        for one in checked(surgery, files):
            where = f"practice {seed} on {as_of}: {one}"
            assert not rules(one, "days-count", "chain-forked", "changed-since"), where
            # A claim of an earlier day than the one before it was submitted so.
            follows = heads.get(one.claim.chain_before, "")
            assert rules(one, "chain-order") == ["chain-order"] * (one.claim.data["as_of"] < follows), where
            if rules(one, "more-than-register"):
                # Its register has become too small since: the practice has rows to reverse.
                assert one.claim.claim_id in lost(surgery, as_of), where


def lost(surgery: Surgery, as_of: date) -> list[str]:
    answer = claims_answer(surgery.store, as_of).answer.data
    assert isinstance(answer, dict)
    return [one["claim_id"] for one in answer["to_reverse"]]


def test_the_days_of_previews_fit_them(first: int, random_practice: Make) -> None:
    for seed in range(first, first + AT_ONCE):
        surgery, as_of = random_practice(seed)
        services = {row[0] for row in surgery.store.rows("SELECT service FROM signature")}
        month = str(Month.of(as_of))
        files = [with_days(surgery, name, month, as_of) for name in sorted(services)]
        for one in checked(surgery, files):
            if one.claim.data["status"] == "preview":
                assert not rules(one, "days-count", "more-than-register"), f"practice {seed} on {as_of}: {one}"


def test_the_random_practices_have_something_of_everything(random_practice: Make) -> None:
    seen: Counter[str] = Counter()
    for seed in range(40):
        surgery, as_of = random_practice(seed)
        files = list(sent_by(surgery, as_of))
        seen.update({"withdrawn": sum("activity" not in one for one in files)})
        seen.update({"days": sum(len(one.get("activity", {}).get("days", ())) for one in files)})
        for one in checked(surgery, files):
            seen.update(rules(one, "closed-day"))
    assert not [name for name in ("withdrawn", "days", "closed-day") if not seen[name]], seen
