"""Rules between the claims that were sent: the same month or proof twice, a month left out, a claim changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...outputs import counted, pounds
from .sent import ERROR, QUERY, Rule, Sent, SentClaim
from .words import month_name

_FROZEN = (
    "service",
    "specification",
    "practice",
    "month",
    "as_of",
    "submit_by",
    "lines",
    "total_pence",
    "considered",
    "verdicts",
    "reasons",
    "chain_head",
)
"""What a submitted claim never changes. Work found later is shown beside it."""
_MOST, _SEVERAL = 0.5, 2


def _frozen(claim: SentClaim) -> tuple[Any, ...]:
    return tuple(claim.data.get(name) for name in _FROZEN)


def _is_same(one: SentClaim, other: SentClaim) -> bool:
    return _frozen(one) == _frozen(other) and not _other_proof(one, other)


def _other_proof(one: SentClaim, other: SentClaim) -> str:
    """What else of a submitted claim never changes, in words. A file need not have it, so only two that do differ."""
    if one.chain_before and other.chain_before and one.chain_before != other.chain_before:
        return "chained to another line of your ledger"
    if one.days is not None and other.days is not None and Counter(one.days) != Counter(other.days):
        return "with work on other days"
    return ""


def _others(claim: SentClaim, sent: Sent) -> list[SentClaim]:
    found = sent.of_month[claim.ods_code, claim.service, claim.month]
    # Said once, at the later of two: the first one is the claim that the others repeat.
    return found[: found.index(claim)]


def _sent_twice(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if same := [one for one in _others(claim, sent) if one.claim_id == claim.claim_id and _is_same(one, claim)]:
        yield f"The same claim is also in {same[0].file}. We count it once."


def _changed_since(claim: SentClaim, sent: Sent) -> Iterator[str]:
    same = [one for one in _others(claim, sent) if one.claim_id and one.claim_id == claim.claim_id]
    if any(_is_same(one, claim) for one in same):
        return
    for one in same[:1]:
        before, now = one.data["total_pence"], claim.data["total_pence"]
        money = f"{pounds(before)} there and {pounds(now)} here" if before != now else f"{pounds(now)} in both"
        if other := _other_proof(one, claim):
            money = f"{money}, {other}"
        yield (
            f"Claim {claim.claim_id} is not the same in {one.file}: {money}. A submitted claim does not change. "
            "Which one is in your ledger?"
        )


def _month_twice(claim: SentClaim, sent: Sent) -> Iterator[str]:
    for one in _others(claim, sent):
        if one.claim_id != claim.claim_id:
            yield (
                f"{month_name(claim.month)} is claimed twice: here for {pounds(claim.data['total_pence'])} and in "
                f"{one.file} for {pounds(one.data['total_pence'])}. Which claim did you withdraw?"
            )
            return


def _same_head(claim: SentClaim, sent: Sent) -> Iterator[str]:
    for one in sent.with_head.get(claim.chain_head, ()):
        if (one.ods_code, one.claim_id) != (claim.ods_code, claim.claim_id):
            whose = f"your claim {one.claim_id}" if one.ods_code == claim.ods_code else "a claim of another practice"
            yield (
                f"The chain head is the same as in {whose}. Each claim has a chain head of its own. Please send the "
                "file as `les claim --out` wrote it."
            )
            return


def _month_missing(claim: SentClaim, sent: Sent) -> Iterator[str]:
    months = sent.of_service[claim.ods_code, claim.service]
    place = next((n for n, one in enumerate(months) if one.month == claim.month), 0)
    if months[place] is not claim:
        return
    if place and months[place - 1].period.every == claim.period.every:
        step, gaps = months[place - 1].period.plus(1), []
        while step.first < claim.period.first:
            gaps.append(month_name(str(step)))
            step = step.plus(1)
        if gaps:
            yield f"No claim of {claim.service} for {', '.join(gaps)} was sent. Was there nothing to claim?"
    after = str(claim.period.plus(1))
    if place == len(months) - 1:
        others = len(sent.at_once.get((claim.service, after), ()))
        if others >= _SEVERAL and others > _MOST * len(sent.at_once[claim.service, claim.month]):
            yield (
                f"No claim of {claim.service} for {month_name(after)} was sent. "
                f"{counted(others, 'other practice')} sent one. Was there nothing to claim?"
            )


def _not_a_member(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if sent.members is not None and sent.member(claim) is None:
        yield (
            f"{claim.ods_code} is not in our list of practices in {month_name(claim.month)}. "
            "Is the ODS code right, and which network are you in?"
        )


BETWEEN = (
    Rule(name="not-a-member", severity=QUERY, find=_not_a_member),
    Rule(name="sent-twice", severity=QUERY, find=_sent_twice),
    Rule(name="changed-since", severity=ERROR, find=_changed_since),
    Rule(name="month-twice", severity=ERROR, find=_month_twice),
    Rule(name="same-chain-head", severity=ERROR, find=_same_head),
    Rule(name="month-missing", severity=QUERY, find=_month_missing),
)
